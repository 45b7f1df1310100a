"""Amounts of a whole dossier, worked out by hand, and what must hold for any dossier."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.synthesis.annual import annual_costs
from documents.synthesis.papers import Dossier, Evidence, Paper
from documents.synthesis.vat import rate_of, with_tax
from documents.synthesis.works import one_time_costs

MINUTES = Paper(
    1,
    "pv_ag",
    {
        "meeting_date": "2024-06-14",
        "total_tantiemes": 10_000,
        "budgets": [{"year_start": "2025-01-01", "year_end": "2025-12-31", "amount": 84_000}],
        "fonds_travaux_annual": 4_200,
        "works": [
            {
                "resolution": "12",
                "description": "Ravalement",
                "status": "adopted",
                "amount": 120_000,
                "funding": "calls",
                "calls": [
                    {"due_date": "2024-10-01", "share_pct": 25},
                    {"due_date": "2025-01-01", "share_pct": 25},
                    {"due_date": "2025-04-01", "share_pct": 25},
                    {"due_date": "2025-07-01", "share_pct": 25},
                ],
            },
            {"resolution": "14", "description": "Ascenseur", "status": "rejected", "amount": 40_000},
            {
                "resolution": "15",
                "description": "Porte",
                "status": "adopted",
                "amount": 3_000,
                "funding": "fonds_travaux",
            },
        ],
    },
)
QUARTER = Paper(
    2,
    "charges",
    {
        "kind": "appel_de_fonds",
        "period_start": "2025-01-01",
        "period_end": "2025-03-31",
        "due_date": "2025-01-01",
        "total_amount": 676.25,
        "fonds_travaux": 13.13,
        "works_calls": 375,
        "tantiemes": {"lot": 125, "total": 10_000},
    },
)
STATEMENT = Paper(
    3,
    "charges",
    {
        "kind": "decompte_annuel",
        "period_start": "2024-01-01",
        "period_end": "2024-12-31",
        "total_amount": 1_104.5,
        "provisions": 1_050,
        "balance": 54.5,
    },
)
OLD_TAX = Paper(4, "taxe_fonciere", {"tax_year": 2023, "total_amount": 1_180})
TAX = Paper(5, "taxe_fonciere", {"tax_year": 2024, "total_amount": 1_243})
ENERGY = Paper(
    6,
    "diags",
    {
        "diagnostics": [
            {"type": "dpe", "date": "2024-03-01", "energy_cost_min": 890, "energy_cost_max": 1_260}
        ]
    },
)
ALL = [MINUTES, QUARTER, STATEMENT, OLD_TAX, TAX, ENERGY]


def annual(papers: list[Paper], **overrides: Any) -> dict[str, Decimal]:
    return {line.code: line.amount for line in annual_costs(Dossier(papers, overrides)).lines}


def test_yearly_costs_of_the_dossier() -> None:
    """Charges: the statement of 2024, 1,104.50 (not the quarter, nor the budget). Works fund: 13.13 a quarter
    is 52.52 a year. Tax: the notice of 2024, 1,243. Energy: the middle of 890 and 1,260 is 1,075.
    In all 3,475.02.
    """
    costs = annual_costs(Dossier(ALL))
    assert {line.code: line.amount for line in costs.lines} == {
        "charges": Decimal("1104.50"),
        "works_fund": Decimal("52.52"),
        "property_tax": Decimal(1243),
        "energy": Decimal(1075),
    }
    assert costs.total() == Decimal("3475.02")
    energy = next(line for line in costs.lines if line.code == "energy")
    assert (energy.low, energy.high) == (Decimal(890), Decimal(1260))


@pytest.mark.parametrize(
    ("signing", "seller", "buyer"),
    [
        (date(2024, 9, 1), "0.00", "1500.00"),
        (date(2025, 1, 15), "750.00", "750.00"),
        (date(2025, 7, 1), "1125.00", "375.00"),
    ],
)
def test_who_pays_the_works_at_a_signing_date(signing: date, seller: str, buyer: str) -> None:
    """The façade: 120,000 × 25 % = 30,000 a call for the building, × 125 / 10,000 = 375 for the lot, four
    times: 1,500. The call of 2025-01-01 is also in the lot's own paper: counted once. Signing on 2025-01-15,
    the calls of October and January are the seller's (750), those of April and July the buyer's (750). On the
    very day of the last call it is the buyer's.
    """
    costs = one_time_costs(Dossier(ALL))
    assert costs.total() == Decimal(1500)
    assert costs.of("seller", signing) == Decimal(seller)
    assert costs.of("buyer", signing) == Decimal(buyer)


def test_what_is_not_summed_is_listed_with_its_reason() -> None:
    reasons = [(x.code, x.reason, x.amount) for x in one_time_costs(Dossier(ALL)).left_out]
    assert ("works", "called_from_the_lot", Decimal(30_000)) in reasons
    assert ("works", "paid_by_fonds_travaux", Decimal(3_000)) in reasons
    assert not any(amount == 40_000 for _code, _reason, amount in reasons)  # rejected: nobody owes it


def test_a_building_amount_without_a_share_is_never_shown_as_the_buyers() -> None:
    costs = one_time_costs(Dossier([MINUTES]))
    assert costs.lines == []
    assert [x.reason for x in costs.left_out].count("share_unknown") == 4
    assert annual([MINUTES]) == {}


def test_a_share_that_a_person_gives_brings_the_building_to_the_lot() -> None:
    """84,000 × 250 / 10,000 = 2,100 of charges; 4,200 × 250 / 10,000 = 105 for the works fund."""
    given_share = {"general": {"lot": 250, "total": 10_000}}
    assert annual([MINUTES], tantiemes=given_share) == {"charges": Decimal(2100), "works_fund": Decimal(105)}


def test_a_lots_own_charges_are_never_multiplied_by_its_share() -> None:
    """The quarter: 676.25 − 13.13 − 375 = 288.12, × 4 = 1,152.48."""
    assert annual([QUARTER])["charges"] == Decimal("1152.48")


def test_the_statement_for_the_sale_holds_the_works_to_come() -> None:
    """Dated 2024-12-01 it says 1,125 is to come: three calls after it. October's 375 stays apart: 1,500."""
    statement = Paper(
        7, "other", {"kind": "pre_etat_date", "document_date": "2024-12-01", "works_remaining_calls": 1_125}
    )
    share = Paper(8, "charges", {"tantiemes": {"lot": 125, "total": 10_000}})
    costs = one_time_costs(Dossier([MINUTES, statement, share]))
    assert costs.total() == Decimal(1500)
    assert [x.reason for x in costs.left_out].count("in_the_statement") == 3


LIFT = Paper(
    10,
    "pv_ag",
    {
        "meeting_date": "2024-06-14",
        "works": [
            {"resolution": "7", "description": "Modernisation de l’ascenseur", "status": "adopted",
             "amount": 18_000, "calls": [{"due_date": "2025-02-01", "amount": 18_000}]},
            {"resolution": "8", "description": "Étanchéité du bâtiment B", "status": "adopted",
             "amount": 50_000, "calls": [{"due_date": "2025-03-01", "amount": 50_000}]},
            {"resolution": "9", "description": "Bâtiment à repeindre : façade", "status": "adopted",
             "amount": 10_000, "calls": [{"due_date": "2025-04-01", "amount": 10_000}]},
        ],
    },
)  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "amounts", "used", "expected"),
    [
        ({}, ["225.00", "625.00", "125.00"], ["general"] * 3, ["lift", "building", ""]),
        (
            {"lift": {"lot": 40, "total": 1_000}, "building": {"lot": 300, "total": 10_000}},
            ["720.00", "1500.00", "125.00"],
            ["lift", "building", "general"],
            ["", "", ""],
        ),
        (
            {"lift": {"lot": 0, "total": 1_000}},
            ["0.00", "625.00", "125.00"],
            ["lift", "general", "general"],
            ["", "building", ""],
        ),
    ],
)
def test_each_work_by_its_own_key_where_the_share_is_known(
    keys: dict[str, Any], amounts: list[str], used: list[str], expected: list[str]
) -> None:
    """The lift, 18,000: × 40 / 1,000 = 720 in its key, × 125 / 10,000 = 225 in the general one; nothing for a
    lot that has no part in the lift. Building B, 50,000: × 300 / 10,000 = 1,500, or 625. The façade, 10,000:
    always general, 125.
    """
    overrides = {"tantiemes": {"general": {"lot": 125, "total": 10_000}, **keys}}
    lines = one_time_costs(Dossier([LIFT], overrides)).lines
    assert [line.amount for line in lines] == [Decimal(amount) for amount in amounts]
    assert [line.allocation for line in lines] == used
    assert [line.expected for line in lines] == expected


@pytest.mark.parametrize(
    ("label", "lot"),
    [
        ("Ravalement", "1375.00"),
        ("Isolation des combles", "1318.75"),
        ("Installation d'un ascenseur", "1500.00"),
        ("Remplacement de la chaudière gaz", "1500.00"),
        ("Chaudière à granulés de bois", "1318.75"),
        ("Entretien de la chaudière", "1375.00"),
    ],
)
def test_a_sum_before_tax_is_raised_by_the_rate_of_its_works(label: str, lot: str) -> None:
    """100,000 before tax: 110,000 with 10 %, 105,500 with 5.5 %, 120,000 with 20 %; × 125 / 10,000."""
    facts = {"meeting_date": "2024-06-14", "works": [work := {"status": "adopted", "amount": 100_000}]}
    work["description"] = label
    share = Paper(8, "charges", {"tantiemes": {"lot": 125, "total": 10_000}})
    before = Paper(1, "pv_ag", facts, before_tax=frozenset({"works[0].amount"}))
    assert one_time_costs(Dossier([before, share])).total() == Decimal(lot)
    assert one_time_costs(Dossier([Paper(1, "pv_ag", facts), share])).total() == Decimal(1250)  # printed with


@given(st.decimals(0, 10**7, places=2), st.sampled_from(["Façade", "Isolation", "Jardin", "Étanchéité"]))
def test_tax_added_is_tax_taken_off(amount: Decimal, label: str) -> None:
    assert abs(with_tax(amount, label) / (1 + rate_of(label) / 100) - amount) <= Decimal("0.005")


def test_a_doubtful_instalment_is_listed_not_lost() -> None:
    """Of four calls of 375 for the lot, the second stands nowhere on its page: 1,125 stay, it is named."""
    doubtful = Paper(1, "pv_ag", MINUTES.facts, frozenset({"works[0].calls[1].share_pct"}))
    share = Paper(8, "charges", {"tantiemes": {"lot": 125, "total": 10_000}})
    costs = one_time_costs(Dossier([doubtful, share]))
    assert costs.total() == Decimal(1125)
    assert ("not_on_its_page", Decimal(30_000)) in [(x.reason, x.amount) for x in costs.left_out]


def test_doubtful_values_are_shown_and_never_summed() -> None:
    doubtful = Paper(5, "taxe_fonciere", TAX.facts, frozenset({"total_amount"}))
    costs = annual_costs(Dossier([doubtful, OLD_TAX]))
    assert [line.amount for line in costs.lines] == [Decimal(1180)]
    assert [(x.reason, x.amount) for x in costs.left_out] == [("not_on_its_page", Decimal(1243))]


def test_the_sellers_debts_are_not_the_buyers() -> None:
    arrears = Paper(9, "other", {"kind": "etat_date", "document_date": "2025-01-01", "seller_arrears": 812.4})
    costs = one_time_costs(Dossier([arrears]))
    assert costs.lines == [] and costs.left_out[0].reason == "owed_by_the_seller"


def test_an_override_wins_and_says_so() -> None:
    costs = annual_costs(Dossier(ALL, {"amounts": {"annual:charges": "1300.00", "annual:energy": None}}))
    lines = {line.code: line for line in costs.lines}
    assert lines["charges"].amount == Decimal(1300) and lines["charges"].overridden
    assert "energy" not in lines


def test_every_line_names_its_evidence() -> None:
    for line in [*annual_costs(Dossier(ALL)).lines, *one_time_costs(Dossier(ALL)).lines]:
        assert line.evidence
        if line.whose == "building":
            assert Evidence(2, "tantiemes") in line.evidence and line.share is not None


@given(st.permutations(ALL))
def test_the_order_of_documents_changes_nothing(papers: list[Paper]) -> None:
    for compute in (annual_costs, one_time_costs):
        assert compute(Dossier(list(papers))).lines == compute(Dossier(ALL)).lines


@given(st.lists(st.sampled_from(ALL), max_size=6, unique_by=lambda p: p.document_id))
def test_the_sum_of_lines_is_the_total_and_split_between_both_parties(papers: list[Paper]) -> None:
    costs = one_time_costs(Dossier(papers))
    assert costs.total() == sum((line.amount for line in costs.lines), Decimal(0))
    signing = date(2025, 1, 15)
    assert sum(costs.of(p, signing) for p in ("buyer", "seller", "unknown")) == costs.total()


@pytest.mark.parametrize("gone", range(len(ALL)))
def test_taking_a_document_away_takes_its_lines_and_nothing_else(gone: int) -> None:
    """No line left rests on the document; no line of another document that rested on itself alone is lost."""
    rest = [paper for paper in ALL if paper is not ALL[gone]]
    before = itertools.chain(annual_costs(Dossier(ALL)).lines, one_time_costs(Dossier(ALL)).lines)
    after = [*annual_costs(Dossier(rest)).lines, *one_time_costs(Dossier(rest)).lines]
    identifier = ALL[gone].document_id
    assert not any(e.document_id == identifier for line in after for e in line.evidence)
    untouched = [line for line in before if all(e.document_id != identifier for e in line.evidence)]
    assert all(line in after for line in untouched)


@given(st.integers(1, 10_000), st.decimals(0, 10**6, places=2))
def test_a_share_times_its_total_never_exceeds_the_building(lot: int, amount: Decimal) -> None:
    share = Dossier([], {"tantiemes": {"general": {"lot": lot, "total": 10_000}}}).share()
    assert share is not None
    assert 0 <= share.of(amount) <= amount
    assert abs(share.of(amount) * 10_000 - amount * lot) <= 50  # half a cent
