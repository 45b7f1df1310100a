"""Costs by API, worked out by hand; and owning, month by month."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import gettext, override
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.models import User
from properties.costs import Loan, rates
from properties.owning import by_year, dues, owning
from properties.tests.factories import PropertyFactory


def line(
    code: str, low: float, high: float | None = None, due: str | None = None, paid: str = "unknown"
) -> Any:
    high = low if high is None else high
    return {
        "code": code,
        "range": [low, high],
        "amount": (low + high) / 2,
        "due_date": due,
        "payment_status": paid,
    }


SYNTHESIS = {
    "annual": {"lines": [line("charges", 1000), line("property_tax", 1243), line("energy", 890, 1260)]},
    "one_time": {
        "lines": [
            line("works", 375, due="2025-01-01"),
            line("works", 375, due="2025-04-01"),
            line("works", 375, due="2025-07-01"),
            line("works", 100, due="2025-07-01", paid="paid"),
            line("works_remaining", 50),
        ]
    },
}


def test_ten_years_of_owning() -> None:
    """A year: 1,000 + 1,243 = 2,243, with energy 3,133 to 3,503. Signed on 2025-01-15: the call of 1 January
    is the seller's; 375 in April, 375 in July and 50 without a date: 800. Ten years: 31,330 + 800 = 32,130 to
    35,030 + 800 = 35,830.
    """
    deed = date(2025, 1, 15)
    months = owning(SYNTHESIS, deed)
    assert (
        len(months) == 120 and months[0].start == date(2025, 1, 1) and months[-1].start == date(2034, 12, 1)
    )
    works = {m.start.month: m.costs["works"][0] for m in months if "works" in m.costs}
    assert works == {1: 50, 4: 375, 7: 375}
    assert (sum(m.low for m in months), sum(m.high for m in months)) == (32_130, 35_830)
    first = by_year(months)[0]
    assert (first["low"], first["high"]) == (3_933, 4_303)
    assert first["costs"]["charges"] == [1000, 1000]
    assert sum(amount for _day, amount in dues(SYNTHESIS, deed)) == 800


@given(st.decimals(0, 10**5, places=2), st.integers(1, 12))
def test_twelve_months_make_the_year_to_the_cent(amount: Decimal, month: int) -> None:
    months = owning({"annual": {"lines": [line("charges", float(amount))]}}, date(2026, month, 1), years=1)
    assert sum(m.low for m in months) == Decimal(str(float(amount)))


def test_the_loan_ends() -> None:
    months = owning({}, date(2026, 1, 1), Loan(Decimal(120_000), Decimal(0), 5))
    assert [m.low for m in months] == [Decimal(2000)] * 60 + [Decimal(0)] * 60


def test_buying_in_paris(owner_api: APIClient, owner: User) -> None:
    """300,000 € at 5 %: 18,955.50 + 3,353.10 + 300 + 1,200 = 23,808.60; a first-time buyer 22,273.05."""
    flat = PropertyFactory(user=owner, postal_code="75011", department="75", asking_price=300_000,
                           asking_price_includes_fees=False)  # fmt: skip
    url = f"/api/properties/{flat.pk}/costs/"
    data = owner_api.get(url, {"signing_date": "2025-06-01"}).json()
    assert {x["code"]: x["amount"] for x in data["buying"]["lines"]} == {
        "duties": 18955.5, "notary": 3353.1, "security_contribution": 300, "disbursements": 1200,
    }  # fmt: skip
    assert data["buying"]["total"] == 23808.6 and data["borrowing"] is None
    first = owner_api.get(url, {"signing_date": "2025-06-01", "first_time_buyer": "true"}).json()
    assert first["buying"]["total"] == 22273.05


def test_a_new_home_and_the_lender_s_security(owner_api: APIClient, owner: User) -> None:
    """300,000 € of a new home: 2,145 + 3,353.10 + 300 + 1,200 = 6,998.10; a guarantor of 240,000 €: 2,880."""
    flat = PropertyFactory(
        user=owner, department="83", asking_price=300_000, asking_price_includes_fees=False
    )
    url = f"/api/properties/{flat.pk}/costs/"
    asked = {"new_home": "true", "loan_amount": "240000", "rate_pct": "3.4", "years": "20"}
    data = owner_api.get(url, {**asked, "guarantee": "caution"}).json()
    assert (data["buying"]["total"], data["buying"]["total_alternative"]) == (6998.1, None)
    assert data["borrowing"]["guarantee"]["amount"] == 2880
    assert "guarantee_to_confirm" in [note["code"] for note in data["notes"]]
    refused = owner_api.get(url, {**asked, "guarantee": "hypotheque_legale"}).json()
    assert refused["borrowing"]["guarantee"] is None
    assert "no_legal_mortgage" in [note["code"] for note in refused["notes"]]
    assert owner_api.get(url, {**asked, "guarantee": "vow"}).status_code == 400


def test_an_unsourced_rate_gives_both_results(owner_api: APIClient, owner: User) -> None:
    flat = PropertyFactory(user=owner, asking_price=300_000, asking_price_includes_fees=False)
    data = owner_api.get(f"/api/properties/{flat.pk}/costs/", {"signing_date": "2025-06-01"}).json()
    assert (data["buying"]["total"], data["buying"]["total_alternative"]) == (22273.05, 23808.6)
    assert "duties_to_confirm" in [note["code"] for note in data["notes"]]


def test_the_agency_fee_bears_no_duties(owner_api: APIClient, owner: User) -> None:
    flat = PropertyFactory(user=owner, department="75", asking_price=315_000, agency_fee=15_000)
    data = owner_api.get(f"/api/properties/{flat.pk}/costs/", {"signing_date": "2025-06-01"}).json()
    assert data["buying"]["price"] == 300_000 and data["buying"]["total"] == 23808.6
    assert data["buying"]["to_finance"] == 338808.6


def test_borrowing_and_its_limits(owner_api: APIClient, owner: User) -> None:
    """240,000 at 0 % over 20 years: 1,000 a month; insurance 0.36 % a year of 240,000 is 72. With 3,000 of
    income 35.73 %: too much. Over 26 years it is too long, but not with works.
    """
    flat = PropertyFactory(user=owner)
    url = f"/api/properties/{flat.pk}/costs/"
    asked: dict[str, Any] = {"loan_amount": 240_000, "rate_pct": 0, "years": 20, "insurance_pct": "0.36",
                             "monthly_income": 3000}  # fmt: skip
    loan = owner_api.get(url, asked).json()["borrowing"]
    assert (loan["instalment"], loan["insurance"], loan["monthly"]) == (1000, 72, 1072)
    assert loan["income_pct"] == 35.73 and [b["code"] for b in loan["breaches"]] == ["instalments_too_high"]
    assert loan["cost"] == 72 * 240
    long = owner_api.get(url, asked | {"years": 26}, headers={"accept-language": "en"}).json()["borrowing"]
    assert [b["sentence"] for b in long["breaches"]] == ["The loan exceeds 25 years, the longest allowed."]
    assert owner_api.get(url, asked | {"years": 26, "with_works": True}).json()["borrowing"]["breaches"] == []


@pytest.mark.parametrize(
    "asked",
    [
        {"price": 0},
        {"price": "NaN"},
        {"signing_date": "tomorrow"},
        {"signing_date": "9999-12-31"},
        {"rate_pct": 3},
        {"rate_pct": 3, "years": 0},
        {"rate_pct": 99, "years": 20},
        {"furniture": 999_999_999},
    ],
)
def test_bad_questions_are_refused(owner_api: APIClient, owner: User, asked: dict[str, Any]) -> None:
    flat = PropertyFactory(user=owner)
    assert owner_api.get(f"/api/properties/{flat.pk}/costs/", asked).status_code == 400


def test_without_price_or_papers_it_says_so(owner_api: APIClient, owner: User) -> None:
    flat = PropertyFactory(user=owner, asking_price=None)
    data = owner_api.get(f"/api/properties/{flat.pk}/costs/").json()
    assert data["buying"] is None and data["owning"]["total"] == {"low": 0, "high": 0}
    assert {"no_price", "nothing_read"} <= {note["code"] for note in data["notes"]}


def test_sources_are_told_in_english_too() -> None:
    def sources(part: Any) -> set[str]:
        if isinstance(part, dict):
            own = {part["source"]} if isinstance(part.get("source"), str) else set()
            return own.union(*(sources(inner) for inner in part.values()))
        return set()

    with override("en"):
        french = {source for source in sources(rates()) if gettext(source) == source}
    assert french == {
        "Code général des impôts, art. 879 et 881 K",
        "Haut Conseil de stabilité financière, décision D-HCSF-2021-7",
        "Ordres de grandeur à confirmer par la banque ; chaque organisme a son barème.",  # shown nowhere
    }


def test_strangers_find_nothing(stranger_api: APIClient, owner: User) -> None:
    flat = PropertyFactory(user=owner)
    assert stranger_api.get(f"/api/properties/{flat.pk}/costs/").status_code == 404
