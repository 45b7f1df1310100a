"""Areas: Carrez (law of 10 July 1965, art. 46) and Boutin (CCH R.156-1)."""

from __future__ import annotations

import re

from documents.extraction.amounts import NUMBER, decimal
from documents.extraction.diags.parts import Part
from documents.extraction.flow import Span

# Between a name and its value: no other number but a lot's, no other cell of a table.
_LAW = r"\bloi\s+(?:n°\s*[\d-]+\s+)?du\s+\d{1,2}\s+\w+\s+(?:19|20)\d\d"
_GAP = rf"(?:m2\b|{_LAW}|[^\d\t]|\blots?\s*(?:n°\s*)?\d+|\(?(?:article|art\.?)\s[lr]?\.?\s?[\d.-]+)"
_SQUARE = rf"({NUMBER})\s*(?:m2|metres?\s+carres?)\b"


def _area(name: str, not_between: str, reach: int) -> str:
    """The name, then the area in its line or the next; behind a tab only in the name's own row."""
    same_row = rf"(?:(?!{not_between}|\n){_GAP}){{0,{reach}}}?\t?"
    next_row = rf"(?:(?!{not_between}){_GAP}){{0,{reach}}}?"
    return rf"{name}(?:{same_row}|{next_row}){_SQUARE}"


_CARREZ = (
    _area(
        r"(?:superficies?|surfaces?)\s+(?:\w+\s+)?(?:privatives?|carrez|\(?loi\s+carrez\)?)",
        r"habitable|boutin|hors|non\s",
        90,
    ),
    _area(
        r"superficies?,?\s+au\s+sens\s+de\s+(?:l'article\s+46|la\s+loi)", r"habitable|boutin|hors|non\s", 90
    ),
    _area(r"carrez", r"habitable|boutin|hors|non\s|arret", 60),
    _area(r"(?:superficies?|surfaces?)\s+totales?", r"habitable|boutin|sol", 60),
)
_BOUTIN = (
    _area(r"surfaces?\s+habitables?", r"carrez|privative|hors|non\s", 90),
    _area(r"boutin", r"carrez|privative", 60),
)


def read_carrez(part: Part) -> None:
    _read(part, _CARREZ, r"carrez|privative")


def read_boutin(part: Part) -> None:
    _read(part, _BOUTIN, r"habitable|boutin")


def _read(part: Part, patterns: tuple[str, ...], head: str) -> None:
    for pattern in patterns:
        matches = [
            m for m in part.finditer(pattern) if not re.search(r"non\s+compt|exclu|annexe|inferieur", m[0])
        ]
        # Rooms and lots are measured too: the total is named so, or is the last.
        for match in sorted(matches, key=lambda m: "total" not in m[0]):
            value = decimal(match[1])
            if value is not None and value > 0:
                part.put("surface_m2", value, Span(*match.span()))
                return
    _read_total(part, head)


def _read_total(part: Part, head: str) -> None:
    """The row of totals under the head of the column."""
    column = None
    for row in part.rows():
        for cell in row.cells:
            if len(row.cells) > 1 and re.search(head, cell.text) and not re.search(r"non\s|hors", cell.text):
                column = cell
        if column and re.match(r"total\b", row.text):
            values = [
                cell for cell in row.cells[1:] if re.fullmatch(rf"{NUMBER}(?:\s*m2)?", cell.text.strip())
            ]
            if values:
                nearest = min(values, key=lambda cell: abs(cell.centre - column.centre))
                value = decimal(nearest.text)
                if value is not None:
                    part.put("surface_m2", value, [row.cells[0].span, nearest.span], "surface_total", 0.8)
