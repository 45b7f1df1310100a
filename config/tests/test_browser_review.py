"""Checking a reading and setting a job going again, in a real browser, as staff do it."""

from __future__ import annotations

import re

from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Activity, User
from config.tests.browser import PHONE, Seen, is_wider_than_screen, serious_findings, type_OpenPage
from documents import jobs, summaries
from documents.models import Correction, Document, DocumentSummary, Finding, Proposal
from documents.results import refresh_result
from documents.tests.papers import read_call
from properties.models import Property
from properties.tests.factories import PropertyFactory

QUEUE = "/admin/documents/documentreview/"


def summarise(flat: Property) -> DocumentSummary:
    """What the worker does, without its wait for other documents."""
    rows = DocumentSummary.objects.filter(property=flat)
    rows.update(queued_at=timezone.now())
    summaries.run(flat.pk)
    return rows.get(status="current")


def doubtful_call(flat: Property, total: str, name: str) -> Document:
    """A call for funds that was read, of whose total the reader is not sure."""
    document = read_call(flat, total, name)
    Finding.objects.filter(analysis__document=document, path="total_amount").update(confidence=0.3)
    refresh_result(document)
    return document


def test_reviewing_a_document_from_the_queue_to_the_corrected_synthesis(
    staff_page: tuple[Page, Seen],
) -> None:
    page, seen = staff_page
    flat = PropertyFactory()
    document = doubtful_call(flat, "468,75", "appel.pdf")
    doubtful_call(PropertyFactory(), "168,75", "suivant.pdf")
    summarise(flat)

    def fact(path: str, state: str) -> None:
        expect(page.locator(f"[data-path='{path}']")).to_have_attribute("data-state", state)

    def selected(path: str) -> None:
        expect(page.locator(".rv-current")).to_have_attribute("data-path", path)

    page.goto(QUEUE)
    page.locator("#result_list th a", has_text=".pdf").first.click()
    selected("total_amount")
    annual = page.locator("[data-total=annual]")
    expect(annual).to_have_text(re.compile(r"1\s875,00"))

    page.keyboard.press("c")
    expect(page.locator("#rv-value")).to_be_focused()
    page.keyboard.type("beaucoup")
    page.keyboard.press("Enter")
    expect(page.locator("#rv-value[aria-invalid=true]")).to_have_value("beaucoup")
    page.fill("#rv-value", "168,75")
    page.fill("#rv-reason", "le total imprimé n’est pas la somme")
    page.get_by_test_id("correct").click()
    expect(page.locator("#rv-summary")).to_have_attribute("data-status", "pending")
    summarise(flat)
    expect(page.locator("#rv-summary")).to_have_attribute("data-status", "current")
    expect(annual).to_have_text(re.compile(r"675,00"))

    page.locator("a[href*='show=all']", has_text="Tous").click()
    fact("total_amount", "corrected")
    shown = page.locator(".rv-row")
    paths = [shown.nth(n).get_attribute("data-path") or "" for n in range(shown.count())]
    lot = paths.index("tantiemes.lot")
    page.locator("[data-path='tantiemes.lot'] .rv-open").click()
    selected("tantiemes.lot")
    page.keyboard.press("j")
    selected(paths[lot + 1])
    page.keyboard.press("k")
    selected("tantiemes.lot")
    page.keyboard.press("a")
    fact("tantiemes.lot", "accepted")
    selected(paths[lot + 1])
    page.locator("[data-path=due_date] .rv-open").click()
    selected("due_date")
    page.keyboard.press("r")
    fact("due_date", "rejected")
    page.keyboard.press("s")
    expect(page.get_by_test_id("accept-sure")).to_have_count(0)
    page.keyboard.press("n")
    expect(page.locator(".rv-title")).to_have_text("suivant.pdf")

    kept = {c.path: c for c in Correction.objects.filter(document=document)}
    assert (kept["total_amount"].value, kept["total_amount"].read_value) == (168.75, 468.75)
    assert kept["total_amount"].reason.startswith("le total")
    assert (kept["tantiemes.lot"].verdict, kept["due_date"].verdict) == ("accepted", "rejected")
    assert set(kept) == set(paths)
    document.refresh_from_db()
    assert document.reviewed_by == User.objects.get(email="staff@example.org")
    assert Activity.objects.filter(action="document.reviewed").count() == 1
    seen.nothing_wrong()


def test_pages_of_readings_and_jobs_can_be_read_by_all(
    staff_page: tuple[Page, Seen], open_page: type_OpenPage
) -> None:
    staff, seen = staff_page
    document = doubtful_call(PropertyFactory(), "468,75", "appel.pdf")
    Proposal.objects.create(
        analysis=document.analyses.get(), path="total_amount", value=168.75, page=1, quote="156,25 et 12,50",
        reason="disagrees",
    )  # fmt: skip
    refresh_result(document)
    summary = summarise(document.property)
    failed = read_call(PropertyFactory(), name="en échec.pdf")
    Document.objects.filter(pk=failed.pk).update(status="failed", error_code="damaged_pdf")
    phone, phone_seen = open_page(User.objects.get(email="staff@example.org"), PHONE, dark=True)
    review = f"{QUEUE}{document.pk}/"
    paths = [
        QUEUE, f"{review}change/?show=all", f"{review}runs/", f"{QUEUE}quality/",
        "/admin/jobs/?kind=documents", f"/admin/documents/documentsummary/{summary.pk}/change/",
    ]  # fmt: skip
    findings = {}
    for page, name in ((staff, "light"), (phone, "dark")):
        for path in paths:
            page.goto(path)
            if found := serious_findings(page):
                findings[f"{path} ({name})"] = found
            assert not is_wider_than_screen(page), (path, name)
    assert findings == {}
    seen.nothing_wrong()
    phone_seen.nothing_wrong()


def test_setting_a_failed_job_going_again(staff_page: tuple[Page, Seen]) -> None:
    page, seen = staff_page
    document = read_call(PropertyFactory(), name="en échec.pdf")
    Document.objects.filter(pk=document.pk).update(status="failed", error_code="damaged_pdf")
    page.goto("/admin/jobs/?kind=documents&state=failed")
    row = page.locator(f"tr[data-job='{document.pk}']")
    expect(row).to_have_attribute("data-state", "failed")
    expect(row.locator(".jobs-error")).not_to_be_empty()
    row.get_by_test_id("retry").click()
    expect(row).to_have_count(0)
    page.locator(".jobs-states a", has_text="Tous").click()
    expect(row).to_have_attribute("data-state", "waiting")
    expect(row.get_by_test_id("cancel")).to_be_visible()
    jobs.run(document.pk)
    # The page asks for itself again: nobody loads it.
    expect(row).to_have_attribute("data-state", "done")
    document.refresh_from_db()
    assert document.status == "analyzed"
    assert Activity.objects.get(action="document.requeued").actor == User.objects.get(
        email="staff@example.org"
    )
    seen.nothing_wrong()
