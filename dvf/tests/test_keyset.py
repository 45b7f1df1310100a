"""Pages by seeking: they end, they hold each row once, both ways, and ask for no count."""

from __future__ import annotations

import base64
import contextlib
import datetime
import json
import random
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from dvf.keyset import BY_DATE, BY_DISTANCE, Cursor, CursorError, Order, nearest, read
from dvf.models import DVFSale
from dvf.sale_querysets import DVFSaleQuerySet
from dvf.tests.factories import sales_with

TYPES = ("Appartement", "Maison")


def _encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "é",
        "A" * 500,
        "null",
        _encoded(None),
        _encoded([]),
        _encoded(["date", 0, 1, "2024-01-01"]),
        _encoded(["date", 0, 1, "2024-13-01", 5]),
        _encoded(["date", 0, 1, 5.5, 5]),
        _encoded(["date", 2, 1, "2024-01-01", 5]),
        _encoded(["date", 0, True, "2024-01-01", 5]),
        _encoded(["date", 0, 1, "2024-01-01", "5"]),
        _encoded(["date", 0, 1, "2024-01-01", -1]),
        _encoded(["date", 0, 1, "2024-01-01", 2**63]),
        _encoded(["near", 0, 1, "2024-01-01", 5]),
        _encoded(["near", 0, 1, float("nan"), 5]),
        _encoded(["near", 0, 1, float("inf"), 5]),
        _encoded(["near", 0, 1, -0.5, 5]),
        _encoded(["near", 0, 1, 1e300, 5]),
        _encoded(["id; DROP TABLE dvf_sales", 0, 1, "2024-01-01", 5]),
    ],
)
def test_foreign_cursors_are_refused(text: str) -> None:
    with pytest.raises(CursorError):
        Cursor.decode(text)


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda b: base64.urlsafe_b64encode(b).decode()))
def test_any_text_is_a_cursor_or_an_error(text: str) -> None:
    with contextlib.suppress(CursorError):
        Cursor.decode(text)


@given(
    st.builds(
        Cursor,
        order=st.just("date"),
        backwards=st.booleans(),
        release=st.integers(0, 10**6),
        value=st.dates(),
        id=st.integers(1, 2**63 - 1),
    )
    | st.builds(
        Cursor,
        order=st.just("near"),
        backwards=st.booleans(),
        release=st.integers(0, 10**6),
        value=st.floats(0, 999),
        id=st.integers(1, 2**63 - 1),
    )
)
def test_cursors_come_back_as_they_went(cursor: Cursor) -> None:
    assert Cursor.decode(cursor.encode()) == cursor


def _walk(querysets: list[Any], order: Order, limit: int, *, backwards: bool = False) -> list[list[int]]:
    """Ids of every page from one end to the other; fails rather than turn for ever."""
    pages: list[list[int]] = []
    cursor = None
    if backwards:
        last = _walk(querysets, order, limit)[-1]
        page = read(querysets, order, limit, 1, None)
        while page.next:
            page = read(querysets, order, limit, 1, page.next)
        assert [row.pk for row in page.rows] == last
        pages.append([row.pk for row in page.rows])
        cursor = page.previous
        while cursor is not None and len(pages) < 1000:
            page = read(querysets, order, limit, 1, cursor)
            pages.append([row.pk for row in page.rows])
            cursor = page.previous
        return pages[::-1]
    for _ in range(1000):
        page = read(querysets, order, limit, 1, cursor)
        pages.append([row.pk for row in page.rows])
        if page.next is None:
            return pages
        cursor = Cursor.decode(page.next.encode())
    raise AssertionError("the list does not end")


def _by_type() -> list[DVFSaleQuerySet]:
    return [DVFSale.objects.filter(type_principal=kind) for kind in TYPES]


@pytest.mark.django_db
@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_a_day_of_many_sales_ends(split: bool, limit: int) -> None:
    rng = random.Random(limit)
    day = datetime.date(2024, 3, 15)
    for kind in TYPES:
        sales_with(45, date_mutation=day, type_principal=kind)
    sales_with(5, date_mutation=day + datetime.timedelta(days=1))
    sales_with(rng.randint(1, 9), date_mutation=day - datetime.timedelta(days=1))
    querysets = _by_type() if split else [DVFSale.objects.all()]
    expected = list(DVFSale.objects.order_by("-date_mutation", "-id").values_list("id", flat=True))
    pages = _walk(querysets, BY_DATE, limit)
    assert [pk for page in pages for pk in page] == expected
    assert all(len(page) == limit for page in pages[:-1])
    back = _walk(querysets, BY_DATE, limit, backwards=True)
    assert [pk for page in back for pk in page] == expected


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [1, 7])
def test_a_building_of_many_sales_ends_nearest_first(limit: int) -> None:
    for kind in TYPES:
        sales_with(12, type_principal=kind, longitude=5.93, latitude=43.12)
        sales_with(3, type_principal=kind, longitude=5.931, latitude=43.12)
        sales_with(2, type_principal=kind, longitude=None, latitude=None)
    querysets = [nearest(queryset.near(5.93, 43.12, 500)) for queryset in _by_type()]
    found = [(sale.distance_m, sale.pk) for queryset in querysets for sale in queryset]  # type: ignore[attr-defined]
    expected = sorted(found)
    pages = _walk(querysets, BY_DISTANCE, limit)
    assert [pk for page in pages for pk in page] == [pk for _distance, pk in expected]
    assert len(expected) == 30
    assert expected[0][0] == 0
    assert 80 < expected[-1][0] < 82.5  # a thousandth of a degree of longitude at 43.12° N is 81.2 m
    back = _walk(querysets, BY_DISTANCE, limit, backwards=True)
    assert [pk for page in back for pk in page] == [pk for _distance, pk in expected]


@pytest.mark.django_db
def test_a_page_is_one_query_that_seeks() -> None:
    sales_with(30)
    first = read([DVFSale.objects.all()], BY_DATE, 10, 1)
    with CaptureQueriesContext(connection) as captured:
        page = read([DVFSale.objects.all()], BY_DATE, 10, 1, first.next)
    (query,) = captured.captured_queries
    sql = query["sql"]
    assert "LIMIT 11" in sql
    assert "OFFSET" not in sql
    assert "COUNT(" not in sql
    assert 'ROW("dvf_sales"."date_mutation", "dvf_sales"."id") < ROW(' in sql
    assert len(page.rows) == 10


@pytest.mark.django_db
def test_the_seek_is_served_by_the_index() -> None:
    sales_with(300)
    page = read([DVFSale.objects.all()], BY_DATE, 10, 1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as captured:
        read([DVFSale.objects.all()], BY_DATE, 10, 1, page.next)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {captured.captured_queries[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "idx_dvf_sales_date" in plan
    assert "Index Cond" in plan
    assert "Sort" not in plan


@pytest.mark.django_db
def test_a_cursor_of_another_order_is_refused() -> None:
    cursor = Cursor("near", False, 1, 0.5, 1)
    with pytest.raises(CursorError):
        read([DVFSale.objects.all()], BY_DATE, 10, 1, cursor)


@pytest.mark.django_db
def test_no_sales_no_pages() -> None:
    page = read([DVFSale.objects.all()], BY_DATE, 10, 1)
    assert (page.rows, page.next, page.previous) == ([], None, None)


@pytest.mark.django_db
@pytest.mark.parametrize("few", [3, 2000])
def test_the_first_near_are_those_of_the_whole_circle(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dvf.sale_querysets.FEW", few)
    left_out = {
        "is_comparable": False,
        "exclusion_reasons": ["off_plan"],
        "prix": Decimal(1),
        "prix_m2": None,
    }
    for step in range(1, 6):
        sales_with(1, longitude=5.93 + step / 1000, latitude=43.12, **(left_out if step <= 2 else {}))
        sales_with(1, longitude=5.93 + step / 1000, latitude=43.12, type_principal="Maison")
    sales_with(1, longitude=6.2, latitude=43.12)
    sales_with(1, longitude=None, latitude=None)
    asked = DVFSale.objects.comparable()
    whole = asked.filter(type_principal="Appartement").near(5.93, 43.12, 2000)
    found = asked.first_near("Appartement", 5.93, 43.12, 2000, 2)
    assert [sale.pk for sale in found] == [sale.pk for sale in whole[:2]]
    assert [round(sale.longitude or 0, 3) for sale in found] == [5.933, 5.934]
    rows = asked.values("pk").first_near("Appartement", 5.93, 43.12, 2000, 9)  # type: ignore[attr-defined]
    assert [(row["pk"], row["distance_m"]) for row in rows] == [(s.pk, s.distance_m) for s in whole]  # type: ignore[attr-defined]
    assert len(rows) == 3
