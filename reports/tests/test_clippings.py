"""Where a page is cut for the appendix: between lines, never through one."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from reports import clippings

WIDTH, HEIGHT, STEP = 1240, 1754, 26  # an A4 page at 150 dpi, type of 10 on 12


def page(*, ruled: bool = False, ground: int = 255) -> tuple[Image.Image, list[tuple[int, int]]]:
    """A page of close lines of type, and the rows of points that each takes."""
    image = Image.new("L", (WIDTH, HEIGHT), ground)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(20)
    lines = []
    for top in range(100, HEIGHT - 100, STEP):
        pen.text((140, top), "Appel de fonds (Àgy) 1 234,56 €", fill=20, font=font)
        rows = np.flatnonzero((np.asarray(image)[top - 5 : top + STEP + 5] < 100).any(axis=1)) + top - 5
        lines.append((int(rows[rows >= top - 2].min()), int(rows.max())))
    if ruled:
        for x in (120, 700, 1100):
            pen.line((x, 90, x, HEIGHT - 90), fill=0, width=3)
        for (_top, above), (below, _bottom) in list(pairwise(lines))[::3]:
            pen.line((120, (above + below) // 2, 1100, (above + below) // 2), fill=0)
    return image.convert("RGB"), lines


@pytest.mark.parametrize("ruled", [False, True])
@pytest.mark.parametrize("ground", [255, 235, 190])
def test_cuts_fall_between_lines(ruled: bool, ground: int) -> None:
    image, lines = page(ruled=ruled, ground=ground)
    through = []
    for upper, lower in lines[3:-3]:
        cut_above = clippings.between_lines(
            image, upper / HEIGHT - clippings.EDGE, upper / HEIGHT - 2 * clippings.AROUND
        )
        cut_below = clippings.between_lines(
            image, lower / HEIGHT + clippings.EDGE, lower / HEIGHT + 2 * clippings.AROUND
        )
        assert cut_above < upper and cut_below > lower
        through += [
            cut for cut in (cut_above, cut_below) if any(first < cut <= last for first, last in lines)
        ]
    assert not through


def test_edges_of_the_page_and_pages_without_white() -> None:
    image, _lines = page()
    assert clippings.between_lines(image, 0.01, -0.03) == 0
    assert clippings.between_lines(image, 0.99, 1.03) == HEIGHT
    grain = np.random.default_rng(0).integers(0, 255, (400, 300, 3), np.uint8)
    cut = clippings.between_lines(Image.fromarray(grain), 0.5, 0.46)
    assert 184 <= cut <= 200


def test_a_clipping_keeps_the_line_and_its_mark_whole() -> None:
    image, lines = page()
    upper, lower = lines[10]
    box = (0.12, upper / HEIGHT, 0.4, lower / HEIGHT)
    clip = Image.open(io.BytesIO(clippings._clip(image, [box])))
    ink: NDArray[np.bool_] = np.any(np.asarray(clip.convert("L")) < 90, axis=1)
    assert clip.width == clippings.WIDTH and not ink[:2].any() and not ink[-2:].any()
    runs = np.flatnonzero(np.diff(np.concatenate([[0], ink.astype(int), [0]])))
    heights = runs[1::2] - runs[::2]
    assert (heights > 8).sum() in (1, 3) and heights.max() < STEP  # the line alone, or with its neighbours
