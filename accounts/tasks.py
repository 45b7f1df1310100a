"""Housekeeping, run by the beat."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone
from knox.models import get_token_model

from accounts import idempotency, partitions

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
