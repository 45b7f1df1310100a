"""Decisions on a reading: what a document weighs, what people say of it, and what follows."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Activity, User
from documents import jobs, review, summaries
from documents.doubt import doubts, touches, weigh
from documents.fact_schema import NotAValue, parse, sort_of
from documents.models import Correction, Document, DocumentSummary, Finding
from documents.results import refresh_result
from documents.run_comparison import Fact, compare
from documents.tests.papers import read_call
from documents.twins import twin_key
from properties.tests.factories import PropertyFactory


def result(*findings: dict[str, Any], document_type: str = "charges", **facts: Any) -> dict[str, Any]:
    rest = {"page": 1, "quote": "", "boxes": [], "method": "text", "confidence": 0.9, "grounded": True}
    return {"document_type": document_type, "facts": facts, "findings": [{**rest, **f} for f in findings]}


TOTAL = {"path": "total_amount", "value": 1000}


@pytest.mark.parametrize(
    ("finding", "contradicted", "type_confidence", "doubt", "reasons"),
    [
        (TOTAL, [], None, 0.1, ()),
        ({**TOTAL, "confidence": 0.5}, [], None, 0.5, ("low_confidence",)),
        ({**TOTAL, "grounded": False}, [], None, 0.9, ("ungrounded",)),
        (TOTAL, ["total_amount"], None, 0.6, ("contradicted",)),
        (TOTAL, ["total"], None, 0.1, ()),
        (TOTAL, [], 0.3, 0.7, ("type_unsure",)),
        ({**TOTAL, "method": "human", "confidence": 0.1, "grounded": False}, ["total_amount"], 0, 0, ()),
    ],
)
def test_what_speaks_against_a_fact(
    finding: Any, contradicted: Any, type_confidence: Any, doubt: Any, reasons: Any
) -> None:
    (found,) = doubts(result(finding), contradicted, type_confidence)
    assert (found.doubt, found.reasons, found.stake) == (doubt, reasons, 1000)


def test_two_values_of_one_fact_are_a_disagreement() -> None:
    found = doubts(result(TOTAL, {**TOTAL, "value": 1001}))
    assert [one.reasons for one in found] == [("disagreement",)] * 2
    assert doubts(result(TOTAL, TOTAL))[0].is_sure


def test_a_sum_of_the_building_weighs_by_the_share_of_the_lot() -> None:
    budget = {"path": "budgets[0].amount", "value": 50_000, "confidence": 0.5}
    (typical,) = doubts(result(budget, document_type="pv_ag"))
    (stated,) = doubts(result(budget, document_type="pv_ag", tantiemes={"lot": 200, "total": 10_000}))
    assert (typical.stake, stated.stake) == (500, 1000)
    weight = weigh([typical, stated])
    assert (weight.stake, weight.score, weight.doubtful) == (1500, 750, 2)
    assert weight.reasons == ("low_confidence",)


def test_evidence_covers_what_stands_below_it() -> None:
    assert touches("works[0].calls", "works[0].calls[1].amount")
    assert touches("tantiemes", "tantiemes.lot")
    assert not touches("works[1]", "works[11].amount")


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("total_amount", "1 234,56 €", 1234.56),
        ("total_amount", "\u202f12\u00a0000", 12000),
        ("due_date", "2024-02-29", "2024-02-29"),
        ("kind", "decompte_annuel", "decompte_annuel"),
        ("tantiemes.lot", "125", 125),
        ("lot_numbers[0]", "12", "12"),
    ],
)
def test_what_is_typed_becomes_a_value_of_the_facts_sort(path: str, text: str, value: Any) -> None:
    assert parse("charges", path, text) == value


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("total_amount", "mille"),
        ("total_amount", "1e9"),
        ("total_amount", "9" * 40),
        ("due_date", "2023-02-29"),
        ("kind", "autre"),
        ("tantiemes.lot", "12,5"),
        ("lot_numbers[0]", " "),
    ],
)
def test_what_is_no_value_is_refused(path: str, text: str) -> None:
    with pytest.raises(NotAValue):
        parse("charges", path, text)


def test_every_fact_has_a_sort() -> None:
    assert sort_of("pv_ag", "works[3].calls[0].due_date") == "date"
    assert sort_of("diags", "diagnostics[0].presence") == "boolean"
    assert sort_of("diags", "diagnostics[0].energy_class") == "choice"
    assert sort_of("diags", "diagnostics[0].surface_m2") == "number"
    assert sort_of("charges", "nothing_like_it") == "text"


def test_twins_say_the_same_of_the_same_day() -> None:
    call: dict[str, Any] = {"kind": "appel_de_fonds", "period_start": "2024-01-01", "total_amount": 168.75}
    assert twin_key(result(**call)) == twin_key(result(TOTAL, **call)) != ""
    assert twin_key(result(**{**call, "period_start": "2024-04-01"})) != twin_key(result(**call))
    assert twin_key(result(kind="appel_de_fonds")) == ""
    dated = [{"type": "dpe", "date": "2024-01-02"}, {"type": "gaz", "date": "2024-01-03"}]
    assert twin_key(result(document_type="diags", diagnostics=dated)) == twin_key(
        result(document_type="diags", diagnostics=dated[::-1])
    )
    assert twin_key(result(document_type="diags", diagnostics=[{"type": "dpe"}])) == ""


def test_two_runs_are_told_apart_fact_by_fact() -> None:
    old = [Fact("a", 1, 1, 0.9), Fact("b", 2, 1, 0.9), Fact("c", 3, 1, 0.9)]
    new = [Fact("a", 1, 2, 0.8), Fact("b", 5, 1, 0.9), Fact("d", 4, 1, 0.9)]
    found = compare(old, new)
    assert found.same == 1
    assert [(d.path, d.change) for d in found.differences] == [
        ("b", "changed"), ("d", "added"), ("c", "removed"),
    ]  # fmt: skip


# --- on a document that was read ----------------------------------------------------------------------------


@pytest.fixture
def document(owner: User) -> Document:
    return read_call(PropertyFactory(user=owner))


def the_total(document: Document) -> Finding:
    return Finding.objects.get(analysis__document=document, analysis__is_current=True, path="total_amount")


def method_of_total(document: Document) -> str:
    found = (document.analysis_result or {})["findings"]
    return str(next(f for f in found if f["path"] == "total_amount")["method"])


def test_a_reading_is_ranked_when_it_is_stored(document: Document) -> None:
    assert document.stake > 168 and document.review_score > 0 and document.twin_key
    assert document.revision == 1 and document.reviewed_at is None


def test_decisions_change_rank_synthesis_log_and_revision(document: Document, staff: User) -> None:
    before = document.review_score
    row = review.decide(document, the_total(document), 200.5, user=staff, reason="lu 168,75", staff=True)
    assert row.review_score < before and row.revision == 2
    assert (row.analysis_result or {})["facts"]["total_amount"] == 200.5
    correction = Correction.objects.get()
    assert (correction.verdict, correction.by_staff, correction.rule) == (
        "corrected", True, "charges.total_amount",
    )  # fmt: skip
    assert Activity.objects.get(action="finding.corrected").actor == staff
    assert row.property.document_summary.status == "pending"
    DocumentSummary.objects.update(queued_at="2020-01-01T00:00Z")
    summaries.run(row.property_id)
    lines = DocumentSummary.objects.get().synthesis_data["annual"]["lines"]
    assert next(line for line in lines if line["code"] == "charges")["amount"] == 752


def test_acceptance_makes_sure_and_can_be_withdrawn(document: Document, staff: User) -> None:
    finding = the_total(document)
    row = review.decide(document, finding, finding.value, user=staff, staff=True)
    assert Correction.objects.get().verdict == "accepted"
    assert method_of_total(row) == "human"
    row = review.withdraw(row, "total_amount", user=staff)
    assert not Correction.objects.exists()
    assert method_of_total(row) == "text"


def test_a_decision_on_a_page_that_is_out_of_date_is_refused(document: Document, staff: User) -> None:
    review.decide(document, the_total(document), 1, user=staff, revision=1)
    with pytest.raises(review.Stale):
        review.decide(document, the_total(document), 2, user=staff, revision=1)
    assert Correction.objects.get().value == 1


def test_all_sure_facts_are_accepted_at_once_and_no_others(document: Document, staff: User) -> None:
    Finding.objects.filter(path="total_amount").update(confidence=0.4)
    refresh_result(document)
    count = review.accept_sure(document, user=staff)
    assert count == Correction.objects.count() > 5
    assert not Correction.objects.filter(path="total_amount").exists()
    assert review.accept_sure(document, user=staff) == 0
    assert Activity.objects.get(action="findings.accepted").changes["count"] == count


def test_a_checked_document_comes_back_only_when_a_run_reads_something_else(
    document: Document, staff: User
) -> None:
    review.finish(document, user=staff)
    assert review.read_again(document, user=staff)
    jobs.run(document.pk)
    document.refresh_from_db()
    assert document.reviewed_at is not None
    review.retype(document, "other", user=staff)
    jobs.run(document.pk)
    document.refresh_from_db()
    assert document.document_type == "other"
    assert Document.objects.filter(pk=document.pk, reviewed_at=None).exists()
