"""What the indexes of the map are asked for holds all that is wanted."""

from __future__ import annotations

import math
import re

from hypothesis import given
from hypothesis import strategies as st

from dvf.geometry import MOST_CELLS, cells, ring

shares = st.floats(0, 1)


@given(shares, shares, shares, st.sampled_from([1e-6, 0.01, 0.3, 5.0]))
def test_the_boxes_of_a_ring_hold_it(start: float, along: float, turn: float, width: float) -> None:
    inner = start
    distance = inner + along * width
    x, y = 2.35 + distance * math.cos(2 * math.pi * turn), 55.1 + distance * math.sin(2 * math.pi * turn)
    boxes = [
        tuple(map(float, re.findall(r"[-+.e\d]+", box))) for box in ring(2.35, 55.1, inner, inner + width)
    ]
    slack = 1e-12
    assert any(
        west - slack <= x <= east + slack and south - slack <= y <= north + slack
        for west, south, east, north in boxes
    )
    assert len(boxes) <= 128


def test_a_box_has_the_cells_it_touches_or_too_many() -> None:
    assert cells(2.31, 48.81, 2.39, 48.89) == [23 * 2000 + 488]
    assert cells(-0.05, 48.81, 0.05, 48.89) == [-2000 + 488, 488]
    assert cells(-5, 41, 10, 51) is None
    assert len(cells(0, 0, 1.05, 1.05) or []) == 121 <= MOST_CELLS
