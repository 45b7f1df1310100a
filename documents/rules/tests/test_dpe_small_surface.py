from __future__ import annotations

from typing import Any

import pytest

from documents.rules import dpe_small_surface
from documents.rules.dpe_tables import table
from documents.rules.tests.cases import case, diagnostic, found, holds, minutes


def test_a_studio_measured_before_july_2024() -> None:
    """20 m², 340 kWh, 12 kg: F by the usual bounds (330 to 420); the small ones give a better class."""
    paper = diagnostic(
        "dpe", date="2023-05-01", energy_class="F", energy_kwh_m2=340, ges_kg_m2=12, surface_m2=20
    )
    risk = found(dpe_small_surface, case(paper, minutes()))["dpe_small_surface_better"]
    assert str(risk.values["better"]) < "F" and holds(risk, "2024-07-01") and not holds(risk, "2024-06-30")


@pytest.mark.parametrize(("made", "surface"), [("2024-07-01", 20), ("2023-05-01", 41), ("2023-05-01", None)])
def test_not_for_others(made: str, surface: float | None) -> None:
    facts: dict[str, Any] = {
        "energy_class": "F",
        "energy_kwh_m2": 340,
        "ges_kg_m2": 12,
        "surface_m2": surface,
    }
    assert found(dpe_small_surface, case(diagnostic("dpe", date=made, **facts))) == {}


def test_bounds_meet_the_usual_ones_at_40_m2() -> None:
    small, usual = table("dpe_small_surfaces")["up_to_800_m"], table("dpe_classes")["usual"]
    for kind in ("energy", "climate"):
        assert {name: bounds[-1] for name, bounds in small[kind].items()} == usual[kind]
