"""The measured surface is short of the advertised one by more than a twentieth (law of 1965, art. 46).

The law compares with the surface in the deed: what is advertised usually ends there.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from documents.rules.case import Case, Risk
from documents.rules.level import WEIGHTS
from documents.synthesis.papers import money

SOURCE = "Loi n° 65-557 du 10 juillet 1965, art. 46"
TOLERANCE = Decimal("0.05")


def check(case: Case) -> Iterator[Risk]:
    measured, advertised = case.newest("carrez"), case.subject.surface
    surface = money(measured.facts.get("surface_m2")) if measured else None
    if measured is None or surface is None or not advertised or not case.in_co_ownership:
        return
    if surface < advertised * (1 - TOLERANCE):
        short = ((advertised - surface) * 100 / advertised).quantize(Decimal("0.1"))
        values = {"measured": float(surface), "advertised": float(advertised), "short_pct": float(short)}
        evidence = measured.evidence("surface_m2")
        yield Risk("carrez_short", WEIGHTS["carrez_short"], SOURCE, values, evidence)
