"""The erasure of an account: rows in one transaction, then files by a job retried until none is left."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from accounts import activity, holdings
from accounts.models import Activity, Erasure, User
from config.celery import enqueue

logger = structlog.get_logger(__name__)

# A job under way at the moment of the erasure may still write a file: the folder is looked at again.
LATE_WRITES = timedelta(hours=1)


@transaction.atomic
def erase(user: User, by: User | None = None) -> None:
    """Everything held of the account goes: rows, sessions, tokens, jobs and caches (by the signals of their
    rows) at once, files once this is committed. The log keeps that an account was erased, with counts, and
    by whom when it was staff.
    """
    from accounts.tasks import clear_folder

    user = User.objects.select_for_update().get(pk=user.pk)
    account_id = user.pk
    user.end_everywhere()
    rows = holdings.rows(user)
    held = {table: len(found) for table, found in rows.items()}
    _blank_history(rows)
    activity.blank(account_id)
    user.delete()
    Activity.objects.create(
        action="account.erased",
        actor=by,
        object_type=User._meta.label_lower,
        object_id=str(account_id),
        changes={"rows": held},
    )
    erasure = Erasure.objects.create(account_id=account_id)
    enqueue(clear_folder, erasure.pk)


def _blank_history(rows: dict[str, list[Model]]) -> None:
    """The back-office's history of these objects names addresses, files and e-mails: that something was done
    stays, without them.
    """
    for found in rows.values():
        if found and not isinstance(found[0], LogEntry):
            told = LogEntry.objects.filter(
                content_type=ContentType.objects.get_for_model(found[0]),
                object_id__in=[str(row.pk) for row in found],
            )
            told.update(object_repr="", change_message="")


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
