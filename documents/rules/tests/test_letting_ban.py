from __future__ import annotations

import pytest

from documents.rules import letting_ban
from documents.rules.tests.cases import case, diagnostic, found, holds, minutes


@pytest.mark.parametrize(
    ("stated", "last_day"), [("G", "2024-12-31"), ("F", "2027-12-31"), ("E", "2033-12-31")]
)
def test_the_ban_begins_on_its_day(stated: str, last_day: str) -> None:
    risks = found(letting_ban, case(diagnostic("dpe", energy_class=stated), minutes()))
    assert holds(risks["letting_ban_coming"], last_day) and not holds(risks["letting_banned"], last_day)
    next_day = f"{int(last_day[:4]) + 1}-01-01"
    assert holds(risks["letting_banned"], next_day) and not holds(risks["letting_ban_coming"], next_day)


@pytest.mark.parametrize(("stated", "department"), [("D", "83"), (None, "83"), ("G", "974")])
def test_not_for_good_classes_nor_overseas(stated: str | None, department: str) -> None:
    assert found(letting_ban, case(diagnostic("dpe", energy_class=stated), department=department)) == {}
