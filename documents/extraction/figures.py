"""Patterns of numbers, sums and dates in folded text (see flow.py), and their values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from documents.extraction.flow import Flow, Span

# 1 234 567,89 · 1.234,56 · 1234.56 · 12,5
NUMBER = r"(?:\d{1,3}(?:[ .]\d{3})+(?!\d)|\d+)(?:[,.] ?\d{1,4}(?!\d))?"
CENTS = r"(?:\d{1,3}(?:[ .]\d{3})+|\d+)[,.] ?\d{2}(?![\d%])"
EUROS = r"(?:€|eur\b|euros?\b)"
MONEY = rf"(?:{NUMBER}\s?{EUROS}|{CENTS})"
MONTHS = {
    "janvier": 1, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7, "aout": 8,
    "septembre": 9, "octobre": 10, "novembre": 11, "decembre": 12,
    "janv": 1, "fevr": 2, "fev": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_MONTH = "|".join(MONTHS)
DAY_MONTH = rf"(?:1 ?er|ler|ier|\d{{1,2}})\s+(?:{_MONTH})\.?"
DATE = (
    rf"(?:(?<!\d)\d{{1,2}} ?[./-] ?\d{{1,2}} ?[./-] ?(?:\d{{4}}|\d{{2}})(?!\d)|{DAY_MONTH}\s+\d{{4}}(?!\d))"
)
_NUMERIC = re.compile(r"(\d{1,2}) ?[./-] ?(\d{1,2}) ?[./-] ?(\d{4}|\d{2})$")
_TEXTUAL = re.compile(rf"(1 ?er|ler|ier|\d{{1,2}})\s+({_MONTH})\.?\s+(\d{{4}})$")
OLDEST, NEWEST = 1900, 2100


def number(text: str) -> Decimal | None:
    """The value of what NUMBER or MONEY matched; a group of three after a point is thousands."""
    found = re.search(NUMBER, text)
    if not found:
        return None
    digits = found[0].replace(" ", "")
    if "," in digits:
        digits = digits.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3})+", digits):
        digits = digits.replace(".", "")
    elif digits.count(".") > 1:
        whole, _, cents = digits.rpartition(".")
        digits = whole.replace(".", "") + "." + cents
    return Decimal(digits)


def day(text: str) -> date | None:
    """The date that DATE matched, or None where no such day exists."""
    numeric = _NUMERIC.match(text)
    if numeric:
        d, m, y = (int(group) for group in numeric.groups())
        if len(numeric[3]) == 2:
            y += 2000 if y < 70 else 1900
    else:
        textual = _TEXTUAL.match(text)
        if not textual:
            return None
        d = 1 if textual[1].endswith("er") else int(textual[1])
        m, y = MONTHS[textual[2]], int(textual[3])
    if not OLDEST <= y <= NEWEST:
        return None
    try:
        return date(y, m, d)
    except ValueError:
        return None


def dates(flow: Flow, within: Span | None = None) -> Iterator[tuple[date, Span]]:
    for match in flow.finditer(DATE, within):
        value = day(match[0])
        if value is not None:
            yield value, Span(match.start(), match.end())
