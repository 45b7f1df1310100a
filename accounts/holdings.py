"""Everything that is held of a person, found by following the data model, not by lists that someone must
keep: the rows that would go if the account went, and the files below `<account id>/` in the store.

An app that keeps to these two (a CASCADE path to the account, its files in that folder) is exported and
erased without a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.contrib.admin.utils import NestedObjects
from django.core.files.storage import default_storage
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model

from accounts.models import Activity, User

# Means of access, and what only repeats answers already given: not about the person.
SECRETS = {"password", "digest", "session_key", "data", "storage_bucket"}
LEFT_OUT = {"idempotent_answers", "django_admin_log", "users_groups", "users_user_permissions"}


def rows(user: User) -> dict[str, list[Model]]:
    """Table → rows of the account, deleted softly or not."""
    collector = NestedObjects(using=DEFAULT_DB_ALIAS, origin=user)
    collector.collect([user])
    instances = chain(
        chain.from_iterable(collector.data.values()),
        chain.from_iterable(collector.fast_deletes),
        Activity.objects.visible_to(user).order_by("id"),
    )
    held: dict[str, list[Model]] = {}
    for instance in instances:
        held.setdefault(instance._meta.db_table, []).append(instance)
    return held


def as_json(row: Model) -> dict[str, Any]:
    """The columns of a row, without what opens an account."""
    return {
        field.name: field.value_from_object(row)
        for field in row._meta.concrete_fields
        if field.name not in SECRETS
    }


def folder(account_id: int) -> str:
    return f"{account_id}/"


def files(account_id: int) -> Iterator[str]:
    """Keys of the account's files in the store."""
    yield from _below(folder(account_id))


def _below(path: str) -> Iterator[str]:
    folders, names = default_storage.listdir(path)
    for name in names:
        if name:
            yield f"{path}{name}"
    for name in folders:
        if name:
            yield from _below(f"{path}{name}/")
