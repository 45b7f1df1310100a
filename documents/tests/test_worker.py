"""A real worker reads real documents from the real queue, and a killed one loses nothing."""

from __future__ import annotations

import random
import time
import uuid
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from config.celery import app
from config.tests.workers import wait_for, worker
from documents import jobs
from documents.models import Analysis, Document, DocumentPage, Status
from documents.tests.papers import call_for_funds
from properties.models import Property
from properties.tests.factories import PropertyFactory


def make(subject: Property, number: int) -> Document:
    identifier = uuid.uuid4()
    key = f"{subject.user_id}/documents/{identifier}/original.pdf"
    default_storage.save(key, ContentFile(call_for_funds(f"{100 + number},00")))
    return Document.objects.create(
        property=subject, uuid=identifier, filename=f"{number}.pdf", original_filename=f"{number}.pdf",
        size=1, content_type="application/pdf", file_hash=f"{number:064d}", storage_key=key,
        storage_bucket="appart",
    )  # fmt: skip


@pytest.fixture
def quick_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases that end soon enough for a test; the worker reads them from its environment."""
    monkeypatch.setenv("JOB_LEASE_SECONDS", "4")


def all_read(documents: list[Document]) -> bool:
    statuses = Document.objects.filter(pk__in=[d.pk for d in documents]).values_list("status", flat=True)
    return all(status == Status.ANALYZED for status in statuses)


def assert_each_read_once(documents: list[Document]) -> None:
    for number, document in enumerate(documents):
        document.refresh_from_db()
        assert document.status == Status.ANALYZED
        assert document.analysis_result is not None
        assert document.analysis_result["facts"]["total_amount"] == 100 + number
        assert Analysis.objects.filter(document=document).count() == 1
        assert DocumentPage.objects.filter(document=document).count() == 1


@pytest.mark.slow
@pytest.mark.timeout(900)  # a machine with other work to do
def test_a_killed_worker_loses_nothing(transactional_db: None, tmp_path: Path, quick_leases: None) -> None:
    app.control.purge()
    documents = [make(PropertyFactory(), number) for number in range(3)]
    for document in documents:
        jobs.queue(document)
    with worker(tmp_path, concurrency=1) as running:  # one after the other: the kill falls on work
        wait_for(Document.objects.filter(status=Status.PROCESSING).exists, 300, "a document is being read")
        running.kill()
        assert not all_read(documents)
        running.start()
        wait_for(lambda: all_read(documents), 300, "all documents are read")
    assert_each_read_once(documents)


@pytest.mark.faults
@pytest.mark.timeout(1200)  # a machine with other work to do
def test_fifty_kills_during_a_batch_of_twenty(
    transactional_db: None, tmp_path: Path, quick_leases: None
) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    app.control.purge()
    documents = [make(PropertyFactory(), number) for number in range(20)]
    for document in documents:
        jobs.queue(document)
    with worker(tmp_path) as running:
        for _kill in range(50):
            time.sleep(chance.uniform(0.5, 5))
            running.kill()
            running.start()
            if all_read(documents):  # kills must fall on work, not on an idle worker: once more
                assert_each_read_once(documents)
                DocumentPage.objects.all().delete()
                Analysis.objects.all().delete()
                for document in documents:
                    jobs.queue(document)
        wait_for(lambda: all_read(documents), 600, f"all documents are read (seed {seed})")
    assert_each_read_once(documents)
