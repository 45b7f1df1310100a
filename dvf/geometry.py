"""Points of the plane in PostgreSQL, without PostGIS: column types, and the operators GiST serves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Func, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Floor

METRES_PER_DEGREE = 111_195.0
"""Length of one degree of a great circle, for a mean Earth radius of 6,371 km."""


if TYPE_CHECKING:
    _Field = models.Field[Any, Any]
else:
    _Field = models.Field  # not subscriptable when it runs


class PointField(_Field):
    """A PostgreSQL ``point`` (two double precision numbers). Values are the text ``(x,y)``."""

    description = "PostgreSQL point"

    def db_type(self, connection: object) -> str:
        return "point"


def mercator_latitude(latitude: float) -> float:
    """Latitude (degrees) on the Mercator map, in the degrees in which longitude is counted there.

    On that map a small distance has the same scale in every direction, so PostgreSQL's plane ``<->`` sorts
    neighbours in the order of their real distance. Raw degrees do not: at 48° one of longitude is two thirds
    of one of latitude.
    """
    return math.degrees(math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2)))


CELLS_PER_DEGREE = 10.0
MOST_CELLS = 150
_ROW = 2_000  # more than there are latitudes of cells


def cell(longitude: Combinable, latitude: Combinable) -> Cast:
    """The number of the square of 0.1° (some 8 × 11 km in France) that a point stands in."""
    east, north = (Floor(degrees * Value(CELLS_PER_DEGREE)) for degrees in (longitude, latitude))
    return Cast(east * Value(_ROW) + north, models.IntegerField())


def cells(west: float, south: float, east: float, north: float) -> list[int] | None:
    """The cells that a box of degrees touches; None when they are more than MOST_CELLS."""
    columns = range(math.floor(west * CELLS_PER_DEGREE), math.floor(east * CELLS_PER_DEGREE) + 1)
    rows = range(math.floor(south * CELLS_PER_DEGREE), math.floor(north * CELLS_PER_DEGREE) + 1)
    if len(columns) * len(rows) > MOST_CELLS:
        return None
    return [column * _ROW + row for column in columns for row in rows]


def ring(x: float, y: float, inner: float, outer: float) -> list[str]:
    """Boxes (PostgreSQL's text) that together cover the ring between two radii around a point of the plane.

    GiST finds what a box holds, not what a ring does. The more boxes, the less they hold beside the ring.
    """
    if inner <= 0:
        return [f"(({x - outer},{y - outer}),({x + outer},{y + outer}))"]
    # As long as the ring is wide; a multiple of four, so that none crosses an axis.
    width = max(outer - inner, outer * 1e-3)
    count = 4 * min(32, 1 + math.floor(math.pi * inner / (4 * width)))
    # A float's rounding must not lose what stands on an edge.
    inner, outer = inner * (1 - 1e-9), outer * (1 + 1e-9)
    boxes = []
    for i in range(count):
        turns = [2 * math.pi * (i + end) / count for end in (0, 1)]
        xs = [r * math.cos(turn) for r in (inner, outer) for turn in turns]
        ys = [r * math.sin(turn) for r in (inner, outer) for turn in turns]
        boxes.append(f"(({x + min(xs)},{y + min(ys)}),({x + max(xs)},{y + max(ys)}))")
    return boxes


def metres_per_degree(latitude: float) -> float:
    """Length of one degree of the Mercator map there."""
    return METRES_PER_DEGREE * math.cos(math.radians(latitude))


class BoxField(PointField):
    def db_type(self, connection: object) -> str:
        return "box"


class CircleField(PointField):
    def db_type(self, connection: object) -> str:
        return "circle"


class Gap(Func):
    arg_joiner = " <-> "
    template = "(%(expressions)s)"
    output_field = models.FloatField()


class Contained(Func):
    arg_joiner = " <@ "
    template = "(%(expressions)s)"
    output_field = models.BooleanField()
