"""The redesigns on the back-office's page of jobs."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.activity import record
from accounts.models import User
from config.jobs import CANCELLED, DONE, FAILED, RUNNING, WAITING, Job, JobKind, register
from photos import jobs
from photos.models import PhotoRedesign, Status
from photos.presets import error_text

_STATES: dict[str, str] = {
    Status.PENDING: WAITING,
    Status.GENERATING: RUNNING,
    Status.FAILED: FAILED,
    Status.COMPLETED: DONE,
    Status.CANCELLED: CANCELLED,
}


def _rows() -> QuerySet[PhotoRedesign]:
    return PhotoRedesign.objects.select_related("photo__property__user")


def _job(redesign: PhotoRedesign) -> Job:
    return Job(
        pk=str(redesign.pk),
        title=f"{redesign.photo.filename} · {redesign.style_name}",
        url=reverse("admin:photos_photoredesign_change", args=[redesign.pk]),
        state=_STATES[Status(redesign.status)],
        since=redesign.finished_at or redesign.started_at or redesign.queued_at,
        client=redesign.photo.property.user.email,
        attempts=redesign.attempts,
        error=error_text(redesign.error_code),
    )


def _again(redesign: PhotoRedesign, user: User) -> bool:
    row = PhotoRedesign.objects.select_for_update().get(pk=redesign.pk)
    if row.status not in (Status.FAILED, Status.CANCELLED):
        return False
    jobs.queue(row)
    _record("redesign.requeued", redesign, user)
    return True


def _cancel(redesign: PhotoRedesign, user: User) -> bool:
    if not jobs.cancel(PhotoRedesign.objects.filter(pk=redesign.pk)):
        return False
    _record("redesign.cancelled", redesign, user)
    return True


def _record(action: str, redesign: PhotoRedesign, user: User) -> None:
    subject = redesign.photo.property
    record(action, redesign, actor=user, owner_id=subject.user_id, property_id=subject.pk)


register(
    JobKind(
        "redesigns", _("Rendus"), "photos.photoredesign", _rows, _job, _STATES, retry=_again, cancel=_cancel
    )
)
