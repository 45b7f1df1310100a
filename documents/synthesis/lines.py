"""One line of what one takes on, and what was left out of the sums."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from documents.synthesis.papers import Dossier, Evidence, Share

Whose = Literal["lot", "building"]
Status = Literal["voted", "estimated", "upcoming", "actual"]
Payer = Literal["buyer", "seller", "unknown", "nobody"]
Payment = Literal["paid", "unpaid", "unknown"]
PAYMENTS: tuple[Payment, ...] = ("paid", "unpaid", "unknown")


def who_pays(due: date | None, signing: date | None, payment: str = "unknown") -> Payer:
    """Who owes an amount at a sale: whoever owns the lot when it falls due (décret 17 March 1967, art. 6-2).

    One due on the very day of signing is the buyer's. "nobody" when it is paid already; "unknown" without a
    date. What the parties agree otherwise binds only them (art. 6-3).
    """
    if payment == "paid":
        return "nobody"
    if signing is None or due is None:
        return "unknown"
    return "seller" if due < signing else "buyer"


@dataclass(frozen=True, slots=True)
class Line:
    """An amount that the lot bears. `key` is stable over runs: people override by it.

    `low` and `high` are equal but where the document gives a range. `stated` is what the document says and
    `whose` tells of whom; a building's amount became the lot's by `share`.
    """

    key: str
    code: str
    low: Decimal
    high: Decimal
    whose: Whose
    stated: Decimal
    status: Status
    evidence: tuple[Evidence, ...]
    share: Share | None = None
    allocation: str = "general"
    expected: str = ""  # the key it calls for, where the lot's share in it is not known
    year: int | None = None
    due: date | None = None
    label: str = ""
    overridden: bool = False
    payment: Payment = "unknown"

    @property
    def amount(self) -> Decimal:
        """The middle of the range, to the cent."""
        return ((self.low + self.high) / 2).quantize(Decimal("0.01"))

    def payer(self, signing: date | None) -> Payer:
        return who_pays(self.due, signing, self.payment)

    def as_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "code": self.code,
            "label": self.label,
            "amount": float(self.amount),
            "range": [float(self.low), float(self.high)],
            "whose": self.whose,
            "stated_amount": float(self.stated),
            "allocation_key": self.allocation if self.whose == "building" else None,
            "expected_key": self.expected or None,
            "tantiemes": {"lot": self.share.lot, "total": self.share.total} if self.share else None,
            "year": self.year,
            "due_date": self.due.isoformat() if self.due else None,
            "status": self.status,
            "payment_status": self.payment,
            "overridden": self.overridden,
            "findings": [e.as_json() for e in self.evidence],
        }


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An amount that was read and not summed, and why (a code)."""

    code: str
    reason: str
    amount: Decimal | None
    evidence: tuple[Evidence, ...]
    label: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "reason": self.reason,
            "amount": None if self.amount is None else float(self.amount),
            "label": self.label,
            "findings": [e.as_json() for e in self.evidence],
        }


@dataclass(slots=True)
class Costs:
    """Lines of one sort (annual or one-time), and what was left out of them."""

    lines: list[Line]
    left_out: list[LeftOut]

    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))

    def of(self, payer: Payer, signing: date | None) -> Decimal:
        return sum((line.amount for line in self.lines if line.payer(signing) == payer), Decimal(0))


def lot_line(dossier: Dossier, line: Line) -> Line | LeftOut:
    """A building's amount as the lot's, by the share in its key: the one place where that happens.

    Without a known share the amount is left out: it is never shown as if one buyer paid for all.
    """
    if line.whose == "lot":
        return line
    share = dossier.share(line.allocation)
    if share is None:
        return LeftOut(line.code, "share_unknown", line.stated, line.evidence, line.label)
    evidence = (*line.evidence, *share.evidence)
    return replace(line, low=share.of(line.low), high=share.of(line.high), share=share, evidence=evidence)


def overridden(dossier: Dossier, lines: list[Line]) -> list[Line]:
    """Lines with what people set in the place of what was read: amounts (null takes a line away), and whether
    it is paid.
    """
    amounts, statuses = dossier.overrides.get("amounts", {}), dossier.overrides.get("statuses", {})
    result = []
    for found in lines:
        line = found
        if line.key in amounts:
            if amounts[line.key] is None:
                continue
            amount = Decimal(str(amounts[line.key]))
            line = replace(line, low=amount, high=amount, overridden=True)
        if line.key in statuses:
            line = replace(line, payment=statuses[line.key], overridden=True)
        result.append(line)
    return result
