"""The synthesis as a job and by API: always of all documents, kept on failure, overridden by people."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Activity, User
from documents import summaries
from documents.models import Document, DocumentSummary, Status
from documents.synthesis.whole import synthesise
from documents.tests.test_synthesis_costs import ENERGY, MINUTES, OLD_TAX, QUARTER, STATEMENT, TAX
from properties.models import Property
from properties.tests.factories import PropertyFactory


@pytest.fixture
def flat(owner: User) -> Property:
    return PropertyFactory(user=owner)


def add(flat: Property, *papers: Any) -> list[Document]:
    """Documents that are read, as `jobs.store` leaves them; then their synthesis is asked for."""
    made = []
    for paper in papers:
        result = {
            "document_type": paper.document_type, "facts": paper.facts, "findings": [], "warnings": [],
        }  # fmt: skip
        name = uuid.uuid4().hex
        made.append(
            Document.objects.create(
                property=flat, filename=name, original_filename=name, size=1, file_hash=name.ljust(64, "0"),
                content_type="application/pdf", storage_key=name, storage_bucket="appart",
                document_type=paper.document_type, status=Status.ANALYZED, analysis_result=result,
            )
        )  # fmt: skip
    summaries.request([flat.pk])
    return made


def sum_up(flat: Property) -> DocumentSummary:
    """What the worker does when the wait is over."""
    DocumentSummary.objects.filter(property=flat).update(queued_at=timezone.now())
    summaries.run(flat.pk)
    return DocumentSummary.objects.get(property=flat)


def url(flat: Property, tail: str = "") -> str:
    return f"/api/documents/synthesis/{flat.pk}/{tail}"


def test_two_batches_one_after_the_other_are_both_covered(flat: Property) -> None:
    """First the tax (1,243), then the statement (1,104.50) and the energy (1,075): 3,422.50 in all."""
    add(flat, TAX)
    assert sum_up(flat).total_annual_cost == 1243
    add(flat, STATEMENT, ENERGY)
    row = sum_up(flat)
    assert row.status == "current" and str(row.total_annual_cost) == "3422.50"


@pytest.mark.parametrize(
    ("signing", "seller", "buyer"),
    [("2024-09-01", 0, 1500), ("2025-01-15", 750, 750), ("2025-07-01", 1125, 375)],
)
def test_who_pays_on_a_signing_date(
    owner_api: APIClient, flat: Property, signing: str, seller: float, buyer: float
) -> None:
    """Worked out in `test_synthesis_costs`: four calls of 375, those due before the day are the seller's."""
    add(flat, MINUTES, QUARTER, STATEMENT, OLD_TAX, TAX, ENERGY)
    sum_up(flat)
    data = owner_api.get(url(flat), {"signing_date": signing}).json()
    assert data["signing_date"] == signing
    assert data["totals"]["one_time"] == 1500
    assert (data["totals"]["one_time_seller"], data["totals"]["one_time_buyer"]) == (seller, buyer)
    assert data["total_annual_cost"] == 3475.02
    payers = {line["due_date"]: line["payer"] for line in data["one_time"]["lines"]}
    assert all((payer == "seller") == (due < signing) for due, payer in payers.items())
    tantiemes = [line["tantiemes"] for line in data["one_time"]["lines"] if line["whose"] == "building"]
    assert tantiemes == [{"lot": 125, "total": 10_000}] * 3


def test_a_bad_signing_date_is_refused(owner_api: APIClient, flat: Property) -> None:
    assert owner_api.get(url(flat), {"signing_date": "soon"}).status_code == 400


def test_deleting_a_document_takes_its_lines_away_and_nothing_else(
    owner_api: APIClient, flat: Property
) -> None:
    tax, statement = add(flat, TAX, STATEMENT)
    before = {line["code"]: line for line in sum_up(flat).synthesis_data["annual"]["lines"]}
    assert owner_api.delete(f"/api/documents/{tax.pk}/").status_code == 204
    after = {line["code"]: line for line in sum_up(flat).synthesis_data["annual"]["lines"]}
    assert set(before) - set(after) == {"property_tax"}
    assert after["charges"] == before["charges"]
    assert after["charges"]["findings"] == [{"document_id": statement.pk, "path": "total_amount"}]


def test_a_failure_keeps_the_last_good_one_and_says_so(
    owner_api: APIClient, flat: Property, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(flat, TAX)
    good = sum_up(flat)

    def broken(*args: Any) -> None:
        raise ArithmeticError("a fault of ours")

    monkeypatch.setattr(summaries, "synthesise", broken)
    add(flat, STATEMENT)
    assert sum_up(flat).status == "pending"  # tried again later
    DocumentSummary.objects.filter(property=flat).update(attempts=summaries.MOST_ATTEMPTS - 1)
    row = sum_up(flat)
    assert row.status == "failed" and row.synthesis_data == good.synthesis_data
    assert row.last_updated == good.last_updated
    data = owner_api.get(url(flat), headers={"accept-language": "en"}).json()
    assert data["status"] == "failed" and data["is_stale"] and data["total_annual_cost"] == 1243
    assert "last good" in data["error"]
    monkeypatch.undo()
    summaries.request([flat.pk])
    row = sum_up(flat)
    assert row.status == "current" and row.error_code == "" and str(row.total_annual_cost) == "2347.50"


def test_a_change_during_a_run_is_followed_by_another(flat: Property) -> None:
    add(flat, TAX)
    DocumentSummary.objects.filter(property=flat).update(queued_at=timezone.now())
    claimed = summaries.claim(flat.pk)
    assert claimed is not None and summaries.claim(flat.pk) is None
    add(flat, STATEMENT)
    papers, unread = summaries.dossier(claimed)
    subject = summaries.subject_of(flat)
    data = synthesise(papers, subject, unread)
    summaries.store(claimed, "x", data, timezone.localdate())
    assert DocumentSummary.objects.get(property=flat).status == "pending"
    assert str(sum_up(flat).total_annual_cost) == "2347.50"


def test_requests_wait_together_and_nothing_changed_is_no_new_result(flat: Property) -> None:
    add(flat, TAX)
    first = DocumentSummary.objects.get(property=flat)
    summaries.request([flat.pk])
    again = DocumentSummary.objects.get(property=flat)
    assert again.queued_at == first.queued_at and again.revision == first.revision + 1
    assert summaries.claim(flat.pk) is None  # not before its time
    done = sum_up(flat)
    summaries.request([flat.pk])
    assert sum_up(flat).last_updated == done.last_updated


def test_a_lost_worker_and_a_lost_message_lose_nothing(flat: Property) -> None:
    add(flat, TAX)
    DocumentSummary.objects.filter(property=flat).update(queued_at=timezone.now())
    claimed = summaries.claim(flat.pk)
    assert claimed is not None
    past = timezone.now() - timedelta(minutes=1)
    DocumentSummary.objects.filter(property=flat).update(lease_until=past, sent_at=past)
    assert summaries.requeue_lost() == {"failed": 0, "recovered": 1, "sent": 1}
    summaries.store(claimed, "late", {}, timezone.localdate())  # the worker comes back: not written
    assert sum_up(flat).total_annual_cost == 1243


def test_overrides_are_checked_survive_and_are_shown(owner_api: APIClient, flat: Property) -> None:
    """4,200 of works fund × 250 / 10,000 = 105; charges set to 900; the budget's line is overridden."""
    add(flat, MINUTES)
    sum_up(flat)
    share = {"tantiemes": {"general": {"lot": 250, "total": 10_000}}}
    assert owner_api.patch(url(flat, "overrides/"), share, format="json").status_code == 200
    answer = owner_api.patch(url(flat, "overrides/"), {"amounts": {"annual:charges": "900"}}, format="json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["total_annual_cost"] == 1005  # at once
    add(flat, TAX)
    sum_up(flat)
    data = owner_api.get(url(flat)).json()
    lines = {line["code"]: line for line in data["annual"]["lines"]}
    assert lines["charges"]["amount"] == 900 and lines["charges"]["overridden"]
    assert lines["works_fund"]["amount"] == 105 and not lines["property_tax"]["overridden"]
    assert data["share"] == {"lot": 250, "total": 10_000, "overridden": True, "findings": []}
    assert data["user_overrides"]["amounts"] == {"annual:charges": "900.00"}
    key = data["one_time"]["lines"][0]["key"]
    paid = owner_api.patch(url(flat, "overrides/"), {"statuses": {key: "paid"}}, format="json").json()
    assert paid["one_time"]["lines"][0]["payer"] == "nobody" and paid["totals"]["one_time_paid"] == 750
    back = owner_api.patch(url(flat, "overrides/"), {"amounts": {}}, format="json").json()
    assert {line["code"]: line["amount"] for line in back["annual"]["lines"]}["charges"] == 2100
    assert Activity.objects.filter(action="synthesis.overridden", property_id=flat.pk).count() == 4


@pytest.mark.parametrize(
    "body",
    [
        {"tantiemes": {"general": {"lot": 11_000, "total": 10_000}}},
        {"tantiemes": {"general": {"lot": 0, "total": 10_000}}},
        {"amounts": {"annual:charges": "-1"}},
        {"amounts": {"annual:charges": "1e400"}},
        {"amounts": {"no such line": "5"}},
        {"statuses": {"annual:charges": "perhaps"}},
        {"statuses": ["paid"]},
    ],
)
def test_bad_overrides_are_refused(owner_api: APIClient, flat: Property, body: Any) -> None:
    add(flat, STATEMENT)
    sum_up(flat)
    answer = owner_api.patch(url(flat, "overrides/"), body, format="json")
    assert answer.status_code == 400, answer.content
    assert DocumentSummary.objects.get(property=flat).user_overrides == {}


def test_strangers_find_nothing(stranger_api: APIClient, anonymous_api: APIClient, flat: Property) -> None:
    add(flat, TAX)
    for method, tail in (("get", ""), ("post", "regenerate-overall/"), ("patch", "overrides/")):
        assert getattr(stranger_api, method)(url(flat, tail), {}, format="json").status_code == 404
        assert getattr(anonymous_api, method)(url(flat, tail), {}, format="json").status_code == 401


def test_nothing_read_says_so_in_both_languages(owner_api: APIClient, flat: Property) -> None:
    data = owner_api.get(url(flat)).json()
    assert data["status"] == "current" and data["risk_level"] is None and data["total_annual_cost"] is None
    assert "Aucun document" in data["overall_summary"]
    assert "Règlement de copropriété" in data["missing_request"]
    english = owner_api.get(url(flat), headers={"accept-language": "en"}).json()
    assert "No document" in english["overall_summary"]


def test_regenerate_is_accepted_and_logged(owner_api: APIClient, flat: Property) -> None:
    add(flat, TAX)
    first = sum_up(flat)
    answer = owner_api.post(url(flat, "regenerate-overall/"))
    assert answer.status_code == 202 and answer.json()["status"] == "pending"
    again = sum_up(flat)
    assert first.last_updated and again.last_updated and again.last_updated > first.last_updated
    assert Activity.objects.filter(action="synthesis.requested").count() == 1


def test_a_changed_property_makes_it_stale_and_asks_for_a_new_one(
    owner_api: APIClient, flat: Property
) -> None:
    add(flat, TAX)
    sum_up(flat)
    Property.objects.filter(pk=flat.pk).update(building_year=1930)
    assert owner_api.get(url(flat)).json()["status"] == "pending"
    assert sum_up(flat).synthesis_data["subject"]["building_year"] == 1930


def test_one_of_an_older_release_is_made_again(owner_api: APIClient, flat: Property) -> None:
    add(flat, TAX)
    row = sum_up(flat)
    DocumentSummary.objects.filter(pk=row.pk).update(
        synthesis_data={"version": "0", "subject": {}}, inputs_hash="of another version"
    )
    data = owner_api.get(url(flat)).json()
    assert data["status"] == "pending" and data["total_annual_cost"] == 1243
    assert sum_up(flat).synthesis_data["version"] == row.synthesis_data["version"]


def test_the_list_of_properties_carries_it(owner_api: APIClient, flat: Property) -> None:
    add(flat, TAX)
    sum_up(flat)
    found = owner_api.get("/api/properties/with-synthesis/").json()["results"][0]["synthesis"]
    assert found["total_annual_cost"] == 1243 and found["risk_level"] == "low"


def test_the_back_office_shows_it(back_office: Any, flat: Property) -> None:
    add(flat, TAX)
    row = sum_up(flat)
    assert back_office.get("/admin/documents/documentsummary/").status_code == 200
    page = f"/admin/documents/documentsummary/{row.pk}/change/"
    for language, word in (("fr", "Risque"), ("en", "Risk:")):
        assert word in back_office.get(page, headers={"accept-language": language}).content.decode()
