"""Monthly partitions of the activity log: those to come, those missed, those past retention.

An event never needs its partition to exist: without one it falls into `activities_default`. Moving rows out
of there by DELETE is refused (the log is append-only), so a repair detaches the default partition, makes a
new one, copies the rows through the parent, which routes each to its month, and drops the old one: one
transaction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from django.db import connection, transaction
from django.utils import timezone

PARENT = "activities"
DEFAULT = f"{PARENT}_default"
_NAME = re.compile(rf"{PARENT}_(\d{{4}})_(\d{{2}})")
# Waiting longer for the table would hold up every request that writes to the log behind us.
LOCK_TIMEOUT = "5s"


@dataclass(frozen=True, slots=True)
class Maintenance:
    """What was done, or would be (`dry_run`)."""

    created: list[str] = field(default_factory=list)
    moved: int = 0  # rows taken out of the default partition
    dropped: list[str] = field(default_factory=list)


def first_of_month(day: date, months: int = 0) -> date:
    """The first day of the month that comes `months` after `day`'s."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def name_of(month: date) -> str:
    return f"{PARENT}_{month:%Y_%m}"


def existing() -> dict[str, date]:
    """Name → first day, of the monthly partitions there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = %s::regclass",
            [PARENT],
        )
        matches = (_NAME.fullmatch(name) for (name,) in cursor.fetchall())
        return {m[0]: date(int(m[1]), int(m[2]), 1) for m in matches if m}


def _months_in_default() -> list[date]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT date_trunc('month', created_at AT TIME ZONE 'UTC')::date "
            f"FROM {DEFAULT} ORDER BY 1"
        )
        return [month for (month,) in cursor.fetchall()]


@transaction.atomic
def maintain(
    *, ahead: int, retention_years: int, dry_run: bool = False, today: date | None = None
) -> Maintenance:
    """Make the partitions of this month and `ahead` more, and of every month that has rows in the default
    partition; drop those that ended more than `retention_years` ago. Safe to run twice, or at once from two
    places.
    """
    today = today or timezone.now().date()  # months are UTC's
    oldest_kept = first_of_month(today, -12 * retention_years)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"{PARENT} partitions"])
        there = existing()
        stray = _months_in_default()
        wanted = {*stray, *(first_of_month(today, n) for n in range(ahead + 1))}
        created = sorted(month for month in wanted if name_of(month) not in there)
        past = sorted(name for name, month in there.items() if month < oldest_kept)
        past_stray = [name_of(month) for month in created if month < oldest_kept]
        cursor.execute(f"SELECT count(*) FROM {DEFAULT}")
        moved: int = cursor.fetchone()[0]
        if not dry_run:
            if stray:
                cursor.execute(f"ALTER TABLE {PARENT} DETACH PARTITION {DEFAULT}")
                cursor.execute(f"ALTER TABLE {DEFAULT} RENAME TO {DEFAULT}_old")
            for month in created:
                cursor.execute(
                    f"CREATE TABLE {name_of(month)} PARTITION OF {PARENT} "
                    f"FOR VALUES FROM ('{month} 00:00+00') TO ('{first_of_month(month, 1)} 00:00+00')"
                )
            if stray:
                cursor.execute(f"CREATE TABLE {DEFAULT} PARTITION OF {PARENT} DEFAULT")
                cursor.execute(f"INSERT INTO {PARENT} SELECT * FROM {DEFAULT}_old")
                cursor.execute(f"DROP TABLE {DEFAULT}_old")
            for name in [*past, *past_stray]:
                cursor.execute(f"DROP TABLE {name}")
    return Maintenance([name_of(month) for month in created], moved, [*past, *past_stray])
