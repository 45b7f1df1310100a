from __future__ import annotations

from typing import Any

import pytest

from documents.rules import termites
from documents.rules.tests.cases import case, diagnostic, found, minutes


@pytest.mark.parametrize(("facts", "code"), [({"presence": True}, "termites_present")])
def test_what_was_found(facts: dict[str, Any], code: str) -> None:
    assert set(found(termites, case(diagnostic("termites", **facts), minutes()))) == {code}


@pytest.mark.parametrize("facts", [{}, {"presence": False}])
def test_nothing_found(facts: dict[str, Any]) -> None:
    assert found(termites, case(diagnostic("termites", **facts))) == {}


def test_no_report_no_risk() -> None:
    assert found(termites, case()) == {}
