"""A flat with a paper that was read, as the reports' tests need it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from documents import jobs, summaries
from documents.models import Document, DocumentSummary
from documents.tests.papers import call_for_funds
from properties.models import Property


def add_paper(subject: Property, name: str = "appel.pdf", total: str = "168,75") -> Document:
    """A quarterly call, in the store and read by the real reader; the property's synthesis with it."""
    identifier, content = uuid.uuid4(), call_for_funds(total)
    key = f"{subject.user_id}/documents/{identifier}/original.pdf"
    default_storage.save(key, ContentFile(content))
    document = Document.objects.create(
        property=subject, uuid=identifier, filename=name, original_filename=name, size=len(content),
        content_type="application/pdf", file_hash=uuid.uuid4().hex * 2, storage_key=key,
        storage_bucket=settings.S3_BUCKET_NAME,
    )  # fmt: skip
    jobs.run(document.pk)
    document.refresh_from_db()
    assert document.status == "analyzed", document.error_code
    row = DocumentSummary.objects.get(property=subject)
    summaries.recompute(row)
    DocumentSummary.objects.filter(pk=row.pk).update(status="current")
    return document
