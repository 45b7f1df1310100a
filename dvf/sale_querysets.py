"""Questions to the sales that many parts ask: comparable ones, those in a box, those near a point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Value
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

FEW = 400
"""Of so many nearest sales of a type, enough are comparable nearly everywhere: some 85 % are."""


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
        for 120 rows. The few nearest of the type, which the index gives in order, nearly always hold them.
        """
        of_type = self.filter(type_principal=kind)
        near = of_type.near(longitude, latitude, radius_m)
        every = self.model._default_manager.filter(type_principal=kind)
        few = every.near(longitude, latitude, radius_m)[:FEW]
        found = list(_from(few, near)[:count])
        return found if len(found) == count else list(near[:count])


class _Subquery(BaseTable):
    """In FROM, a queryset in the place of its model's table."""

    def __init__(self, rows: models.QuerySet[Any]) -> None:
        super().__init__(rows.model._meta.db_table, None)
        self.rows = rows

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, Any]:
        sql, params = self.rows.query.get_compiler(connection=connection).as_sql()
        return f"({sql}) {compiler.quote_name_unless_alias(self.table_name)}", params


def _from(rows: models.QuerySet[Any], sales: DVFSaleQuerySet) -> DVFSaleQuerySet:
    """The same question, asked of these rows alone, which are read first."""
    asked = sales.all()
    asked.query.alias_map[asked.query.get_initial_alias()] = _Subquery(rows)
    return asked
