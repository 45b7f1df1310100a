"""The words of some pages as one running text to search, with the rows and cells they stand in.

The text is folded (lower case, no accents, one apostrophe, one dash) so that a rule needs one spelling; every
place in it leads back to the printed words, which become the quote and the boxes of a finding.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

from documents.extraction.page import Box, Finding, Line, Page, Value, Word

CELL_GAP = 0.9  # blanks wider than this many line heights part two cells of a row without rulings
NUMBER_GAP = 0.5  # and this many between two numbers: `1 837` is narrower, two columns are wider
OCR_GROUP_GAP = 0.8  # thousands in OCR: 0.3 to 0.63 measured; columns stand further apart
EVEN = 0.4  # a line whose narrowest blank is at least this share of its usual one is no row of cells
JUSTIFIED = 1.7  # and is cut into cells only where a blank is this many times the usual one
_BROKEN = re.compile(
    r"(?<![\d.,/'-])(?<!art\. )(?<!article )(?<!n° )(?<!lot )\d{1,3}\n\d{3}(?:[.,;:)]|[ \n]|$)"
)
_GROUP = re.compile(r"\d{3}(?:$|[,.]\d{2}\D*$|\D)")
_WITH_CENTS = re.compile(r"[-+]?[\d.]*\d,\d{2}")  # a sum that is complete: figures after it are another
_HEAD = re.compile(r"[-+|(\[]?\d{1,3}")
_SQUARE = re.compile(r"(?<![a-z])m[°?*'\"]2?(?![a-z0-9])")  # OCR of m²
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("’‘ʼ´`′", "'"),
        **dict.fromkeys("–—‐‑‒−―", "-"),
        **dict.fromkeys("“”«»", '"'),
        **dict.fromkeys("|¦│┃", ""),
        "œ": "oe",
        "æ": "ae",
        "€": "€",
        "×": "x",
    }
)


def fold(text: str) -> str:
    """Lower case, without accents, superscripts and typographic variants."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_SIGNS))
    return "".join(c for c in plain if not unicodedata.combining(c))


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the folded text of a flow."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cell:
    """Words of one cell, of one or several lines; a line of prose is a row of one cell."""

    start: int
    end: int
    box: Box
    text: str  # folded

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)

    @property
    def centre(self) -> float:
        return (self.box[0] + self.box[2]) / 2


@dataclass(frozen=True, slots=True)
class Row:
    page: int
    cells: tuple[Cell, ...]
    text: str  # folded

    @property
    def start(self) -> int:
        return self.cells[0].start

    @property
    def end(self) -> int:
        return max(cell.end for cell in self.cells)

    @property
    def top(self) -> float:
        return min(cell.box[1] for cell in self.cells)

    @property
    def bottom(self) -> float:
        return max(cell.box[3] for cell in self.cells)

    @property
    def height(self) -> float:
        """Height of the largest line: of the print, where the row is one line."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class _Placed:
    word: Word
    page: int
    line: int
    ocr: bool


class Flow:
    """Running text of pages: `text` is folded; a blank parts words, a tab cells, a new line rows."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._placed: list[_Placed] = []
        self._starts: list[int] = []
        parts: list[str] = []
        rows: list[Row] = []
        length = 0
        line_number = 0
        for page in pages:
            for cells in _rows_of(page):
                made: list[Cell] = []
                for lines in cells:
                    begin = length
                    for line in lines:
                        line_number += 1
                        for word in line:
                            piece = fold(word.text)
                            if page.source == "ocr":
                                piece = _SQUARE.sub("m2", piece)
                            if not piece:
                                continue
                            self._placed.append(_Placed(word, page.number, line_number, page.source == "ocr"))
                            self._starts.append(length)
                            parts.append(piece + " ")
                            length += len(piece) + 1
                    if length > begin:
                        parts[-1] = parts[-1][:-1] + "\t"
                        text = "".join(parts[self._word_at(begin) :])[:-1]
                        made.append(
                            Cell(begin, length - 1, _around(w.box for line in lines for w in line), text)
                        )
                if made:
                    parts[-1] = parts[-1][:-1] + "\n"
                    rows.append(Row(page.number, tuple(made), "\t".join(cell.text for cell in made)))
        self.rows = tuple(rows)
        self.text = _mended("".join(parts), self.rows)
        self.prose = _running(self.text, rows)
        self._row_starts = [row.start for row in rows]

    def _word_at(self, offset: int) -> int:
        return max(bisect_right(self._starts, offset) - 1, 0)

    def row_at(self, offset: int) -> Row:
        return self.rows[self.row_index(offset)]

    def row_index(self, offset: int) -> int:
        return max(bisect_right(self._row_starts, offset) - 1, 0)

    def words(self, span: Span) -> list[Word]:
        return [placed.word for placed in self._in(span)]

    def _in(self, span: Span) -> list[_Placed]:
        return [self._placed[place] for place in self._places(span)]

    def _places(self, span: Span) -> range:
        return range(self._word_at(span.start), self._word_at(max(span.end - 1, span.start)) + 1)

    def page_of(self, offset: int) -> int:
        return self._placed[self._word_at(offset)].page if self._placed else 1

    def box(self, span: Span) -> Box:
        return _around(placed.word.box for placed in self._in(span))

    def search(self, pattern: str | re.Pattern[str], within: Span | None = None) -> re.Match[str] | None:
        return next(self.finditer(pattern, within), None)

    def search_prose(
        self, pattern: str | re.Pattern[str], within: Span | None = None
    ) -> re.Match[str] | None:
        """Like `search`, on text where a line break inside a paragraph is a blank; the same offsets."""
        within = within or Span(0, len(self.text))
        return re.compile(pattern).search(self.prose, within.start, within.end)

    def finditer(self, pattern: str | re.Pattern[str], within: Span | None = None) -> Iterator[re.Match[str]]:
        compiled = re.compile(pattern) if isinstance(pattern, str) else pattern
        within = within or Span(0, len(self.text))
        return compiled.finditer(self.text, within.start, within.end)

    def finding(
        self, path: str, value: Value, spans: Span | Sequence[Span], rule: str, confidence: float
    ) -> Finding:
        """The fact with the words of `spans` (of one page: the first span's) as its quote."""
        spans = [spans] if isinstance(spans, Span) else list(spans)
        order = list(dict.fromkeys(place for span in spans for place in self._places(span)))
        order = [place for place in order if self._placed[place].page == self._placed[order[0]].page]
        items = [self._placed[place] for place in order]
        # One box for each run of neighbours on a line: what stands between two quoted words stays outside.
        runs: list[list[Word]] = []
        for i, item in enumerate(items):
            if i and item.line == items[i - 1].line and order[i] == order[i - 1] + 1:
                runs[-1].append(item.word)
            else:
                runs.append([item.word])
        boxes = tuple(_around(word.box for word in run) for run in runs)
        ocr = any(item.ocr for item in items)
        sure = min((item.word.confidence for item in items), default=1.0)
        return Finding(
            path=path,
            value=value,
            page=items[0].page,
            quote=" ".join(item.word.text for item in items),
            boxes=boxes,
            method="ocr" if ocr else "text",
            confidence=round(confidence * (0.5 + 0.5 * sure), 3),
            grounded=True,
            rule=rule,
        )


def _running(text: str, rows: Sequence[Row]) -> str:
    signs = list(text)
    for above, below in pairwise(rows):
        if len(above.cells) == 1 and len(below.cells) == 1:
            signs[above.end] = " "
    return "".join(signs)


def _mended(text: str, rows: Sequence[Row]) -> str:
    """The text with a blank where a line of prose ended within a number: `abstention : 3⏎674`.

    Only where the thousands would not have fitted on the line above; the offsets stay.
    """
    ends = {row.end: place for place, row in enumerate(rows)}
    signs: list[str] | None = None
    for match in _BROKEN.finditer(text):
        cut = text.index("\n", match.start())
        place = ends.get(cut, len(rows))
        if place + 1 < len(rows) and _filled(rows, place):
            signs = signs or list(text)
            signs[cut] = " "
    return "".join(signs) if signs else text


def _filled(rows: Sequence[Row], place: int) -> bool:
    """Whether a row of prose left no room for the first word of the next row."""
    above, below = rows[place], rows[place + 1]
    if len(below.cells) > 1 or above.page != below.page:
        return False
    left, right = above.cells[0].box[0], above.cells[-1].box[2]
    column = [
        row.cells[0].box[2]
        for row in rows[max(place - 12, 0) : place + 13]
        if row.page == above.page and len(row.cells) == 1 and abs(row.cells[0].box[0] - left) < 0.05
    ]
    width = (below.cells[0].box[2] - below.cells[0].box[0]) / max(len(below.text), 1)
    first = len(below.text.split(maxsplit=1)[0]) + 1
    return (
        len(column) > 2 and right + first * width > sorted(column)[len(column) * 4 // 5]
    )  # a title may be wider


def _around(boxes: Iterable[Box]) -> Box:
    many = list(boxes)
    return (
        min(b[0] for b in many),
        min(b[1] for b in many),
        max(b[2] for b in many),
        max(b[3] for b in many),
    )


def _rows_of(page: Page) -> Iterator[list[list[Sequence[Word]]]]:
    """Rows as cells as lines of words. Cells of a ruled table come from the page, others from the blanks."""
    usual = _usual_blank(page)
    margins = _margins(page)
    for row, group in groupby(page.lines, key=lambda line: None if line.cell is None else line.cell[0]):
        if row is None:
            for line in group:
                if line.words:
                    filled = not margins.isdisjoint(_edges(line))
                    yield [[words] for words in _segments(line, page, usual, filled)]
        else:
            yield [
                [line.words for line in lines if line.words]
                for _, lines in groupby(group, key=lambda line: line.cell and line.cell[1])
            ]


def _usual_blank(page: Page) -> float:
    """Width of a blank between words of this page: wide on a typewriter, where every sign is as wide."""
    gaps = sorted(right.box[0] - left.box[2] for line in page.lines for left, right in pairwise(line.words))
    return max(gaps[len(gaps) * 3 // 10], 0.0) if len(gaps) >= 20 else 0.0


def _edges(line: Line) -> set[tuple[int, int]]:
    """The line's edges in steps of 0.8 % of the page, twice: nearly equal edges have one in common."""
    left, right = line.words[0].box[0] * 125, line.words[-1].box[2] * 125
    return {(int(left + i), int(right + j)) for i in (0.0, 0.5) for j in (0.0, 0.5)}


def _margins(page: Page) -> set[tuple[int, int]]:
    """Edges that three lines or more share: of a column set to both margins, or of a table."""
    counts = Counter(edge for line in page.lines if line.words and line.cell is None for edge in _edges(line))
    return {edge for edge, count in counts.items() if count >= 3}


def _segments(line: Line, page: Page, usual: float, filled: bool) -> list[list[Word]]:
    height = median(word.box[3] - word.box[1] for word in line.words) / (page.aspect or 1.0)
    wide = min(max(CELL_GAP * height, 1.8 * usual), 1.7 * height)
    wide_number = min(max(NUMBER_GAP * height, 1.35 * usual), 1.3 * height)
    gaps = [right.box[0] - left.box[2] for left, right in pairwise(line.words)]
    signs = [word.text for word in line.words if any(c.isalnum() for c in word.text)]
    words = sum(1 for text in signs if text[0].isalpha())
    enough = len(gaps) >= (3 if filled else 6) and words > 0.5 * len(signs)
    own = median(gaps) if enough else 0.0
    if own < (3 if filled else 2) * height and min(gaps, default=0.0) > EVEN * own:
        # Prose set to both margins: every blank of the line is as wide as between cells elsewhere.
        wide = max(wide, JUSTIFIED * own)
        wide_number = max(wide_number, JUSTIFIED * own)
    # Also a short line of votes, `pour 7 011 - contre 193`, in a narrow column: its blanks are all alike.
    even = filled and words >= 2 and 0 < median(gaps) < 1.5 * height and max(gaps) < 1.6 * median(gaps)
    segments = [[line.words[0]]]
    for place, (left, right) in enumerate(pairwise(line.words), start=1):
        gap = right.box[0] - left.box[2]
        most = wide
        if even and _GROUP.match(right.text) and _HEAD.fullmatch(left.text):
            most = max(wide, gap)
        elif left.text[-1:].isdigit() and right.text[:1].isdigit():
            # OCR boxes hug the figures: the blank before a group of three looks wider than in a text layer.
            group = page.source == "ocr" and _GROUP.match(right.text) and _HEAD.fullmatch(left.text)
            most = max(wide_number, OCR_GROUP_GAP * height) if group else wide_number
        complete = _WITH_CENTS.fullmatch(left.text) and right.text[:1].isdigit() and gap > 0.1 * height
        if gap > most or complete or place in line.stops or not fold(left.text):
            segments.append([right])
        else:
            segments[-1].append(right)
    return segments
