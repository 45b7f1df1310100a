"""The back-office's page of jobs: every kind, its states, what its buttons do, for whom, at which cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.test import Client

from accounts.models import Activity, User
from accounts.tests.factories import UserFactory
from config import jobs
from config.tests.rows import HOSTILE, one_of_each
from documents.models import Batch, Document, DocumentSummary
from photos.models import PhotoRedesign
from reports.models import Report

PAGE = "/admin/jobs/"


def listed(client: Client, kind: str, state: str = "") -> list[jobs.Job]:
    answer: Any = client.get(f"{PAGE}?kind={kind}&state={state}")
    assert answer.status_code == 200
    found: list[jobs.Job] = answer.context["jobs"]
    return found


@pytest.fixture
def failed(db: None) -> Document:
    """A document that could not be read, in a batch with one that was."""
    document = one_of_each()["documents.document"]
    assert isinstance(document, Document)
    batch = Batch.objects.create(property=document.property, user=document.property.user)
    Document.objects.filter(pk=document.pk).update(
        status="failed", error_code="damaged_pdf", batch=batch, filename="cassé.pdf"
    )
    document.refresh_from_db()
    return document


def test_every_kind_opens_in_every_state(failed: Document, back_office: Client) -> None:
    back_office.get(PAGE)
    assert set(jobs.KINDS) >= {
        "documents",
        "batches",
        "summaries",
        "redesigns",
        "reports",
        "imports",
        "exports",
    }
    for kind in jobs.KINDS:
        every = {job.pk for job in listed(back_office, kind)}
        by_state = [job for state in jobs.STATES for job in listed(back_office, kind, state)]
        assert {job.pk for job in by_state} == every and len(by_state) == len(every), kind
        for state in jobs.STATES:
            assert {job.state for job in listed(back_office, kind, state)} <= {state}
    assert back_office.get(f"{PAGE}?kind=none").status_code == 404
    assert back_office.get(f"{PAGE}?kind=documents&before=x").status_code == 404


def test_a_failure_says_why_in_words_and_is_retried(
    failed: Document, back_office: Client, staff: User
) -> None:
    (job,) = listed(back_office, "documents", "failed")
    assert job.title == "cassé.pdf" and job.error and "damaged" not in job.error
    assert back_office.get(job.url).status_code == 200
    assert f'name="retry" value="{failed.pk}"' in back_office.get(f"{PAGE}?kind=documents").content.decode()
    page = back_office.post(f"{PAGE}?kind=documents", {"kind": "documents", "retry": failed.pk}, follow=True)
    assert page.status_code == 200
    failed.refresh_from_db()
    assert (failed.status, failed.attempts, failed.error_code) == ("pending", 0, "")
    assert Activity.objects.get(action="document.requeued").actor == staff
    assert LogEntry.objects.get().object_id == str(failed.pk)
    assert not Activity.objects.filter(action="staff.changed").exists()
    again: Any = back_office.post(
        f"{PAGE}?kind=documents", {"kind": "documents", "retry": failed.pk}, follow=True
    )
    assert [m.level_tag for m in again.context["messages"]] == ["warning"]
    back_office.post(f"{PAGE}?kind=documents", {"kind": "documents", "cancel": failed.pk})
    failed.refresh_from_db()
    assert failed.status == "cancelled"


def test_a_batch_shows_its_progress_and_is_retried_whole(failed: Document, back_office: Client) -> None:
    (job,) = listed(back_office, "batches", "failed")
    assert job.progress == (1, 1) and job.error
    assert back_office.get(job.url).status_code == 200
    back_office.post(f"{PAGE}?kind=batches", {"retry": "ticked", "pk": [job.pk]})
    (job,) = listed(back_office, "batches", "waiting")
    assert job.progress == (0, 1)
    back_office.post(f"{PAGE}?kind=batches", {"cancel": job.pk})
    assert [job.state for job in listed(back_office, "batches", "cancelled")] == ["cancelled"]


def test_summaries_and_redesigns_are_retried(failed: Document, back_office: Client) -> None:
    DocumentSummary.objects.update(status="failed", error_code="worker_lost")
    (summary,) = listed(back_office, "summaries", "failed")
    assert summary.error
    back_office.post(f"{PAGE}?kind=summaries", {"retry": summary.pk})
    assert DocumentSummary.objects.get().status == "pending"
    (redesign,) = listed(back_office, "redesigns", "failed")
    back_office.post(f"{PAGE}?kind=redesigns", {"retry": redesign.pk})
    assert PhotoRedesign.objects.get(pk=redesign.pk).status == "pending"
    assert Activity.objects.filter(action="redesign.requeued").exists()


def test_a_report_is_retried_and_cancelled(failed: Document, back_office: Client, staff: User) -> None:
    Report.objects.update(status="failed", error_code="timeout")
    (report,) = listed(back_office, "reports", "failed")
    assert report.error and report.client
    back_office.post(f"{PAGE}?kind=reports", {"retry": report.pk})
    assert Report.objects.get().status == "pending"
    assert Activity.objects.get(action="report.requested").actor == staff
    back_office.post(f"{PAGE}?kind=reports", {"cancel": report.pk})
    assert Report.objects.get().status == "cancelled"
    assert Activity.objects.get(action="report.cancelled").actor == staff


def test_columns_keep_their_names_on_a_phone_and_readings_come_first(
    failed: Document, back_office: Client
) -> None:
    page: Any = back_office.get(PAGE)
    text = page.content.decode()
    assert page.context["kind"].code == "documents"
    assert all(f'data-label="{name}"' in text for name in ("État", "Depuis", "Essais"))


@pytest.mark.parametrize(
    ("group", "kinds", "may"),
    [
        (None, set(), 403),
        ("reader", {"documents", "batches", "summaries", "redesigns", "reports", "imports"}, 403),
        ("data operator", {"imports"}, 404),
        ("reviewer", {"documents", "batches", "summaries", "redesigns", "reports"}, 302),
    ],
)
def test_each_group_sees_its_kinds(failed: Document, group: str | None, kinds: set[str], may: int) -> None:
    user = UserFactory(is_staff=True)
    call_command("staff_groups", verbosity=0)
    if group:
        call_command("staff_groups", "--add", user.email, "--to", group, verbosity=0)
    client = Client()
    client.force_login(user)
    answer: Any = client.get(PAGE)
    assert answer.status_code == (200 if kinds else 403)
    if kinds:
        assert {entry["kind"].code for entry in answer.context["kinds"]} == kinds
    assert client.post(f"{PAGE}?kind=documents", {"retry": failed.pk}).status_code == may
    failed.refresh_from_db()
    assert (failed.status == "pending") == (may == 302)


def test_the_page_costs_as_many_queries_for_one_job_as_for_many(
    failed: Document, back_office: Client, flat_queries: Callable[..., int]
) -> None:
    def ask() -> None:
        for kind in jobs.KINDS:
            listed(back_office, kind)

    def grow() -> None:
        for _ in range(20):
            one_of_each()

    flat_queries(ask, grow)


def test_lists_are_bounded_and_go_on(
    failed: Document, back_office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "SHOWN", 2)
    for _ in range(4):
        one_of_each()
    seen: list[str] = []
    url = "?kind=documents&state="
    while url:
        answer: Any = back_office.get(PAGE + url)
        seen += [job.pk for job in answer.context["jobs"]]
        url = answer.context["older"]
    expected = Document.objects.order_by("-pk").values_list("pk", flat=True)
    assert seen == [str(pk) for pk in expected]


def test_names_are_text(failed: Document, back_office: Client) -> None:
    Document.objects.update(filename=f"{HOSTILE}.pdf")
    text = back_office.get(f"{PAGE}?kind=documents").content.decode()
    assert "<script>alert" not in text and "&lt;script&gt;alert" in text
    empty = back_office.get(f"{PAGE}?kind=exports&state=waiting").content.decode()
    assert "Aucun travail" in empty
