from __future__ import annotations

import pytest

from documents.rules import rent_freeze
from documents.rules.tests.cases import case, diagnostic, found, holds, minutes


@pytest.mark.parametrize(("stated", "frozen"), [("E", False), ("F", True), ("G", True)])
def test_rents_of_f_and_g(stated: str, frozen: bool) -> None:
    risks = found(rent_freeze, case(diagnostic("dpe", energy_class=stated), minutes()))
    assert bool(risks) is frozen
    assert all(holds(r, "2022-08-24") and not holds(r, "2022-08-23") for r in risks.values())
