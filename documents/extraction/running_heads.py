"""Pages without the lines that an office prints on every sheet: they cut through sentences and tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from documents.extraction.flow import fold
from documents.extraction.page import Line, Page

HEAD, FOOT = 0.13, 0.9  # where running heads and feet stand, in page heights
_PAGE_NUMBER = re.compile(
    r"[\s\-–—_|]*(?:page|p\.|folio)?\s*\d{1,3}\s*(?:(?:/|sur|of)\s*\d{1,3})?[\s\-–—_|]*"
)


def without_running_heads(pages: Sequence[Page]) -> list[Page]:
    """The pages without repeated heads, feet and page numbers; the first head stays: it names the office."""
    seen: Counter[str] = Counter()
    for page in pages:
        seen.update({_key(line) for line in page.lines if _at_edge(line)})
    kept: list[Page] = []
    met: set[str] = set()
    for page in pages:
        lines = []
        for line in page.lines:
            if _at_edge(line):
                key = _key(line)
                again = key in met
                met.add(key)
                foot = line.box[1] > FOOT
                if _PAGE_NUMBER.fullmatch(fold(line.text)):
                    continue
                if seen[key] >= max(2, len(pages) // 3) and (again or foot):
                    continue
            lines.append(line)
        kept.append(replace(page, lines=tuple(lines)))
    return kept


def _at_edge(line: Line) -> bool:
    box = line.box
    return line.cell is None and (box[3] < HEAD or box[1] > FOOT)


def _key(line: Line) -> str:
    return re.sub(r"\d+", "#", fold(line.text))
