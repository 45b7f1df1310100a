from __future__ import annotations

from typing import Any

import pytest

from documents.rules import gas
from documents.rules.tests.cases import case, diagnostic, found, minutes


@pytest.mark.parametrize(
    ("facts", "code"), [({"anomalies_count": 1}, "gas_anomalies"), ({"outcome": "danger"}, "gas_danger")]
)
def test_what_was_found(facts: dict[str, Any], code: str) -> None:
    assert set(found(gas, case(diagnostic("gaz", **facts), minutes()))) == {code}


@pytest.mark.parametrize(
    "facts", [{}, {"anomalies_count": 0, "outcome": "clear"}, {"outcome": "not_performed"}]
)
def test_nothing_found(facts: dict[str, Any]) -> None:
    assert found(gas, case(diagnostic("gaz", **facts))) == {}


def test_no_report_no_risk() -> None:
    assert found(gas, case()) == {}
