"""The table of a tax notice with one tax a column: which head stands over which sum."""

# one rule, one line: patterns are read across
from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from documents.extraction.amounts import EUROS, NUMBER, decimal
from documents.extraction.flow import Cell, Flow, Row
from documents.extraction.page import Box

TAXES = {
    "commune": r"communes?\b(?!\s*:(?!\s*(?:base|taux|cotisation)))|part communale",
    "syndicat": r"syndicats?\b",
    "intercommunalite": r"inter\W*com\w*\W*\w*|epci\b|communaute\b|metropole\b",
    "departement": r"depar\w*\W*\w*ment\w*",
    "taxes_speciales": r"(?:taxes?\s+)?speciales?\b|tse\b|tasa\b|taxes?\s+speciales?",
    "ordures_menageres": r"(?:taxe\s+)?(?:d')?(?:enlevement\s+(?:des\s+)?)?ordures\b|teom\b",
    "gemapi": r"(?:taxe\s+)?gemapi\b",
    "total": r"total\b",
}
FORM_BEFORE_2018 = ("commune", "syndicat", "intercommunalite", "departement", "taxes_speciales",
                    "ordures_menageres", "total")  # fmt: skip
FORM_2018 = (*FORM_BEFORE_2018[:-1], "gemapi", "total")
FORM_2021 = tuple(tax for tax in FORM_2018 if tax != "departement")
HEADER_REACH = 0.12  # share of the page above the rates within which the heads of the columns stand
_VALUE = re.compile(rf"^[+\-]?\s*({NUMBER})\s*(?:{EUROS})?[.,*]?$")


def value_of(cell: Cell) -> Decimal | None:
    found = _VALUE.match(cell.text.strip())
    return decimal(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class Column:
    tax: str
    box: Box


def by_column(rows: list[Row], flow: Flow, year: int | None) -> list[tuple[str, Cell]]:
    """One tax a column: rows `Taux 2023`, `Base`, `Cotisation 2024`…"""
    first = next((i for i, row in enumerate(rows) if label(row, r"taux\b|base\b")), None)
    if first is None:
        return []
    labelled = [row for row in rows[first:] if len(row.cells) > 1]
    columns = _heads(rows[: first + 1], rows[first], flow)
    widest = max((len(values(row)) for row in labelled if label(row, r"base\b|total base")), default=0)
    found = {column.tax for column in columns}
    if "commune" not in found or len(found - {"total"}) < min(widest, 3):
        columns = _form_columns(labelled, year)
    if not columns:
        return []
    reach = _reach([row for row in labelled if label(row, r"base|cotisation|total")])
    bases = _matched(columns, values(_base_row(labelled)), reach)
    own = _matched(columns, values(_contribution_row(labelled, year)), reach)
    return [("base", cell) for tax, cell in bases if tax == "commune"] + own


def label(row: Row, pattern: str) -> bool:
    return re.match(pattern, row.text.lstrip(" .:_-")) is not None


def values(row: Row | None) -> list[Cell]:
    return [cell for cell in row.cells[1:] if value_of(cell) is not None] if row else []


def _heads(above: Sequence[Row], first: Row, flow: Flow) -> list[Column]:
    """Heads of the columns, of one cell each or scattered over the lines above the first row of figures."""
    near = [row for row in above if row.page == first.page and first.top - HEADER_REACH < row.top < first.top]
    columns: dict[str, Column] = {}
    for row in reversed(near):
        for cell in row.cells:
            # Lines of prose above the table name communes too: a head holds no number and few words.
            if re.search(r"\d{3}|:|;$", cell.text) or len(cell.text) > 45:
                continue
            for tax, pattern in TAXES.items():
                if tax == "commune" and re.search(r"syndicat|inter", cell.text):
                    continue
                found = re.match(rf"(?:\(?\d\)?\s*)?(?:taxe\s+)?(?:{pattern})", cell.text)
                if found and tax not in columns and not (tax == "commune" and cell.text == "communes"):
                    columns[tax] = Column(tax, _whole_head(cell, near))
                    break
    return sorted(columns.values(), key=lambda column: column.box[0])


def _whole_head(cell: Cell, near: Sequence[Row]) -> Box:
    """The head with its further lines: `Inter` over `communalité`."""
    x0, y0, x1, y1 = cell.box
    for other in sorted((one for row in near for one in row.cells), key=lambda one: one.box[1]):
        a0, b0, a1, b1 = other.box
        below = y0 < b0 < y1 + 0.8 * (b1 - b0) and min(x1, a1) > max(x0, a0)
        if below and len(other.text) < 20 and not re.search(r"\d|:", other.text):
            x0, x1, y1 = min(x0, a0), max(x1, a1), b1
    return (x0, y0, x1, y1)


def _form_columns(rows: Sequence[Row], year: int | None) -> list[Column]:
    """Where no head can be read: the official form prints its columns evenly and in one order.

    The row of the year's contributions runs from the commune (always there) to the total.
    """
    row = _contribution_row(rows, year)
    sums = values(row)
    if year is None or row is None or len(sums) < 3 or not re.search(r"20\d\d", row.cells[0].text):
        return []
    form = FORM_2021 if year >= 2021 else FORM_2018 if year >= 2018 else FORM_BEFORE_2018
    left, right = sums[0].centre, sums[-1].centre
    parts = sum(value for cell in sums[:-1] if (value := value_of(cell)) is not None)
    if right - left < 0.2 or parts != value_of(sums[-1]):
        return []
    step = (right - left) / (len(form) - 1)
    return [Column(tax, (left + i * step, 0, left + i * step, 0)) for i, tax in enumerate(form)]


def _matched(columns: Sequence[Column], cells: Sequence[Cell], reach: float) -> list[tuple[str, Cell]]:
    """The head over each cell: both run from left to right, and no two cells share a head.

    Sums may be set to the left edge, the middle or the right edge of their column: the edge that fits all
    cells best counts. A cell further than `reach` from every free head stands under one that was not read.
    """
    edges = (lambda box: (box[0] + box[2]) / 2, lambda box: box[2], lambda box: box[0])
    fits = [_fit(columns, cells, reach, edge) for edge in edges]
    return min(fits, key=lambda fit: fit[0])[1]


def _fit(
    columns: Sequence[Column], cells: Sequence[Cell], reach: float, edge: Callable[[Box], float]
) -> tuple[float, list[tuple[str, Cell]]]:
    """The cheapest way to give heads to cells in order: distances, and `reach` for a cell without a head."""
    best: list[tuple[float, list[tuple[str, Cell]]]] = [(0.0, [])] * (len(columns) + 1)
    for cell in cells:
        after = [(best[0][0] + reach, best[0][1])]
        for place, column in enumerate(columns, 1):
            apart = abs(edge(column.box) - edge(cell.box))
            ways = [after[-1], (best[place][0] + reach, best[place][1])]
            if apart <= reach:
                cost, before = best[place - 1]
                ways.append((cost + apart, [*before, (column.tax, cell)]))
            after.append(min(ways, key=lambda way: way[0]))
        best = after
    return best[-1]


def _reach(rows: Sequence[Row]) -> float:
    """Most of the distance between two columns of figures."""
    centres = sorted({round(cell.centre, 2) for row in rows for cell in values(row)})
    steps = [b - a for a, b in pairwise(centres) if b - a > 0.03]
    return 0.65 * min(steps, default=0.15)


def _base_row(rows: Sequence[Row]) -> Row | None:
    """The total of the bases; the only base where there is one property; nothing to choose from otherwise."""
    total = [
        row for row in rows if label(row, r"(?:total\s+(?:des\s+)?bases?|bases?\s+(?:nettes?\s+)?total)")
    ]
    single = [
        row
        for row in rows
        if label(row, r"bases?\b(?!\s+(?:brute|exoneree|du\s+forfait|terres?|non\b|etat))")
    ]
    if total:
        return total[0]
    return single[0] if len(single) == 1 else None


def _contribution_row(rows: Sequence[Row], year: int | None) -> Row | None:
    dated = [
        row
        for row in rows
        if year and label(row, rf"(?:total\s+(?:des\s+)?)?cotisations?\s+(?:\w+\s+)?{year}\b")
    ]
    if dated:
        return dated[-1]
    total = [
        row
        for row in rows
        if label(row, r"total\s+(?:des\s+)?cotisations?\b(?!\s*20\d\d)") and len(values(row)) > 1
    ]
    if total:
        return total[0]
    plain = [row for row in rows if label(row, r"cotisations?\s*(?:due|nette)?s?\s*(?:\t|$|\d)(?!\d\d\d\b)")]
    return plain[0] if len(plain) == 1 else None
