"""The reports on the back-office's page of jobs."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.activity import record
from accounts.models import User
from config.jobs import CANCELLED, DONE, FAILED, RUNNING, WAITING, Job, JobKind, register
from reports import jobs
from reports.models import Report, Status
from reports.serializers import error_text

_STATES: dict[str, str] = {
    Status.PENDING: WAITING,
    Status.PROCESSING: RUNNING,
    Status.FAILED: FAILED,
    Status.COMPLETED: DONE,
    Status.CANCELLED: CANCELLED,
}


def _rows() -> QuerySet[Report]:
    return Report.objects.select_related("property__user")


def _job(report: Report) -> Job:
    return Job(
        pk=str(report.pk),
        title=str(report),
        url=reverse("admin:reports_report_change", args=[report.pk]),
        state=_STATES[Status(report.status)],
        since=report.finished_at or report.started_at or report.queued_at,
        client=report.property.user.email,
        attempts=report.attempts,
        error=error_text(report.error_code),
    )


def _again(report: Report, user: User) -> bool:
    if report.status not in (Status.FAILED, Status.CANCELLED):
        return False
    asked = jobs.ask(report.property, report.kind, report.language, report.options, user, again=True)
    return asked.status == Status.PENDING


def _cancel(report: Report, user: User) -> bool:
    if not jobs.cancel(report):
        return False
    record("report.cancelled", report, actor=user)
    return True


register(
    JobKind("reports", _("Rapports"), "reports.report", _rows, _job, _STATES, retry=_again, cancel=_cancel)
)
