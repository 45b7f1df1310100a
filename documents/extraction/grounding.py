"""Whether a value stands in its quote: the check that every finding passes, whoever read it.

Figures and days must be printed there, in figures or in letters. Words of a fixed list (a status, a kind) are
what a rule makes of the quote and cannot be compared.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from documents.extraction.amounts import IN_WORDS, decimal, number_in_words
from documents.extraction.dates import MONTHS, dates, periods
from documents.extraction.flow import Flow, fold
from documents.extraction.page import Finding, Line, Page, Word

_FIGURES = re.compile(r"\d{1,3}(?:[ .'\n]\d{3})+(?:[.,] ?\d{1,4})?(?!\d)|\d+(?:[.,] ?\d{1,4})?")
_NOTHING = re.compile(r"neant|aucun|nul|zero|personne|sans|\bo\b|pas d|[@ø]")
_CENTS_BEHIND = re.compile(r"(?<=\d) ?(?:€|euros?) ?(\d\d)(?!\d)")


def is_grounded(finding: Finding) -> bool:
    """True where the quote states the value, or where words cannot tell. A count is of the items quoted."""
    if finding.path.endswith("_count") and isinstance(finding.value, int):
        return states(finding.quote, finding.value) or finding.value <= len(finding.quote.split())
    return states(finding.quote, finding.value)


def states(quote: str, value: object) -> bool:
    folded = fold(quote)
    if isinstance(value, bool):
        return True
    if isinstance(value, int | Decimal):
        return _has_number(folded, abs(Decimal(value)))
    if isinstance(value, date):
        return _has_day(folded, value)
    text = fold(str(value))
    if re.fullmatch(r"[\d.,\s/-]+[a-h]?", text):
        digits = re.sub(r"\D", "", text).lstrip("0")
        return (
            digits in re.sub(r"\D", "", folded)
            or _has_number(folded, Decimal(digits or 0))
            or not re.search(r"\d", folded)
        )
    return True


def _has_number(folded: str, value: Decimal) -> bool:
    for match in _FIGURES.finditer(_CENTS_BEHIND.sub(r",\1", folded) + " " + folded):
        # `1 234,56` may also be a 1 beside 234,56: every way to part the groups is tried.
        printed = match[0]
        pieces = [m.start() for m in re.finditer(r"(?<![\d])\d|(?<=[ \n])\d", printed)]
        for start in pieces or [0]:
            for stop in [*(p for p in pieces if p > start), len(printed)]:
                found = decimal(printed[start:stop].strip(" \n.,'"))
                if found is not None and abs(found - value) < Decimal("0.005"):
                    return True
    if value == 0 and _NOTHING.search(folded):
        return True
    for match in re.finditer(rf"\b{IN_WORDS}", folded):
        if number_in_words(match[0]) == value:
            return True
    return value < 100 and re.search(rf"\b(?:{'|'.join(_ORDINAL_STEMS)})\w*", folded) is not None


_ORDINAL_STEMS = (
    "premi",
    "deuxi",
    "second",
    "troisi",
    "quatri",
    "cinqui",
    "sixi",
    "septi",
    "huiti",
    "neuvi",
    "dixi",
)


def _has_day(folded: str, value: date) -> bool:
    words = tuple(
        Word(piece, (i / 1000, 0.0, i / 1000 + 0.0009, 0.01)) for i, piece in enumerate(folded.split())
    )
    flow = Flow([Page(1, (Line(words),))]) if words else None
    if flow is None:
        return False
    joined = Flow([Page(1, (Line((Word(" ".join(folded.split()), (0.0, 0.0, 1.0, 0.01)),)),))])
    for reading in (flow, joined):
        if any(day == value for day, _ in dates(reading)):
            return True
        if any(value in (p.start, p.end) for p in periods(reading)):
            return True
    # Parts of a day set apart: `L'an deux mille vingt-trois, le vingt-six mai`, boxes of a form.
    month = next((name for name, number in MONTHS.items() if number == value.month and name in folded), None)
    numbers = {number_in_words(m[0]) for m in re.finditer(rf"\b{IN_WORDS}", folded)}
    numbers |= {int(m[0]) for m in re.finditer(r"\d+", folded)} | (
        {1} if re.search(r"premier|1er", folded) else set()
    )
    year = value.year in numbers or value.year % 100 in numbers
    return year and value.day in numbers and (month is not None or value.month in numbers)
