from __future__ import annotations

from typing import Any

import pytest

from documents.rules import legal_proceedings
from documents.rules.tests.cases import case, diagnostic, found, holds, minutes


def test_the_newest_minutes_speak() -> None:
    named = found(legal_proceedings, case(minutes(legal_proceedings=["Syndicat contre SCI Dupont"])))
    assert named["legal_proceedings"].values["count"] == 1
    assert holds(named["legal_proceedings"], "2026-01-01")


@pytest.mark.parametrize("facts", [{}, {"legal_proceedings": []}])
def test_silent_without(facts: dict[str, Any]) -> None:
    old = minutes(1, meeting_date="2023-01-01", legal_proceedings=["Terminée"])
    assert found(legal_proceedings, case(minutes(**facts), old, diagnostic("dpe"))) == {}
