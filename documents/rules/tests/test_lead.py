from __future__ import annotations

from typing import Any

import pytest

from documents.rules import lead
from documents.rules.tests.cases import case, diagnostic, found, minutes


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"lead_class_3": 4}, "lead_degraded"),
        ({"lead_class_1": 2}, "lead_present"),
        ({"presence": True}, "lead_present"),
        ({"outcome": "danger"}, "lead_degraded"),
    ],
)
def test_what_was_found(facts: dict[str, Any], code: str) -> None:
    assert set(found(lead, case(diagnostic("plomb", **facts), minutes()))) == {code}


@pytest.mark.parametrize(
    "facts",
    [{}, {"presence": False}, {"presence": True, "lead_class_1": 0, "lead_class_2": 0, "lead_class_3": 0}],
)
def test_nothing_found(facts: dict[str, Any]) -> None:
    assert found(lead, case(diagnostic("plomb", **facts))) == {}


def test_no_report_no_risk() -> None:
    assert found(lead, case()) == {}
