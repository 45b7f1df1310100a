"""Find sales: the filters of the API and of the exports, each page bounded by an index and a time limit.

* in a postal code, a commune or a département: index on (place, date, id), sought by row value;
* in a box of the map: GiST when it holds few sales, the index on (date, id) when it holds many (then the
  latest of them stand early in it);
* around a point: GiST by type, nearest first.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import QuerySet

from dvf.keyset import BY_DATE, BY_DISTANCE, Cursor, Order, Page, nearest, read
from dvf.models import DVFSale, TypePrincipal

STATEMENT_TIMEOUT_MS = 5_000
"""Longest statement of a search; past it the caller is asked to be more precise."""
SPARSE = 10_000
"""A box with at most this many sales of a type is read whole from GiST and sorted, which takes about 10 ms;
in a fuller one the latest are found as fast along the index of dates."""
CSV_MAX_ROWS = 50_000
CSV_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Box:
    """Degrees, WGS 84."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Circle:
    """Degrees, WGS 84, and metres."""

    longitude: float
    latitude: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class SalesFilter:
    """What to look for; ``None`` or empty asks nothing. Bounds are inclusive; € and m²."""

    code_postal: str = ""
    code_commune: str = ""
    code_departement: str = ""
    box: Box | None = None
    near: Circle | None = None
    type_principal: str = ""
    comparable: bool | None = None
    date_min: datetime.date | None = None
    date_max: datetime.date | None = None
    prix_min: Decimal | None = None
    prix_max: Decimal | None = None
    prix_m2_min: Decimal | None = None
    prix_m2_max: Decimal | None = None
    surface_min: float | None = None
    surface_max: float | None = None
    pieces_min: int | None = None
    pieces_max: int | None = None

    @property
    def places(self) -> tuple[str, ...]:
        """The codes of places asked for."""
        return tuple(filter(None, (self.code_postal, self.code_commune, self.code_departement)))

    @property
    def order(self) -> Order:
        return BY_DISTANCE if self.near else BY_DATE

    def matching(self) -> QuerySet[DVFSale]:
        """The sales that pass every filter but the box and the circle."""
        lookups = {
            "code_postal": self.code_postal,
            "code_commune": self.code_commune,
            "code_departement": self.code_departement,
            "type_principal": self.type_principal,
            "is_comparable": self.comparable,
            "date_mutation__gte": self.date_min,
            "date_mutation__lte": self.date_max,
            "prix__gte": self.prix_min,
            "prix__lte": self.prix_max,
            "prix_m2__gte": self.prix_m2_min,
            "prix_m2__lte": self.prix_m2_max,
            "surface_bati__gte": self.surface_min,
            "surface_bati__lte": self.surface_max,
            "nombre_pieces__gte": self.pieces_min,
            "nombre_pieces__lte": self.pieces_max,
        }
        return DVFSale.objects.filter(**{k: v for k, v in lookups.items() if v is not None and v != ""})


def find(wanted: SalesFilter, limit: int, release: int, cursor: Cursor | None = None) -> Page:
    """One page of sales. Raises CursorError, and OperationalError (QueryCanceled) past the time limit."""
    with statement_timeout(STATEMENT_TIMEOUT_MS):
        return read(_querysets(wanted), wanted.order, limit, release, cursor)


def every(wanted: SalesFilter, release: int, most: int = CSV_MAX_ROWS) -> Iterator[DVFSale]:
    """All matching sales, page after page in short statements, ``most`` at most."""
    cursor: Cursor | None = None
    while most > 0:
        page = find(wanted, min(CSV_CHUNK, most), release, cursor)
        yield from page.rows
        most -= len(page.rows)
        cursor = page.next
        if cursor is None:
            return


@contextmanager
def statement_timeout(milliseconds: int) -> Iterator[None]:
    """A transaction whose statements are cancelled past this time."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = %s", [milliseconds])
        yield


def _querysets(wanted: SalesFilter) -> list[QuerySet[DVFSale]]:
    sales = wanted.matching()
    types = [wanted.type_principal] if wanted.type_principal else list(TypePrincipal.values)
    if wanted.near:
        point = wanted.near
        if wanted.box:
            sales = _in_columns(sales, wanted.box)
        return [
            nearest(
                sales.filter(type_principal=kind).near(  # type: ignore[attr-defined]
                    point.longitude, point.latitude, point.radius_m
                )
            )
            for kind in types
        ]
    if wanted.box is None:
        return [sales]
    if wanted.places:
        return [_in_columns(sales, wanted.box)]
    box = (wanted.box.west, wanted.box.south, wanted.box.east, wanted.box.north)
    for kind in types:
        inside = DVFSale.objects.filter(type_principal=kind).within(*box)
        if inside.values("type_principal")[: SPARSE + 1].count() > SPARSE:
            return [_in_columns(sales, wanted.box)]
    return [sales.filter(type_principal=kind).within(*box) for kind in types]  # type: ignore[attr-defined]


def _in_columns(sales: QuerySet[DVFSale], box: Box) -> QuerySet[DVFSale]:
    """The box by columns that no index holds, so that the index of the order is taken."""
    return sales.filter(longitude__range=(box.west, box.east), latitude__range=(box.south, box.north))
