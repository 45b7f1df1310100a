from __future__ import annotations

from typing import Any

import pytest

from documents.rules import electricity
from documents.rules.tests.cases import case, diagnostic, found, minutes


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"anomalies_count": 3}, "electric_anomalies"),
        ({"outcome": "issues"}, "electric_anomalies"),
        ({"outcome": "danger", "anomalies_count": 1}, "electric_danger"),
    ],
)
def test_what_was_found(facts: dict[str, Any], code: str) -> None:
    assert set(found(electricity, case(diagnostic("electricite", **facts), minutes()))) == {code}


@pytest.mark.parametrize("facts", [{}, {"anomalies_count": 0}, {"outcome": "clear"}])
def test_nothing_found(facts: dict[str, Any]) -> None:
    assert found(electricity, case(diagnostic("electricite", **facts))) == {}


def test_no_report_no_risk() -> None:
    assert found(electricity, case()) == {}
