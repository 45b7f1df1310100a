"""The class of an energy certificate from its two figures. Bounds stand in `data/` with source and date."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

CLASSES = "ABCDEFG"
SMALL_SINCE = date(2024, 7, 1)
FACTOR_SINCE = date(2026, 1, 1)


@cache
def table(name: str) -> dict[str, Any]:
    text = (Path(__file__).parent / "data" / f"{name}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def classes(
    energy: Decimal, climate: Decimal, department: str, surface: Decimal | None = None
) -> tuple[str, ...]:
    """The class of `energy` kWh and `climate` kg a m² and year: the worse of both.

    Above 800 m some zones have wider bounds; as the altitude is not known, both results are given where they
    differ (the stricter first). With a `surface` up to 40 m² the bounds of small homes are used.
    """
    usual = table("dpe_classes")
    small = table("dpe_small_surfaces")
    if surface is not None and surface <= small["surface_m2"][1]:
        places = [small["up_to_800_m"], small["above_800_m"]]
        row = max(0, int(surface) - small["surface_m2"][0])
    else:
        places, row = [usual["usual"], usual["above_800_m"]], None
    if usual["zones_of_departments"]["zones"].get(department) not in usual["above_800_m"]["zones"]:
        places = places[:1]
    found = [max(_class(energy, p["energy"], row), _class(climate, p["climate"], row)) for p in places]
    return tuple(dict.fromkeys(found))


def _class(value: Decimal, bounds: dict[str, Any], row: int | None) -> str:
    """A bound itself belongs to the next class: A is below 70."""
    for name, bound in bounds.items():
        if value < (bound if row is None else bound[row]):
            return name
    return "G"


def with_new_factor(energy: Decimal) -> Decimal:
    """The least that a certificate made before 2026 can become: as if all of its energy were electricity."""
    factor = table("dpe_classes")["electricity_factor"]
    return (energy * Decimal(factor["after"]) / Decimal(factor["before"])).quantize(Decimal("0.1"))
