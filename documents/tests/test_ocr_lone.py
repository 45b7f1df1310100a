"""Single figures in a table that the layout analysis leaves out."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from documents.ocr_lone import Found, with_lone_figures

ROW = 60
LEFT, SECOND, THIRD = 80, 620, 900


def table(cells: list[str]) -> tuple[NDArray[np.uint8], list[Found]]:
    """A picture of rows `Charges | 120 | cell` and the words of its first two columns."""
    picture = np.full((ROW * len(cells) + 80, 1200), 245, dtype=np.uint8)
    words: list[Found] = []
    for number, cell in enumerate(cells):
        y = 40 + ROW * number
        for text, x in (("Charges", LEFT), ("120", SECOND), (cell, THIRD)):
            cv2.putText(picture, text, (x, y + 30), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (20,), 3)
            if x != THIRD:
                wide = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 1.2, 3)[0][0]
                words.append((text, (x, y, x + wide, y + 36, 95.0)))
    return picture, words


class Reader:
    """What a reading of one line gives; keeps count."""

    def __init__(self, text: str, sure: float = 95.0) -> None:
        self.text, self.sure, self.asked = text, sure, 0

    def __call__(self, part: NDArray[np.uint8]) -> list[Found]:
        self.asked += 1
        return [(self.text, (0, 0, part.shape[1], part.shape[0], self.sure))]


def test_a_figure_alone_in_its_cell_is_read() -> None:
    picture, words = table(["4", "4", "", "4"])
    found = with_lone_figures(picture, words, Reader("444"))
    lone = [box for text, box in found if text == "4"]
    assert len(lone) == 3
    assert all(box[0] >= THIRD - 5 and box[2] < THIRD + 60 for box in lone)


def test_answers_that_differ_or_are_unsure_are_none() -> None:
    picture, words = table(["4", "4", "4", "4"])
    for reader in (Reader("448"), Reader("aaa"), Reader("444", 60.0), Reader("44")):
        assert with_lone_figures(picture, words, reader) == words


def test_a_box_to_tick_and_words_nearby_are_no_lone_figures() -> None:
    picture, words = table(["", "", "", ""])
    cv2.rectangle(picture, (THIRD, 45), (THIRD + 26, 71), (20,), 2)
    cv2.putText(picture, "7", (SECOND + 95, 40 + ROW + 30), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (20,), 3)
    reader = Reader("777")
    assert with_lone_figures(picture, words, reader) == words
    assert reader.asked == 0


def test_a_doubtful_number_is_read_again() -> None:
    picture, words = table(["4", "4", "4", "4"])
    doubted: Found = ("1", (THIRD, 40, THIRD + 25, 76, 50.0))
    found = with_lone_figures(picture, [*words, doubted], Reader("444"))
    assert ("1" not in [text for text, _ in found], [text for text, _ in found].count("4")) == (True, 4)
    assert doubted in with_lone_figures(picture, [*words, doubted], Reader("4a4"))
