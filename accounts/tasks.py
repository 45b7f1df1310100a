"""Housekeeping, run by the beat."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone
from knox.models import get_token_model

from accounts import erasure, export, idempotency, partitions
from accounts.models import Erasure

logger = structlog.get_logger(__name__)

PARTITIONS_AHEAD = 3
RETENTION_YEARS = 7


@shared_task
def activity_partitions() -> None:
    """Next months' partitions of the activity log, and an end to those past retention."""
    done = partitions.maintain(ahead=PARTITIONS_AHEAD, retention_years=RETENTION_YEARS)
    logger.info("activity_partitions", created=done.created, moved=done.moved, dropped=done.dropped)


@shared_task
def forget_what_expired() -> None:
    """Sessions, tokens and kept answers that are past their time."""
    sessions, _ = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    tokens, _ = get_token_model().objects.filter(expiry__lt=timezone.now()).delete()
    logger.info("expired", sessions=sessions, tokens=tokens, answers=idempotency.forget())


@shared_task
def clear_folder(pk: int) -> None:
    """Delete the files of an erased account."""
    erasure.clear(Erasure.objects.get(pk=pk))


@shared_task
def make_export(pk: str) -> None:
    export.make(pk)


@shared_task
def sweep() -> None:
    """Take up again what a lost message, a stopped worker or a store that was down has left."""
    for left in Erasure.objects.filter(finished_at=None):
        try:
            erasure.clear(left)
        except OSError as error:
            logger.warning("folder_not_cleared", account=left.account_id, error=type(error).__name__)
    sent, dropped = export.sweep()
    logger.info("swept", exports_sent=sent, exports_dropped=dropped)
