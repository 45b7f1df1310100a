from __future__ import annotations

from typing import Any

import pytest

from documents.rules import dpe_electricity_factor
from documents.rules.tests.cases import case, diagnostic, found, holds, minutes


def test_an_older_certificate_may_improve() -> None:
    """260 × 1.9 / 2.3 = 214.8: D at best (180 to 250), where it was E; only from 2026 on."""
    risks = found(
        dpe_electricity_factor,
        case(diagnostic("dpe", date="2024-01-10", energy_class="E", energy_kwh_m2=260, ges_kg_m2=8)),
    )
    risk = risks["dpe_may_improve"]
    assert (risk.values["best"], risk.values["lowest"]) == ("D", 214.8)
    assert holds(risk, "2026-01-01") and not holds(risk, "2025-12-31")


@pytest.mark.parametrize(
    "facts",
    [
        {"date": "2026-01-01", "energy_class": "E", "energy_kwh_m2": 260, "ges_kg_m2": 8},
        {
            "date": "2024-01-10",
            "energy_class": "E",
            "energy_kwh_m2": 329,
            "ges_kg_m2": 60,
        },  # climate holds it
        {"date": "2024-01-10", "energy_class": "E"},
        {"date": "2024-01-10", "energy_class": "A", "energy_kwh_m2": 60, "ges_kg_m2": 2},
    ],
)
def test_nothing_to_gain(facts: dict[str, Any]) -> None:
    assert found(dpe_electricity_factor, case(diagnostic("dpe", **facts), minutes())) == {}
