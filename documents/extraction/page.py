"""What reading hands to extraction, and what extraction hands back. Pure: no Django, no files.

Coordinates are shares of the page as it is shown (after rotation): x to the right, y downwards, 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Literal

Box = tuple[float, float, float, float]  # x0, y0, x1, y1
Value = str | int | bool | Decimal | date
Method = Literal["text", "ocr", "rule", "model", "human"]


@dataclass(frozen=True, slots=True)
class Word:
    """Characters between two blanks. A number printed with blanks (`1 234,56`) is several words."""

    text: str
    box: Box
    confidence: float = 1.0  # 0 to 1; below 1 only where OCR read it


@dataclass(frozen=True, slots=True)
class Line:
    """Words of one printed line of one column or table row, left to right.

    A ruled table whose cells hold several lines is given cell by cell: `cell` is then (row, column), rows
    counted through the page from 0. A table row of single lines is one `Line` from edge to edge, no `cell`.
    `stops` are the indices of words that open another ruled cell: numbers on the two sides are two numbers.
    """

    words: tuple[Word, ...]
    cell: tuple[int, int] | None = None
    stops: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def segments(self) -> tuple[tuple[Word, ...], ...]:
        """The words between two stops: the cells of a table row."""
        edges = (0, *self.stops, len(self.words))
        return tuple(self.words[a:b] for a, b in pairwise(edges) if a < b)

    @property
    def box(self) -> Box:
        boxes = [word.box for word in self.words]
        return (
            min(b[0] for b in boxes),
            min(b[1] for b in boxes),
            max(b[2] for b in boxes),
            max(b[3] for b in boxes),
        )


@dataclass(frozen=True, slots=True)
class Page:
    """One page in reading order. `source` says where the words come from: the file's text layer or OCR."""

    number: int  # from 1
    lines: tuple[Line, ...]
    source: Literal["text", "ocr"] = "text"
    aspect: float = 0.7071  # width / height as shown
    hidden: str = ""  # text in the file that nobody sees on the page: never read for facts, reported

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact with its evidence.

    `path` follows the schema of the facts, list items by position: `resolutions[3].votes_for`.
    `value` is what is stated (Decimal euros, date, int, str, bool), `quote` the words as printed on `page`,
    `boxes` the places of these words, one per printed line.
    """

    path: str
    value: Value
    page: int
    quote: str
    boxes: tuple[Box, ...]
    method: Method
    confidence: float  # 0 to 1
    grounded: bool = True
    rule: str = ""  # name of the rule that read it, for quality by rule


@dataclass(slots=True)
class Reading:
    """Facts of one document (JSON shape of the schema, Decimal and date kept) and the evidence of each."""

    document_type: str
    facts: dict[str, object]
    findings: list[Finding] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
