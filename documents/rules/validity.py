"""Until when a diagnostic is valid for a sale, by its kind, its day and what it found."""

from __future__ import annotations

import calendar
from datetime import date

from documents.rules.case import Diagnostic
from documents.synthesis.papers import day

MONTHS = {"termites": 6, "erp": 6, "gaz": 36, "electricite": 36, "assainissement": 36}
KINDS = ("dpe", "plomb", "amiante", *MONTHS)
ASBESTOS_AGAIN = date(2013, 4, 1)
"""A negative asbestos report made before this day must be made again; none has an end since."""


def valid_until(diagnostic: Diagnostic) -> date | None:
    """The last day on which it is valid; None where it has no end, or its day is not known.

    An end that the document states counts where it is earlier than the law's.
    """
    made, stated = diagnostic.date, day(diagnostic.facts.get("valid_until"))
    if made == date.min:
        return stated
    ends = [end for end in (_by_law(diagnostic, made), stated) if end is not None]
    return min(ends, default=None)


def _by_law(diagnostic: Diagnostic, made: date) -> date | None:
    kind = diagnostic.facts["type"]
    if kind == "dpe":
        return _dpe(made)
    if kind == "plomb":
        return add_months(made, 12) if lead_found(diagnostic) else None
    if kind == "amiante":
        if found(diagnostic):
            return add_months(made, 36)
        return ASBESTOS_AGAIN if made < ASBESTOS_AGAIN else None
    return add_months(made, MONTHS[kind]) if kind in MONTHS else None


def _dpe(made: date) -> date:
    """Ten years; those of 2013 to mid-2021 ended earlier (décret 2020-1610)."""
    if date(2013, 1, 1) <= made <= date(2017, 12, 31):
        return date(2022, 12, 31)
    if date(2018, 1, 1) <= made <= date(2021, 6, 30):
        return date(2024, 12, 31)
    return add_months(made, 120)


def found(diagnostic: Diagnostic) -> bool:
    """Whether it says that something was found."""
    return diagnostic.facts.get("presence") is True or diagnostic.facts.get("outcome") in ("issues", "danger")


def lead_found(diagnostic: Diagnostic) -> bool:
    """Lead at 1 mg/cm² or above: a coating of class 1, 2 or 3."""
    counts = [diagnostic.facts.get(f"lead_class_{n}") for n in (1, 2, 3)]
    return any(counts) if any(c is not None for c in counts) else found(diagnostic)


def add_months(start: date, months: int) -> date:
    """The same day so many months later; the last of the month where that month is shorter."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
