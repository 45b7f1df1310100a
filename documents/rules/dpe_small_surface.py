"""Homes up to 40 m² have bounds of their own since 2024-07-01: an older one may get a better class."""

from __future__ import annotations

from collections.abc import Iterator

from documents.rules.case import Case, Risk
from documents.rules.dpe_tables import SMALL_SINCE, classes
from documents.rules.level import WEIGHTS
from documents.synthesis.papers import money

SOURCE = "Seuils du DPE des logements jusqu'à 40 m², depuis le 1er juillet 2024 (ADEME/CSTB)"


def check(case: Case) -> Iterator[Risk]:
    dpe = case.certificate()
    if dpe is None or not dpe.date.year > 2020 or dpe.date >= SMALL_SINCE:
        return
    stated, surface = (
        dpe.facts.get("energy_class"),
        money(dpe.facts.get("surface_m2")) or case.subject.surface,
    )
    energy, climate = money(dpe.facts.get("energy_kwh_m2")), money(dpe.facts.get("ges_kg_m2"))
    if not stated or surface is None or surface > 40 or energy is None or climate is None:
        return
    better = classes(energy, climate, case.subject.department, surface)[0]
    if better < stated:
        yield Risk(
            "dpe_small_surface_better",
            WEIGHTS["dpe_small_surface_better"],
            SOURCE,
            {"class": stated, "better": better, "surface": float(surface)},
            dpe.evidence("energy_class", "surface_m2", "energy_kwh_m2", "ges_kg_m2"),
            since=SMALL_SINCE,
        )
