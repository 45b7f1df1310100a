"""The job of reading a document; the row is the job (`config.claims`)."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from config.claims import Claims, later
from documents import analysis, model_jobs, notices, summaries
from documents.classification import Classification, classify
from documents.models import Analysis, Document, DocumentPage, Finding, Status
from documents.reading import Limits, ReadingError, decode_page, encode_page, read_document
from documents.results import refresh_result

logger = structlog.get_logger(__name__)

MOST_ATTEMPTS = 10
"""A worker killed or a service away costs an attempt, and is not the document's fault."""
MOST_READING_ATTEMPTS = 2
"""A reading that ran out of time is tried once more, on a quieter machine."""


def queue(document: Document) -> None:
    """Put the reading of a document on the queue (again), once the present transaction is committed."""
    Document.all_objects.filter(pk=document.pk).update(
        status=Status.PENDING,
        attempts=0,
        error_code="",
        lease_until=None,
        started_at=None,
        finished_at=None,
        queued_at=timezone.now(),
    )
    document.refresh_from_db()
    _send(document.pk)


def _send(pk: int) -> None:
    from config.celery import enqueue
    from documents.tasks import analyse_document

    enqueue(analyse_document, pk)


CLAIMS = Claims(
    Document.objects.all, _send, MOST_ATTEMPTS, lambda: timedelta(seconds=settings.JOB_LEASE_SECONDS)
)
claim = CLAIMS.claim


def run(pk: int) -> None:
    """Claim, read, store. Never raises for what the document or a service does: the row says it."""
    document = claim(pk)
    if document is None:
        return
    try:
        with CLAIMS.prolonged(document):
            _read_and_store(document)
    except ReadingError as error:
        logger.info("reading_failed", document=pk, code=error.code)
        finished = error.permanent or document.attempts >= MOST_READING_ATTEMPTS
        _fail_or_give_back(document, error.code, finished)
    except Exception:
        logger.exception("analysis_failed", document=pk)
        _fail_or_give_back(document, "internal_error", document.attempts >= MOST_ATTEMPTS)


def _fail_or_give_back(document: Document, code: str, finished: bool) -> None:
    with transaction.atomic():
        if not finished:
            CLAIMS.give_back(document, later(document.attempts))
        elif CLAIMS.finish(document, Status.FAILED, error_code=code):
            _tell([document])


def _tell(failed: list[Document]) -> None:
    """Whom it concerns that these will not be read: those who wait for their batch, the synthesis."""
    for document in failed:
        notices.request(document.batch_id)
    summaries.request(document.property_id for document in failed)


def _read_and_store(document: Document) -> None:
    durations: dict[str, float] = {}
    pages = _stored_pages(document)
    warnings: list[str] = []
    fresh: list[DocumentPage] = []
    start = time.monotonic()
    if not pages:
        with tempfile.TemporaryDirectory(prefix="document-") as folder:
            path, images = Path(folder) / "original", Path(folder) / "images"
            images.mkdir()
            with default_storage.open(document.storage_key) as stored, path.open("wb") as local:
                shutil.copyfileobj(stored, local)
            read = read_document(path, Limits(file_bytes=settings.DOCUMENT_MAX_BYTES), images=images)
            durations["reading"] = round(time.monotonic() - start, 2)
            warnings = list(read.warnings)
            start = time.monotonic()
            for page in read.pages:
                key = _store_image(document, images / f"{page.number:04d}.webp", page.number)
                content = encode_page(page)
                fresh.append(
                    DocumentPage(
                        document=document,
                        number=page.number,
                        source=page.source,
                        content=content,
                        image_key=key,
                    )
                )
            for number, code in read.failed_pages.items():
                key = _store_image(document, images / f"{number:04d}.webp", number)
                fresh.append(
                    DocumentPage(
                        document=document,
                        number=number,
                        source="ocr",
                        content={},
                        error_code=code,
                        image_key=key,
                    )
                )
            pages = list(read.pages)
            durations["images"] = round(time.monotonic() - start, 2)
    start = time.monotonic()
    kind = classify(pages)
    if document.type_is_corrected:
        corrected = None if document.document_type != kind.document_type else kind.kind
        kind = Classification(document.document_type, corrected, 1.0, "corrected", kind.page_kinds)
    try:
        reading = analysis.extract(pages, kind.document_type, kind.kind)
    except Exception as error:  # a fault of our rules: the same words would fail again
        logger.exception("extraction_failed", document=document.pk)
        raise ReadingError("extraction_failed") from error
    reading.warnings[:0] = warnings
    durations["extraction"] = round(time.monotonic() - start, 2)
    store(document, kind, analysis.as_json(reading), fresh, durations)


def _stored_pages(document: Document) -> list[Any]:
    return [decode_page(page.content) for page in document.pages.all() if page.content]


def _store_image(document: Document, path: Path, number: int) -> str:
    if not path.exists():
        return ""
    folder = document.storage_key.rpartition("/")[0]
    key = f"{folder}/pages/{number:04d}.webp"
    with path.open("rb") as file:
        default_storage.save(key, File(file))
    return key


def store(
    document: Document,
    kind: Classification,
    result: dict[str, Any],
    pages: list[DocumentPage],
    durations: dict[str, float],
) -> Analysis | None:
    """Write a run in one transaction, if the attempt still holds the document; None if it does not."""
    inputs = f"{document.file_hash}:{kind.document_type}:{analysis.ENGINE}:{analysis.VERSION}"
    with transaction.atomic():
        row = CLAIMS.held(document).select_for_update().first()
        if row is None:
            return None
        if pages:
            row.pages.all().delete()
            DocumentPage.objects.bulk_create(pages)
        before = row.analyses.filter(is_current=True).values_list("document_type", "facts").first()
        row.analyses.filter(is_current=True).update(is_current=False)
        run = Analysis.objects.create(
            document=row,
            engine=analysis.ENGINE,
            version=analysis.VERSION,
            inputs_hash=hashlib.sha256(inputs.encode()).hexdigest(),
            document_type=kind.document_type,
            kind=kind.kind or "",
            facts=result["facts"],
            warnings=result["warnings"],
            durations=durations,
        )
        Finding.objects.bulk_create(Finding(analysis=run, **finding) for finding in result["findings"])
        row.document_type, row.kind = kind.document_type, kind.kind or ""
        row.type_confidence, row.type_reason = kind.confidence, kind.reason[:300]
        row.page_count = len(pages) or row.page_count
        row.status, row.error_code = Status.ANALYZED, ""
        row.lease_until, row.finished_at = None, timezone.now()
        row.revision += 1
        if before != (kind.document_type, result["facts"]):
            row.reviewed_at = row.reviewed_by = None  # what was checked is no longer what is read
        row.save()
        refresh_result(row)
        model_jobs.request(row)
        notices.request(row.batch_id)
        summaries.request([row.property_id])
    return run


def requeue_lost() -> dict[str, int]:
    """Find documents whose message or worker was lost and send them again. Called by beat and by command."""
    return CLAIMS.requeue_lost(_tell)


cancel = CLAIMS.cancel
