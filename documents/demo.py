"""A small dossier for the demonstration: six invented papers, received and read as a client's own are.

Their sums are fixed; their dates stand around the day they are made, so that instalments of the voted works
fall before and after a signing. The measured surface is 8 % short of the advertised one.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import typst
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _

from documents.models import Document
from documents.uploads import receive
from properties.demo import CLIENT_EMAILS, DemoRefused
from properties.models import Property

SOURCES = Path(__file__).parent / "demo_papers"
NAMES = {
    "pv_ag": "Procès-verbal assemblée générale.pdf",
    "appel_de_fonds": "Appel de fonds du trimestre.pdf",
    "taxe_fonciere": "Taxe foncière.pdf",
    "dpe": "DPE.pdf",
    "carrez": "Surface Carrez.pdf",
    "electricite": "État électricité.pdf",
}
MEASURED = Decimal("0.92")
"""Measured surface by advertised surface: short of it by more than the twentieth that the law lets pass."""


def prepare() -> int:
    """Give the first client's first property its papers, unless it ever had one; how many were received."""
    if settings.PRODUCTION:
        raise DemoRefused(_("La démonstration n'a pas sa place en production."))
    subject = Property.objects.filter(user__email=CLIENT_EMAILS[0]).order_by("pk").first()
    if subject is None or Document.all_objects.filter(property=subject).exists():
        return 0
    made = papers(subject.surface_area or Decimal(50), timezone.localdate())
    files = [SimpleUploadedFile(name, content, "application/pdf") for name, content in made.items()]
    _batch, outcomes = receive(files, subject, subject.user)
    return sum(outcome.status == "accepted" for outcome in outcomes)


def papers(surface: Decimal, today: date) -> dict[str, bytes]:
    """{file name: PDF} of a flat advertised with this surface (m²); the same bytes for the same arguments."""
    quarters = [_quarter(today, shift) for shift in (-1, 0, 1, 2)]
    visit = today - timedelta(days=40)
    days = {
        "meeting": quarters[0] - timedelta(days=45),
        "quarter_start": quarters[1],
        "quarter_end": quarters[2] - timedelta(days=1),
        "visit": visit,
        "dpe_end": _years_later(visit, 10),
        "electric_end": _years_later(visit, 3),
        **{f"call_{n}": quarter for n, quarter in enumerate(quarters, start=1)},
    }
    given = {name: f"{day:%d/%m/%Y}" for name, day in days.items()} | {
        "year": str(today.year),
        "past_year": str(today.year - 1),
        "measured": str((surface * MEASURED).quantize(Decimal("0.01"))).replace(".", ","),
    }
    return {
        name: typst.compile(
            SOURCES / f"{source}.typ",
            root=SOURCES,
            format="pdf",
            sys_inputs=given,
            ignore_system_fonts=True,
        )
        for source, name in NAMES.items()
    }


def _quarter(today: date, shift: int) -> date:
    """The first day of this quarter, or of another `shift` quarters away."""
    index = today.year * 4 + (today.month - 1) // 3 + shift
    return date(index // 4, index % 4 * 3 + 1, 1)


def _years_later(day: date, years: int) -> date:
    """The last day of so many years from this one on."""
    return date(day.year + years, day.month, min(day.day, 28)) - timedelta(days=1)
