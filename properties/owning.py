"""What owning costs, month by month: yearly costs, the loan, works voted and due after the deed.

Pure arithmetic on the lines of a synthesis of documents (codes and numbers). Energy is a range: every total
has a lower and an upper end. Amounts are Decimal euros, of today: no rise of prices is guessed. No Django.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from properties.costs import Loan, cents

YEARS = 10


@dataclass(frozen=True, slots=True)
class Month:
    """One month; `costs` {code: (low, high)}."""

    start: date
    costs: Mapping[str, tuple[Decimal, Decimal]]

    @property
    def low(self) -> Decimal:
        return sum((low for low, _high in self.costs.values()), Decimal(0))

    @property
    def high(self) -> Decimal:
        return sum((high for _low, high in self.costs.values()), Decimal(0))


def owning(
    synthesis: Mapping[str, Any], deed: date, loan: Loan | None = None, *, years: int = YEARS
) -> list[Month]:
    """The months from the deed's on. Yearly costs are spread so that twelve months make them to the cent;
    works stand in the month in which they fall due, those of no known date in the first (the more careful).
    """
    works = dues(synthesis, deed)
    months = []
    for number in range(years * 12):
        start = _month(deed, number)
        costs: dict[str, tuple[Decimal, Decimal]] = {}
        for line in _lines(synthesis, "annual"):
            low, high = (_twelfth(_money(end), number) for end in line["range"])
            before = costs.get(line["code"], (Decimal(0), Decimal(0)))
            costs[line["code"]] = (before[0] + low, before[1] + high)
        if loan is not None and number < loan.years * 12:
            costs["loan"] = (loan.monthly, loan.monthly)
        due = sum((amount for day, amount in works if _falls_in(day, start, first=number == 0)), Decimal(0))
        if due:
            costs["works"] = (due, due)
        months.append(Month(start, costs))
    return months


def dues(synthesis: Mapping[str, Any], deed: date) -> list[tuple[date | None, Decimal]]:
    """(day, amount) of the one-time amounts that the buyer owes: not paid, and due on the deed's day or after
    it, or at no known date (décret of 17 March 1967, art. 6-2).
    """
    found = []
    for line in _lines(synthesis, "one_time"):
        day = date.fromisoformat(line["due_date"]) if line["due_date"] else None
        if line["payment_status"] != "paid" and (day is None or day >= deed):
            found.append((day, _money(line["amount"])))
    return found


def by_year(months: Sequence[Month]) -> list[dict[str, Any]]:
    """[{year (1 is the first twelve months), low, high, costs {code: [low, high]}}]."""
    years = []
    for index in range(0, len(months), 12):
        part = months[index : index + 12]
        costs: dict[str, list[Decimal]] = {}
        for month in part:
            for code, ends in month.costs.items():
                total = costs.setdefault(code, [Decimal(0), Decimal(0)])
                total[0], total[1] = total[0] + ends[0], total[1] + ends[1]
        years.append(
            {
                "year": index // 12 + 1,
                "from": part[0].start,
                "low": sum((m.low for m in part), Decimal(0)),
                "high": sum((m.high for m in part), Decimal(0)),
                "costs": costs,
            }
        )
    return years


def _lines(synthesis: Mapping[str, Any], part: str) -> list[Mapping[str, Any]]:
    return (synthesis.get(part) or {}).get("lines") or []


def _money(value: object) -> Decimal:
    return Decimal(str(value))


def _month(day: date, number: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    return date(year, month + 1, 1)


def _twelfth(yearly: Decimal, number: int) -> Decimal:
    """The part of month `number`: what is owed up to it, less what was before; no cent is lost in a year."""
    month = number % 12
    return cents(yearly * (month + 1) / 12) - cents(yearly * month / 12)


def _falls_in(day: date | None, start: date, *, first: bool) -> bool:
    return first if day is None else (day.year, day.month) == (start.year, start.month)
