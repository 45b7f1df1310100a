"""The job of summing up a property's documents; the row is the job, as in `jobs`.

Every change of a document asks for it. A request waits a little, so that a batch is summed up once and not
file by file; one that comes while a run is under way is answered by another run after it (`revision`).
It is always made from all the documents there are. A failed run leaves the last good one as it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from config.claims import Claims, later
from documents.models import Document, DocumentSummary, Status
from documents.ranking import rank_property
from documents.synthesis.papers import Dossier, Subject, papers_from
from documents.synthesis.signing import at
from documents.synthesis.whole import VERSION, review_day, synthesise
from documents.wording import overall_summary
from properties.models import Property

logger = structlog.get_logger(__name__)

SummaryStatus = DocumentSummary.Status
RUNNING = (SummaryStatus.PENDING, SummaryStatus.PROCESSING)
DEBOUNCE = timedelta(seconds=2)
"""Documents of a batch are read within seconds of each other: they are summed up together."""
MOST_ATTEMPTS = 5
LEASE = timedelta(minutes=2)
"""A run takes milliseconds of arithmetic and one query: past this its worker is gone."""


def request(property_ids: Iterable[int], *, delay: timedelta = DEBOUNCE) -> None:
    """Ask for the summaries of properties of which something changed, in the transaction of the change."""
    for property_id in sorted(set(property_ids)):
        DocumentSummary.objects.get_or_create(
            property_id=property_id, defaults={"status": SummaryStatus.CURRENT}
        )
        row = DocumentSummary.objects.filter(property_id=property_id)
        row.update(revision=F("revision") + 1)
        now = timezone.now()
        if row.exclude(status__in=RUNNING).update(
            status=SummaryStatus.PENDING, attempts=0, lease_until=None, sent_at=now, queued_at=now + delay
        ):
            _send(property_id, delay)


def _send(property_id: int, delay: timedelta = timedelta(0)) -> None:
    from config.celery import enqueue
    from documents.tasks import summarise_documents

    enqueue(summarise_documents, property_id, after=delay.total_seconds())


def recompute(row: DocumentSummary) -> None:
    """Sum up now, for somebody who waits to see it, in the transaction that holds the row. A run under way is
    followed by another, as after any change.
    """
    papers, unread = dossier(row)
    subject = subject_of(row.property)
    data = synthesise(papers, subject, unread)
    _fill(row, inputs_hash(papers, unread, subject), data, timezone.localdate())
    row.save()
    request([row.property_id])


CLAIMS = Claims(
    DocumentSummary.objects.select_related("property").all,
    _send,
    MOST_ATTEMPTS,
    lambda: LEASE,
    key="property_id",
    moment="lease_until",
    over=dict,
)
claim = CLAIMS.claim


def run(property_id: int) -> None:
    """Claim, sum up, store. Never raises: the row says what went wrong."""
    row = claim(property_id)
    if row is None:
        return
    try:
        papers, unread = dossier(row)
        subject = subject_of(row.property)
        stamp = inputs_hash(papers, unread, subject)
        today = timezone.localdate()
        due = row.review_on is not None and row.review_on <= today
        if stamp == row.inputs_hash and row.synthesis_data and not due:
            store(row)
            return
        store(row, stamp, synthesise(papers, subject, unread), today)
    except Exception:
        logger.exception("summary_failed", property=property_id)
        if row.attempts >= MOST_ATTEMPTS:
            CLAIMS.finish(row, SummaryStatus.FAILED, error_code="internal_error")
        else:
            CLAIMS.give_back(row, later(row.attempts), error_code="internal_error")


def dossier(row: DocumentSummary) -> tuple[Dossier, dict[str, int]]:
    """What is known of the property's live documents, and how many of each state have nothing to say yet."""
    documents = Document.objects.filter(property_id=row.property_id).order_by("pk")
    results: list[tuple[int, dict[str, Any]]] = []
    unread = {"waiting": 0, "failed": 0}
    for pk, status, result in documents.values_list("pk", "status", "analysis_result"):
        if result is not None:
            results.append((pk, result))
        elif status in (Status.FAILED, Status.CANCELLED):
            unread["failed"] += 1
        else:
            unread["waiting"] += 1
    return Dossier(papers_from(results), row.user_overrides), unread


def subject_of(owned: Property) -> Subject:
    return Subject(
        property_type=owned.property_type,
        surface=owned.surface_area,
        building_year=owned.building_year,
        address=owned.address,
        postal_code=owned.postal_code,
        department=owned.department,
    )


def inputs_hash(papers: Dossier, unread: dict[str, int], subject: Subject) -> str:
    read = [
        (
            p.document_id,
            p.document_type,
            dict(p.facts),
            sorted(p.doubtful),
            dict(p.disputed),
            sorted(p.before_tax),
        )
        for p in papers.papers
    ]
    inputs = [VERSION, read, dict(papers.overrides), unread, subject.as_json()]
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def store(
    claimed: DocumentSummary, stamp: str = "", data: dict[str, Any] | None = None, today: date | None = None
) -> None:
    """Write a run's result (without data: nothing had changed), if the attempt still holds the row."""
    with transaction.atomic():
        row = CLAIMS.held(claimed).select_for_update().first()
        if row is None:
            return
        if data is not None and today is not None:
            _fill(row, stamp, data, today)
        again = row.revision != claimed.revision
        row.status = SummaryStatus.PENDING if again else SummaryStatus.CURRENT
        row.error_code, row.lease_until, row.attempts = "", None, 0
        if again:
            row.queued_at = row.sent_at = timezone.now() + DEBOUNCE
            _send(row.property_id, DEBOUNCE)
        row.save()


def _fill(row: DocumentSummary, stamp: str, data: dict[str, Any], today: date) -> None:
    now_holds = at(data, None, today)
    if data["contradictions"] != row.synthesis_data.get("contradictions"):
        rank_property(row.property_id, data)
    row.synthesis_data, row.inputs_hash = data, stamp
    row.total_annual_cost = _decimal(now_holds["totals"]["annual"])
    row.total_one_time_cost = _decimal(now_holds["totals"]["one_time_buyer"])
    row.risk_level = now_holds["risk"]["level"]
    row.recommendations = now_holds["actions"]
    row.overall_summary = overall_summary(now_holds, "fr")
    row.review_on = review_day(data, today)
    row.last_updated = timezone.now()


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def requeue_lost() -> dict[str, int]:
    """Send again what lost its message or its worker, and ask for those of which a risk begins or ends."""
    aged = DocumentSummary.objects.filter(
        status=SummaryStatus.CURRENT, review_on__lte=timezone.localdate()
    ).values_list("property_id", flat=True)[:500]
    request(aged)
    return CLAIMS.requeue_lost()
