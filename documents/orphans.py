"""Files without rows and rows without files, for what a crash between the store and the database leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.files.storage import Storage, default_storage
from django.utils import timezone

from documents.models import Document, DocumentPage

SAFE_AGE = timedelta(hours=1)
"""A younger file may belong to an upload whose row is not committed yet."""


@dataclass(slots=True)
class Orphans:
    files: list[str] = field(default_factory=list)  # keys that no row names
    rows: list[int] = field(default_factory=list)  # documents whose original is gone


def walk(storage: Storage, folder: str = "") -> Iterator[str]:
    folders, files = storage.listdir(folder)
    for name in files:
        yield f"{folder}{name}"
    for name in folders:
        if name:
            yield from walk(storage, f"{folder}{name}/")


def find(now: datetime | None = None) -> Orphans:
    """Compare the store's `<user>/documents/` folders with the rows; young files are left alone."""
    before = (now or timezone.now()) - SAFE_AGE
    found = Orphans()
    keys = set(Document.all_objects.values_list("storage_key", flat=True))
    images = set(DocumentPage.objects.exclude(image_key="").values_list("image_key", flat=True))
    stored: set[str] = set()
    for user in default_storage.listdir("")[0]:
        for key in walk(default_storage, f"{user}/documents/"):
            stored.add(key)
            if key not in keys and key not in images and default_storage.get_modified_time(key) < before:
                found.files.append(key)
    rows = Document.all_objects.values_list("pk", "storage_key")
    found.rows = [pk for pk, key in rows if key not in stored]
    return found
