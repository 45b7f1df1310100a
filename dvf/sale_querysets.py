"""Questions to the sales that many parts ask: comparable ones, those in a box, those near a point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.datastructures import BaseTable

from dvf.geometry import (
    BoxField,
    CircleField,
    Contained,
    Gap,
    PointField,
    mercator_latitude,
    metres_per_degree,
)

if TYPE_CHECKING:
    from dvf.models import DVFSale  # noqa: F401 - named below in a string

FEW = 1_000
"""Of so many nearest sales of a type, enough nearly always answer the other questions; the limit also keeps
PostgreSQL from asking them all at once."""


class DVFSaleQuerySet(models.QuerySet["DVFSale"]):
    def comparable(self) -> DVFSaleQuerySet:
        """Sales whose price is that of one dwelling on the market: those that may enter a median."""
        return self.filter(is_comparable=True)

    def within(self, west: float, south: float, east: float, north: float) -> DVFSaleQuerySet:
        """Sales in a box of degrees (WGS 84); give ``type_principal`` too, the GiST indexes are by type."""
        box = f"(({west},{mercator_latitude(south)}),({east},{mercator_latitude(north)}))"
        return self.alias(_in_box=Contained(F("position"), Cast(Value(box), output_field=BoxField()))).filter(
            _in_box=True
        )

    def near(self, longitude: float, latitude: float, radius_m: float | None = None) -> DVFSaleQuerySet:
        """Sales with ``distance_m`` (metres), nearest first, at most ``radius_m`` away.

        Those without coordinates are left out. Filter on one ``type_principal`` and slice: the partial GiST
        index then gives the rows in order, without a sort.
        """
        if radius_m is None:
            return self.filter(position__isnull=False).by_distance(longitude, latitude)
        radius = radius_m / metres_per_degree(latitude)
        circle = f"<({longitude},{mercator_latitude(latitude)}),{radius}>"
        contained = Contained(F("position"), Cast(Value(circle), output_field=CircleField()))
        return self.alias(_in_circle=contained).filter(_in_circle=True).by_distance(longitude, latitude)

    def by_distance(self, longitude: float, latitude: float) -> DVFSaleQuerySet:
        """The same sales with ``distance_m``, nearest first; null and last without coordinates."""
        centre = f"({longitude},{mercator_latitude(latitude)})"
        gap = Gap(F("position"), Cast(Value(centre), output_field=PointField()))
        return self.annotate(distance_m=gap * Value(metres_per_degree(latitude))).order_by(gap)

    def first_near(
        self, kind: str, longitude: float, latitude: float, radius_m: float, count: int
    ) -> list[Any]:
        """The first `count` of `near`, of one type.

        PostgreSQL takes any circle for a thousandth of all sales, reads it whole and sorts it: a whole city's
        for 120 rows. So the few nearest are asked first, in order, which the index gives, and read until
        enough answer the other questions; the whole circle where too few do (along a border).
        """
        x, y, degree = longitude, mercator_latitude(latitude), metres_per_degree(latitude)
        nearest = [f"({x},{y})", kind, f"<({x},{y}),{radius_m / degree}>", FEW]
        asked = self.filter(type_principal=kind)
        first = asked.query.get_initial_alias()
        asked.query.alias_map[first] = _Nearest(self.model._meta.db_table, nearest)
        known = RawSQL(f'"{first}"."gap"', (), output_field=models.FloatField())  # noqa: S611 - a table's name
        known_m = known * Value(degree)
        found = list(asked.annotate(distance_m=known_m).order_by(known)[:count])
        if len(found) == count:
            return found
        return list(self.filter(type_principal=kind).near(longitude, latitude, radius_m)[:count])


class _Nearest(BaseTable):
    """In FROM, in the place of the table of sales: those of a type nearest to a point, with their `gap`."""

    def __init__(self, table: str, params: list[Any]) -> None:
        super().__init__(table, None)
        self.params = params

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, Any]:
        table = compiler.quote_name_unless_alias(self.table_name)
        nearest = (
            f"SELECT *, position <-> %s::point AS gap FROM {table}"
            " WHERE type_principal = %s AND position <@ %s::circle ORDER BY gap LIMIT %s"
        )
        return f"({nearest}) {table}", self.params
