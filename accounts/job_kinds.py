"""The exports of large accounts on the back-office's page of jobs; their owner asks again, not staff."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Export
from config.jobs import CANCELLED, DONE, FAILED, RUNNING, WAITING, Job, JobKind, register

_STATES: dict[str, str] = {
    Export.Status.PENDING: WAITING,
    Export.Status.PROCESSING: RUNNING,
    Export.Status.FAILED: FAILED,
    Export.Status.COMPLETED: DONE,
    Export.Status.CANCELLED: CANCELLED,
}


def _rows() -> QuerySet[Export]:
    return Export.objects.select_related("user")


def _job(export: Export) -> Job:
    return Job(
        pk=str(export.pk),
        title=export.user.email,
        url=reverse("admin:accounts_export_change", args=[export.pk]),
        state=_STATES[Export.Status(export.status)],
        since=export.finished_at or export.started_at or export.created_at,
        attempts=export.attempts,
        error=export.error,
    )


register(
    JobKind(
        "exports", _("Exports de comptes"), "accounts.export", _rows, _job, _STATES, since="created_at",
        newest="created_at", place=2,
    )
)  # fmt: skip
