"""The erasure of an account: rows in one transaction, then files by a job retried until none is left."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from accounts import activity, holdings
from accounts.models import Activity, Erasure, User
from config.celery import enqueue

logger = structlog.get_logger(__name__)

# A job under way at the moment of the erasure may still write a file: the folder is looked at again.
LATE_WRITES = timedelta(hours=1)


@transaction.atomic
def erase(user: User) -> None:
    """Everything held of the account goes: rows, sessions, tokens, jobs and caches (by the signals of their
    rows) at once, files once this is committed. The log keeps that an account was erased, with counts.
    """
    from accounts.tasks import clear_folder

    user = User.objects.select_for_update().get(pk=user.pk)
    account_id = user.pk
    user.end_everywhere()
    held = {table: len(found) for table, found in holdings.rows(user).items()}
    activity.blank(account_id)
    user.delete()
    Activity.objects.create(
        action="account.erased",
        object_type=User._meta.label_lower,
        object_id=str(account_id),
        changes={"rows": held},
    )
    erasure = Erasure.objects.create(account_id=account_id)
    enqueue(clear_folder, erasure.pk)


def clear(erasure: Erasure) -> int:
    """Delete the files left in the folder of an erased account; returns how many."""
    deleted = 0
    for key in list(holdings.files(erasure.account_id)):
        default_storage.delete(key)
        deleted += 1
    if timezone.now() - erasure.created_at > LATE_WRITES:
        Erasure.objects.filter(pk=erasure.pk).update(finished_at=timezone.now())
    logger.info("folder_cleared", account=erasure.account_id, files=deleted)
    return deleted
