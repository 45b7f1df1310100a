"""The text layer of one PDF page: visible words with boxes, hidden text, rulings, and whether to trust it.

Works on an open pypdfium2 page. pdfium is not thread-safe: one process, one document (see reading.py).
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from documents.extraction.page import Box, Word

MAX_CHARACTERS = 200_000  # of one page; a page of small print holds about 10,000
MAX_OBJECTS = 60_000  # of one page, looked at for rulings and images
TINY_POINTS = 2.5  # shown height below which nobody reads
INVISIBLE_MODES = (3, 7)  # text rendering modes: neither fill nor stroke; clip only
MIN_CONTRAST = 22  # of 255, between the ink and the ground of a word that can be seen
WHITE = 235  # a ground and a colour above this, each, are white on white
COMMON = frozenset(  # words that stand in any French page, in letters, forms and tables
    re.findall(
        r"\w+",
        "le la les l de des du d un une et en au aux a à par pour sur dans avec est sont que qui il ou son "
        "sa ses ce cette n ne pas plus se lot lots date total article euros tantièmes copropriété syndic "
        "résolution immeuble bâtiment travaux charges vote assemblée montant page",
    )
)
_LIGATURES = {0xFB00 + i: text for i, text in enumerate(("ff", "fi", "fl", "ffi", "ffl", "st", "st"))}
_GUESSED = "\t"  # a blank that the file does not hold, put by pdfium where letters stand apart
_HYPHENS = {0x02, 0xAD, 0xFFFE}  # what pdfium gives for a hyphen at the end of a line


@dataclass(slots=True)
class TextLayer:
    words: list[Word]  # seen on the page
    hidden: list[Word]  # in the file, not seen
    rulings: list[Box]
    image_share: float  # of the page, covered by pictures
    scan_layer: bool  # all text is invisible: somebody's OCR laid over a scan
    turns: int  # quarter turns, clockwise, by which most words are turned on the page
    garbage: float  # share of characters that stand for no character


@dataclass(slots=True)
class _Glyph:
    char: str
    box: tuple[float, float, float, float]  # page points, as stored
    angle: int  # quarter turns as shown
    visible: bool
    white: bool


def read_text_layer(page: Any, ground: NDArray[np.uint8] | None) -> TextLayer:
    """Words of an open page. `ground` is the page rendered in grey, used to tell text that leaves no ink."""
    to_page = Placement(page)
    textpage = page.get_textpage()
    try:
        glyphs, bad = _glyphs(textpage, to_page)
    finally:
        textpage.close()
    rulings, image_share = _drawings(page, to_page)
    visible: list[Word] = []
    hidden: list[Word] = []
    angles: Counter[int] = Counter()
    invisible_mode = 0
    for group in _closed_up(_split(glyphs, to_page.turn), to_page.turn):
        text = unicodedata.normalize("NFC", "".join(g.char for g in group))
        box = to_page.box(
            (
                min(g.box[0] for g in group),
                min(g.box[1] for g in group),
                max(g.box[2] for g in group),
                max(g.box[3] for g in group),
            )
        )
        inside = box[2] > 0.0 and box[0] < 1.0 and box[3] > 0.0 and box[1] < 1.0
        clipped = (max(box[0], 0.0), max(box[1], 0.0), min(box[2], 1.0), min(box[3], 1.0))
        word = Word(text, clipped if inside else (0.0, 0.0, 0.0, 0.0))
        drawn = all(g.visible for g in group)
        invisible_mode += not drawn
        upright = box[3] - box[1] if group[0].angle % 2 == 0 else (box[2] - box[0])
        points = upright * (to_page.height if group[0].angle % 2 == 0 else to_page.width)
        big_enough = points >= TINY_POINTS or to_page.points_are_large
        if inside and drawn and big_enough and _leaves_ink(clipped, ground, all(g.white for g in group)):
            visible.append(word)
            angles[group[0].angle] += len(text)
        else:
            hidden.append(word)
    visible = _without_doubles(visible)
    total = sum(len(g.char) for g in glyphs) or 1
    return TextLayer(
        words=visible,
        hidden=hidden,
        rulings=rulings,
        image_share=image_share,
        scan_layer=bool(hidden) and len(visible) < 5 and invisible_mode > 0.8 * len(hidden),
        turns=angles.most_common(1)[0][0] if angles else 0,
        garbage=bad / total,
    )


def looks_french(words: Iterable[Word]) -> float:
    """Share of common words among words of letters: 0.3 in prose, 0.1 in tables, 0 in a broken encoding."""
    tokens = [t for word in words for t in re.findall(r"[^\W\d_]+", word.text.lower())]
    return sum(t in COMMON for t in tokens) / len(tokens) if tokens else 0.0


def is_broken(layer: TextLayer) -> bool:
    """Whether the visible text is no text: glyphs without characters, or a shifted or scrambled encoding."""
    if layer.garbage > 0.1:
        return True
    letters = sum(c.isalpha() for w in layer.words for c in w.text)
    if letters < 150:
        signs = sum(len(w.text) for w in layer.words)
        return (
            signs > 200
            and letters < 0.1 * signs
            and not any(c.isdigit() for w in layer.words for c in w.text)
        )
    return looks_french(layer.words) < 0.03


class Placement:
    """From page points (origin below left, before rotation) to shares of the shown page."""

    def __init__(self, page: Any) -> None:
        self.width, self.height = page.get_size()
        self.turn = page.get_rotation() // 90
        corners = []
        for x, y in ((0.0, 0.0), (1000.0, 0.0), (0.0, 1000.0)):
            dx, dy = ctypes.c_int(), ctypes.c_int()
            size = 1_000_000
            pdfium.FPDF_PageToDevice(page, 0, 0, size, size, 0, x, y, dx, dy)
            corners.append((dx.value / size, dy.value / size))
        (ox, oy), (ax, ay), (bx, by) = corners
        self.matrix = ((ax - ox) / 1000, (bx - ox) / 1000, ox, (ay - oy) / 1000, (by - oy) / 1000, oy)
        self.points_are_large = max(self.width, self.height) > 3000

    def box(self, b: tuple[float, float, float, float]) -> Box:
        a, c, e, d, f, g = self.matrix
        xs = (a * b[0] + c * b[1] + e, a * b[2] + c * b[3] + e)
        ys = (d * b[0] + f * b[1] + g, d * b[2] + f * b[3] + g)
        return (min(xs), min(ys), max(xs), max(ys))


def _glyphs(textpage: Any, place: Placement) -> tuple[list[_Glyph], int]:
    """Characters in the file's order, blanks with an empty box; and how many stand for nothing."""
    count = min(pdfium.FPDFText_CountChars(textpage), MAX_CHARACTERS)
    looks: dict[int, tuple[bool, bool]] = {}
    glyphs: list[_Glyph] = []
    bad = 0
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    loose = pdfium.FS_RECTF()
    colour = [ctypes.c_uint() for _ in range(4)]
    blank, guessed = (_Glyph(char, (0.0, 0.0, 0.0, 0.0), 0, True, False) for char in (" ", _GUESSED))
    for index in range(count):
        code = pdfium.FPDFText_GetUnicode(textpage, index)
        char = (
            "-" if code in _HYPHENS else _LIGATURES.get(code) or chr(code if 0 < code < 0x110000 else 0xFFFD)
        )
        if (
            char.isspace()
            or code == 0
            or 0x200B <= code <= 0x200F
            or 0x2066 <= code <= 0x2069
            or code == 0xFEFF
        ):
            glyphs.append(guessed if pdfium.FPDFText_IsGenerated(textpage, index) == 1 else blank)
            continue
        if code == 0xFFFD or unicodedata.category(char) in ("Cc", "Cn", "Co", "Cs"):
            bad += 1
        handle = pdfium.FPDFText_GetTextObject(textpage, index)
        address = ctypes.cast(handle, ctypes.c_void_p).value or 0
        if address not in looks:
            mode = pdfium.FPDFTextObj_GetTextRenderMode(handle) if address else 0
            seen, white = mode not in INVISIBLE_MODES, False
            if pdfium.FPDFText_GetFillColor(textpage, index, *colour):
                red, green, blue, alpha = (c.value for c in colour)
                seen = seen and (alpha > 12 or mode in (1, 2))
                white = min(red, green, blue) >= WHITE and mode != 1
            looks[address] = (seen, white)
        seen, white = looks[address]
        pdfium.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
        tight = (left.value, bottom.value, right.value, top.value)
        angle = round(pdfium.FPDFText_GetCharAngle(textpage, index) / (np.pi / 2)) + place.turn
        box = tight
        if pdfium.FPDFText_GetLooseCharBox(textpage, index, loose):
            box = (
                min(loose.left, loose.right),
                min(loose.bottom, loose.top),
                max(loose.left, loose.right),
                max(loose.bottom, loose.top),
            )
            if box[2] - box[0] <= 0 or box[3] - box[1] <= 0:
                box = tight
        glyphs.append(_Glyph(char, box, angle % 4, seen, white))
    return glyphs, bad


def _split(glyphs: list[_Glyph], turn: int) -> Iterable[tuple[bool, list[_Glyph]]]:
    """Words: runs of characters between blanks, also parted where the place or the direction jumps; each with
    whether only a guessed blank stands before it. `turn` is the page's, in quarters: boxes are as stored.
    """
    word: list[_Glyph] = []
    guessed = False
    for glyph in glyphs:
        if glyph.char in (" ", _GUESSED):
            if word:
                yield guessed, word
                guessed = True
            guessed = guessed and glyph.char == _GUESSED
            word = []
            continue
        if word and _jumps(word[-1], glyph, turn):
            yield guessed, word
            guessed, word = False, []
        word.append(glyph)
    if word:
        yield guessed, word


def _closed_up(words: Iterable[tuple[bool, list[_Glyph]]], turn: int) -> Iterable[list[_Glyph]]:
    """The words, those set with wide letters (`R É S O L U T I O N  N ° 1 2`) in one piece again."""
    line: list[tuple[bool, list[_Glyph]]] = []
    for guessed, word in words:
        if line and not _on_line(line[-1][1][-1], word[0], turn):
            yield from _wide_words(line, turn)
            line = []
        line.append((guessed, word))
    yield from _wide_words(line, turn)


def _on_line(a: _Glyph, b: _Glyph, turn: int) -> bool:
    low, high = (1, 3) if (a.angle - turn) % 2 == 0 else (0, 2)
    return a.angle == b.angle and min(a.box[high], b.box[high]) > max(a.box[low], b.box[low])


def _wide_words(line: list[tuple[bool, list[_Glyph]]], turn: int) -> Iterable[list[_Glyph]]:
    """The words of a line. Where one is four letters or more, each apart, its blank parts no words."""
    words = [word for _, word in line]
    if sum(len(word) == 1 for word in words) < 4:
        return words
    low, high = (0, 2) if (words[0][0].angle - turn) % 2 == 0 else (1, 3)
    gaps = [
        max(b[0].box[low] - a[-1].box[high], a[-1].box[low] - b[0].box[high]) if guessed else np.inf
        for (_, a), (guessed, b) in pairwise(line)
    ]
    usual = 0.0
    first = 0
    for place in range(1, len(words) + 1):
        if place < len(words) and np.isfinite(gaps[place - 1]):
            continue
        lone = [word[0].char for word in words[first:place] if len(word) == 1 and word[0].char.isalpha()]
        if len(lone) >= max(4, (place - first) / 2) and lone != sorted(lone):  # `A B C D E` are five words
            usual = max(usual, float(np.median(gaps[first : place - 1])))
        first = place
    made = words[:1]
    for gap, word in zip(gaps, words[1:], strict=True):
        if gap <= 1.6 * usual:
            made[-1] = made[-1] + word
        else:
            made.append(word)
    return made


def _jumps(a: _Glyph, b: _Glyph, turn: int) -> bool:
    if a.angle != b.angle or a.visible != b.visible:
        return True
    level = (a.angle - turn) % 2 == 0
    wide, high = a.box[2] - a.box[0], a.box[3] - a.box[1]
    size = max(high, b.box[3] - b.box[1]) if level else max(wide, b.box[2] - b.box[0])
    along = (0, 2) if level else (1, 3)
    across = (1, 3) if level else (0, 2)
    gap = max(b.box[along[0]] - a.box[along[1]], a.box[along[0]] - b.box[along[1]])
    apart = min(a.box[across[1]], b.box[across[1]]) - max(a.box[across[0]], b.box[across[0]])
    return gap > 0.6 * size or apart < 0


def _leaves_ink(box: Box, ground: NDArray[np.uint8] | None, white: bool) -> bool:
    if ground is None:
        return True
    height, width = ground.shape
    x0, y0 = int(box[0] * width), int(box[1] * height)
    patch = ground[
        y0 : max(int(np.ceil(box[3] * height)), y0 + 1), x0 : max(int(np.ceil(box[2] * width)), x0 + 1)
    ]
    if patch.size == 0:
        return False
    if white and float(np.median(patch)) >= WHITE:
        return False
    return int(patch.max()) - int(patch.min()) >= MIN_CONTRAST


def _without_doubles(words: list[Word]) -> list[Word]:
    """Bold drawn twice gives each word twice."""
    kept: list[Word] = []
    seen: dict[tuple[str, int, int], Word] = {}
    for word in words:
        x, y = int(word.box[0] * 200), int(word.box[1] * 200)
        if any(
            abs(other.box[0] - word.box[0]) < 0.003 and abs(other.box[1] - word.box[1]) < 0.003
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            if (other := seen.get((word.text, x + dx, y + dy))) is not None
        ):
            continue
        seen[word.text, x, y] = word
        kept.append(word)
    return kept


def _drawings(page: Any, place: Placement) -> tuple[list[Box], float]:
    """Thin lines and edges of frames, and the share of the page under pictures."""
    rulings: list[Box] = []
    pictures = 0.0
    for number, item in enumerate(
        page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE), max_depth=3)
    ):
        if number > MAX_OBJECTS:
            break
        try:
            box = place.box(item.get_bounds())
        except Exception:  # noqa: S112  # one broken object does not matter
            continue
        wide, high = (box[2] - box[0]) * place.width, (box[3] - box[1]) * place.height
        if item.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            pictures += max(min(box[2], 1) - max(box[0], 0), 0) * max(min(box[3], 1) - max(box[1], 0), 0)
        elif min(wide, high) < 2.5 and max(wide, high) > 8:
            rulings.append(box)
        elif wide > 8 and high > 8 and wide * high < 0.9 * place.width * place.height:
            stroke, fill = ctypes.c_int(), ctypes.c_int()
            pdfium.FPDFPath_GetDrawMode(item, fill, stroke)
            if stroke.value or fill.value:
                x0, y0, x1, y1 = box
                rulings += [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]
    return rulings, min(pictures, 1.0)
