"""The activity log's only pen: `record` writes one event, `blank` takes the person out of past ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.models import Model

from accounts.models import Activity, User
from config.middleware import ORIGIN


def record(
    action: str,
    obj: Model | None = None,
    *,
    actor: User | AnonymousUser | None = None,
    owner_id: int | None = None,
    property_id: int | None = None,
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Write one event. Call it inside the `transaction.atomic()` block of the change it tells of: both or
    neither.

    `action` is a stable code, "<noun>.<past participle>" ("document.uploaded"); `obj` what it happened to;
    `actor` who did it (None: a job); `changes` {field: [before, after]} or counts, JSON-able. Whose data it
    is and which property it belongs to are read from `obj` (`obj.user_id`, `obj.property`,
    `obj.property_id`) unless given. Address and request id come from the request at hand.
    """
    if obj is not None:
        parent = getattr(obj, "property", None)
        if owner_id is None:
            owner_id = obj.pk if isinstance(obj, User) else getattr(parent or obj, "user_id", None)
        if property_id is None:
            is_property = obj._meta.label_lower == "properties.property"
            property_id = obj.pk if is_property else getattr(obj, "property_id", None)
    actor_id = actor.pk if actor is not None else None
    origin = ORIGIN.get()
    Activity.objects.create(
        action=action,
        actor_id=actor_id,
        user_id=actor_id if owner_id is None else owner_id,
        object_type=obj._meta.label_lower if obj is not None else "",
        object_id=str(obj.pk) if obj is not None else "",
        property_id=property_id,
        address=origin.address,
        request_id=origin.request_id,
        changes=dict(changes or {}),
    )


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """{field: [before, after]} of the fields that differ."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


@transaction.atomic
def blank(user_id: int) -> int:
    """Take a person out of the log: who, from where and what changed go, that something happened stays.

    The only UPDATE that the table's trigger lets through. Returns the number of rows blanked.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL appart.erasing = 'on'")
        cursor.execute(
            """UPDATE activities SET address = NULL, request_id = '', changes = '{}',
                      user_id = NULLIF(user_id, %(id)s), actor_id = NULLIF(actor_id, %(id)s)
               WHERE user_id = %(id)s OR actor_id = %(id)s""",
            {"id": user_id},
        )
        rows: int = cursor.rowcount
        cursor.execute("SET LOCAL appart.erasing = 'off'")
    return rows
