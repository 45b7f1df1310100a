from __future__ import annotations

from typing import Any

import pytest

from documents.rules import asbestos
from documents.rules.tests.cases import case, diagnostic, found, minutes


@pytest.mark.parametrize(
    ("facts", "code"), [({"presence": True}, "asbestos_present"), ({"outcome": "issues"}, "asbestos_present")]
)
def test_what_was_found(facts: dict[str, Any], code: str) -> None:
    assert set(found(asbestos, case(diagnostic("amiante", **facts), minutes()))) == {code}


@pytest.mark.parametrize("facts", [{}, {"presence": False}, {"outcome": "clear"}])
def test_nothing_found(facts: dict[str, Any]) -> None:
    assert found(asbestos, case(diagnostic("amiante", **facts))) == {}


def test_no_report_no_risk() -> None:
    assert found(asbestos, case()) == {}
