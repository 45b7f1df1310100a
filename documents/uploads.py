"""Receiving files: told by their bytes, bounded, hashed, stored once; row and job exist before the answer.

Outcomes are values: a file is accepted, the duplicate of another, or rejected for a reason. One bad file
takes nothing from the others.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal

import structlog
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.activity import record
from accounts.models import User
from documents import notices, summaries
from documents.jobs import queue
from documents.models import Batch, Document, Status
from documents.reading import sniff
from properties.models import Property

logger = structlog.get_logger(__name__)

MAX_FILES = 50
CONTENT_TYPES = {
    "pdf": ("application/pdf", ".pdf"),
    "jpeg": ("image/jpeg", ".jpg"),
    "png": ("image/png", ".png"),
    "webp": ("image/webp", ".webp"),
    "heic": ("image/heic", ".heic"),
}
REASONS = {
    "empty_file": _("Le fichier est vide."),
    "too_large": _("Le fichier dépasse %(limit)d Mo."),
    "unsupported_type": _(
        "Ni PDF, ni image JPEG, PNG, WebP ou HEIC : c'est le contenu qui compte, pas le nom."
    ),
    "storage_unavailable": _("Le fichier n'a pas pu être enregistré ; renvoyez-le dans un instant."),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file."""

    filename: str
    status: Literal["accepted", "duplicate", "rejected"]
    document: Document | None = None
    code: str = ""

    def as_json(self) -> dict[str, Any]:
        """Codes and ids only: words are rendered when they are read."""
        return {
            "filename": self.filename,
            "status": self.status,
            "document_id": self.document.pk if self.document else None,
            "code": self.code,
        }


def reason(code: str) -> str:
    return str(REASONS[code]) % {"limit": settings.DOCUMENT_MAX_BYTES // 1024**2} if code in REASONS else ""


def clean_name(name: str) -> str:
    """The last part of a name, without control characters, at most 200 characters, extension kept."""
    name = PurePosixPath(name.replace("\\", "/")).name
    name = "".join(c for c in name if c.isprintable()).strip() or "document"
    stem, dot, extension = name.rpartition(".")
    return name if len(name) <= 200 else f"{stem[: 199 - len(extension)]}{dot}{extension}"[:200]


def receive(
    files: Iterable[UploadedFile[bytes]], subject: Property, user: User
) -> tuple[Batch, list[Outcome]]:
    """Store files of a property of this user and queue their reading. The caller checks MAX_FILES."""
    batch = Batch.objects.create(property=subject, user=user)
    outcomes = [_receive_one(file, batch, user) for file in files]
    batch.answers = [outcome.as_json() for outcome in outcomes]
    batch.save(update_fields=["answers"])
    notices.request(batch.pk)  # all may have been read before the last had come
    return batch, outcomes


def _receive_one(file: UploadedFile[bytes], batch: Batch, user: User) -> Outcome:
    name = clean_name(file.name or "")
    if not file.size:
        return Outcome(name, "rejected", code="empty_file")
    if file.size > settings.DOCUMENT_MAX_BYTES:
        return Outcome(name, "rejected", code="too_large")
    file.seek(0)
    kind = sniff(file.read(1024))
    if kind is None:
        return Outcome(name, "rejected", code="unsupported_type")
    file.seek(0)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    if existing := _existing(batch.property_id, digest.hexdigest()):
        return _again(existing, batch, name, user)

    content_type, extension = CONTENT_TYPES[kind]
    identifier = uuid.uuid4()
    key = f"{user.pk}/documents/{identifier}/original{extension}"
    file.seek(0)
    try:
        default_storage.save(key, file)
    except Exception as error:  # whatever the store's client raises: the file is not kept, the others go on
        logger.warning("store_failed", error=type(error).__name__)
        return Outcome(name, "rejected", code="storage_unavailable")
    try:
        with transaction.atomic():
            document = Document.objects.create(
                property_id=batch.property_id,
                batch=batch,
                uuid=identifier,
                filename=name,
                original_filename=name,
                content_type=content_type,
                size=file.size,
                file_hash=digest.hexdigest(),
                storage_key=key,
                storage_bucket=settings.S3_BUCKET_NAME,
            )
            record("document.uploaded", document, actor=user)
            queue(document)
    except IntegrityError:  # the same bytes came twice at once
        default_storage.delete(key)
        existing = _existing(batch.property_id, digest.hexdigest())
        return (
            Outcome(name, "duplicate", existing)
            if existing
            else Outcome(name, "rejected", code="storage_unavailable")
        )
    except BaseException:
        default_storage.delete(key)
        raise
    return Outcome(name, "accepted", document)


def _existing(property_id: int, file_hash: str) -> Document | None:
    return Document.all_objects.filter(property_id=property_id, file_hash=file_hash).first()


def _again(existing: Document, batch: Batch, name: str, user: User) -> Outcome:
    """The same bytes in the same property: one document. One that was deleted comes back."""
    if not existing.is_deleted:
        return Outcome(name, "duplicate", existing)
    with transaction.atomic():
        existing.batch = batch
        existing.save(update_fields=["batch"])
        restore(existing, user)
    return Outcome(name, "accepted", existing)


def restore(document: Document, by: User) -> None:
    """Bring a deleted document back; one whose reading had not ended is read. In a transaction."""
    document.is_deleted, document.deleted_at, document.deleted_by = False, None, None
    document.save(update_fields=["is_deleted", "deleted_at", "deleted_by", "updated_at"])
    record("document.restored", document, actor=by)
    if document.status != Status.ANALYZED:
        queue(document)
    summaries.request([document.property_id])
