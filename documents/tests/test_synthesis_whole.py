"""A whole made-up dossier: contradictions, missing papers, themes, actions, words; and hostile facts."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from documents import wording_texts
from documents.fact_schema import schema
from documents.models import DocumentType
from documents.rules.case import Case
from documents.synthesis.contradictions import contradictions
from documents.synthesis.papers import Dossier, Paper, Subject
from documents.synthesis.signing import at
from documents.synthesis.themes import themes
from documents.synthesis.whole import review_day, synthesise
from documents.synthesis.works import one_time_costs, put_off_works
from documents.tests.test_synthesis_costs import ALL, MINUTES, QUARTER
from documents.wording import in_words, overall_summary

FLAT = Subject(
    "apartment", Decimal(68), 1932, address="12 rue de la République", postal_code="83000", department="83"
)
SIGNING = date(2025, 1, 15)


def minutes(identifier: int, held: str, *works: Any, **facts: Any) -> Paper:
    return Paper(identifier, "pv_ag", {"meeting_date": held, "works": list(works), **facts})


def work(number: str, label: str, status: str, amount: int = 10_000) -> dict[str, Any]:
    return {"resolution": number, "description": label, "status": status, "amount": amount}


DIAGNOSTICS = Paper(
    20,
    "diags",
    {
        "property_address": "14 rue de la République 83000 Toulon",
        "diagnostics": [
            {"type": "dpe", "date": "2023-05-02", "energy_class": "F", "energy_kwh_m2": 360, "ges_kg_m2": 20,
             "surface_m2": 61, "energy_cost_min": 900, "energy_cost_max": 1300},
            {"type": "carrez", "surface_m2": 62.5},
            {"type": "electricite", "date": "2021-03-01", "anomalies_count": 5},
            {"type": "plomb", "date": "2023-05-02", "lead_class_3": 2},
        ],
    },
)  # fmt: skip
DOSSIER = [*ALL, DIAGNOSTICS]


def codes(*papers: Paper, subject: Subject = FLAT) -> set[str]:
    dossier = Dossier(list(papers))
    return {c.code for c in contradictions(Case(dossier, subject), one_time_costs(dossier))}


def roof(call: dict[str, Any]) -> Paper:
    return minutes(9, "2024-01-01", {**work("1", "Toit", "adopted", 9_000), "calls": [call]})


def tax(identifier: int, amount: int) -> Paper:
    return Paper(identifier, "taxe_fonciere", {"tax_year": 2024, "total_amount": amount})


def share(lot: int, total: int) -> Paper:
    return Paper(9, "other", {"tantiemes": {"lot": lot, "total": total}})


LOT_7, LOT_12 = Paper(9, "other", {"lot_numbers": ["7"]}), Paper(8, "charges", {"lot_numbers": ["012"]})
BACKWARDS = Paper(9, "charges", {"period_start": "2024-12-31", "period_end": "2024-01-01"})


@pytest.mark.parametrize(
    ("papers", "code"),
    [
        ([DIAGNOSTICS], "surfaces_differ"),  # 68 advertised, 62.5 and 61 measured
        ([DIAGNOSTICS], "addresses_differ"),  # 14, not 12
        ([QUARTER, share(130, 10_000)], "shares_differ"),
        ([MINUTES, share(125, 1_000)], "totals_differ"),
        ([LOT_12, LOT_7], "lots_differ"),
        ([Paper(9, "other", {"construction_year": 1975})], "building_years_differ"),
        ([roof({"due_date": "2024-06-01", "amount": 8_000})], "instalments_differ"),
        ([roof({"due_date": "2023-06-01", "amount": 9_000})], "due_before_vote"),
        ([BACKWARDS], "dates_backwards"),
        ([tax(8, 900), tax(9, 950)], "two_values"),
    ],
)
def test_what_contradicts(papers: list[Paper], code: str) -> None:
    assert code in codes(*papers)


def test_a_call_that_is_not_the_share_voted() -> None:
    """Voted: 30,000 × 125 / 10,000 = 375 on 2025-01-01; called: 500."""
    called = Paper(2, "charges", {**QUARTER.facts, "works_calls": 500})
    assert "call_differs_from_vote" in codes(MINUTES, called)


def test_charges_far_from_the_budget() -> None:
    """Budget 84,000 × 125 / 10,000 = 1,050; spent 1,400: a third more. 1,104.50 is within a fifth."""
    facts = {"kind": "decompte_annuel", "period_start": "2025-01-01", "period_end": "2025-12-31"}
    spent = Paper(9, "charges", {**facts, "total_amount": 1_400})
    assert "charges_differ_from_budget" in codes(MINUTES, QUARTER, spent)
    usual = Paper(9, "charges", {**facts, "total_amount": 1_104.5})
    assert "charges_differ_from_budget" not in codes(MINUTES, QUARTER, usual)


def test_papers_that_agree_do_not_contradict() -> None:
    here = Subject("apartment", Decimal("62"), address="14 r. de la Republique", postal_code="83000")
    assert codes(*ALL, DIAGNOSTICS, subject=here) == set()


def test_a_leak_over_the_years() -> None:
    first = minutes(1, "2022-05-01", work("9", "Réfection de l'étanchéité de la cour", "deferred"))
    second = minutes(2, "2023-05-01", work("4", "Étanchéité de la cour", "adopted", 12_000))
    third = minutes(3, "2025-05-01", work("7", "Fuite : reprise de l'étanchéité", "adopted", 5_000))
    (theme,) = themes(Dossier([third, first, second, first]))
    assert (theme["theme"], theme["pattern"]) == ("leaks", "put_off_then_voted")
    assert [(e["date"], e["status"]) for e in theme["events"]] == [
        ("2022-05-01", "deferred"), ("2023-05-01", "adopted"), ("2025-05-01", "adopted"),
    ]  # fmt: skip


def test_works_put_off_are_shown_and_in_no_total() -> None:
    """40,000 × 125 / 10,000 = 500; the roof was voted later: settled."""
    old = minutes(1, "2022-05-01", work("9", "Toiture", "deferred"))
    new = minutes(
        2, "2024-05-01", work("4", "Toiture", "adopted"), work("5", "Ascenseur", "deferred", 40_000)
    )
    dossier = Dossier([old, new], {"tantiemes": {"general": {"lot": 125, "total": 10_000}}})
    assert [(x.label, x.amount) for x in put_off_works(dossier).lines] == [("Ascenseur", Decimal(500))]
    assert one_time_costs(dossier).total() == 125  # the roof: 10,000 × 125 / 10,000


def test_missing_papers_and_their_effect() -> None:
    data = at(synthesise(Dossier(DOSSIER), FLAT), SIGNING, SIGNING)
    missing = {paper["code"]: paper for paper in data["missing"]}
    assert missing["pv_ag"]["values"] == {"lacking": 2, "at_hand": [2024]}
    assert missing["reglement_copropriete"]["effect"] == "withdrawal_not_started"
    assert "carrez" not in missing and "dpe" not in missing and missing["amiante"]["effect"] == "to_provide"
    later = at(synthesise(Dossier(DOSSIER), FLAT), date(2029, 1, 1), SIGNING)
    assert {p["code"]: p for p in later["missing"]}["pv_ag"]["values"]["lacking"] == 3


def test_risks_move_with_the_signing_date() -> None:
    data = synthesise(Dossier(DOSSIER), FLAT)
    now, later = at(data, SIGNING, SIGNING), at(data, date(2028, 1, 1), SIGNING)
    assert "letting_ban_coming" in {r["code"] for r in now["risks"]}
    assert "letting_banned" in {r["code"] for r in later["risks"]}
    assert now["risk"]["level"] == later["risk"]["level"] == "high"
    assert later["risk"]["points"] == sum(r["points"] for r in later["risk"]["reasons"])
    assert later["totals"]["one_time_buyer"] == 0 and later["totals"]["one_time_seller"] == 1500
    assert review_day(data, date(2025, 1, 2)) == date(2025, 4, 2)  # the day after April's call


def test_actions_by_priority_with_cost_and_reason() -> None:
    data = at(synthesise(Dossier(DOSSIER), FLAT), SIGNING, SIGNING)
    found = {action["code"]: action for action in data["actions"]}
    assert found["settle_who_pays_works"]["cost"] == 750
    assert found["negotiate_energy_works"]["because"] == ["dpe_class_f"]
    assert [a["priority"] for a in data["actions"]] == sorted(a["priority"] for a in data["actions"])


@pytest.mark.parametrize("language", ["fr", "en"])
def test_everything_has_words_in_both_languages(language: str) -> None:
    data = at(synthesise(Dossier(DOSSIER), FLAT, {"waiting": 1, "failed": 0}), SIGNING, SIGNING)
    with override(language):
        words = in_words(data)
        for part in ("risks", "contradictions", "missing", "themes", "actions", "key_findings"):
            assert words[part] and all(item["sentence"] for item in words[part]), part
        assert all(reason["sentence"] for reason in words["confidence"]["reasons"])
        for part in ("annual", "one_time"):
            assert all(line["name"] for line in words[part]["lines"])
            assert all(left["sentence"] and left["name"] for left in words[part]["left_out"])
        assert "%(" not in json.dumps(words)
    summary = overall_summary(data, language)
    assert ("Risque élevé" if language == "fr" else "Risk: high") in summary


def test_the_same_paper_twice_is_one_debt() -> None:
    twice = [*ALL, Paper(31, "pv_ag", MINUTES.facts), Paper(32, "charges", QUARTER.facts)]
    costs = one_time_costs(Dossier(twice))
    assert costs.total() == Decimal(1500)
    assert "counted_already" in {left.reason for left in costs.left_out}


@given(st.lists(st.sampled_from(DOSSIER), max_size=7), st.dates(date(2020, 1, 1), date(2035, 1, 1)))
def test_totals_are_the_sums_of_lines_whoever_pays(papers: list[Paper], signing: date) -> None:
    data = at(synthesise(Dossier(papers), FLAT), signing, signing)
    for part, total in (("annual", "annual"), ("one_time", "one_time")):
        lines = [Decimal(str(line["amount"])) for line in data[part]["lines"]]
        assert Decimal(str(data["totals"][total] or 0)) == sum(lines)
    totals = {k: Decimal(str(v or 0)) for k, v in data["totals"].items() if k.startswith("one_time")}
    assert (
        totals["one_time"] == totals["one_time_buyer"] + totals["one_time_seller"] + totals["one_time_paid"]
    )


HOSTILE = [
    Paper(1, "pv_ag", {"meeting_date": "2024-02-31", "works": [{"status": "adopted", "calls": [{}]}]}),
    Paper(2, "taxe_fonciere", {"tax_year": 99_999, "total_amount": 1e8}),
    Paper(3, "other", {"kind": "etat_date", "document_date": "9999-12-31", "construction_year": 10**9}),
    Paper(4, "diags", {"diagnostics": [{"type": "dpe", "date": "0001-01-01", "energy_class": "G"}]}),
    Paper(5, "charges", {"kind": None, "total_amount": -5, "period_start": "2024-01-01", "lot_numbers": []}),
    Paper(6, "other", {"tantiemes": {"lot": 5, "total": 0}, "obligations": []}),
    Paper(7, "pv_ag", {"budgets": [{"year_end": "soon", "amount": 5}, {}], "tantiemes": None, "arrears": 9}),
    Paper(8, "diags", {"diagnostics": [{"type": "gaz", "date": "9999-12-31", "anomalies_count": 10**9}]}),
]


@given(st.lists(st.sampled_from([*HOSTILE, *DOSSIER]), max_size=8))
def test_odd_facts_break_nothing(papers: list[Paper]) -> None:
    data = at(synthesise(Dossier(papers), FLAT), SIGNING, SIGNING)
    json.dumps(in_words(data), allow_nan=False)


def test_every_kind_of_document_has_words() -> None:
    """Where a contradiction says who says what, no raw code is printed."""
    kinds = {
        kind
        for name in ("charges", "other")
        for kind in schema()["$defs"][name]["properties"]["kind"]["enum"]
        if kind
    }
    codes = {*kinds, *DocumentType.values, "rules", "model"}
    assert codes <= {*wording_texts.BY, *wording_texts.KINDS, *wording_texts.PAPERS}
    gap = {"code": "lots_differ", "values": {}, "said": [{"value": "12", "by": "appel_travaux"}]}
    data = at(synthesise(Dossier([]), FLAT), SIGNING, SIGNING)
    for language, words in (("fr", "12 (appel de travaux)"), ("en", "12 (call for works)")):
        with override(language):
            (said,) = in_words({**data, "contradictions": [gap]})["contradictions"]
        assert words in said["sentence"]
