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
        circle = self.model._default_manager.filter(type_principal=kind).near(longitude, latitude, radius_m)
        (gap,) = circle.query.order_by
        asked = self.filter(type_principal=kind)
        first = asked.query.get_initial_alias()
        asked.query.alias_map[first] = _Subquery(circle.annotate(gap=gap)[:FEW])
        known = RawSQL(f'"{first}"."gap"', (), output_field=models.FloatField())  # noqa: S611 - a table's name
        known_m = known * Value(metres_per_degree(latitude))
        found = list(asked.annotate(distance_m=known_m).order_by(known)[:count])
        if len(found) == count:
            return found
        return list(self.filter(type_principal=kind).near(longitude, latitude, radius_m)[:count])


class _Subquery(BaseTable):
    """In FROM, a queryset in the place of its model's table."""

    def __init__(self, rows: models.QuerySet[Any]) -> None:
        super().__init__(rows.model._meta.db_table, None)
        self.rows = rows

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, Any]:
        sql, params = self.rows.query.get_compiler(connection=connection).as_sql()
        return f"({sql}) {compiler.quote_name_unless_alias(self.table_name)}", params
