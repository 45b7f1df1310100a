"""Files of photos in the store: signed links, removal after their rows, and what got lost between the two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import structlog
from django.conf import settings
from django.core.files.storage import Storage, default_storage
from django.utils import timezone
from django.utils.http import content_disposition_header
from storages.backends.s3 import S3Storage

from photos.models import FileRemoval, Photo, PhotoRedesign, PhotoReference

logger = structlog.get_logger(__name__)

SAFE_AGE = timedelta(hours=1)
"""A younger file may belong to an upload or a redesign whose row is not committed yet."""


@cache
def _public_storage() -> S3Storage:
    options = {**settings.STORAGES["default"]["OPTIONS"], "endpoint_url": settings.S3_PUBLIC_URL}
    return S3Storage(**options)


def link(key: str, download: str = "") -> str:
    """A signed address of a file, as browsers see the store, good for 15 minutes. download: name to save
    as.
    """
    parameters: dict[str, Any] = {}
    if download:
        parameters["ResponseContentDisposition"] = content_disposition_header(True, download)
    url: str = _public_storage().url(key, parameters=parameters)
    return url


def walk(storage: Storage, folder: str) -> Iterator[str]:
    folders, files = storage.listdir(folder)
    for name in files:
        if name:
            yield f"{folder}{name}"
    for name in folders:
        if name:
            yield from walk(storage, f"{folder}{name}/")


def remove() -> int:
    """Delete the files whose rows are gone; those that cannot be deleted now are left for the next run."""
    removed = 0
    for row in FileRemoval.objects.order_by("pk")[:1000]:
        try:
            for key in list(walk(default_storage, row.key)) if row.key.endswith("/") else [row.key]:
                default_storage.delete(key)
        except Exception as error:  # the store is away: later
            logger.warning("remove_failed", removal=row.pk, error=type(error).__name__)
            continue
        row.delete()
        removed += 1
    return removed


@dataclass(slots=True)
class Orphans:
    files: list[str] = field(default_factory=list)  # keys that no row names
    rows: list[str] = field(default_factory=list)  # rows whose file is gone


def orphans(now: datetime | None = None) -> Orphans:
    """Compare the store's `<user>/photos/` folders with the rows; young files are left alone."""
    before = (now or timezone.now()) - SAFE_AGE
    found = Orphans()
    stored: set[str] = set()
    photos = dict(Photo.objects.values_list("storage_key", "pk"))
    redesigns = dict(PhotoRedesign.objects.exclude(storage_key="").values_list("storage_key", "pk"))
    references = dict(PhotoReference.objects.values_list("storage_key", "pk"))
    derived = {f"{key.rpartition('/')[0]}/{name}.jpg" for key in photos for name in ("display", "thumbnail")}
    for user in default_storage.listdir("")[0]:
        for key in walk(default_storage, f"{user}/photos/"):
            stored.add(key)
            known = key in photos or key in redesigns or key in references or key in derived
            if not known and default_storage.get_modified_time(key) < before:
                found.files.append(key)
    for kind, rows in (("photo", photos), ("redesign", redesigns), ("reference", references)):
        found.rows += [f"{kind} {pk}" for key, pk in rows.items() if key not in stored]
    return found


def read(key: str) -> bytes:
    """A whole file; those of photos are bounded by what was received."""
    with default_storage.open(key) as stored:
        content: bytes = stored.read()
    return content
