"""What people decide on a reading: the one way in for clients and staff.

Every decision is an event of the activity log and another `revision` of the document, in one transaction with
what follows from it: the result is written anew and the synthesis asked for. A reviewer says which revision
they looked at: another's decision in between is never overwritten unseen.
"""

from __future__ import annotations

import copy
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.activity import record
from accounts.models import User
from documents import jobs, summaries
from documents.doubt import doubts
from documents.models import (
    RUNNING,
    Correction,
    Document,
    DocumentReview,
    DocumentSummary,
    Finding,
    Proposal,
    Status,
)
from documents.ranking import contradicted_paths, type_confidence
from documents.results import put, read_value, refresh_result, violation

VIEW = "documents.view_documentreview"
REVIEW = "documents.change_documentreview"
"""Reading the queue and its pages asks for VIEW, deciding for REVIEW."""

Verdict = Correction.Verdict
_EVENTS = {
    Verdict.ACCEPTED: "finding.accepted",
    Verdict.CORRECTED: "finding.corrected",
    Verdict.REJECTED: "finding.rejected",
}


MOST_LOGGED = 200
"""Facts that one event names; the count is always whole."""


class Stale(Exception):
    """Somebody changed the document since the page was made."""


class Refused(Exception):
    """The decision does not fit; `why` is the first violation of the schema."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def locked(document: Document, revision: int | None) -> Document:
    """The row, held until the transaction ends. Raises Stale when its revision is another than `revision`."""
    row: Document = Document.all_objects.select_for_update(of=("self",)).get(pk=document.pk)
    if revision is not None and row.revision != revision:
        raise Stale
    return row


@transaction.atomic
def decide(
    document: Document,
    finding: Finding,
    value: Any,
    *,
    user: User,
    reason: str = "",
    staff: bool = False,
    revision: int | None = None,
) -> Document:
    """Say what a fact is: the value read accepts it, None rejects it, another corrects it.

    Returns the document as it is then. Raises Refused for a value that the schema does not allow, Stale.
    """
    row = locked(document, revision)
    facts = copy.deepcopy((row.analysis_result or {}).get("facts", {}))
    if wrong := violation(row.document_type, facts) if put(facts, finding.path, value) else "path":
        raise Refused(wrong)
    correction = _correction(row, finding, value, user, reason, staff)
    _keep([correction])
    changes = {finding.path: [finding.value, value]}
    record(_EVENTS[Verdict(correction.verdict)], row, actor=user, changes=changes)
    _publish(row)
    return row


def _correction(
    row: Document, finding: Finding, value: Any, user: User, reason: str, staff: bool
) -> Correction:
    accepted = value is not None and value == finding.value
    return Correction(
        document=row,
        path=finding.path,
        value=value,
        read_value=finding.value,
        reason=reason,
        user=user,
        verdict=Verdict.ACCEPTED if accepted else Verdict.REJECTED if value is None else Verdict.CORRECTED,
        by_staff=staff,
        rule=finding.rule,
        method=finding.method,
        confidence=finding.confidence,
        updated_at=timezone.now(),
    )


_DECIDED = ("value", "read_value", "reason", "user", "verdict", "by_staff", "rule", "method", "confidence",
            "updated_at")  # fmt: skip


def _keep(corrections: list[Correction]) -> None:
    """One decision a fact: a later one takes the place of an earlier one (the log keeps both)."""
    Correction.objects.bulk_create(
        corrections, update_conflicts=True, unique_fields=["document", "path"], update_fields=_DECIDED
    )


def _publish(row: Document) -> None:
    row.revision += 1
    row.save(update_fields=["revision"])
    refresh_result(row)
    summaries.request([row.property_id])


@transaction.atomic
def decide_proposal(
    document: Document,
    proposal: Proposal,
    accepted: bool,
    *,
    user: User,
    reason: str = "",
    staff: bool = False,
    revision: int | None = None,
) -> Document:
    """Take a model's value, which then counts as corrected by hand, or set it aside: what was read stands.

    Raises Refused where the value has no place in the facts, Stale.
    """
    row = locked(document, revision)
    facts = copy.deepcopy((row.analysis_result or {}).get("facts", {}))
    before = read_value(facts, proposal.path)
    if accepted:
        placed = put(facts, proposal.path, proposal.value)
        if wrong := violation(row.document_type, facts) if placed else "path":
            raise Refused(wrong)
        # Whoever read the fact otherwise was wrong; where nobody did, the model read it and was right.
        read = Finding.objects.filter(analysis=proposal.analysis_id, path=proposal.path).first()
        stated = read or Finding(
            path=proposal.path, value=proposal.value, rule="model", method="model", confidence=0.0
        )
        _keep([_correction(row, stated, proposal.value, user, reason, staff)])
    proposal.decision = Proposal.Decision.ACCEPTED if accepted else Proposal.Decision.REJECTED
    proposal.save(update_fields=["decision"])
    changes = {proposal.path: [before, proposal.value]}
    record(f"proposal.{proposal.decision}", row, actor=user, changes=changes)
    _publish(row)
    return row


@transaction.atomic
def withdraw(document: Document, path: str, *, user: User, revision: int | None = None) -> Document:
    """Take a decision back: what was read holds again."""
    row = locked(document, revision)
    correction = row.corrections.filter(path=path).first()
    if correction is not None:
        correction.delete()
        taken = Proposal.objects.filter(
            analysis__document=row, path=path, decision=Proposal.Decision.ACCEPTED
        )
        taken.update(decision="")
        changes = {path: [correction.value, correction.read_value]}
        record("finding.restored", row, actor=user, changes=changes)
        _publish(row)
    return row


@transaction.atomic
def accept_sure(document: Document, *, user: User, revision: int | None = None) -> int:
    """Accept what nothing speaks against and nobody decided yet; returns how many facts."""
    row = locked(document, revision)
    result = row.analysis_result
    if result is None:
        return 0
    data = DocumentSummary.objects.filter(property=row.property_id).values_list("synthesis_data", flat=True)
    found = doubts(result, contradicted_paths(data.first() or {}, row.pk), type_confidence(row))
    sure = {
        entry["id"]
        for entry, doubt in zip(result["findings"], found, strict=True)
        if doubt.is_sure and entry["method"] != "human" and entry["id"] is not None
    }
    by_path = {found.path: found for found in Finding.objects.filter(pk__in=sure, analysis__document=row)}
    findings = list(by_path.values())
    if findings:
        _keep([_correction(row, finding, finding.value, user, "", True) for finding in findings])
        changes = {finding.path: [finding.value, finding.value] for finding in findings[:MOST_LOGGED]}
        record("findings.accepted", row, actor=user, changes={"count": len(findings), **changes})
        _publish(row)
    return len(findings)


@transaction.atomic
def retype(document: Document, document_type: str, *, user: User, revision: int | None = None) -> bool:
    """Fix the kind; the document is then read again as that. False when it was fixed as that already."""
    row = locked(document, revision)
    if row.document_type == document_type and row.type_is_corrected:
        return False
    changes = {"document_type": [row.document_type, document_type]}
    row.document_type, row.type_is_corrected = document_type, True
    row.revision += 1
    row.save(update_fields=["document_type", "type_is_corrected", "revision", "updated_at"])
    jobs.queue(row)
    record("document.updated", row, actor=user, changes=changes)
    return True


@transaction.atomic
def read_again(document: Document, *, user: User) -> bool:
    """Queue another run; what people decided stays. False while one is under way."""
    row = locked(document, None)
    if row.status in RUNNING:
        return False
    jobs.queue(row)
    record("document.requeued", row, actor=user)
    return True


@transaction.atomic
def reopen(document: Document, *, user: User) -> None:
    """Back into the queue."""
    row = locked(document, None)
    row.reviewed_at = row.reviewed_by = None
    row.revision += 1
    row.save(update_fields=["reviewed_at", "reviewed_by", "revision"])
    record("document.reopened", row, actor=user)


@transaction.atomic
def finish(document: Document, *, user: User, revision: int | None = None) -> None:
    """The document leaves the queue, until a run reads something else in it."""
    row = locked(document, revision)
    row.reviewed_at, row.reviewed_by = timezone.now(), user
    row.revision += 1
    row.save(update_fields=["reviewed_at", "reviewed_by", "revision"])
    record("document.reviewed", row, actor=user)


def queue() -> QuerySet[DocumentReview]:
    """What waits to be checked, the most euros in doubt first; served by its index."""
    waiting: QuerySet[DocumentReview] = DocumentReview.objects.filter(
        status=Status.ANALYZED, reviewed_at=None, property__is_deleted=False
    )
    return waiting.order_by("-review_score", "pk")


def following(document: Document) -> int | None:
    """The number of the next document to check, after this one or from the queue's head."""
    others = queue().exclude(pk=document.pk)
    after = others.filter(
        Q(review_score__lt=document.review_score) | Q(review_score=document.review_score, pk__gt=document.pk)
    )
    first = after.values_list("pk", flat=True).first()
    return others.values_list("pk", flat=True).first() if first is None else first


REFUSED = _("Cette valeur ne convient pas à ce fait : %(why)s")
