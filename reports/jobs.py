"""The job of making a report; the row is the job (`config.claims`).

Making one is bounded by the task's time limit, so that a lease is not prolonged: past it, the worker is gone.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from accounts.activity import record
from accounts.models import User
from config.claims import Claims, later
from properties.models import Property
from reports.contents import contents
from reports.inputs import fingerprint
from reports.models import RUNNING, Report, Status
from reports.rendering import Rendered, RenderingError, render

logger = structlog.get_logger(__name__)

MOST_ATTEMPTS = 3
LEASE = timedelta(seconds=90)
RETRY_AFTER = timedelta(seconds=60)
"""A report that failed is not made again by merely asking for it before that."""
KEPT_ASKED = 12
"""Reports kept of one property with wishes of their own (a signing date, a loan)."""


def ask(
    subject: Property, kind: str, language: str, options: dict[str, Any], actor: User, *, again: bool = False
) -> Report:
    """The report, made already of the present inputs, or queued; the same wish twice is one job.

    `again`: one that failed a moment ago is tried again all the same.
    """
    stamp = fingerprint(subject, kind, options)
    with transaction.atomic():
        row, created = Report.objects.get_or_create(
            property=subject, kind=kind, language=language, options=options
        )
        row = Report.objects.select_for_update().get(pk=row.pk)
        now = timezone.now()
        fresh = row.status == Status.COMPLETED and row.inputs_hash == stamp
        just_failed = (
            row.status == Status.FAILED
            and row.inputs_hash == stamp
            and not again
            and row.finished_at is not None
            and row.finished_at > now - RETRY_AFTER
        )
        if (row.status in RUNNING and not created) or fresh or just_failed:
            return row
        row.status, row.inputs_hash, row.error_code, row.attempts = Status.PENDING, stamp, "", 0
        row.queued_at = row.sent_at = now
        row.lease_until = row.started_at = row.finished_at = None
        row.save()
        record("report.requested", row, actor=actor, changes={"kind": kind, "language": language})
        if created and options:
            _forget_old(subject)
        _send(row.pk)
    return row


def _forget_old(subject: Property) -> None:
    """Those asked for longest ago go, with their files (a trigger of the database sees to that)."""
    asked = Report.objects.filter(property=subject).exclude(options={}).exclude(status__in=RUNNING)
    old = asked.order_by("-id").values_list("pk", flat=True)[KEPT_ASKED:]
    Report.objects.filter(pk__in=list(old)).delete()


def _send(pk: int) -> None:
    from config.celery import enqueue
    from reports.tasks import make_report

    enqueue(make_report, pk)


CLAIMS = Claims(Report.objects.select_related("property__user").all, _send, MOST_ATTEMPTS, lambda: LEASE)
claim, requeue_lost = CLAIMS.claim, CLAIMS.requeue_lost


def run(pk: int) -> None:
    """Claim, make, store. Never raises for what the inputs or a service do: the row says it."""
    report = claim(pk)
    if report is None:
        return
    try:
        stamp = fingerprint(report.property, report.kind, report.options)
        made = render(contents(report.property, report.kind, report.language, report.options))
        store(report, made, stamp)
    except RenderingError as error:
        logger.warning("report_failed", report=pk, code=error.code, detail=error.detail)
        _fail_or_give_back(report, error.code)
    except Exception:
        logger.exception("report_failed", report=pk)
        _fail_or_give_back(report, "internal_error")


def store(report: Report, made: Rendered, stamp: str) -> bool:
    """Keep a result if the attempt still holds the report; False, and no file left, if it does not."""
    # Each attempt writes a file of its own: one that comes late cannot replace the other's.
    moment = f"{report.started_at:%Y%m%d%H%M%S%f}"
    key = f"{report.property.user_id}/reports/{report.uuid}-{moment}.pdf"
    default_storage.save(key, ContentFile(made.content))
    kept = False
    try:
        with transaction.atomic():
            kept = CLAIMS.finish(
                report, Status.COMPLETED, error_code="", made_at=timezone.now(), inputs_hash=stamp,
                storage_key=key, storage_bucket=settings.S3_BUCKET_NAME, size=len(made.content),
                pages=made.pages,
            )  # fmt: skip
            if kept:
                record("report.made", report, changes={"pages": made.pages, "size": len(made.content)})
    finally:
        if not kept:
            default_storage.delete(key)
    return kept


def _fail_or_give_back(report: Report, code: str) -> None:
    if report.attempts >= MOST_ATTEMPTS:
        CLAIMS.finish(report, Status.FAILED, error_code=code)
    else:
        CLAIMS.give_back(report, later(report.attempts, first=2.0))


def cancel(report: Report) -> bool:
    """Stop waiting for it; a running one's result will not be written."""
    return bool(CLAIMS.cancel(Report.objects.filter(pk=report.pk)))
