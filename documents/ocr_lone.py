"""Single figures in the cells of a table: Tesseract's layout analysis leaves them out as dirt.

A tax of 4 €, three units of class 2, no vote against: what stands alone in its cell is cut out and read by
itself. Only figures are taken, and only where they stand level with other words: a wrong figure is worse than
none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
_NUMBER = re.compile(r"\d{1,3}\W?")
Found = tuple[str, tuple[int, int, int, int, float]]  # as in ocr.py

MOST = 80  # stains looked at on one page
SURE = 85.0  # confidence, 0 to 100, of the three together: 88 to 96 measured
DOUBTED = 75.0  # a number below is read again
HIGH = (0.45, 1.25)  # heights of the usual word between which a figure is
WIDE = 2.2  # heights: three figures
ALONE = 0.9  # heights to the next word of the line
LEVEL = 0.35  # heights between the middles of a figure and of words on its line
FRAME = 0.7  # of each edge that is ink: an empty box to tick


def with_lone_figures(picture: Grey, words: list[Found], read: Callable[[Grey], list[Found]]) -> list[Found]:
    """`words` of `picture` (upright, level, without rulings) with its single figures, by `read` of one line.

    A short number that was read with doubt is read again in the same way; where the answer is no clearer, it
    stays as it was.
    """
    if len(words) < 8:
        return words
    usual = median(box[3] - box[1] for _, box in words)
    known = [(text, box) for text, box in words if box[4] >= DOUBTED or not _NUMBER.fullmatch(text)]
    made: list[Found] = []
    for x0, y0, x1, y1 in _stains(picture, known, usual)[:MOST]:
        seen = read(_thrice(picture[max(y0 - 2, 0) : y1 + 2, max(x0 - 2, 0) : x1 + 2]))
        text = "".join(word for word, _ in seen)
        sure = min((box[4] for _, box in seen), default=0.0)
        number = text[: len(text) // 3]
        if number.isdigit() and number * 3 == text and sure >= SURE:
            made.append((number, (x0, y0, x1, y1, sure)))
    doubted = [word for word in words if word not in known]
    return known + made + [word for word in doubted if not any(_meet(word[1], box) for _, box in made)]


def _thrice(part: Grey) -> Grey:
    """A figure three times in a row: Tesseract reads words, and three equal answers vouch for each other."""
    high, wide = part.shape
    lighter = 255 - int(np.percentile(part, 90))
    light = np.asarray(cv2.add(part, np.full_like(part, lighter)))
    paper = np.full((2 * high, 3 * wide + 2 * (high // 8) + high), 255, dtype=np.uint8)
    for place in range(3):
        x = high // 2 + place * (wide + high // 8)
        paper[high // 2 : high // 2 + high, x : x + wide] = light
    return paper


def _meet(one: tuple[int, int, int, int, float], other: tuple[int, int, int, int, float]) -> bool:
    return min(one[2], other[2]) > max(one[0], other[0]) and min(one[3], other[3]) > max(one[1], other[1])


def _stains(picture: Grey, words: Sequence[Found], usual: float) -> list[tuple[int, int, int, int]]:
    """Boxes of ink as large as one to three figures, level with words, alone, and no frame."""
    ink = np.asarray((picture < 150).astype(np.uint8))
    for _, (x0, y0, x1, y1, _) in words:
        ink[max(y0 - 2, 0) : y1 + 2, max(x0 - 2, 0) : x1 + 2] = 0
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, max(int(0.35 * usual), 3)), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    boxes = [tuple(int(v) for v in stats[i][:4]) for i in range(1, count)]
    found = []
    for x, y, wide, high in boxes:
        if not (HIGH[0] * usual < high < HIGH[1] * usual and 0.1 * usual < wide < WIDE * usual):
            continue
        middle = y + high / 2
        level = [box for _, box in words if abs((box[1] + box[3]) / 2 - middle) < LEVEL * usual]
        near = any(box[0] - ALONE * usual < x + wide and box[2] + ALONE * usual > x for box in level)
        if len(level) >= 2 and not near and not _is_frame(ink[y : y + high, x : x + wide]):
            found.append((x, y, x + wide, y + high))
    return found


def _is_frame(part: NDArray[np.uint8]) -> bool:
    thick = max(part.shape[0] // 6, 2)
    edges = (part[:thick].max(0), part[-thick:].max(0), part[:, :thick].max(1), part[:, -thick:].max(1))
    return all(float(edge.mean()) > FRAME for edge in edges)
