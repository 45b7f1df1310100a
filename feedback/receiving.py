"""Receiving a message, and having it mailed to whoever answers."""

from __future__ import annotations

import uuid
from datetime import timedelta

import structlog
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.activity import record
from accounts.models import User
from config.celery import enqueue
from feedback.models import Feedback
from photos.imaging import DISPLAY_SIDE
from photos.uploads import decoded, stored

logger = structlog.get_logger(__name__)

MAILED_WITHIN = timedelta(days=7)
"""Older ones are not sent when the setting is made later."""


def receive(user: User, kind: str, message: str, screenshot: UploadedFile[bytes] | None = None) -> Feedback:
    """Keep a message; its screenshot is checked and encoded anew as a photo is. Raises ImageRefused."""
    identifier = uuid.uuid4()
    files = {}
    key = ""
    if screenshot is not None:
        with decoded(screenshot) as (picture, _digest):
            key = f"{user.pk}/feedback/{identifier}.jpg"
            files[key] = picture.jpeg(DISPLAY_SIDE)
    with stored(files), transaction.atomic():
        row = Feedback.objects.create(
            user=user, uuid=identifier, kind=kind, message=message, screenshot_key=key
        )
        record("feedback.sent", row, actor=user)
        if settings.FEEDBACK_EMAIL:
            from feedback.tasks import mail_feedback

            enqueue(mail_feedback)
    return row


def mail() -> int:
    """Send what was not sent yet; how many were. What the server does not take waits for the next run."""
    if not settings.FEEDBACK_EMAIL:
        return 0
    sent = 0
    waiting = Feedback.objects.filter(mailed_at=None, created_at__gt=timezone.now() - MAILED_WITHIN)
    for row in waiting.select_related("user").order_by("id")[:100]:
        claim = Feedback.objects.filter(pk=row.pk, mailed_at=None)
        if not claim.update(mailed_at=timezone.now()):
            continue
        try:
            _message(row).send()
        except OSError as error:
            logger.error("feedback_mail_failed", feedback=row.pk, error=type(error).__name__)
            Feedback.objects.filter(pk=row.pk).update(mailed_at=None)
            break
        sent += 1
    return sent


def _message(row: Feedback) -> EmailMessage:
    page = settings.PUBLIC_URL + reverse("admin:feedback_feedback_change", args=[row.pk])
    with override("fr"):
        subject = _("Message n° %(n)d d'un client : %(kind)s") % {"n": row.pk, "kind": row.get_kind_display()}
        picture = _("Une capture d'écran est jointe à sa page.") if row.screenshot_key else ""
    body = "\n\n".join(part for part in (row.message, picture, page) if part)
    return EmailMessage(subject, body, to=[settings.FEEDBACK_EMAIL], reply_to=[row.user.email])
