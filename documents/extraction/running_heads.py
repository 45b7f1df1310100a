"""Pages without the lines that an office prints on every sheet: they cut through sentences and tables."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from documents.extraction.flow import fold
from documents.extraction.page import Line, Page

HEAD, FOOT = 0.13, 0.9  # where running heads and feet stand, in page heights
SAME_HEIGHT = 0.015
"""They stand at one height on all sheets; scans are laid down a little higher or lower."""
_PAGE_NUMBER = re.compile(
    r"[\s\-–—_|]*(?:page|p\.|folio)?\s*\d{1,3}\s*(?:(?:/|sur|of)\s*\d{1,3})?[\s\-–—_|]*"
)
_VOTE = re.compile(
    r"\bpour\b.*\bcontre\b|\bvotes?\b.*\b(?:tantiemes|voix)\b"
    r"|\b(?:resolution|decision)\b.*\b(?:adoptee?|rejetee?|approuvee?)\b"
)
"""The head of a table of votes and a result may well stand first on several sheets."""
Signature = tuple[str, tuple[int, ...], int]


def without_running_heads(pages: Sequence[Page]) -> list[Page]:
    """The pages without repeated heads, feet and page numbers; the first head stays: it names the office."""
    heights: defaultdict[Signature, list[float]] = defaultdict(list)
    for page in pages:
        for line in filter(_at_edge, page.lines):
            for signature in _signatures(line, page.number):
                heights[signature].append(line.box[1])
    kept: list[Page] = []
    met: set[Signature] = set()
    for page in pages:
        lines = []
        for line in page.lines:
            if _at_edge(line):
                if _PAGE_NUMBER.fullmatch(fold(line.text)):
                    continue
                top = line.box[1]
                repeated = {
                    signature
                    for signature in _signatures(line, page.number)
                    if sum(abs(top - other) < SAME_HEIGHT for other in heights[signature])
                    >= max(2, len(pages) // 3)
                }
                again = not repeated.isdisjoint(met)
                met |= repeated
                if repeated and (again or top > FOOT):
                    continue
            lines.append(line)
        kept.append(replace(page, lines=tuple(lines)))
    return kept


def _at_edge(line: Line) -> bool:
    box = line.box
    return line.cell is None and (box[3] < HEAD or box[1] > FOOT) and not _VOTE.search(fold(line.text))


def _signatures(line: Line, page: int) -> Iterator[Signature]:
    """Words and numbers of a line: a running head has the same on every sheet, or but one that counts them.

    A row of a table of votes has the same words, and other numbers.
    """
    text = fold(line.text)
    words, numbers = re.sub(r"\d+", "#", text), [int(n[:9]) for n in re.findall(r"\d+", text)]
    yield words, tuple(numbers), -1
    for place, number in enumerate(numbers):
        yield words, (*numbers[:place], number - page, *numbers[place + 1 :]), place
