from __future__ import annotations

from typing import Any

import pytest

from documents.rules import works_fund
from documents.rules.tests.cases import case, diagnostic, found, holds, minutes

BUDGET = [{"year_end": "2026-12-31", "amount": 84_000}]


@pytest.mark.parametrize(
    ("facts", "low"),
    [
        ({"fonds_travaux_annual": 4_200, "budgets": BUDGET}, False),  # 5 %
        ({"fonds_travaux_annual": 4_100, "budgets": BUDGET}, True),
        ({"fonds_travaux_pct": 3}, True),
        ({"fonds_travaux_pct": 5}, False),
        ({"fonds_travaux_annual": 100}, False),
    ],
)
def test_five_percent_of_the_budget(facts: dict[str, Any], low: bool) -> None:
    risks = found(works_fund, case(minutes(**facts), diagnostic("dpe"), building_year=1965))
    assert bool(risks) is low
    assert all(holds(risk, "2026-01-01") for risk in risks.values())


def test_not_in_the_first_ten_years() -> None:
    assert found(works_fund, case(minutes(fonds_travaux_pct=1), building_year=2020)) == {}
