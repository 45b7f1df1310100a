"""The scale of an energy certificate in a picture: seven bars that grow step by step, A to G.

Tesseract takes coloured bars for drawings and leaves out their letters and the figures beside them. The form
of the scale is fixed by law (arrêtés of 15 September 2006 and 31 March 2021): bars of one left edge, from the
shortest (A) to the longest (G), so the bars alone tell the letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Bar = tuple[int, int, int, int]  # x0, y0, x1, y1 in pixels

LETTERS = "ABCDEFG"
SMALL_SIDE = 1200  # pixels of the long side in which bars are looked for
PAPER = 0.94  # of the paper's grey: darker is ink or a fill
THICK = 9  # pixels at that size: strokes of letters are thinner, bars thicker
ALIGNED = 6  # pixels between the left edges of bars
TALL = 1.25  # times the tallest other bar: the bar of the class
NOTCH = 3  # pixels by which the right edge draws back between two bars that touch


def scales(picture: Grey) -> list[list[Bar]]:
    """The scales of an upright page, each as its seven bars from A to G, in the pixels of `picture`."""
    factor = SMALL_SIDE / max(picture.shape)
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    small = cv2.medianBlur(np.asarray(small, dtype=np.uint8), 3)
    ink = np.asarray((small < PAPER * np.percentile(small, 80)).astype(np.uint8))
    outlines, _ = cv2.findContours(ink, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    filled = cv2.drawContours(
        np.zeros_like(ink), outlines, -1, 1, cv2.FILLED
    )  # letters inside bars are holes
    opened = cv2.morphologyEx(filled, cv2.MORPH_OPEN, np.ones((THICK, THICK), np.uint8))
    solid = np.asarray(opened, dtype=np.uint8)
    fills = [
        cv2.boundingRect(one)
        for one in cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    ]
    found: list[list[Bar]] = []
    edges = [fill[0] for fill in fills]
    shared = {x: sum(abs(other - x) <= ALIGNED for other in edges) for x in edges}
    for x in sorted(shared, key=lambda x: (-shared[x], x)):  # the edge of most fills first
        # The frame of the figures may touch the bar of the class: only what is right of x counts.
        near = [
            (max(left, x - ALIGNED), top, left + wide - max(left, x - ALIGNED), high)
            for left, top, wide, high in fills
            if left <= x + ALIGNED and left + wide > x + THICK
        ]
        bars = [bar for fill in sorted(near, key=lambda fill: fill[1]) for bar in _bars(solid, fill)]
        for start in range(len(bars) - len(LETTERS) + 1):
            seven = bars[start : start + len(LETTERS)]
            if _grows(seven) and not any(meets(seven, other) for other in found):
                found.append(seven)
    back = 1 / factor
    return [
        [(round(a * back), round(b * back), round(c * back), round(d * back)) for a, b, c, d in one]
        for one in found
    ]


def _bars(solid: Grey, fill: Sequence[int]) -> list[Bar]:
    """A fill as one bar, or as the bars that touch in it: their tips stand out on the right."""
    x, y, width, height = fill
    part = solid[y : y + height, x : x + width]
    reach = [int(row.nonzero()[0].max(initial=0)) for row in part]
    made: list[Bar] = []

    def cut(first: int, last: int) -> None:
        for place in sorted(range(first + 1, last - 1), key=lambda place: reach[place]):
            before, after = max(reach[first:place]), max(reach[place + 1 : last])
            if min(before, after) - reach[place] >= NOTCH and min(place - first, last - place) >= THICK:
                cut(first, place)
                cut(place, last)
                return
        made.append((x, y + first, x + max(reach[first:last]) + 1, y + last))

    cut(0, height)
    return made


def _grows(bars: Sequence[Bar]) -> bool:
    """Each bar is longer than the one above by about the same step, and follows it at once."""
    steps = _steps(bars)
    gaps = [below[1] - above[3] for above, below in pairwise(bars)]
    heights = sorted(bar[3] - bar[1] for bar in bars)
    usual = heights[len(heights) // 2]
    return (
        min(steps) > 0
        and max(steps) <= 3 * min(steps) + 2
        and min(gaps) >= -0.2 * usual  # the frame beside the bar of the class is a little higher
        and max(gaps) <= usual
        and heights[0] >= 0.6 * usual
        and heights[-2] <= 1.4 * usual  # one bar, that of the class, may be larger
        and heights[-1] <= 2.5 * usual
    )


def _steps(bars: Sequence[Bar]) -> list[float]:
    """By how much each bar is longer than the one above.

    The bar of the class may be taller than the others, and longer: its length then counts as that between its
    neighbours, which it must lie near.
    """
    edges = [float(bar[2]) for bar in bars]
    tall = max(range(len(bars)), key=lambda place: bars[place][3] - bars[place][1])
    others = [bar[3] - bar[1] for place, bar in enumerate(bars) if place != tall]
    if bars[tall][3] - bars[tall][1] > TALL * max(others) and 0 < tall < len(bars) - 1:
        above, below = edges[tall - 1], edges[tall + 1]
        if above < edges[tall] < below + (below - above):
            edges[tall] = (above + below) / 2
    return [second - first for first, second in pairwise(edges)]


def meets(one: Sequence[Bar], other: Sequence[Bar]) -> bool:
    """Whether two scales stand in one place."""
    apart = one[0][0] >= other[-1][2] or other[0][0] >= one[-1][2]
    return not apart and one[0][1] < other[-1][3] and other[0][1] < one[-1][3]


def without(picture: Grey, found: Sequence[Sequence[Bar]]) -> Grey:
    """The page with white paper in the place of the bars."""
    clean = picture.copy()
    edge = max(picture.shape) // 300  # bars were found on a smaller picture
    for bar in (bar for scale in found for bar in scale):
        clean[max(bar[1] - edge, 0) : bar[3] + edge, max(bar[0] - edge, 0) : bar[2] + edge] = 255
    return clean
