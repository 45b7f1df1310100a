from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from accounts import partitions
from accounts.models import Activity

TODAY = date(2026, 11, 22)


def event(day: datetime) -> Activity:
    return Activity.objects.create(action="test.happened", created_at=day)


def partition_of(row: Activity) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM activities WHERE id = %s", [row.pk])
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("day", "months", "first"),
    [
        (date(2026, 11, 22), 0, date(2026, 11, 1)),
        (date(2026, 11, 30), 1, date(2026, 12, 1)),
        (date(2026, 12, 31), 1, date(2027, 1, 1)),
        (date(2026, 1, 31), -1, date(2025, 12, 1)),
        (date(2026, 11, 22), -84, date(2019, 11, 1)),
    ],
)
def test_first_of_month(day: date, months: int, first: date) -> None:
    assert partitions.first_of_month(day, months) == first


def test_partitions_are_made_ahead_once(db: None) -> None:
    done = partitions.maintain(ahead=3, retention_years=7, today=TODAY)
    assert done.created == [f"activities_{month}" for month in ("2026_11", "2026_12", "2027_01", "2027_02")]
    assert partitions.maintain(ahead=3, retention_years=7, today=TODAY) == partitions.Maintenance()


def test_each_event_lies_in_its_month_in_utc(db: None) -> None:
    partitions.maintain(ahead=1, retention_years=7, today=TODAY)
    last = datetime(2026, 12, 1, tzinfo=UTC) - timedelta(microseconds=1)
    assert partition_of(event(last)) == "activities_2026_11"
    assert partition_of(event(last + timedelta(microseconds=1))) == "activities_2026_12"


def test_a_missing_partition_loses_no_event_and_is_repaired(db: None) -> None:
    # Late in May 2030 and never a partition made for it, nor for April.
    rows = [event(datetime(2030, month, 20, 12, tzinfo=UTC)) for month in (4, 5, 5)]
    assert {partition_of(row) for row in rows} == {"activities_default"}
    done = partitions.maintain(ahead=0, retention_years=7, today=date(2030, 5, 22))
    assert (done.created, done.moved) == (["activities_2030_04", "activities_2030_05"], 3)
    assert [partition_of(row) for row in rows] == [
        "activities_2030_04",
        "activities_2030_05",
        "activities_2030_05",
    ]
    assert partition_of(event(datetime(2031, 1, 1, tzinfo=UTC))) == "activities_default"
    # The trigger holds in what was made anew.
    with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM activities_2030_04")


def test_retention_drops_whole_months_past_it(db: None) -> None:
    old, kept = event(datetime(2019, 10, 31, 23, tzinfo=UTC)), event(datetime(2019, 11, 1, 0, tzinfo=UTC))
    done = partitions.maintain(ahead=0, retention_years=7, today=TODAY)
    assert done.dropped == ["activities_2019_10"]
    assert set(Activity.objects.values_list("pk", flat=True)) == {kept.pk} and old.pk != kept.pk


def test_dry_run_says_and_does_nothing(db: None) -> None:
    event(datetime(2030, 5, 20, tzinfo=UTC))
    out = StringIO()
    call_command("activity_partitions", "--dry-run", "--ahead", "0", stdout=out)
    assert "1 rows would be moved" in out.getvalue()
    assert partitions.existing() == {}


@pytest.mark.parametrize("options", [["--ahead", "-1"], ["--retention-years", "0"]])
def test_options_that_would_drop_the_present_are_refused(db: None, options: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("activity_partitions", *options)
