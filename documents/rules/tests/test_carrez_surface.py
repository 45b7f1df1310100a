from __future__ import annotations

import pytest

from documents.rules import carrez_surface
from documents.rules.tests.cases import case, diagnostic, found, holds, minutes


def test_more_than_a_twentieth_short() -> None:
    """63.9 for 68 advertised: 4.1 / 68 = 6.0 %."""
    risks = found(carrez_surface, case(diagnostic("carrez", surface_m2=63.9), minutes(), surface=68))
    assert risks["carrez_short"].values["short_pct"] == 6.0
    assert holds(risks["carrez_short"], "2026-01-01")


@pytest.mark.parametrize(("measured", "advertised"), [(64.6, 68), (70, 68), (None, 68)])
def test_within_the_law(measured: float | None, advertised: float) -> None:
    assert found(carrez_surface, case(diagnostic("carrez", surface_m2=measured), surface=advertised)) == {}
