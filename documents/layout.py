"""Words with boxes → lines in reading order: prose in columns, table rows, cells of ruled tables.

Pure geometry. Boxes are shares of the page (0 to 1); `aspect` (width / height) makes both axes comparable.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from statistics import median

from documents.extraction.page import Box, Line, Word

SEGMENT_GAP = 1.5  # blanks wider than this many line heights part two segments of a row
GUTTER_ROWS = 5  # fewer rows than this are no columns of prose
GUTTER_LETTERS = 18  # letters a line must have, in the middle, to count as prose
FULLNESS = 0.62  # share of the column's width that a line of prose fills, in the middle
RULING_SLACK = 0.004  # rulings meet with small gaps: share of the page
_OPENING = re.compile(
    r"[^\W\d_]{4,} (?:[nN] ?° ?)?(\d{1,2})\b|(\d{1,2}) ?[.)/°–-]"
)  # of a numbered paragraph


@dataclass(slots=True)
class _Row:
    words: list[Word] = field(default_factory=list)
    top: float = 1.0
    bottom: float = 0.0

    def add(self, word: Word) -> None:
        self.words.append(word)
        self.top, self.bottom = min(self.top, word.box[1]), max(self.bottom, word.box[3])


def lines_of(words: Sequence[Word], rulings: Iterable[Box] = (), aspect: float = 0.7071) -> tuple[Line, ...]:
    """Lines in reading order. `rulings` are the thin lines and frame edges drawn on the page, as boxes."""
    cells = _cells(words, list(rulings))
    table_rows = _table_rows(cells)
    in_table = {id(word) for row in table_rows for cell in row for word in cell.words}
    free = _rows([word for word in words if id(word) not in in_table])
    blocks: list[tuple[float, list[Line]]] = []
    run: list[_Row] = []
    bands = sorted(((min(cell.box[1] for cell in row), row) for row in table_rows), key=lambda band: band[0])
    tops = [top for top, _ in bands]

    def flush() -> None:
        if run:
            blocks.append((run[0].top, _columns(run, aspect)))
            run.clear()

    previous = None
    for row in free:
        centre = (row.top + row.bottom) / 2
        place = sum(1 for top in tops if top < centre)
        if previous is not None and place != previous:
            flush()
        previous = place
        run.append(row)
    flush()
    for number, (top, cells_of_row) in enumerate(bands):
        blocks.append((top, _table_row(number, cells_of_row)))
    blocks.sort(key=lambda block: block[0])
    return tuple(line for _, lines in blocks for line in lines)


def _rows(words: Iterable[Word]) -> list[_Row]:
    """Group words that stand on one printed line; smaller print beside larger joins by its centre."""
    rows: list[_Row] = []
    for word in sorted(words, key=lambda w: ((w.box[1] + w.box[3]) / 2, w.box[0])):
        height = word.box[3] - word.box[1]
        best, best_share = None, 0.45
        for row in rows[-6:]:
            # Compare with the neighbour in x of that row: lines of a slightly sloping photo hold together.
            near = min(row.words, key=lambda w: _gap(w.box, word.box))
            overlap = min(near.box[3], word.box[3]) - max(near.box[1], word.box[1])
            smaller = min(height, near.box[3] - near.box[1])
            share = overlap / smaller if smaller > 0 else 0.0
            if share > best_share:
                best, best_share = row, share
        if best is None:
            best = _Row()
            rows.append(best)
        best.add(word)
    for row in rows:
        row.words.sort(key=lambda w: w.box[0])
    rows.sort(key=lambda row: median((w.box[1] + w.box[3]) / 2 for w in row.words))
    return rows


def _gap(a: Box, b: Box) -> float:
    return max(a[0] - b[2], b[0] - a[2], 0.0)


def _segments(row: _Row, aspect: float) -> list[list[Word]]:
    height = median(word.box[3] - word.box[1] for word in row.words)
    segments = [[row.words[0]]]
    for left, right in pairwise(row.words):
        if (right.box[0] - left.box[2]) * aspect > SEGMENT_GAP * height:
            segments.append([right])
        else:
            segments[-1].append(right)
    return segments


def _columns(rows: list[_Row], aspect: float) -> list[Line]:
    """Rows as lines; where two columns of prose stand side by side, the left one first."""
    lines: list[Line] = []
    start = 0
    while start < len(rows):
        found = _gutter(rows, start, aspect)
        if found is None:
            lines.append(Line(tuple(rows[start].words)))
            start += 1
            continue
        end, x = found
        region = _begun_above(lines, rows[start:end], x) + rows[start:end]
        for side in (0, 1):
            part = [w for row in region for w in row.words if ((w.box[0] + w.box[2]) / 2 > x) == bool(side)]
            lines.extend(
                _columns(_rows(part), aspect) if side else [Line(tuple(r.words)) for r in _rows(part)]
            )
        start = end
    return lines


def _begun_above(lines: list[Line], region: list[_Row], x: float) -> list[_Row]:
    """Takes back the lines just above that open the right column, where the left one begins lower."""
    edge = min((w.box[0] for row in region for w in row.words if w.box[0] > x), default=1.0)
    found: list[_Row] = []
    top = region[0].top
    while lines and lines[-1].cell is None:
        x0, y0, _, y1 = lines[-1].box
        if abs(x0 - edge) > 0.01 or not 0 < top - y0 < 2.2 * (y1 - y0):
            break
        row = _Row()
        for word in lines.pop().words:
            row.add(word)
        found.insert(0, row)
        top = y0
    return found


def _gutter(rows: list[_Row], start: int, aspect: float) -> tuple[int, float] | None:
    """End of the run of rows and x of the blank band, where `start` opens two columns of prose."""
    segments = _segments(rows[start], aspect)
    blanks = [(left[-1].box[2], right[0].box[0]) for left, right in pairwise(segments)]
    # A short line on the left (a title, the end of a paragraph) leaves more than the gutter blank.
    blanks += [(high - 0.03, high) for low, high in blanks if high - low > 0.08]
    for blank in blanks:
        low, high = blank
        end = start + 1
        while end < len(rows):
            new_low, new_high = low, high
            middle = (low + high) / 2
            for word in rows[end].words:
                if (word.box[0] + word.box[2]) / 2 < middle:
                    new_low = max(new_low, word.box[2])
                else:
                    new_high = min(new_high, word.box[0])
            if (new_high - new_low) * aspect < 0.006:
                break
            low, high = new_low, new_high
            end += 1
        if end - start >= GUTTER_ROWS and _is_prose(rows[start:end], (low + high) / 2):
            return end, (low + high) / 2
    return None


def _is_prose(rows: list[_Row], x: float) -> bool:
    both = 0
    sides: tuple[list[list[Word]], list[list[Word]]] = ([], [])
    for row in rows:
        left = [w for w in row.words if (w.box[0] + w.box[2]) / 2 < x]
        right = [w for w in row.words if (w.box[0] + w.box[2]) / 2 > x]
        both += bool(left and right)
        for side, words in zip(sides, (left, right), strict=True):
            if words:
                side.append(words)
    if both < GUTTER_ROWS - 1 or both < 0.4 * len(rows):
        return False
    for side in sides:
        letters = median(sum(c.isalpha() for w in words for c in w.text) for words in side)
        digits = sum(c.isdigit() for words in side for w in words for c in w.text)
        total = sum(len(w.text) for words in side for w in words)
        width = max(words[-1].box[2] for words in side) - min(words[0].box[0] for words in side)
        full = median((words[-1].box[2] - words[0].box[0]) / width for words in side) if width else 0
        if letters < GUTTER_LETTERS or digits > 0.25 * total or full < FULLNESS:
            return _numbered_on(*sides)
    return True


def _numbered_on(left: list[list[Word]], right: list[list[Word]]) -> bool:
    """Whether paragraphs are numbered down the left side and on down the right: short lines, but columns."""
    before, after = _count_up(left), _count_up(right)
    return len(before) > 1 and len(after) > 1 and after[0] == before[-1] + 1


def _count_up(lines: list[list[Word]]) -> list[int]:
    """The longest run of numbers, each one more than the last, that open lines: `4.`, `Point n° 5`."""
    best: dict[int, list[int]] = {}
    for words in lines:
        found = _OPENING.match(" ".join(word.text for word in words[:4]))
        if found:
            number = int(found[1] or found[2])
            best[number] = [*best.get(number - 1, []), number]
    return max(best.values(), key=len, default=[])


@dataclass(slots=True)
class _Cell:
    box: Box
    words: list[Word]


def _cells(words: Sequence[Word], rulings: list[Box]) -> list[_Cell]:
    """Words of each rectangle closed by rulings on its four sides."""
    level = [r for r in rulings if r[2] - r[0] >= r[3] - r[1]]
    upright = [r for r in rulings if r[2] - r[0] < r[3] - r[1]]
    if len(level) < 2 or len(upright) < 2:
        return []
    cells: dict[tuple[int, int, int, int], _Cell] = defaultdict(lambda: _Cell((0, 0, 0, 0), []))
    for word in words:
        x, y = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
        across = [(r[1] + r[3]) / 2 for r in level if r[0] - RULING_SLACK <= x <= r[2] + RULING_SLACK]
        along = [(r[0] + r[2]) / 2 for r in upright if r[1] - RULING_SLACK <= y <= r[3] + RULING_SLACK]
        top = max((v for v in across if v <= y), default=None)
        bottom = min((v for v in across if v > y), default=None)
        left = max((v for v in along if v <= x), default=None)
        right = min((v for v in along if v > x), default=None)
        if top is None or bottom is None or left is None or right is None:
            continue
        key = (round(top * 250), round(bottom * 250), round(left * 250), round(right * 250))
        cell = cells[key]
        cell.box = (left, top, right, bottom)
        cell.words.append(word)
    return list(cells.values())


def _table_rows(cells: list[_Cell]) -> list[list[_Cell]]:
    """Cells that share top and bottom. A cell alone is a frame, not a table."""
    rows: list[list[_Cell]] = []
    for cell in sorted(cells, key=lambda c: (c.box[1], c.box[0])):
        for row in rows:
            first = row[0].box
            if abs(first[1] - cell.box[1]) < RULING_SLACK and abs(first[3] - cell.box[3]) < RULING_SLACK:
                row.append(cell)
                break
        else:
            rows.append([cell])
    return [sorted(row, key=lambda c: c.box[0]) for row in rows if len(row) > 1]


def _table_row(number: int, cells: list[_Cell]) -> list[Line]:
    printed = [_rows(cell.words) for cell in cells]
    if all(len(rows) == 1 for rows in printed):
        edges = list(accumulate(len(rows[0].words) for rows in printed))[:-1]
        return [Line(tuple(word for rows in printed for word in rows[0].words), None, tuple(edges))]
    return [
        Line(tuple(row.words), cell=(number, column)) for column, rows in enumerate(printed) for row in rows
    ]
