from __future__ import annotations

import pytest

from documents.rules import building_arrears
from documents.rules.tests.cases import case, diagnostic, found, minutes
from documents.synthesis.papers import Paper


def risks(arrears: float, lots: int | None) -> set[str]:
    sheet = Paper(3, "other", {"kind": "fiche_synthetique", "number_of_lots": lots})
    paper = minutes(arrears=arrears, budgets=[{"year_end": "2025-12-31", "amount": 80_000}])
    return set(found(building_arrears, case(paper, sheet)))


@pytest.mark.parametrize(
    ("arrears", "lots", "codes"),
    [
        (20_000, 40, {"arrears_over_threshold"}),  # 25 %
        (19_999, 40, {"arrears_noted"}),
        (12_000, 201, {"arrears_over_threshold"}),  # 15 % of a large building
        (12_000, 200, {"arrears_noted"}),
        (12_000, None, {"arrears_noted"}),
        (7_999, 40, set()),
    ],
)
def test_thresholds(arrears: float, lots: int | None, codes: set[str]) -> None:
    assert risks(arrears, lots) == codes


def test_without_a_budget_nothing_is_said() -> None:
    assert found(building_arrears, case(minutes(arrears=50_000), diagnostic("dpe"))) == {}
