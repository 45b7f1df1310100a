"""Pages of a big list by seeking: the row value of its order against that of the last row seen.

An index on the columns of the order answers each page in the same time, however deep; rows that share a date
are told apart by their id, so every list ends. Nothing is counted: a page reads one row more than it shows.
Shared by the API and the back-office.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import heapq
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.expressions import Combinable

from dvf.models import DVFSale

MAX_CURSOR_LENGTH = 200
FARTHEST = 1_000.0
"""Degrees of the map: more than it is wide."""


class CursorError(ValueError):
    """A cursor that this list did not make."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: the row beside it (value of the order, id), the way to read, the release it is of.

    ``order`` is the name of the order it belongs to; ``value`` a date (``date``) or a distance in degrees of
    the map (``near``); ``release`` the id of the import served then: ids mean other rows in another release.
    """

    order: str
    backwards: bool
    release: int
    value: datetime.date | float
    id: int

    def encode(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, datetime.date) else self.value
        text = json.dumps(
            [self.order, int(self.backwards), self.release, value, self.id], separators=(",", ":")
        )
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """The cursor that `encode` wrote; raises CursorError for anything else."""
        if not text.isascii() or len(text) > MAX_CURSOR_LENGTH:
            raise CursorError(text[:20])
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            order, backwards, release, value, row_id = json.loads(raw)
            integers = all(type(number) is int for number in (backwards, release, row_id))
            if not integers or not 0 < row_id < 2**63 or backwards not in (0, 1):
                raise CursorError(text)
            if order == "date" and isinstance(value, str):
                return cls(order, bool(backwards), release, datetime.date.fromisoformat(value), row_id)
            if order == "near" and isinstance(value, float) and 0 <= value < FARTHEST:
                return cls(order, bool(backwards), release, value, row_id)
        except (binascii.Error, ValueError, TypeError, RecursionError) as error:
            raise CursorError(text) from error
        raise CursorError(text)


class _Row(Func):
    template = "ROW(%(expressions)s)"
    output_field = BooleanField()  # never selected: only compared


class _Before(Func):
    arg_joiner = " < "
    template = "(%(expressions)s)"
    output_field = BooleanField()


class _After(_Before):
    arg_joiner = " > "


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is sorted: by ``column`` then id, both the same way; ``value`` reads it from a row."""

    name: str
    column: Combinable
    descending: bool
    value: Callable[[DVFSale], Any]

    def key(self, sale: DVFSale) -> tuple[Any, int]:
        return self.value(sale), sale.pk


BY_DATE = Order("date", F("date_mutation"), descending=True, value=lambda sale: sale.date_mutation)
"""The latest first. Indexed for the whole, a postal code, a commune, a department."""

BY_DISTANCE = Order("near", F("gap"), descending=False, value=lambda sale: sale.gap)  # type: ignore[attr-defined]
"""The nearest first, for querysets of `nearest`."""


def nearest(sales: QuerySet[DVFSale]) -> QuerySet[DVFSale]:
    """A queryset of `DVFSaleQuerySet.near` whose order (``gap``) can be sought."""
    (gap,) = sales.query.order_by
    return sales.annotate(gap=gap)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order of the list, and the cursors of the pages beside it, or None at an end."""

    rows: list[DVFSale]
    next: Cursor | None
    previous: Cursor | None


Source = QuerySet[DVFSale] | Callable[[Order, Cursor | None, bool, int], Iterable[DVFSale]]
"""Sales to be paged: a queryset, or what gives the first sales past a cursor, sorted (order, cursor,
descending, how many)."""


def read(
    sources: Sequence[Source],
    order: Order,
    limit: int,
    release: int,
    cursor: Cursor | None = None,
) -> Page:
    """One page of the sales of one or several sources that share no row, one query each of LIMIT n+1.

    Several are for filters that only an index each can serve (a partial index by type): each gives a page,
    and the pages are merged. Raises CursorError for a cursor of another order.
    """
    if cursor is not None and cursor.order != order.name:
        raise CursorError(cursor.order)
    backwards = cursor is not None and cursor.backwards
    descending = order.descending != backwards
    pages: list[Iterable[DVFSale]] = [
        seek(source, order, cursor, descending=descending)[: limit + 1]
        if isinstance(source, QuerySet)
        else source(order, cursor, descending, limit + 1)
        for source in sources
    ]
    rows = list(islice(heapq.merge(*pages, key=order.key, reverse=descending), limit + 1))
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    has_next = more if not backwards else cursor is not None
    has_previous = more if backwards else cursor is not None

    def beside(row: DVFSale, *, backwards: bool) -> Cursor:
        return Cursor(order.name, backwards, release, order.value(row), row.pk)

    return Page(
        rows,
        beside(rows[-1], backwards=False) if rows and has_next else None,
        beside(rows[0], backwards=True) if rows and has_previous else None,
    )


def seek(
    queryset: QuerySet[DVFSale], order: Order, cursor: Cursor | None, *, descending: bool
) -> QuerySet[DVFSale]:
    """The rows past the cursor, sorted; not sliced."""
    column, identity = order.column, F("id")
    if cursor is not None:
        past = _Before if descending else _After
        here = _Row(Value(cursor.value), Value(cursor.id))
        queryset = queryset.filter(past(_Row(column, identity), here))
    if descending:
        return queryset.order_by(column.desc(), identity.desc())  # type: ignore[attr-defined]
    return queryset.order_by(column.asc(), identity.asc())  # type: ignore[attr-defined]
