"""Electricity counts 1.9 and no more 2.3 since 2026-01-01 (arrêté of 13 August 2025).

A certificate made before stays valid and can be recomputed for its electric part; it never gets worse. How
much of it is electric is not read: what is given is the best it can become.
"""

from __future__ import annotations

from collections.abc import Iterator

from documents.rules.case import Case, Risk
from documents.rules.dpe_class import bounds_surface
from documents.rules.dpe_tables import FACTOR_SINCE, classes, with_new_factor
from documents.rules.level import WEIGHTS
from documents.synthesis.papers import money

SOURCE = "Arrêté du 13 août 2025 (facteur 1,9 de l'électricité à partir du 1er janvier 2026)"


def check(case: Case) -> Iterator[Risk]:
    dpe = case.certificate()
    if dpe is None or not dpe.date.year > 2020 or dpe.date >= FACTOR_SINCE:
        return
    stated = dpe.facts.get("energy_class")
    energy, climate = money(dpe.facts.get("energy_kwh_m2")), money(dpe.facts.get("ges_kg_m2"))
    if not stated or energy is None or climate is None:
        return
    lowest = with_new_factor(energy)
    best = min(classes(lowest, climate, case.subject.department, bounds_surface(case, dpe)))
    if best < stated:
        yield Risk(
            "dpe_may_improve",
            WEIGHTS["dpe_may_improve"],
            SOURCE,
            {"class": stated, "best": best, "energy": float(energy), "lowest": float(lowest)},
            dpe.evidence("energy_class", "energy_kwh_m2"),
            since=FACTOR_SINCE,
        )
