"""Costs of buying, against examples worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties.costs import (
    GUARANTEES,
    Loan,
    buying,
    departmental_rate,
    duties_pct,
    loan_breaches,
    loan_guarantee,
    notary_fee,
    rates,
)

DEED = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("departmental", "whole"), [("5.00", "6.3185"), ("4.50", "5.80665"), ("3.80", "5.09006")]
)
def test_duties_are_three_parts(departmental: str, whole: str) -> None:
    assert duties_pct(Decimal(departmental)) == Decimal(whole)


def test_paris_at_300_000_to_the_cent() -> None:
    """6,500 × 3.870 % + 10,500 × 1.596 % + 43,000 × 1.064 % + 240,000 × 0.799 % = 2,794.25; × 1.2 = 3,353.10;
    duties 300,000 × 6.3185 % = 18,955.50; security 300; disbursements 1,200: 23,808.60 in all.
    """
    assert notary_fee(Decimal(300_000)) == Decimal("2794.25")
    lines = {line.code: line.amount for line in buying(Decimal(300_000), "75", DEED)}
    assert lines == {
        "duties": Decimal("18955.50"),
        "notary": Decimal("3353.10"),
        "security_contribution": Decimal("300.00"),
        "disbursements": Decimal(1200),
    }
    assert sum(lines.values()) == Decimal("23808.60")


def test_a_first_time_buyer_keeps_the_former_rate() -> None:
    lines = buying(Decimal(300_000), "75", DEED, first_time_buyer=True)
    assert sum(line.amount for line in lines) == Decimal("22273.05")
    assert lines[0].alternative is None


def test_a_new_home_pays_the_registry_s_tax_only() -> None:
    """300,000 × 0.715 % = 2,145; notary 3,353.10; security 300; disbursements 1,200: 6,998.10 in all,
    whatever the département.
    """
    for department in ("75", "36", "83"):
        lines = buying(Decimal(300_000), department, DEED, new=True)
        assert lines[0].amount == Decimal("2145.00") and lines[0].alternative is None
        assert sum(line.amount for line in lines) == Decimal("6998.10")


def test_what_the_lender_s_security_costs() -> None:
    """Of 240,000: a guarantor 1.2 % = 2,880; a mortgage 0.715 % × 1.0237 + 0.70 % = 1.4319455 %, or 3,436.67,
    and 400: 3,836.67; the lender's legal mortgage 0.70 % = 1,680 and 400: 2,080.
    """
    loan = Decimal(240_000)
    assert loan_guarantee(loan, "caution").amount == Decimal("2880.00")
    assert loan_guarantee(loan, "hypotheque").amount == Decimal("3836.67")
    assert loan_guarantee(loan, "hypotheque_legale").amount == Decimal("2080.00")
    assert loan_guarantee(Decimal(5_000), "caution").amount == Decimal(200)  # at least
    assert all("confirmer" in loan_guarantee(loan, kind).source for kind in GUARANTEES)


def test_a_department_at_3_80() -> None:
    assert sum(line.amount for line in buying(Decimal(300_000), "36", DEED)) == Decimal("20123.28")


def test_where_no_source_tells_the_vote_both_results_are_given() -> None:
    duties = buying(Decimal(300_000), "83", DEED)[0]
    assert (duties.amount, duties.alternative) == (Decimal("17419.95"), Decimal("18955.50"))


@pytest.mark.parametrize(
    ("deed", "pct"),
    [
        (date(2025, 3, 31), "4.50"),
        (date(2025, 4, 1), "5.00"),
        (date(2028, 3, 31), "5.00"),
        (date(2028, 4, 1), "4.50"),
    ],
)
def test_the_raise_has_its_days(deed: date, pct: str) -> None:
    assert departmental_rate("75", deed, first_time_buyer=False).pct == Decimal(pct)


def test_furniture_bears_no_duties_and_a_price_must_remain() -> None:
    assert buying(Decimal(310_000), "75", DEED, furniture=Decimal(10_000)) == buying(
        Decimal(300_000), "75", DEED
    )
    with pytest.raises(ValueError, match="furniture"):
        buying(Decimal(10_000), "75", DEED, furniture=Decimal(10_000))


def test_the_security_contribution_has_a_least() -> None:
    assert buying(Decimal(8_000), "75", DEED)[2].amount == Decimal(15)


def test_loan() -> None:
    """200,000 € over 20 years at 3.6 %: 200,000 × 0.003 / (1 − 1.003^−240) = 1,170.22 a month; insurance
    0.30 % = 50.00 a month.
    """
    loan = Loan(Decimal(200_000), Decimal("3.6"), 20, Decimal("0.30"))
    assert (loan.instalment, loan.insurance) == (Decimal("1170.22"), Decimal("50.00"))
    assert loan.interest(1) == Decimal("600.00")
    # All that is paid is the sum and the interest, but for the cents of 240 roundings.
    assert abs(loan.instalment * 240 - loan.amount - loan.interest(240)) < 3


def test_limits_of_lenders() -> None:
    loan = Loan(Decimal(200_000), Decimal("3.6"), 26)
    assert loan_breaches(loan, None) == ["loan_too_long"]
    assert loan_breaches(loan, None, works=True) == []
    short = Loan(Decimal(200_000), Decimal("3.6"), 20, Decimal("0.30"))  # 1,220.22 a month
    assert loan_breaches(short, Decimal(3486)) == ["instalments_too_high"]  # 35 % is 1,220.10
    assert loan_breaches(short, Decimal(3487)) == []  # 35 % is 1,220.45


@given(st.integers(1, 5_000_000), st.integers(1, 100_000))
def test_a_dearer_home_never_costs_less_to_buy(price: int, more: int) -> None:
    low = buying(Decimal(price), "69", DEED)
    high = buying(Decimal(price + more), "69", DEED)
    assert all(a.amount <= b.amount for a, b in zip(low, high, strict=True))


def test_every_table_names_its_source() -> None:
    assert all(table["source"] for name, table in rates().items() if name != "about")
