"""Find sales: the filters of the API and of the exports, each page bounded by an index and a time limit.

* in a postal code, a commune or a département: index on (place, date, id), sought by row value;
* in a box of the map: GiST when it holds few sales, else the index on (cell of the map, date, id), or that
  on (date, id) when it has very many cells (then the latest of its sales stand early in it);
* around a point: GiST by type, nearest first; past the first page, ring by ring.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import F, IntegerField, QuerySet
from django.db.models.expressions import RawSQL

from dvf.geometry import cell, cells, mercator_latitude, metres_per_degree, ring
from dvf.keyset import BY_DATE, BY_DISTANCE, Cursor, Order, Page, Source, nearest, read, seek
from dvf.models import DVFSale, TypePrincipal
from dvf.sale_querysets import DVFSaleQuerySet

STATEMENT_TIMEOUT_MS = 5_000
"""Longest statement of a search; past it the caller is asked to be more precise."""
FEW, SPARSE = 1_000, 10_000
"""A box with at most this many sales of a type is read whole from GiST and sorted; the second, for one of
many cells. In a fuller one the latest are found faster along an index of dates."""
CROWD = 2_000
"""Sales nearer than a page's first past which they are not read again to find it."""
FIRST_RING, LEAST_RING, WIDER = 0.02, 0.001, 3.0
"""Width of the ring read for a page past a crowd, as shares of its radius and of the whole circle's, and how
much wider each try is."""
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

    def matching(self) -> DVFSaleQuerySet:
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
        return read(_sources(wanted), wanted.order, limit, release, cursor)


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
    """A transaction whose statements are cancelled past this time, and start no helper processes: that would
    take longer than a bounded statement does.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true),"
            " set_config('max_parallel_workers_per_gather', '0', true)",
            [str(milliseconds)],
        )
        yield


def _sources(wanted: SalesFilter) -> list[Source]:
    sales = wanted.matching()
    types = [wanted.type_principal] if wanted.type_principal else list(TypePrincipal.values)
    if wanted.near:
        if wanted.box:
            sales = _in_columns(sales, wanted.box)
        return [_Around(sales, kind, wanted.near) for kind in types]
    if wanted.box is None:
        return [sales]
    if wanted.places:
        return [_in_columns(sales, wanted.box)]
    box = (wanted.box.west, wanted.box.south, wanted.box.east, wanted.box.north)
    squares = cells(*box)
    few = FEW if squares else SPARSE
    if all(_at_most(few, DVFSale.objects.filter(type_principal=kind).within(*box)) for kind in types):
        return [sales.filter(type_principal=kind).within(*box) for kind in types]
    inside = _in_columns(sales, wanted.box)
    return [_InCells(inside, squares)] if squares else [inside]


def _at_most(number: int, sales: QuerySet[DVFSale]) -> bool:
    return sales.values("type_principal")[: number + 1].count() <= number


def _in_columns(sales: DVFSaleQuerySet, box: Box) -> DVFSaleQuerySet:
    """The box by columns that no index holds, so that the index of the order is taken."""
    return sales.filter(longitude__range=(box.west, box.east), latitude__range=(box.south, box.north))


@dataclass(frozen=True, slots=True)
class _InCells:
    """Sales of some cells of the map: the first of each, by its index, then the first of those."""

    sales: DVFSaleQuerySet
    squares: list[int]

    def __call__(
        self, order: Order, cursor: Cursor | None, descending: bool, limit: int
    ) -> Iterator[DVFSale]:
        here = self.sales.alias(_cell=cell(F("longitude"), F("latitude"))).filter(
            _cell=RawSQL("squares.number", [], output_field=IntegerField())
        )
        sql, params = seek(here, order, cursor, descending=descending)[:limit].query.sql_with_params()
        way = "DESC" if descending else "ASC"
        return iter(
            DVFSale.objects.raw(
                f"SELECT sale.* FROM unnest(%s::int[]) AS squares (number), LATERAL ({sql}) AS sale"
                f" ORDER BY date_mutation {way}, id {way} LIMIT %s",
                [self.squares, *params, limit],
            )
        )


@dataclass(frozen=True, slots=True)
class _Around:
    """Sales of one type around a point. Near it, by the index that gives the nearest in order; past a crowd,
    from the ring beyond the last row seen, wide enough to hold a page: what was shown is not read again.
    """

    sales: DVFSaleQuerySet
    kind: str
    centre: Circle

    def __call__(
        self, order: Order, cursor: Cursor | None, descending: bool, limit: int
    ) -> Iterator[DVFSale]:
        x, latitude, radius_m = self.centre.longitude, self.centre.latitude, self.centre.radius_m
        most = radius_m / metres_per_degree(latitude)
        seen = 0.0 if cursor is None else min(most, abs(float(cursor.value)))  # type: ignore[arg-type]
        sales, every = (q.filter(type_principal=self.kind) for q in (self.sales, DVFSale.objects.all()))
        nearer = every.near(x, latitude, seen / most * radius_m).order_by()
        if _at_most(CROWD, nearer):
            near = nearest(sales.near(x, latitude, radius_m))
            return iter(seek(near, order, cursor, descending=descending)[:limit])
        near = nearest(sales.by_distance(x, latitude))
        width = max(seen * FIRST_RING, most * LEAST_RING)
        while True:
            inner, outer = (max(0.0, seen - width), seen) if descending else (seen, min(most, seen + width))
            held_in: dict[str, float] = {"gap__gte": inner, "gap__lte": outer}
            past = seek(near.filter(**held_in), order, cursor, descending=descending)
            sql, params = past.order_by().query.sql_with_params()
            boxes = ";".join(ring(x, mercator_latitude(latitude), inner, outer))
            # One index search for each box; OFFSET keeps the other filters, and their indexes, out of it.
            held = (
                f" FROM unnest('{{{boxes}}}'::box[]) AS boxes (box), LATERAL (SELECT * FROM dvf_sales"
                f" WHERE type_principal = '{self.kind}' AND position <@ boxes.box OFFSET 0) AS dvf_sales "
            )
            sql = sql.replace(' FROM "dvf_sales" ', held, 1)
            way = "DESC" if descending else "ASC"
            found = DVFSale.objects.raw(
                f"SELECT DISTINCT ON (gap, id) * FROM ({sql}) AS found ORDER BY gap {way}, id {way} LIMIT %s",
                [*params, limit],
            )
            rows = list(found)
            if len(rows) == limit or (inner <= 0 if descending else outer >= most):
                return iter(rows)
            width *= WIDER
