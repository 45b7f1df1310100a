"""The row is the job: claims, leases, lost messages, lost workers."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from documents import jobs
from documents.models import Analysis, Document, DocumentSummary, Status
from documents.tests.papers import call_for_funds
from properties.tests.factories import PropertyFactory


@pytest.fixture
def document(db: None) -> Document:
    return make()


def make() -> Document:
    identifier = uuid.uuid4()
    key = default_storage.save(f"test/documents/{identifier}/original.pdf", ContentFile(call_for_funds()))
    return Document.objects.create(
        property=PropertyFactory(), uuid=identifier, filename="a.pdf", original_filename="a.pdf", size=1,
        content_type="application/pdf", file_hash="0" * 64, storage_key=key, storage_bucket="appart",
    )  # fmt: skip


def test_only_one_of_two_claims_gets_it(document: Document) -> None:
    assert jobs.claim(document.pk) is not None
    assert jobs.claim(document.pk) is None


def test_twenty_workers_read_it_once(transactional_db: None) -> None:
    document = make()
    barrier = threading.Barrier(8)

    def work() -> None:
        try:
            barrier.wait()
            jobs.run(document.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    document.refresh_from_db()
    assert (document.status, document.attempts, Analysis.objects.count()) == (Status.ANALYZED, 1, 1)


def test_a_result_that_comes_after_the_claim_was_lost_is_not_written(document: Document) -> None:
    claimed = jobs.claim(document.pk)
    assert claimed is not None
    Document.objects.filter(pk=document.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert jobs.requeue_lost()["recovered"] == 1
    jobs._read_and_store(claimed)
    assert not Analysis.objects.exists()
    jobs.run(document.pk)
    document.refresh_from_db()
    assert (document.status, document.attempts, Analysis.objects.count()) == (Status.ANALYZED, 2, 1)


def test_a_reading_asked_for_again_is_not_written_by_the_one_under_way(document: Document) -> None:
    under_way = jobs.claim(document.pk)
    Document.objects.filter(pk=document.pk).update(document_type="other", type_is_corrected=True)
    jobs.queue(document)
    again = jobs.claim(document.pk)
    assert under_way is not None and again is not None and under_way.attempts == again.attempts
    jobs._read_and_store(under_way)
    assert not Analysis.objects.exists()
    jobs._read_and_store(again)
    document.refresh_from_db()
    assert (document.status, document.document_type) == (Status.ANALYZED, "other")


def test_a_missing_file_is_tried_later_and_ends_in_words(document: Document, monkeypatch: Any) -> None:
    default_storage.delete(document.storage_key)
    jobs.run(document.pk)
    document.refresh_from_db()
    assert document.status == Status.PENDING and document.queued_at > timezone.now()
    assert jobs.claim(document.pk) is None  # not before its time
    Document.objects.filter(pk=document.pk).update(queued_at=timezone.now(), attempts=jobs.MOST_ATTEMPTS - 1)
    jobs.run(document.pk)
    document.refresh_from_db()
    assert (document.status, document.error_code) == (Status.FAILED, "internal_error")


def test_a_pending_row_without_a_message_is_sent_again(
    document: Document, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as sent:
        assert jobs.requeue_lost()["sent"] == 1
    assert len(sent) == 1
    assert jobs.requeue_lost()["sent"] == 0  # not at every beat


def test_a_document_that_loses_its_worker_too_often_fails_in_words(document: Document) -> None:
    Document.objects.filter(pk=document.pk).update(
        status=Status.PROCESSING,
        attempts=jobs.MOST_ATTEMPTS,
        lease_until=timezone.now() - timedelta(seconds=1),
    )
    assert jobs.requeue_lost() == {"failed": 1, "recovered": 0, "sent": 0}
    document.refresh_from_db()
    assert (document.status, document.error_code) == (Status.FAILED, "worker_lost")
    asked = DocumentSummary.objects.get(property=document.property)
    assert asked.status == "pending"  # the synthesis is to say that one is missing
