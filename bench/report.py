"""How long a full report takes and how large it is, beside the bare printing of the same contents.

The dossier is made here, read by the real reader, and undone at the end: quarterly calls of a lot, and
minutes of ten meetings whose voted works stand on twenty pages, all of which the report clips.
"""

from __future__ import annotations

import sys
import time
import uuid

import typst
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.models import User
from documents import jobs, summaries
from documents.models import Document, DocumentSummary
from documents.tests.papers import call_for_funds
from properties.models import Property
from reports.contents import contents
from reports.rendering import render

CALLS = 4
MEETINGS = 10
WORKS = ("Ravalement", "Toiture", "Ascenseur", "Chaudière", "Canalisations", "Interphone")
OPENING = """
*Cabinet des Essais, syndic de copropriété*
= Procès-verbal de l'assemblée générale ordinaire du 14/06/{year}
Présents et représentés : 31 copropriétaires totalisant 7 240 / 10 000 tantièmes.
"""
RESOLUTION = """
*RÉSOLUTION N° {n} : {work} – tranche {year} (article 24)* \\
L'assemblée retient le devis de l'entreprise Exemple pour un montant de {amount} 000,00 € TTC, financé par
un appel de fonds exigible le 01/10/{next_year}. #lorem(90) \\
Pour : 6 120 tantièmes. Contre : 820 tantièmes. Abstention : 300 tantièmes. La résolution est adoptée.
"""
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


def minutes(year: int) -> bytes:
    """Two pages: three voted works on each."""
    votes = [
        RESOLUTION.format(n=n, work=work, year=year, next_year=year + 1, amount=year % 100 + n)
        for n, work in enumerate(WORKS, start=1)
    ]
    source = OPENING.format(year=year) + "".join(votes[:3]) + "#pagebreak()\n" + "".join(votes[3:])
    return typst.compile(source.encode(), format="pdf")


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
            folders += [add(subject, minutes(2016 + n), f"procès-verbal {n}.pdf") for n in range(MEETINGS)]
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
    clipped = {b["where"] for b in found.data["blocks"] if b["type"] == "clipping" and b["pictures"]}
    sys.stdout.write(
        f"{len(folders)} documents, {made.pages} pages, {clippings} clippings of {len(clipped)} pages: "
        f"{end - start:.1f} s ({gathered - start:.1f} s gathered, {end - gathered:.1f} s printed; "
        f"goal: {GOAL_SECONDS:.0f} s), {len(made.content) / 1e6:.2f} MB (goal: {GOAL_BYTES / 1e6:.0f} MB)\n"
    )
