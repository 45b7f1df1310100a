"""A sum with its label: in the cells right of it, or further on in its sentence."""

# ruff: noqa: E501  # patterns of words are read whole, on one line
from __future__ import annotations

import re

from documents.extraction.amounts import Amount, amounts
from documents.extraction.flow import Flow, Span

REACH = 170  # characters of prose between a label and its sum
SHORT = 45  # characters of a line that is a heading: the next line opens a sentence


def labelled(
    flow: Flow, pattern: str, *, refuse: str | None = None, taxed: bool = False, within: Span | None = None
) -> Amount | None:
    """The first sum that `pattern` labels. `refuse` is searched in the words around; `taxed` skips sums before tax."""
    for match in re.compile(pattern).finditer(flow.prose, *((within.start, within.end) if within else ())):
        row = flow.row_at(match.start())
        if refuse and re.search(
            refuse, _clause(flow, match.start(), match.end()) if len(row.cells) == 1 else row.text
        ):
            continue
        found = _in_row(flow, match.end(), row.end) if len(row.cells) > 1 else None
        found = found or _in_sentence(flow, match.end(), taxed)
        if found and not (taxed and found.tax == "ht"):
            return found
    return None


def _clause(flow: Flow, start: int, end: int) -> str:
    row = flow.row_index(start)
    heading = flow.rows[row].start if row and len(flow.rows[row - 1].text) < SHORT else 0
    marks = (flow.prose.rfind(mark, 0, start) + 1 for mark in (". ", "\n", ";"))
    begin = max(*marks, start - 120, heading)
    stop = re.search(r"\.\s|\n|;|€|eur", flow.prose[end : end + REACH])
    return flow.prose[begin : end + (stop.start() if stop else REACH)]


def _in_row(flow: Flow, start: int, end: int) -> Amount | None:
    row = flow.row_at(start)
    later = [cell for cell in row.cells if cell.start >= start]
    for cell in reversed(later):
        found = list(amounts(flow, cell.span))
        if found:
            return _taxed(found)
    return None


def _in_sentence(flow: Flow, start: int, taxed: bool) -> Amount | None:
    stop = re.search(
        r"(?<!\bart)(?<!\bm)(?<!\bt\.t\.c)\.\s(?=[a-z])|\n\n|;", flow.prose[start : start + REACH]
    )
    end = start + (stop.start() + 1 if stop else REACH)
    index = flow.row_index(start)
    row = flow.rows[index]
    if len(row.cells) > 1:
        end = min(end, row.end)
    elif index + 1 < len(flow.rows) and len(flow.rows[index + 1].cells) > 1:
        end = (
            min(end, row.end)
            if any(True for _ in amounts(flow, Span(start, max(row.end, start))))
            else min(end, flow.rows[index + 1].end)
        )
    found = list(amounts(flow, Span(start, max(end, start))))
    return _taxed(found) if found else None


def _taxed(found: list[Amount]) -> Amount:
    """Of `11 520,00 € HT, soit 13 824,00 € TTC` the second."""
    first = found[0]
    if (
        first.tax != "ttc"
        and len(found) > 1
        and found[1].tax == "ttc"
        and first.value < found[1].value < first.value * 2
    ):
        return found[1]
    return first
