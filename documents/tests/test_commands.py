from __future__ import annotations

import uuid
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from documents import orphans
from documents.models import Document, Status
from properties.tests.factories import PropertyFactory


def make(**fields: Any) -> Document:
    identifier = uuid.uuid4()
    subject = PropertyFactory()
    key = f"{subject.user_id}/documents/{identifier}/original.pdf"
    default_storage.save(key, ContentFile(b"%PDF-"))
    return Document.objects.create(
        **{
            "property": subject, "uuid": identifier, "filename": "a.pdf", "original_filename": "a.pdf",
            "size": 5,
            "content_type": "application/pdf", "file_hash": identifier.hex * 2, "storage_key": key,
            "storage_bucket": "appart", **fields,
        }
    )  # fmt: skip


def run(name: str, *args: str) -> str:
    out = StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue()


def test_orphans_are_found_both_ways_and_young_files_left_alone(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, lost = make(), make()
    default_storage.delete(lost.storage_key)
    stray = f"{kept.property.user_id}/documents/{uuid.uuid4()}/original.pdf"
    default_storage.save(stray, ContentFile(b"x"))
    assert stray not in orphans.find().files
    found = orphans.find(timezone.now() + timedelta(hours=2))
    assert stray in found.files and kept.storage_key not in found.files
    assert found.rows == [lost.pk]

    monkeypatch.setattr(orphans, "SAFE_AGE", -timedelta(hours=1))
    assert f"effacé : {stray}" in run("documents_orphans", "--fix")
    assert not default_storage.exists(stray) and default_storage.exists(kept.storage_key)


def test_reanalyse_only_what_is_asked(db: None) -> None:
    minutes = make(status=Status.ANALYZED, document_type="pv_ag")
    charges = make(status=Status.ANALYZED, document_type="charges")
    assert "1 documents à relire" in run("documents_reanalyse", "--kind", "pv_ag", "--dry-run")
    run("documents_reanalyse", "--kind", "pv_ag")
    minutes.refresh_from_db()
    charges.refresh_from_db()
    assert (minutes.status, charges.status) == (Status.PENDING, Status.ANALYZED)


def test_requeue_counts(db: None) -> None:
    make(status=Status.PROCESSING, attempts=1, lease_until=timezone.now() - timedelta(minutes=5))
    assert "repris 1, envoyés 1, abandonnés 0" in run("documents_requeue")
