"""The job of reading a document; the row is the job: queue, claim, lease, run, store, give back, find lost.

A claim is a conditional UPDATE; a result is written only while the attempt still holds the claim. A worker
keeps its claim by prolonging a lease, so that a killed one is noticed within a minute.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from documents import analysis, model_jobs, notices, summaries
from documents.classification import Classification, classify
from documents.models import RUNNING, Analysis, Document, DocumentPage, Finding, Status
from documents.reading import Limits, ReadingError, decode_page, encode_page, read_document
from documents.results import refresh_result

logger = structlog.get_logger(__name__)

MOST_ATTEMPTS = 10
"""A worker killed or a service away costs an attempt, and is not the document's fault."""
MOST_READING_ATTEMPTS = 2
"""A reading that ran out of time is tried once more, on a quieter machine."""
UNSENT_AFTER = timedelta(seconds=20)
"""A pending row this old has lost its message."""


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


def _lease() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def claim(pk: int) -> Document | None:
    """The document, if this call is the one that gets it."""
    now = timezone.now()
    claimed = Document.objects.filter(pk=pk, status=Status.PENDING, queued_at__lte=now).update(
        status=Status.PROCESSING, attempts=F("attempts") + 1, started_at=now, lease_until=now + _lease()
    )
    return Document.objects.get(pk=pk) if claimed else None


def _held(document: Document) -> Q:
    return Q(pk=document.pk, status=Status.PROCESSING, attempts=document.attempts)


@contextmanager
def lease(document: Document) -> Iterator[None]:
    """Prolongs the claim from a thread of its own while the work goes on."""
    stop = threading.Event()

    def prolong() -> None:
        while not stop.wait(settings.JOB_LEASE_SECONDS / 4):
            try:
                Document.objects.filter(_held(document)).update(lease_until=timezone.now() + _lease())
            except Exception as error:  # a missed beat is no harm; a lost lease is found by the store step
                logger.warning("lease_failed", document=document.pk, error=type(error).__name__)
            finally:
                connection.close()

    thread = threading.Thread(target=prolong, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def run(pk: int) -> None:
    """Claim, read, store. Never raises for what the document or a service does: the row says it."""
    document = claim(pk)
    if document is None:
        return
    try:
        with lease(document):
            _read_and_store(document)
    except ReadingError as error:
        logger.info("reading_failed", document=pk, code=error.code)
        finished = error.permanent or document.attempts >= MOST_READING_ATTEMPTS
        _fail(document, error.code) if finished else _give_back(document)
    except Exception:
        logger.exception("analysis_failed", document=pk)
        _fail(document, "internal_error") if document.attempts >= MOST_ATTEMPTS else _give_back(document)


def _give_back(document: Document) -> None:
    """Pending again, later each time (5, 10, 20… at most 300 s); the beat sends it when its time has come."""
    wait = timedelta(seconds=min(300, 5 * 2 ** (document.attempts - 1)))
    Document.objects.filter(_held(document)).update(
        status=Status.PENDING, lease_until=None, queued_at=timezone.now() + wait
    )


def _fail(document: Document, code: str) -> None:
    with transaction.atomic():
        Document.objects.filter(_held(document)).update(
            status=Status.FAILED, error_code=code, lease_until=None, finished_at=timezone.now()
        )
        notices.request(document.batch_id)
        summaries.request([document.property_id])


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
        row = Document.objects.select_for_update().filter(_held(document)).first()
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
    now = timezone.now()
    late = Document.objects.filter(status=Status.PROCESSING, lease_until__lt=now)
    failed = late.filter(attempts__gte=MOST_ATTEMPTS).update(
        status=Status.FAILED, error_code="worker_lost", lease_until=None, finished_at=now
    )
    recovered = late.update(status=Status.PENDING, lease_until=None, queued_at=now)
    waiting = Document.objects.filter(status=Status.PENDING, queued_at__lte=now)
    unsent = waiting.filter(Q(sent_at=None) | Q(sent_at__lt=now - UNSENT_AFTER))
    pks = list(unsent.order_by("queued_at").values_list("pk", flat=True)[:500])
    Document.objects.filter(pk__in=pks).update(sent_at=now)
    for pk in pks:
        _send(pk)
    return {"failed": failed, "recovered": recovered, "sent": len(pks)}


def cancel(documents: Any) -> int:
    """Cancel those that are still waiting or running; a running one's result will not be written."""
    count: int = documents.filter(status__in=RUNNING).update(
        status=Status.CANCELLED, lease_until=None, finished_at=timezone.now()
    )
    return count
