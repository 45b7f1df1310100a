"""The documents' jobs on the back-office's page of jobs: readings, batches of files, syntheses."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.activity import record
from accounts.models import User
from config.jobs import CANCELLED, DONE, FAILED, RUNNING, WAITING, Job, JobKind, register
from documents import jobs, review, summaries
from documents.models import Batch, Document, DocumentSummary, Status
from documents.serializers import error_text
from documents.wording import error_sentence

_READING: dict[str, str] = {
    Status.PENDING: WAITING,
    Status.PROCESSING: RUNNING,
    Status.FAILED: FAILED,
    Status.ANALYZED: DONE,
    Status.CANCELLED: CANCELLED,
}
_SUMMARY: dict[str, str] = {
    DocumentSummary.Status.PENDING: WAITING,
    DocumentSummary.Status.PROCESSING: RUNNING,
    DocumentSummary.Status.FAILED: FAILED,
    DocumentSummary.Status.CURRENT: DONE,
}


def _readings() -> QuerySet[Document]:
    rows: QuerySet[Document] = Document.objects.select_related("property__user").defer("analysis_result")
    return rows


def _reading(document: Document) -> Job:
    return Job(
        pk=str(document.pk),
        title=document.filename,
        url=reverse("admin:documents_document_change", args=[document.pk]),
        state=_READING[Status(document.status)],
        since=document.finished_at or document.started_at or document.queued_at,
        client=document.property.user.email,
        attempts=document.attempts,
        error=error_text(document.error_code),
    )


def _read_again(document: Document, user: User) -> bool:
    return document.status in (Status.FAILED, Status.CANCELLED) and review.read_again(document, user=user)


def _cancel_reading(document: Document, user: User) -> bool:
    if not jobs.cancel(Document.objects.filter(pk=document.pk)):
        return False
    record("document.cancelled", document, actor=user)
    return True


def _batches() -> QuerySet[Batch]:
    return Batch.objects.select_related("property__user").defer("answers")


def _count(batches: list[Any]) -> None:
    """How many documents of each batch are in each status; one query for all."""
    live = Document.objects.filter(batch__in=batches).values_list("batch", "status").order_by()
    for batch in batches:
        batch.by_status = dict.fromkeys(Status.values, 0)
    by_pk = {batch.pk: batch for batch in batches}
    for pk, status, number in live.annotate(n=Count("pk")):
        by_pk[pk].by_status[status] = number


def _batch_state(state: str) -> Q:
    """By the documents' own indexes: few wait, run or have failed, however many batches there are."""

    def among(*statuses: str) -> Q:
        return Q(pk__in=Document.objects.filter(status__in=statuses, batch__isnull=False).values("batch"))

    def none(*statuses: str) -> Q:
        return Q(~Exists(Document.objects.filter(batch=OuterRef("pk"), status__in=statuses)))

    unfinished = (Status.PENDING, Status.PROCESSING)
    begun = [status for status in Status.values if status != Status.PENDING]
    return {
        WAITING: among(Status.PENDING) & none(*begun),
        RUNNING: among(*unfinished) & ~none(*begun),
        FAILED: among(Status.FAILED) & none(*unfinished),
        DONE: none(*unfinished, Status.FAILED, Status.CANCELLED),
        CANCELLED: among(Status.CANCELLED) & none(*unfinished, Status.FAILED),
    }[state]


def _batch(batch: Any) -> Job:
    counts: dict[str, int] = batch.by_status
    total, failed = sum(counts.values()), counts[Status.FAILED]
    waiting = counts[Status.PENDING] + counts[Status.PROCESSING]
    if waiting:
        state = WAITING if waiting == total and not counts[Status.PROCESSING] else RUNNING
    else:
        state = FAILED if failed else CANCELLED if counts[Status.CANCELLED] else DONE
    error = ngettext("%(n)d fichier n’a pas pu être lu.", "%(n)d fichiers n’ont pas pu être lus.", failed)
    return Job(
        pk=str(batch.pk),
        title=batch.property.address,
        url=f"{reverse('admin:documents_document_changelist')}?batch__id__exact={batch.pk}",
        state=state,
        since=batch.created_at,
        client=batch.property.user.email,
        error=error % {"n": failed} if failed else "",
        progress=(total - waiting, total) if total else None,
    )


def _retry_batch(batch: Batch, user: User) -> bool:
    again = batch.documents.filter(is_deleted=False, status__in=[Status.FAILED, Status.CANCELLED])
    count = sum(review.read_again(document, user=user) for document in again)
    if count:
        record("documents.retried", batch, actor=user)
    return bool(count)


def _cancel_batch(batch: Batch, user: User) -> bool:
    if not jobs.cancel(batch.documents.filter(is_deleted=False)):
        return False
    record("documents.cancelled", batch, actor=user)
    return True


def _summaries() -> QuerySet[DocumentSummary]:
    return DocumentSummary.objects.select_related("property__user").defer(
        "synthesis_data", "recommendations", "overall_summary"
    )


def _summary(summary: DocumentSummary) -> Job:
    state = _SUMMARY[DocumentSummary.Status(summary.status)]
    return Job(
        pk=str(summary.pk),
        title=summary.property.address,
        url=reverse("admin:documents_documentsummary_change", args=[summary.pk]),
        state=state,
        since=summary.last_updated if state == DONE else summary.queued_at,
        client=summary.property.user.email,
        attempts=summary.attempts,
        error=error_sentence(summary.error_code) if state == FAILED else "",
    )


@transaction.atomic
def _make_again(summary: DocumentSummary, user: User) -> bool:
    failed = DocumentSummary.objects.filter(pk=summary.pk, status=DocumentSummary.Status.FAILED)
    if not failed.update(inputs_hash=""):
        return False
    summaries.request([summary.property_id])
    record("synthesis.requested", summary, actor=user)
    return True


register(
    JobKind(
        "documents", _("Lectures"), "documents.document", _readings, _reading, _READING,
        retry=_read_again, cancel=_cancel_reading, place=0,
    )
)  # fmt: skip
register(
    JobKind(
        "batches", _("Envois de fichiers"), "documents.document", _batches, _batch, where=_batch_state,
        prepare=_count, since="created_at", newest="created_at", retry=_retry_batch, cancel=_cancel_batch,
        place=0,
    )
)  # fmt: skip
register(
    JobKind(
        "summaries", _("Synthèses"), "documents.documentsummary", _summaries, _summary, _SUMMARY,
        retry=_make_again, place=0,
    )
)  # fmt: skip
