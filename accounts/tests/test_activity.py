from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from accounts import activity
from accounts.models import Activity, User


def test_an_event_says_who_what_and_what_changed(owner: User, staff: User) -> None:
    activity.record("account.renamed", owner, actor=staff, changes={"full_name": ["A", "B"]})
    event = Activity.objects.get()
    assert (event.actor, event.user, event.object_type, event.object_id) == (
        staff,
        owner,
        "accounts.user",
        str(owner.pk),
    )
    assert event.changes == {"full_name": ["A", "B"]}
    assert list(Activity.objects.visible_to(owner)) == [event]
    assert not Activity.objects.visible_to(staff).exists()


def test_changed_keeps_what_differs_only() -> None:
    assert activity.changed({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": None}) == {"b": [2, 3]}


@pytest.mark.django_db(transaction=True)
def test_an_event_goes_with_the_change_it_tells_of() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        User.objects.create_user("lost@example.org")
        activity.record("account.created")
        raise ZeroDivisionError
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE activities SET action = 'other'",
        "UPDATE activities SET address = '192.0.2.1'",
        "DELETE FROM activities",
        # Not through a partition either.
        "DELETE FROM activities_default",
        # Nor behind the erasure's back: it may blank, not rewrite.
        "SET LOCAL appart.erasing = 'on'; UPDATE activities SET action = 'other'",
        "SET LOCAL appart.erasing = 'on'; UPDATE activities SET user_id = 1",
        "SET LOCAL appart.erasing = 'on'; DELETE FROM activities",
    ],
)
def test_the_log_is_append_only(owner: User, statement: str) -> None:
    activity.record("account.renamed", owner, actor=owner, changes={"full_name": ["A", "B"]})
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert Activity.objects.get().action == "account.renamed"


def test_erasure_takes_the_person_out_and_keeps_the_event(owner: User, stranger: User) -> None:
    activity.record("account.renamed", owner, actor=owner, changes={"full_name": ["A", "B"]})
    activity.record("account.renamed", stranger, actor=stranger, changes={"full_name": ["C", "D"]})
    assert activity.blank(owner.pk) == 1
    blanked, other = Activity.objects.order_by("id")
    assert (blanked.action, blanked.actor_id, blanked.user_id, blanked.changes) == (
        "account.renamed",
        None,
        None,
        {},
    )
    assert other.changes == {"full_name": ["C", "D"]}
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Activity.objects.update(action="other")
