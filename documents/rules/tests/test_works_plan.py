from __future__ import annotations

import pytest

from documents.rules import works_plan
from documents.rules.tests.cases import case, diagnostic, found, holds, minutes
from documents.synthesis.papers import Paper


@pytest.mark.parametrize(
    ("lots", "since"), [(300, "2023-01-01"), (60, "2024-01-01"), (20, "2025-01-01"), (None, "2025-01-01")]
)
def test_owed_by_the_number_of_lots(lots: int | None, since: str) -> None:
    sheet = Paper(3, "other", {"kind": "fiche_synthetique", "number_of_lots": lots})
    risk = found(works_plan, case(minutes(), sheet, building_year=1965))["works_plan_missing"]
    assert risk.since is not None and risk.since.isoformat() == since
    assert holds(risk, since)


def test_a_young_building_owes_it_later() -> None:
    risk = found(works_plan, case(minutes(), building_year=2015))["works_plan_missing"]
    assert not holds(risk, "2030-12-31") and holds(risk, "2031-01-01")


@pytest.mark.parametrize(
    "paper",
    [
        Paper(3, "other", {"kind": "ppt"}),
        minutes(
            3, resolutions=[{"number": "7", "topic": "Plan pluriannuel de travaux", "status": "adopted"}]
        ),
    ],
)
def test_there_is_one(paper: Paper) -> None:
    assert found(works_plan, case(minutes(), paper, diagnostic("dpe"), building_year=1965)) == {}


def test_unknown_year_or_house() -> None:
    assert found(works_plan, case(minutes())) == {}
    assert found(works_plan, case(diagnostic("dpe"), building_year=1965, property_type="house")) == {}
