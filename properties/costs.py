"""What buying costs beyond the price, and what borrowing costs: arithmetic on dated, sourced rates.

Rates stand in `purchase_rates.json`. Every line says what it rests on; where the département's present
rate of duties has no source at hand, both possible results are given (`alternative`). All amounts are
Decimal euros. No Django.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

CENT = Decimal("0.01")
HUNDRED = Decimal(100)


@cache
def rates() -> dict[str, Any]:
    text = (Path(__file__).parent / "purchase_rates.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Line:
    """One cost of buying. `code` is stable; words are rendered elsewhere."""

    code: str
    amount: Decimal
    source: str
    alternative: Decimal | None = None


@dataclass(frozen=True, slots=True)
class DepartmentalRate:
    pct: Decimal
    source: str
    alternative_pct: Decimal | None = None  # where no source says which of two holds


def departmental_rate(department: str, deed: date, *, first_time_buyer: bool) -> DepartmentalRate:
    """The département's part of the duties on the day of the deed, in %.

    Between 2025-04-01 and 2028-03-31 départements may go from 4.5 to 5 %; first-time buyers of a main home
    keep the former rate. Where a vote is not in the table, 4.5 % is given with 5 % as the alternative.
    """
    duties = rates()["duties"]
    usual, raised = Decimal(duties["usual_pct"]), Decimal(duties["raised_pct"])
    raising = date.fromisoformat(duties["raised_from"]) <= deed <= date.fromisoformat(duties["raised_until"])
    known = duties["departments"].get(department)
    if known:
        pct = Decimal(known["pct"])
        if pct <= usual:
            return DepartmentalRate(pct, known["source"], None if known["confirmed"] else usual)
        if raising and not first_time_buyer and deed >= date.fromisoformat(known["from"]):
            return DepartmentalRate(pct, known["source"])
        return DepartmentalRate(usual, duties["source"])
    undecided = raising and not first_time_buyer
    return DepartmentalRate(usual, duties["source"], raised if undecided else None)


def duties_pct(departmental_pct: Decimal) -> Decimal:
    """All duties in % of the price: the département's, the commune's 1.20 %, 2.37 % of the first."""
    duties = rates()["duties"]
    collection = departmental_pct * Decimal(duties["collection_pct_of_departmental"]) / HUNDRED
    return departmental_pct + Decimal(duties["communal_pct"]) + collection


Guarantee = Literal["caution", "hypotheque", "hypotheque_legale"]
GUARANTEES: tuple[Guarantee, ...] = ("caution", "hypotheque", "hypotheque_legale")


def loan_guarantee(amount: Decimal, kind: Guarantee) -> Line:
    """What the lender's security costs on a loan of that amount: a guarantor's fee, a mortgage, or the
    lender's legal mortgage on the home it pays for (no registration tax). Orders of magnitude, said so.
    """
    table = rates()["loan_guarantee"][kind]
    if kind == "caution":
        cost = max(cents(amount * Decimal(table["pct"]) / HUNDRED), Decimal(table["least"]))
        return Line("guarantee_caution", cost, table["source"])
    tax = Decimal(table.get("tax_pct", 0)) * (1 + Decimal(table.get("tax_collection_pct", 0)) / HUNDRED)
    cost = cents(amount * (tax + Decimal(table["other_pct"])) / HUNDRED) + Decimal(table["disbursements"])
    return Line(f"guarantee_{kind}", cost, table["source"])


def notary_fee(price: Decimal) -> Decimal:
    """The notary's proportional fee before tax, by the bands of the scale."""
    fee, floor = Decimal(0), Decimal(0)
    for limit, pct in rates()["notary"]["bands"]:
        ceiling = price if limit is None else min(price, Decimal(limit))
        if ceiling > floor:
            fee += (ceiling - floor) * Decimal(pct) / HUNDRED
            floor = ceiling
    return cents(fee)


def buying(
    price: Decimal,
    department: str,
    deed: date,
    *,
    first_time_buyer: bool = False,
    furniture: Decimal = Decimal(0),
    new: bool = False,
) -> list[Line]:
    """Costs of buying a home at `price` (an agency fee charged to the buyer is not in it).

    Furniture bears no duties. `new`: sold off plan or for the first time within five years; duties are then
    the land registry's tax, whatever the département, here on the price as given (with VAT in it they come
    out a little too high). Raises ValueError for a price not above the furniture.
    """
    base = price - furniture
    if base <= 0:
        raise ValueError("The price must be more than the furniture in it.")
    table = rates()
    rate = departmental_rate(department, deed, first_time_buyer=first_time_buyer)
    duties = Line(
        "duties",
        cents(base * duties_pct(rate.pct) / HUNDRED),
        rate.source,
        None if rate.alternative_pct is None else cents(base * duties_pct(rate.alternative_pct) / HUNDRED),
    )
    if new:
        registry = table["duties"]["new_home"]
        duties = Line("duties", cents(base * Decimal(registry["pct"]) / HUNDRED), registry["source"])
    notary, security = table["notary"], table["security_contribution"]
    vat = 1 + Decimal(notary["vat_pct"]) / HUNDRED
    return [
        duties,
        Line("notary", cents(notary_fee(base) * vat), notary["source"]),
        Line(
            "security_contribution",
            max(cents(base * Decimal(security["pct"]) / HUNDRED), Decimal(security["least"])),
            security["source"],
        ),
        Line("disbursements", Decimal(table["disbursements"]["amount"]), table["disbursements"]["source"]),
    ]


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan of constant instalments; rates in % a year, the insurance on the sum borrowed."""

    amount: Decimal
    rate_pct: Decimal
    years: int
    insurance_pct: Decimal = Decimal(0)

    @property
    def instalment(self) -> Decimal:
        """Per month, without insurance."""
        months, rate = self.years * 12, self.rate_pct / HUNDRED / 12
        if rate == 0:
            return cents(self.amount / months)
        return cents(self.amount * rate / (1 - (1 + rate) ** -months))

    @property
    def insurance(self) -> Decimal:
        """Per month."""
        return cents(self.amount * self.insurance_pct / HUNDRED / 12)

    @property
    def monthly(self) -> Decimal:
        return self.instalment + self.insurance

    def interest(self, months: int) -> Decimal:
        """Interest paid in the first `months`, from the schedule to the cent."""
        left, paid = self.amount, Decimal(0)
        for _month in range(min(months, self.years * 12)):
            interest = cents(left * self.rate_pct / HUNDRED / 12)
            paid += interest
            left -= self.instalment - interest
        return paid


Breach = Literal["loan_too_long", "instalments_too_high"]


def loan_breaches(loan: Loan, monthly_income: Decimal | None, *, works: bool = False) -> list[Breach]:
    """Which of the lenders' limits the loan exceeds: years, and instalments with insurance against income."""
    limits = rates()["loan_limits"]
    found: list[Breach] = []
    if loan.years > limits["years_with_works" if works else "years"]:
        found.append("loan_too_long")
    if monthly_income is not None and loan.monthly > monthly_income * Decimal(limits["income_pct"]) / HUNDRED:
        found.append("instalments_too_high")
    return found
