"""The demonstration's papers, received and read as any other."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.tests.factories import UserFactory
from documents import demo, jobs, summaries
from documents.models import Document, DocumentSummary, Status
from documents.synthesis_views import answer
from properties.demo import CLIENT_EMAILS
from properties.models import Property
from properties.tests.factories import PropertyFactory


@pytest.fixture
def flat(db: None) -> Property:
    user = UserFactory(email=CLIENT_EMAILS[0])
    return PropertyFactory(user=user, surface_area=Decimal(50), building_year=None)


def test_the_papers_are_read_and_summed_up(flat: Property) -> None:
    """By hand, for 125 of 10,000. Each year: charges 262.50 x 4 = 1,050.00; works fund 13.13 x 4 = 52.52; tax
    1,104.00; energy (1,180 + 1,620) / 2 = 1,400.00: 3,606.52. Facade: 96,000 x 125 / 10,000 = 1,200.00 in
    four calls of 300.00, two of them after today. Surface: 50 x 0.92 = 46 m².
    """
    call_command("demo_documents")
    documents = list(Document.objects.order_by("pk"))
    for document in documents:
        jobs.run(document.pk)
    # No wait for more of a batch.
    DocumentSummary.objects.filter(property=flat).update(queued_at=timezone.now())
    summaries.run(flat.pk)
    assert {d.status for d in Document.objects.all()} == {Status.ANALYZED}
    found = answer(flat, timezone.localdate())
    totals = found["totals"]
    assert (totals["annual"], totals["one_time_buyer"], totals["one_time_seller"]) == (3606.52, 600.0, 600.0)
    (gap,) = found["contradictions"]
    assert (gap["code"], [s["value"] for s in gap["said"]]) == ("surfaces_differ", [50.0, 46.0, 46.0])
    assert {"dpe_class_f", "electric_anomalies", "carrez_short"} <= {risk["code"] for risk in found["risks"]}
    assert "pre_etat_date" in {paper["code"] for paper in found["missing"]}

    call_command("demo_documents")
    Document.objects.update(is_deleted=True, deleted_at=timezone.now())
    call_command("demo_documents")  # nor does what the client threw away come back
    assert Document.all_objects.count() == len(demo.NAMES)


def test_same_papers_for_the_same_day() -> None:
    today = timezone.localdate()
    assert demo.papers(Decimal(50), today) == demo.papers(Decimal(50), today)


def test_no_demonstration_in_production(flat: Property, settings: LazySettings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError):
        call_command("demo_documents")
    assert not Document.all_objects.exists()
