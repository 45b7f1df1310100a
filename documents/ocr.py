"""A picture of a page → words with boxes, by Tesseract (French), with rotation and skew found and undone.

Boxes come back as shares of the picture as it was given. Without tesserocr (no wheel for this system),
the ReadingError `ocr_unavailable` is raised: pages with a text layer are still read.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from documents.extraction.page import Box, Line, Word
from documents.layout import lines_of
from documents.ocr_lone import with_lone_figures
from documents.ocr_paper import Matrix, moved, straightened
from documents.ocr_scale import LETTERS, Bar, meets, scales, without
from documents.reading import ReadingError

MODEL_DIR = Path(__file__).parent / "ocr_data"
LONG_SIDE = 3400  # pixels of the long side given to Tesseract: about 290 dpi of an A4 page
LOOK_SIDE = 1700  # enough to tell which way is up
MAX_SKEW = 12.0  # degrees
GOOD_SCORE = 70.0  # mean confidence (0 to 100) of a page that stands upright
GOOD_LINE = 75.0  # mean confidence of a line that vouches for its doubtful words
LEAST_CONFIDENCE = 25.0  # of a word; below it is dirt
SECOND_CONFIDENCE = 55.0  # of a word that only the second look found
SURE, DOUBTED = 90.0, 40.0  # figures as sure as this in the second look replace words less sure than that
JOINED = 0.32  # heights between two figures: in one number up to 0.28, at a blank from 0.34, measured
TALLER = 1.4  # times the usual bar: the bar of the class
BAR_CONFIDENCE = 80.0  # of a letter told by the bars of a scale
_SPARSE = 11  # tesserocr.PSM.SPARSE_TEXT
_LINE = 7  # tesserocr.PSM.SINGLE_LINE
_LEFT_TO_RIGHT = 0  # tesserocr.WritingDirection.LEFT_TO_RIGHT
UPRIGHT_WORDS = 12  # words of three letters or more that settle which way is up

Grey = NDArray[np.uint8]
Found = tuple[str, tuple[int, int, int, int, float]]  # text, x0, y0, x1, y1 in pixels, confidence 0 to 100


class OcrUnavailable(Exception):
    """Tesseract or its French model is missing on this machine."""


@dataclass(frozen=True, slots=True)
class OcrPage:
    lines: tuple[Line, ...]
    turns: int  # quarter turns, clockwise, that brought the page upright
    skew: float  # degrees undone
    confidence: float  # mean over words, 0 to 1


def recognise(picture: Grey) -> OcrPage:
    """Read one page. `picture` is grey, any size and direction; a sheet on a table is laid flat first."""
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    sheet = straightened(picture)
    if sheet is None:
        return _recognise(picture)
    flat, back = sheet
    seen = _recognise(flat)
    return OcrPage(
        _laid_back(seen.lines, back, flat.shape, picture.shape), seen.turns, seen.skew, seen.confidence
    )


def _laid_back(
    lines: tuple[Line, ...], back: Matrix, flat: tuple[int, ...], shown: tuple[int, ...]
) -> tuple[Line, ...]:
    """Lines read on the flat sheet, with their boxes on the picture as it was given."""

    def original(box: Box) -> Box:
        x0, y0, x1, y1 = box[0] * flat[1], box[1] * flat[0], box[2] * flat[1], box[3] * flat[0]
        ends = moved(np.array([(x0, y0), (x1, y0), (x0, y1), (x1, y1)]), back) / (shown[1], shown[0])
        (left, top), (right, bottom) = ends.min(axis=0).clip(0, 1), ends.max(axis=0).clip(0, 1)
        return (float(left), float(top), float(right), float(bottom))

    return tuple(
        Line(tuple(Word(w.text, original(w.box), w.confidence) for w in line.words), line.cell, line.stops)
        for line in lines
    )


def _recognise(picture: Grey) -> OcrPage:
    best_turns = 0
    look = _flatten(_resize(picture, LOOK_SIDE))
    if _blank(look):
        return OcrPage((), 0, 0.0, 1.0)
    with _engine() as engine:
        best = -1.0
        for turns in (0, 3, 1, 2):
            seen, score, upright_share = _words(engine, np.rot90(look, -turns))
            telling = sum(1 for word, _ in seen if sum(c.isalpha() for c in word) >= 3)
            # Tesseract also reads blocks that lie on their side: only on an upright page are lines in order.
            total = score * telling * (0.1 + upright_share)
            if total > best:
                best, best_turns = total, turns
            if score >= GOOD_SCORE and telling >= UPRIGHT_WORDS and upright_share > 0.5:
                break
        given = np.ascontiguousarray(np.rot90(_resize(picture, LONG_SIDE), -best_turns))
        upright = _flatten(given)
        angle = skew_of(upright)
        height, width = upright.shape
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
        rulings, printed = _rulings(_straight(upright, turn, angle))
        drawn = scales(_straight(given, turn, angle))
        # In a shaded photo the bars stand out only once the paper is even; in a scan pale ones get paler so.
        drawn += [one for one in scales(printed) if not any(meets(one, other) for other in drawn)]
        clean = without(printed, drawn) if drawn else printed
        found, score, _ = _words(engine, clean)
        # The layout analysis leaves out lone figures in tables; the sparse mode finds them but breaks prose.
        engine.SetPageSegMode(_SPARSE)
        sure = [item for item in _words(engine, clean)[0] if item[1][4] >= SECOND_CONFIDENCE]
        plain = [item for item in sure if item[1][4] >= SURE and any(c.isdigit() for c in item[0])]
        found = [item for item in found if item[1][4] >= DOUBTED or _alone(item, plain)]
        found += [item for item in sure if _alone(item, found)]
        engine.SetPageSegMode(_LINE)
        found = with_lone_figures(clean, found, lambda part: _words(engine, part)[0])
        if drawn:
            engine.SetPageSegMode(_SPARSE)
            found += _on_bars(_words(engine, printed)[0], drawn)
    words = [
        Word(text, (x0 / width, y0 / height, x1 / width, y1 / height), round(confidence / 100, 3))
        for text, (x0, y0, x1, y1, confidence) in found
    ]
    shares = [(x0 / width, y0 / height, x1 / width, y1 / height) for x0, y0, x1, y1 in rulings]
    lines = lines_of(words, shares, width / height)
    back = cv2.invertAffineTransform(turn)

    def original(box: Box) -> Box:
        return _turned_back(_slanted(box, back, width, height), best_turns)

    placed = tuple(
        Line(tuple(Word(w.text, original(w.box), w.confidence) for w in line.words), line.cell, line.stops)
        for line in lines
    )
    return OcrPage(placed, best_turns, angle, score / 100)


def _straight(picture: Grey, turn: NDArray[Any], angle: float) -> Grey:
    if abs(angle) <= 0.05:
        return picture
    size = (picture.shape[1], picture.shape[0])
    level = cv2.warpAffine(picture, turn, size, flags=cv2.INTER_CUBIC, borderValue=255)
    return np.asarray(level, dtype=np.uint8)


def _on_bars(words: list[Found], drawn: list[list[Bar]]) -> list[Found]:
    """The letter of each bar at its tip, and what is printed on it with figures: `231 à 330`."""
    made: list[Found] = []
    for bars in drawn:
        usual = median(bar[3] - bar[1] for bar in bars)
        for letter, (x0, top, x1, bottom) in zip(LETTERS, bars, strict=True):
            y0, y1 = top, bottom
            if bottom - top < TALLER * usual:  # bars that touch are cut a little higher or lower
                y0, y1 = round((top + bottom - usual) / 2), round((top + bottom + usual) / 2)
            tip = max(x1 - (y1 - y0), x0)
            for text, box in words:
                x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
                if (
                    x0 < x < tip
                    and y0 < y < y1
                    and (text in ("à", "<", "≤", ">") or any(c.isdigit() for c in text))
                ):
                    made.append((text, box))
            made.append((letter, (tip, y0, x1, y1, BAR_CONFIDENCE)))
    return made


def skew_of(picture: Grey) -> float:
    """Degrees, counter-clockwise positive, by which the picture must be turned for its lines to be level."""
    small = _resize(picture, 1000)
    ink = (small < 160).astype(np.float32)
    height, width = ink.shape

    def sharpness(angle: float) -> float:
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
        profile = cv2.warpAffine(ink, matrix, (width, height), flags=cv2.INTER_LINEAR).sum(axis=1)
        return float(np.square(np.diff(profile)).sum())

    level = sharpness(0.0)
    coarse = max(np.arange(-MAX_SKEW, MAX_SKEW + 0.1, 0.5), key=lambda a: sharpness(float(a)))
    fine = max(np.arange(coarse - 0.5, coarse + 0.51, 0.1), key=lambda a: sharpness(float(a)))
    return float(fine) if sharpness(float(fine)) > 1.05 * level else 0.0


def _engine() -> Any:
    try:
        import tesserocr  # absent on systems without its wheel
    except ImportError as error:
        raise ReadingError("ocr_unavailable", "tesserocr") from error
    if not (MODEL_DIR / "fra.traineddata").exists():
        raise ReadingError("ocr_unavailable", "fra.traineddata")
    return tesserocr.PyTessBaseAPI(path=str(MODEL_DIR), lang="fra", psm=tesserocr.PSM.AUTO)


def _words(engine: Any, picture: Grey) -> tuple[list[Found], float, float]:
    """Words, their mean confidence (0 to 100), and the share of them that run from left to right."""
    import tesserocr

    picture = np.ascontiguousarray(picture)
    height, width = picture.shape
    engine.SetImageBytes(picture.tobytes(), width, height, 1, width)
    engine.SetSourceResolution(290)
    engine.Recognize()
    words = []
    scores = []
    upright = 0
    iterator = engine.GetIterator()
    if iterator is None:
        return [], 0.0, 1.0
    for item in tesserocr.iterate_level(iterator, tesserocr.RIL.WORD):
        try:
            text = (item.GetUTF8Text(tesserocr.RIL.WORD) or "").strip()
        except RuntimeError:  # nothing recognised in this place
            continue
        box = item.BoundingBox(tesserocr.RIL.WORD)
        if not text or box is None:
            continue
        confidence = item.Confidence(tesserocr.RIL.WORD)
        signs = sum(c.isalnum() for c in text)
        if not signs and confidence < 60:
            continue
        # Elided words (`d'établissement`) get no confidence though read well: their line vouches for them.
        # Figures get no such credit: a wrong one is worse than none.
        letters, digits = sum(c.isalpha() for c in text), sum(c.isdigit() for c in text)
        vouched = letters >= 3 and digits <= 1 and item.Confidence(tesserocr.RIL.TEXTLINE) >= GOOD_LINE
        if confidence < LEAST_CONFIDENCE and not vouched:
            continue
        if signs:
            scores.append(confidence)
        words.append((text, (*box, confidence)))
        upright += item.Orientation()[1] == _LEFT_TO_RIGHT
    count = len(words)
    return (
        _figures_joined(words),
        float(np.mean(scores)) if scores else 0.0,
        upright / count if count else 1.0,
    )


def _figures_joined(words: list[Found]) -> list[Found]:
    """`91 0` of one printed `910`: figures that stand closer than any blank are one number."""
    made: list[Found] = []
    for text, (x0, y0, x1, y1, confidence) in words:
        if made and text[:1].isdigit() and made[-1][0].isdigit():
            before, (a0, b0, a1, b1, sure) = made[-1]
            height = min(y1 - y0, b1 - b0)
            level = min(y1, b1) - max(y0, b0) > 0.6 * height
            if level and -0.2 * height < x0 - a1 < JOINED * height:
                box = (a0, min(b0, y0), x1, max(b1, y1), min(sure, confidence))
                made[-1] = (before + text, box)
                continue
        made.append((text, (x0, y0, x1, y1, confidence)))
    return made


def _alone(word: Found, others: list[Found]) -> bool:
    """Whether no other word stands on this one."""
    x0, y0, x1, y1, _ = word[1]
    if y1 - y0 < 8 or not any(c.isalnum() for c in word[0]):
        return False
    for _, (a0, b0, a1, b1, _) in others:
        wide, high = min(x1, a1) - max(x0, a0), min(y1, b1) - max(y0, b0)
        if wide > 0 and high > 0 and wide * high > 0.15 * min((x1 - x0) * (y1 - y0), (a1 - a0) * (b1 - b0)):
            return False
    return True


def _resize(picture: Grey, long_side: int) -> Grey:
    height, width = picture.shape
    factor = long_side / max(height, width)
    if 0.9 < factor < 1.1:
        return picture
    factor = min(factor, 3.0)
    size = (max(int(width * factor), 8), max(int(height * factor), 8))
    return np.asarray(
        cv2.resize(picture, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC),
        dtype=np.uint8,
    )


def _flatten(picture: Grey) -> Grey:
    """Even out shadow and tinted paper: divide by the ground, taken as the lightest nearby."""
    small = _resize(picture, 500)
    ground = cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), 15)
    ground = cv2.resize(ground, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(picture, np.maximum(ground, 40), scale=245), dtype=np.uint8)


def _blank(picture: Grey) -> bool:
    return float((picture < 150).mean()) < 0.0004


def _rulings(picture: Grey) -> tuple[list[tuple[int, int, int, int]], Grey]:
    """Long straight strokes as boxes, and the picture without them (they hide letters from Tesseract)."""
    height, width = picture.shape
    ink = np.asarray((picture < 150).astype(np.uint8) * 255)
    boxes: list[tuple[int, int, int, int]] = []
    clean = picture.copy()
    for kernel in ((max(width // 18, 30), 1), (1, max(height // 40, 30))):
        strokes = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(kernel[::-1], np.uint8))
        for contour in cv2.findContours(strokes, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]:
            x, y, w, h = cv2.boundingRect(contour)
            if min(w, h) <= max(width // 200, 4):
                boxes.append((x, y, x + w, y + h))
                clean[max(y - 1, 0) : y + h + 1, max(x - 1, 0) : x + w + 1] = 255
    return boxes, clean


def _slanted(box: Box, matrix: NDArray[Any], width: int, height: int) -> Box:
    x0, y0, x1, y1 = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    corners = np.array([(x0, y0, 1), (x1, y0, 1), (x0, y1, 1), (x1, y1, 1)]) @ np.asarray(matrix).T
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return (
        float(np.clip(left / width, 0, 1)),
        float(np.clip(top / height, 0, 1)),
        float(np.clip(right / width, 0, 1)),
        float(np.clip(bottom / height, 0, 1)),
    )


def _turned_back(box: Box, turns: int) -> Box:
    """Undo `turns` clockwise quarter turns."""
    x0, y0, x1, y1 = box
    for _ in range(turns):
        x0, y0, x1, y1 = y0, 1 - x1, y1, 1 - x0
    return (x0, y0, x1, y1)
