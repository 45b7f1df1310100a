"""The back-office's pages for checking readings: who may, what each button does, what a page costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import Activity, User
from accounts.tests.factories import UserFactory
from documents import review
from documents.models import Analysis, Correction, Document, DocumentSummary, Finding, Proposal
from documents.results import refresh_result
from documents.tests.papers import read_call
from properties.tests.factories import PropertyFactory

PAGE = "admin:documents_documentreview_"
QUEUE = "/admin/documents/documentreview/"


@pytest.fixture
def document(owner: User) -> Document:
    return read_call(PropertyFactory(user=owner))


def url(document: Document, page: str = "change", *args: object) -> str:
    return reverse(f"{PAGE}{page}", args=[document.pk, *args])


def finding(document: Document, path: str = "total_amount") -> Finding:
    return Finding.objects.get(analysis__document=document, analysis__is_current=True, path=path)


def decide(client: Client, document: Document, action: str, **data: Any) -> Any:
    revision = Document.objects.values_list("revision", flat=True).get(pk=document.pk)
    return client.post(url(document, "decide"), {"revision": revision, "action": action, **data}, follow=True)


def test_a_reader_sees_and_decides_nothing(document: Document) -> None:
    reader = UserFactory(is_staff=True)
    client = Client()
    client.force_login(reader)
    pages = [url(document), *(url(document, name) for name in ("print", "runs", "summary", "file"))]
    pages += [url(document, "image", 1), reverse(f"{PAGE}quality"), QUEUE]
    assert [client.get(page).status_code for page in pages] == [403] * len(pages)
    reader.user_permissions.add(Permission.objects.get(codename="view_documentreview"))
    assert [client.get(page).status_code for page in pages] == [200] * len(pages)
    assert "accept-sure" not in client.get(url(document)).content.decode()
    assert decide(client, document, "accept", finding=finding(document).pk).status_code == 403
    assert not Correction.objects.exists()


def test_clients_are_led_to_sign_in(document: Document, owner: User, client: Client) -> None:
    client.force_login(owner)  # the document is theirs: these pages are not
    for page in (url(document), url(document, "image", 1), url(document, "file")):
        assert client.get(page).status_code == 302


def test_the_page_shows_each_fact_with_its_place(document: Document, back_office: Client) -> None:
    total = finding(document)
    page = back_office.get(url(document), {"finding": total.pk}).content.decode()
    assert "168,75" in page and total.quote.replace("'", "&#x27;") in page
    assert page.count("<rect") >= 5 and 'rv-selected"' in page
    assert f'href="{url(document, "image", 1)}"' in page
    image: Any = back_office.get(url(document, "image", 1))
    assert image["Content-Type"] == "image/webp" and image["X-Content-Type-Options"] == "nosniff"
    assert b"".join(image.streaming_content)[8:12] == b"WEBP"
    assert back_office.get(url(document, "image", 7)).status_code == 404
    by_path = back_office.get(url(document), {"path": "total_amount"}).context["selected"]
    assert by_path.id == total.pk
    assert back_office.get(url(document), {"path": "tantiemes"}).context["selected"].path == "tantiemes.lot"


@pytest.mark.parametrize("query", ["finding=x", "page=999999999", "page=-1", "path='%22<", "show=z"])
def test_odd_addresses_open_the_page(document: Document, back_office: Client, query: str) -> None:
    assert back_office.get(f"{url(document)}?{query}").status_code == 200


def test_what_is_not_there_is_not_found(document: Document, back_office: Client) -> None:
    assert back_office.get(f"{QUEUE}0/change/").status_code == 404
    assert decide(back_office, document, "burn").status_code == 404
    assert decide(back_office, document, "accept", finding="x").status_code == 404
    assert back_office.get(url(document, "decide")).status_code == 302


def test_a_correction_is_kept_with_who_why_and_history(
    document: Document, back_office: Client, staff: User
) -> None:
    total = finding(document)
    answer = decide(
        back_office, document, "correct", finding=total.pk, value="1 268,75 €", reason="un 1 effacé"
    )
    assert answer.status_code == 200
    correction = Correction.objects.get()
    assert (correction.value, correction.read_value) == (1268.75, 168.75)
    assert (correction.user, correction.reason, correction.by_staff) == (staff, "un 1 effacé", True)
    assert LogEntry.objects.get().object_id == str(document.pk)
    assert Activity.objects.get(action="finding.corrected").user == document.property.user
    assert not Activity.objects.filter(action="staff.changed").exists()
    assert DocumentSummary.objects.get().status == "pending"
    page = back_office.get(f"{url(document)}?finding={total.pk}&show=all").content.decode()
    assert "un 1 effacé" in page and "staff@example.org" in page
    history = back_office.get(reverse(f"{PAGE}history", args=[document.pk]))
    assert "corrigé" in history.content.decode()


def test_what_is_no_value_is_said_and_what_was_typed_stays(document: Document, back_office: Client) -> None:
    answer = decide(back_office, document, "correct", finding=finding(document).pk, value="beaucoup")
    page = answer.content.decode()
    assert answer.context["wrong"] and 'value="beaucoup"' in page and 'aria-invalid="true"' in page
    assert not Correction.objects.exists()


def test_decisions_one_after_the_other(document: Document, back_office: Client) -> None:
    total, lot = finding(document), finding(document, "tantiemes.lot")
    answer = decide(back_office, document, "accept", finding=total.pk, next=lot.pk, show="all")
    assert answer.context["selected"].id == lot.pk
    decide(back_office, document, "reject", finding=lot.pk)
    verdicts = dict(Correction.objects.values_list("path", "verdict"))
    assert verdicts == {"total_amount": "accepted", "tantiemes.lot": "rejected"}
    decide(back_office, document, "withdraw", finding=lot.pk)
    assert Correction.objects.count() == 1
    decide(back_office, document, "accept_sure")
    assert Correction.objects.filter(verdict="accepted").count() > 5


def test_whoever_comes_second_is_told(document: Document, back_office: Client, owner_api: Any) -> None:
    seen = document.revision
    path = f"/api/documents/{document.pk}/findings/{finding(document).pk}/"
    assert owner_api.patch(path, {"value": 99.5}).status_code == 200
    answer = back_office.post(
        url(document, "decide"),
        {"revision": seen, "action": "correct", "finding": finding(document).pk, "value": "1"},
        follow=True,
    )
    assert [message.level_tag for message in answer.context["messages"]] == ["warning"]
    correction = Correction.objects.get()
    assert (correction.value, correction.by_staff) == (99.5, False)


def test_kind_run_and_end_of_a_review(document: Document, back_office: Client, owner: User) -> None:
    other = read_call(PropertyFactory(user=owner), "1168,75", "autre.pdf")
    decide(back_office, document, "retype", document_type="other")
    document.refresh_from_db()
    assert (document.document_type, document.status) == ("other", "pending")
    page = back_office.get(url(document))
    assert page.context["is_running"] and 'data-wait="4"' in page.content.decode()
    answer = decide(back_office, document, "finish")
    assert answer.redirect_chain[-1][0] == url(other)
    document.refresh_from_db()
    assert document.reviewed_by is not None
    decide(back_office, other, "read_again")
    other.refresh_from_db()
    assert other.status == "pending"
    decide(back_office, document, "reopen")
    document.refresh_from_db()
    assert document.reviewed_at is None


def test_the_queue_begins_with_the_most_in_doubt(
    document: Document, back_office: Client, owner: User
) -> None:
    big = read_call(PropertyFactory(user=owner), "9168,75", "gros.pdf")
    Finding.objects.filter(analysis__document=big, path="total_amount").update(confidence=0.3)
    refresh_result(big)
    rows = back_office.get(QUEUE).context["cl"].result_list
    assert [row.pk for row in rows] == [big.pk, document.pk]
    assert review.following(big) == document.pk and review.following(document) == big.pk
    review.finish(big, user=owner)
    assert [row.pk for row in back_office.get(QUEUE).context["cl"].result_list] == [document.pk]
    done = back_office.get(QUEUE, {"state": "done"}).context["cl"].result_list
    assert [row.pk for row in done] == [big.pk]


def test_an_empty_queue_says_what_to_do(back_office: Client) -> None:
    assert "rv-empty" in back_office.get(QUEUE).content.decode()
    assert "rv-empty" in back_office.get(reverse(f"{PAGE}quality")).content.decode()


def test_two_runs_are_compared(document: Document, back_office: Client) -> None:
    assert "rv-empty" in back_office.get(url(document, "runs")).content.decode()
    first = document.analyses.get()
    Analysis.objects.update(is_current=False)
    run = Analysis.objects.create(
        document=document, engine="rules", version="2", inputs_hash="", document_type="charges"
    )
    for old in first.findings.exclude(path="due_date"):
        value = 170 if old.path == "total_amount" else old.value
        Finding.objects.create(
            analysis=run, path=old.path, value=value, page=1, quote="", method="text", confidence=1
        )
    page = back_office.get(url(document, "runs"))
    changes = {line["path"]: line["change"] for line in page.context["lines"]}
    assert changes == {"total_amount": "changed", "due_date": "removed"}
    back = back_office.get(url(document, "runs"), {"before": run.pk, "after": first.pk}).context["lines"]
    assert {line["change"] for line in back} == {"changed", "added"}


def test_copies_are_shown(document: Document, back_office: Client, owner: User, stranger: User) -> None:
    twin = read_call(document.property, "168,75 ", "scan.pdf")
    elsewhere = read_call(PropertyFactory(user=stranger))
    assert twin.file_hash != document.file_hash
    page = back_office.get(url(document))
    assert [d.pk for d in page.context["twins"]] == [twin.pk]
    assert [d.pk for d in page.context["same_bytes"]] == [elsewhere.pk]


def test_quality_counts_what_staff_checked(document: Document, back_office: Client, owner: User) -> None:
    decide(back_office, document, "correct", finding=finding(document).pk, value="1")
    decide(back_office, document, "accept", finding=finding(document, "tantiemes.lot").pk)
    review.decide(document, finding(document, "tantiemes.total"), 9, user=owner)
    by_rule = {q.name: q for q in back_office.get(reverse(f"{PAGE}quality")).context["lines"]}
    assert by_rule["charges.total_amount"].wrong_percent == 100
    assert (by_rule["charges.tantiemes"].checked, by_rule["charges.tantiemes"].by_clients) == (1, 1)
    paths = back_office.get(reverse(f"{PAGE}quality"), {"by": "path"}).context["lines"]
    assert {q.name for q in paths} == {"total_amount", "tantiemes.lot", "tantiemes.total"}


def test_pages_cost_as_many_queries_for_few_facts_as_for_many(
    document: Document, back_office: Client, flat_queries: Callable[..., int], owner: User
) -> None:
    def ask() -> None:
        for name in ("change", "print", "runs"):
            assert back_office.get(url(document, name)).status_code == 200
        assert back_office.get(QUEUE).status_code == 200

    def grow() -> None:
        run = document.analyses.get()
        Finding.objects.bulk_create(
            Finding(
                analysis=run, path=f"breakdown[{n}].amount", value=n, page=1, quote="x", method="text",
                confidence=0.5, boxes=[[0.1, 0.1, 0.2, 0.2]],
            )
            for n in range(40, 60)
        )  # fmt: skip
        refresh_result(document)
        review.accept_sure(document, user=owner)
        for n in range(5):
            read_call(PropertyFactory(user=owner), f"2{n}68,75", f"{n}.pdf")

    assert flat_queries(ask, grow) < 90


def test_what_a_model_proposes_is_taken_or_set_aside(
    document: Document, back_office: Client, staff: User
) -> None:
    def propose(path: str, value: object, reason: str) -> Proposal:
        run = document.analyses.get()
        return Proposal.objects.create(
            analysis=run, path=path, value=value, page=1, quote="<b>1 268,75", reason=reason
        )

    def shown() -> list[int]:
        page: Any = back_office.get(url(document))
        return [proposal.id for proposal in page.context["proposals"]]

    other = propose("total_amount", 1268.75, "disagrees")
    unread = propose("works_calls", 40, "not_on_its_page")
    astray = propose("breakdown[7].amount", 3, "not_read_by_rules")
    refresh_result(document)
    page = back_office.get(url(document)).content.decode()
    assert "268,75" in page and "&lt;b&gt;1 268,75" in page and "le modèle lit autre chose" in page
    assert shown() == [other.pk, unread.pk, astray.pk]

    refused = decide(back_office, document, "take", proposal=astray.pk)
    assert [m.level_tag for m in refused.context["messages"]] == ["error"]
    assert decide(back_office, document, "take", proposal=0).status_code == 404
    assert not Correction.objects.exists()
    decide(back_office, document, "take", proposal=other.pk, reason="vu sur la page")
    decide(back_office, document, "set_aside", proposal=astray.pk)
    decide(back_office, document, "take", proposal=unread.pk)
    assert shown() == []
    kept = {c.path: c for c in Correction.objects.all()}
    total, works = kept["total_amount"], kept["works_calls"]
    assert (total.value, total.read_value, total.rule) == (1268.75, 168.75, "charges.total_amount")
    assert (total.by_staff, total.user, total.reason, total.verdict) == (
        True, staff, "vu sur la page", "corrected",
    )  # fmt: skip
    assert (works.verdict, works.rule) == ("accepted", "model")
    events = Activity.objects.filter(action__startswith="proposal.").values_list("action", flat=True)
    assert sorted(events) == ["proposal.accepted", "proposal.accepted", "proposal.rejected"]
    decide(back_office, document, "withdraw", finding=finding(document).pk)
    assert shown() == [other.pk]


def test_hostile_text_is_text(document: Document, back_office: Client) -> None:
    bad = """<script>alert(1)</script>"'"""
    Finding.objects.filter(path="total_amount").update(quote=bad)
    lot = finding(document, "lot_numbers[0]")
    Finding.objects.filter(pk=lot.pk).update(value=bad, quote=bad)
    Document.objects.update(filename=f"{bad}.pdf")
    document.refresh_from_db()
    refresh_result(document)
    decide(back_office, document, "correct", finding=lot.pk, value=bad, reason=bad)
    for page in (
        f"{url(document)}?finding={finding(document).pk}&show=all",
        f"{url(document)}?finding={lot.pk}&show=all",
        url(document, "print"), url(document, "runs"), QUEUE, reverse(f"{PAGE}history", args=[document.pk]),
    ):  # fmt: skip
        text = back_office.get(page).content.decode()
        assert "<script>alert" not in text and "&lt;script&gt;alert" in text, page
    disposition = back_office.get(url(document, "file"))["Content-Disposition"]
    assert disposition.startswith("attachment") and "\n" not in disposition


def test_the_print_has_the_strict_policy_of_other_pages(document: Document, back_office: Client) -> None:
    assert "unsafe" not in back_office.get(url(document, "print")).headers["Content-Security-Policy"]
    assert "unsafe-eval" in back_office.get(url(document, "change")).headers["Content-Security-Policy"]
