"""The rents of homes of classes F and G have been frozen since 2022-08-24 (law 2021-1104)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from documents.rules.case import Case, Risk
from documents.rules.level import WEIGHTS

SOURCE = "Loi n° 2021-1104 du 22 août 2021"
SINCE = date(2022, 8, 24)


def check(case: Case) -> Iterator[Risk]:
    dpe = case.certificate()
    if dpe is not None and (stated := dpe.facts.get("energy_class")) in ("F", "G"):
        values = {"class": stated, "from": SINCE.isoformat()}
        yield Risk(
            "rent_frozen", WEIGHTS["rent_frozen"], SOURCE, values, dpe.evidence("energy_class"), since=SINCE
        )
