"""The imports on the back-office's page of jobs: begun by an operator, looked at here."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.jobs import DONE, FAILED, RUNNING, Job, JobKind, register
from dvf.models import DVFImport


def _rows() -> QuerySet[DVFImport]:
    return DVFImport.objects.light()


def _job(run: DVFImport) -> Job:
    return Job(
        pk=str(run.pk),
        title=run.release_label,
        url=reverse("admin:dvf_dvfimport_change", args=[run.pk]),
        state={"running": RUNNING, "failed": FAILED}.get(run.status, DONE),
        since=run.finished_at or run.started_at,
        error=run.error_message if run.status == "failed" else "",
    )


_STATES = {
    status: {"running": RUNNING, "failed": FAILED}.get(status, DONE) for status in DVFImport.Status.values
}
register(
    JobKind(
        "imports", _("Imports de ventes"), "dvf.dvfimport", _rows, _job, _STATES, since="started_at", place=2
    )
)
