"""Points of the plane in PostgreSQL, without PostGIS: column types, and the operators GiST serves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Func

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
