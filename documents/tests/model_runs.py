"""A paper asked of a language model in tests, from the question to the totals."""

from __future__ import annotations

import json
import uuid
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.utils import timezone

from documents import jobs, model_jobs, summaries
from documents.models import Document, DocumentPage, DocumentSummary, ModelRun, Status
from documents.reading import encode_page, read_document
from documents.tests.papers import CALL
from properties.models import Property

NAMED = (
    CALL.replace("{total}", "168,75")
    + """
Mme Pétronille ESCARRAGUEL, tél. 06 12 34 56 78, p.escarraguel\\@exemple.fr

IBAN FR76 3000 4000 0312 3456 7890 143

Appel de travaux ravalement 250,00 € exigible le 01/06/2024
"""
)


SAYS_WORKS = {
    "facts": {"kind": "appel_de_fonds", "total_amount": 168.75, "works_calls": 250},
    "evidence": [
        {"path": "kind", "page": 1, "quote": "Appel de fonds"},
        {"path": "total_amount", "page": 1, "quote": "168,75 €"},
        {"path": "works_calls", "page": 1, "quote": "travaux ravalement 250,00 €"},
    ],
}


@cache
def pages() -> list[dict[str, Any]]:
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(typst.compile(NAMED.encode(), format="pdf"))
        file.flush()
        return [encode_page(page) for page in read_document(Path(file.name)).pages]


def make(subject: Property) -> Document:
    """A document whose words are known already: reading it is the rules' work alone."""
    identifier = uuid.uuid4()
    document: Document = Document.objects.create(
        property=subject, uuid=identifier, filename="a.pdf", original_filename="a.pdf", size=1,
        content_type="application/pdf", file_hash=identifier.hex * 2, storage_key=f"x/{identifier}",
        storage_bucket="appart",
    )  # fmt: skip
    for page in pages():
        DocumentPage.objects.create(document=document, number=page["number"], source="text", content=page)
    return document


def read(document: Document) -> Document:
    """By the rules; then the question to the model that this asked for, once."""
    jobs.run(document.pk)
    ask(document)
    document.refresh_from_db()
    assert document.status == Status.ANALYZED
    return document


def ask(document: Document) -> ModelRun | None:
    run = ModelRun.objects.filter(document=document).order_by("-id").first()
    if run is not None:
        ModelRun.objects.filter(pk=run.pk).update(queued_at=timezone.now())
        model_jobs.run(run.pk)
        run.refresh_from_db()
    return run


def totals(flat: Property) -> tuple[Any, ...]:
    DocumentSummary.objects.filter(property=flat).update(queued_at=timezone.now())
    summaries.run(flat.pk)
    row = DocumentSummary.objects.get(property=flat)
    assert row.status == DocumentSummary.Status.CURRENT
    parts = [row.synthesis_data[part]["lines"] for part in ("annual", "one_time", "planned")]
    return row.total_annual_cost, row.total_one_time_cost, json.dumps(parts)
