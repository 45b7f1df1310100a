"""How long a full report takes and how large it is, beside the bare printing of the same contents.

The dossier is made here, read by the real reader, and undone at the end: quarterly calls of a lot.
"""

from __future__ import annotations

import sys
import time
import uuid

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.models import User
from bench.documents import text_pdf
from documents import jobs, summaries
from documents.models import Document, DocumentSummary
from documents.tests.papers import call_for_funds
from properties.models import Property
from reports.contents import contents
from reports.rendering import render

CALLS = 24
GOAL_SECONDS, GOAL_BYTES = 5.0, 5_000_000


def add(subject: Property, content: bytes, name: str) -> str:
    key = f"{subject.user_id}/documents/{uuid.uuid4()}/original.pdf"
    default_storage.save(key, ContentFile(content))
    document = Document.objects.create(
        property=subject, filename=name, original_filename=name, size=len(content), storage_key=key,
        content_type="application/pdf", file_hash=uuid.uuid4().hex * 2, storage_bucket="bench",
    )  # fmt: skip
    jobs.run(document.pk)
    return key.rpartition("/")[0]


def main() -> None:
    folders: list[str] = []
    try:
        with transaction.atomic():
            user = User.objects.create(email=f"{uuid.uuid4()}@example.org")
            subject = Property.objects.create(
                user=user,
                address="12 rue des Essais",
                postal_code="83000",
                surface_area=50,
                asking_price=200_000,
            )
            folders = [add(subject, call_for_funds(f"{160 + n},75"), f"appel {n}.pdf") for n in range(CALLS)]
            folders.append(add(subject, text_pdf(4), "procès-verbal.pdf"))
            summaries.recompute(DocumentSummary.objects.get_or_create(property=subject)[0])
            start = time.perf_counter()
            found = contents(subject, "full", "fr", {})
            gathered = time.perf_counter()
            made = render(found)
            end = time.perf_counter()
            transaction.set_rollback(True)
    finally:
        for folder in folders:
            for key in [f"{folder}/original.pdf", *(f"{folder}/pages/{n:04d}.webp" for n in range(1, 5))]:
                default_storage.delete(key)
    clippings = sum(name.startswith("clip-") for name in found.pictures)
    sys.stdout.write(
        f"{CALLS + 1} documents, {made.pages} pages, {clippings} clippings: {end - start:.1f} s "
        f"({gathered - start:.1f} s gathered, {end - gathered:.1f} s printed; goal: {GOAL_SECONDS:.0f} s), "
        f"{len(made.content) / 1e6:.2f} MB (goal: {GOAL_BYTES / 1e6:.0f} MB)\n"
    )
