"""The bars of an energy certificate in a picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from documents.extraction.diags import extract
from documents.extraction.page import Page
from documents.ocr import recognise
from documents.ocr_scale import scales, without

WIDTH, HEIGHT = 1654, 2339  # A4 at 200 dpi
TONES = (110, 150, 165, 215, 180, 140, 90)


def paper() -> NDArray[np.uint8]:
    return np.full((HEIGHT, WIDTH), 247, dtype=np.uint8)


def bars(
    picture: NDArray[np.uint8], x: int, y: int, large: int | None = None, count: int = 7, step: int = 40
) -> None:
    """Bars with pointed tips, one of them larger, as the form of 2021 shows the class."""
    for number in range(count):
        high = 92 if number == large else 60
        right = x + 150 + number * step
        points = [(x, y), (right - 25, y), (right, y + high // 2), (right - 25, y + high), (x, y + high)]
        cv2.fillPoly(picture, [np.array(points, dtype=np.int32)], (TONES[number % 7],))
        cv2.putText(
            picture,
            "ABCDEFGHI"[number],
            (right - 75, y + high - 15),
            cv2.FONT_HERSHEY_SIMPLEX,
            1.3,
            (255,),
            4,
        )
        y += high + 8


def test_seven_bars_that_grow_are_a_scale() -> None:
    picture = paper()
    bars(picture, 300, 700, large=5)
    (found,) = scales(picture)
    heights = [bar[3] - bar[1] for bar in found]
    assert heights.index(max(heights)) == 5
    assert all(bar[0] == pytest.approx(300, abs=6) for bar in found)


def test_two_scales_beside_each_other() -> None:
    picture = paper()
    bars(picture, 250, 700)
    bars(picture, 1000, 720, step=25)
    assert [round(one[0][0], -2) for one in scales(picture)] == [200, 1000]


@pytest.mark.parametrize(("count", "step"), [(5, 40), (7, 0), (7, -15)])
def test_other_bars_are_none(count: int, step: int) -> None:
    picture = paper()
    bars(picture, 300, 700, count=count, step=step)
    assert scales(picture) == []


def test_a_page_of_text_has_none() -> None:
    picture = paper()
    for row in range(40):
        cv2.putText(
            picture, "Le logement est chauffe au gaz naturel", (150, 200 + row * 40), 0, 1.0, (20,), 2
        )
    assert scales(picture) == []


def test_the_bars_are_taken_off_the_page() -> None:
    picture = paper()
    bars(picture, 300, 700)
    left = (without(picture, scales(picture)) < 240).sum() / (picture < 240).sum()
    assert left < 0.01  # the points of the tips


def test_the_class_of_a_scanned_certificate() -> None:
    picture = paper()
    for row, text in enumerate(
        (
            "Diagnostic de performance energetique",
            "Date de visite du bien : 28/06/2024",
            "Logement a usage d'habitation",
        )
    ):
        cv2.putText(picture, text, (200, 250 + row * 90), cv2.FONT_HERSHEY_DUPLEX, 1.6, (20,), 3)
    bars(picture, 500, 700, large=5)
    noise = np.random.default_rng(1).normal(0, 8, picture.shape)
    grey = np.clip(picture + noise, 0, 255).astype(np.uint8)
    page = Page(1, recognise(grey).lines, "ocr", WIDTH / HEIGHT)
    assert {word.text for line in page.lines for word in line.words} >= set("ABCDEFG")
    classes = [one.value for one in extract([page]).findings if one.path.endswith("energy_class")]
    assert classes == ["F"]


def test_the_frame_of_the_figures_may_touch_the_tall_bar() -> None:
    picture = paper()
    bars(picture, 500, 700, large=4)
    cv2.rectangle(picture, (200, 970), (503, 1065), (30,), 3)  # the frame ends on the bar of the class
    (found,) = scales(picture)
    assert all(bar[0] == pytest.approx(500, abs=20) for bar in found)


def test_the_tall_bar_may_be_longer_than_its_step() -> None:
    picture = paper()
    y = 700
    for number in range(7):
        high, more = (92, 22) if number == 3 else (60, 0)
        cv2.rectangle(picture, (300, y), (450 + number * 30 + more, y + high), (120,), cv2.FILLED)
        y += high + 8
    assert len(scales(picture)) == 1
