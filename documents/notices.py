"""The mail that says a batch of documents is read: once a batch, to whom wants it, in their language.

Nothing of the documents stands in it, not even their names: counts and a link that begins with PUBLIC_URL.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.mail import send_mail
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, override

from accounts.models import User
from documents.models import RUNNING, Batch, Document, Status

logger = structlog.get_logger(__name__)

LATEST = timedelta(days=1)
"""A mail that could not be sent for a day tells nothing new any more."""
PACE_SECONDS = 300
"""Between two tries of one batch's mail."""


def request(batch_id: object) -> None:
    """Look, once the present transaction is committed, whether a batch is done and somebody to be told."""
    from config.celery import enqueue
    from documents.tasks import announce_batch

    if batch_id is not None:
        enqueue(announce_batch, str(batch_id))


def announce(batch_id: str) -> bool:
    """Send the batch's mail if it is done, wanted and not sent yet. A mail server that is down is asked again
    by the beat. True when a mail left.
    """
    received = Batch.objects.exclude(answers=[])  # all its files have come
    batch = received.select_related("user").filter(pk=batch_id, notified_at=None).first()
    if batch is None or batch.documents.filter(is_deleted=False, status__in=RUNNING).exists():
        return False
    counts = batch.documents.filter(is_deleted=False).aggregate(
        read=Count("pk", filter=Q(status=Status.ANALYZED)), failed=Count("pk", filter=Q(status=Status.FAILED))
    )
    now = timezone.now()
    mine = Batch.objects.filter(pk=batch.pk, notified_at=None).update(notified_at=now)  # only one sends
    if not mine or not any(counts.values()) or not _wants(batch.user):
        return False
    try:
        _send(batch, counts["read"], counts["failed"])
    except OSError as error:  # smtplib's errors are OSErrors, as those of the network
        logger.warning("notice_not_sent", batch=str(batch.pk), error=type(error).__name__)
        Batch.objects.filter(pk=batch.pk, notified_at=now).update(notified_at=None)
        cache.set(f"notice:{batch.pk}", 1, timeout=PACE_SECONDS)
        return False
    return True


def _wants(user: User) -> bool:
    return user.wants_mail and user.is_active and user.has_verified_email


def _send(batch: Batch, read: int, failed: int) -> None:
    with override(batch.user.language):
        lines = [gettext("Bonjour,"), ""]
        if read:
            lines.append(ngettext("%(n)s document est lu.", "%(n)s documents sont lus.", read) % {"n": read})
        if failed and not read:
            text = ngettext(
                "%(n)s document n'a pas pu être lu.", "%(n)s documents n'ont pas pu être lus.", failed
            )
            lines.append(text % {"n": failed})
        elif failed:
            text = ngettext(
                "%(n)s document n'a pas pu l'être.", "%(n)s documents n'ont pas pu l'être.", failed
            )
            lines.append(text % {"n": failed})
        url = settings.PUBLIC_URL + reverse("document-bulk-status", args=[batch.pk])
        lines += ["", gettext("Le détail, une fois connecté :"), url, ""]
        lines.append(
            gettext(
                "Pour ne plus recevoir ces messages : « prévenir par e-mail » (wants_mail) dans votre compte."
            )
        )
        lines += ["", "AppArt Agent", settings.PUBLIC_URL]
        subject = (
            gettext("Vos documents sont lus") if read else gettext("Vos documents n'ont pas pu être lus")
        )
        send_mail(subject, "\n".join(lines), None, [batch.user.email])


def requeue_lost() -> int:
    """Batches that are done and not announced: their message was lost, or the mail server was down."""
    running = Document.objects.filter(batch=OuterRef("pk"), status__in=RUNNING)
    waiting = Batch.objects.filter(
        ~Exists(running),
        ~Q(answers=[]),
        notified_at=None,
        created_at__gt=timezone.now() - LATEST,
        user__wants_mail=True,
    )
    sent = 0
    for pk in waiting.filter(documents__isnull=False).distinct().values_list("pk", flat=True)[:200]:
        if cache.add(f"notice:{pk}", 1, timeout=PACE_SECONDS):
            request(pk)
            sent += 1
    return sent
