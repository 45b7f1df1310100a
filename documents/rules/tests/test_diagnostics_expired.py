from __future__ import annotations

from typing import Any

import pytest

from documents.rules import diagnostics_expired
from documents.rules.tests.cases import case, diagnostic, found, holds, minutes


@pytest.mark.parametrize(
    ("kind", "facts", "last_day"),
    [
        ("dpe", {"date": "2023-03-10"}, "2033-03-10"),
        ("dpe", {"date": "2015-03-10"}, "2022-12-31"),
        ("dpe", {"date": "2018-01-01"}, "2024-12-31"),
        ("dpe", {"date": "2021-06-30"}, "2024-12-31"),
        ("dpe", {"date": "2021-07-01"}, "2031-07-01"),
        ("termites", {"date": "2025-08-31"}, "2026-02-28"),
        ("erp", {"date": "2025-01-15"}, "2025-07-15"),
        ("gaz", {"date": "2024-02-29"}, "2027-02-28"),
        ("electricite", {"date": "2024-01-01"}, "2027-01-01"),
        ("electricite", {"date": "2024-01-01", "valid_until": "2025-01-01"}, "2025-01-01"),
        ("plomb", {"date": "2025-01-01", "lead_class_1": 2}, "2026-01-01"),
        ("amiante", {"date": "2025-01-01", "presence": True}, "2028-01-01"),
        ("amiante", {"date": "2012-01-01", "presence": False}, "2013-04-01"),
    ],
)
def test_the_last_day(kind: str, facts: dict[str, Any], last_day: str) -> None:
    risk = found(diagnostics_expired, case(diagnostic(kind, **facts), minutes()))["diagnostic_expired"]
    assert risk.values["valid_until"] == last_day
    assert not holds(risk, last_day) and risk.since is not None and holds(risk, risk.since.isoformat())


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("plomb", {"date": "2010-01-01", "lead_class_1": 0, "lead_class_2": 0, "lead_class_3": 0}),
        ("amiante", {"date": "2013-04-01", "presence": False}),
        ("carrez", {"date": "2000-01-01"}),
        ("gaz", {"date": "2010-01-01", "outcome": "not_performed"}),
        ("gaz", {}),
    ],
)
def test_without_end(kind: str, facts: dict[str, Any]) -> None:
    assert found(diagnostics_expired, case(diagnostic(kind, **facts))) == {}
