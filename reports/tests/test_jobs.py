"""The job of a report: asked for twice it is one; lost it is sent again; its file goes with its row."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.erasure import erase
from accounts.models import Activity, User
from accounts.tests.factories import UserFactory
from config.celery import app
from config.tests.workers import wait_for, worker
from photos.files import remove
from properties.models import Property
from properties.tests.factories import PropertyFactory
from reports import jobs
from reports.inputs import fingerprint
from reports.models import Report
from reports.rendering import Contents, RenderingError, render
from reports.tests.test_reports import made


@pytest.fixture
def flat(owner: User) -> Property:
    return PropertyFactory(user=owner)


def files(user: User) -> list[str]:
    return sorted(default_storage.listdir(f"{user.pk}/reports/")[1])


@pytest.mark.slow
@pytest.mark.timeout(900)  # a machine with other work to do
def test_a_worker_makes_it_while_the_caller_waits(
    transactional_db: None, owner_api: APIClient, tmp_path: Path, settings: Any
) -> None:
    app.control.purge()
    flat = PropertyFactory(user=User.objects.get())
    url = f"/api/properties/{flat.pk}/report/pdf/?kind=price-analysis"
    first = owner_api.get(url, headers={"Prefer": "respond-async"})
    again = owner_api.get(url)  # nobody waits: REPORT_WAIT_SECONDS is 0 in tests
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"] and Report.objects.count() == 1
    assert first["Location"] == first.json()["url"] and first["Retry-After"]
    assert first.json()["state"] == "pending" and first.json()["progress"]["percent"] == 0
    with worker(tmp_path, concurrency=1):
        wait_for(lambda: owner_api.get(first["Location"]).json()["state"] == "completed", 300, "it is made")
        settings.REPORT_WAIT_SECONDS = 300
        flat.asking_price = Decimal(199_000)
        flat.save()  # stale: another is made, and awaited
        answer = owner_api.get(url, headers={"Accept": "application/pdf"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.getvalue().startswith(b"%PDF")
    assert Report.objects.get().attempts == 1
    assert remove() == 1 and len(files(flat.user)) == 1  # the file of before is gone
    codes = list(Activity.objects.filter(object_type="reports.report").values_list("action", flat=True))
    assert sorted(codes) == ["report.made", "report.made", "report.requested", "report.requested"]


def test_fresh_until_something_changes(flat: Property, owner_api: APIClient) -> None:
    report = made(flat, "synthesis")
    url = f"/api/properties/{flat.pk}/report/pdf/?kind=synthesis"
    assert owner_api.get(url).status_code == 200
    assert owner_api.get(f"{url}&lang=en").status_code == 202  # another report
    flat.surface_area = 71
    flat.save()
    assert owner_api.get(url).status_code == 202
    assert owner_api.get(f"/api/properties/{flat.pk}/report/{report.uuid}/").json()["state"] == "pending"


@pytest.mark.parametrize(
    "query",
    ["kind=pdf", "lang=de", "signing_date=x", "rate_pct=3", "furniture=99999999", "years=0&rate_pct=1"],
)
def test_bad_wishes_are_refused_before_any_job(flat: Property, owner_api: APIClient, query: str) -> None:
    answer = owner_api.get(f"/api/properties/{flat.pk}/report/pdf/?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")
    assert not Report.objects.exists()


def test_another_persons_property_is_not_there(flat: Property, stranger_api: APIClient) -> None:
    report = made(flat, "synthesis")
    base = f"/api/properties/{flat.pk}/report"
    for path in ("/pdf/", f"/{report.uuid}/", f"/{report.uuid}/file/"):
        assert stranger_api.get(base + path).status_code == 404
    assert stranger_api.post(f"{base}/", {}).status_code == 404
    own = PropertyFactory(user=User.objects.get(email="stranger@example.org"))
    assert stranger_api.get(f"/api/properties/{own.pk}/report/{report.uuid}/file/").status_code == 404


def test_a_failure_says_why_and_can_be_tried_again(flat: Property, owner_api: APIClient) -> None:
    report = jobs.ask(flat, "full", "fr", {"furniture": "9999999"}, flat.user)  # past the view's check
    for _attempt in range(jobs.MOST_ATTEMPTS):
        Report.objects.update(queued_at=timezone.now())
        jobs.run(report.pk)
    report.refresh_from_db()
    assert (report.status, report.error_code, report.attempts) == ("failed", "internal_error", 3)
    Report.objects.update(options={})
    flat.refresh_from_db()
    stamp = fingerprint(flat, "full", {})
    Report.objects.update(inputs_hash=stamp)
    url = f"/api/properties/{flat.pk}/report/"
    answer = owner_api.get(f"{url}pdf/")
    assert (answer.status_code, answer.json()["code"]) == (503, "internal_error")
    assert int(answer["Retry-After"]) > 0
    assert owner_api.post(url, {}).status_code == 202
    jobs.run(report.pk)
    assert owner_api.get(f"{url}pdf/").status_code == 200
    assert owner_api.post(url, {}).status_code == 200


def test_a_lost_worker_or_message_is_made_up_for(flat: Property) -> None:
    report = jobs.ask(flat, "synthesis", "fr", {}, flat.user)
    held = jobs.claim(report.pk)
    assert held is not None and jobs.claim(report.pk) is None
    long_ago = timezone.now() - timedelta(minutes=5)
    Report.objects.update(lease_until=long_ago)
    assert jobs.requeue_lost() == {"failed": 0, "recovered": 1, "sent": 1}
    assert not jobs.store(held, render(Contents({**EMPTY})), "late")  # it comes back: its claim is gone
    assert files(flat.user) == []
    Report.objects.update(sent_at=long_ago)
    assert jobs.requeue_lost()["sent"] == 1
    Report.objects.update(status="processing", attempts=jobs.MOST_ATTEMPTS, lease_until=long_ago)
    call_command("reports_requeue", verbosity=0)
    assert Report.objects.get().error_code == "worker_lost"


EMPTY = {
    "language": "fr",
    "region": "FR",
    "words": {"contents": "Sommaire"},
    "title": "Essai",
    "cover": {
        "kind": "",
        "address": "a",
        "place": "",
        "facts": [],
        "cards": [],
        "notes": [],
        "disclaimer": "",
    },
    "blocks": [{"type": "section", "title": "a"}],
}


def test_printing_is_bounded_in_time_and_memory() -> None:
    many = {"type": "text", "body": "mot " * 200, "tone": "", "refs": []}
    huge = Contents({**EMPTY, "blocks": [*EMPTY["blocks"], *([many] * 30_000)]})
    with pytest.raises(RenderingError) as error:
        render(huge, seconds=0.5)
    assert error.value.code == "timeout"
    with pytest.raises(RenderingError) as error:
        render(huge, memory=160 * 1024**2)
    assert error.value.code == "out_of_memory"


def test_the_layout_opens_nothing_outside_its_folder() -> None:
    outside = {"type": "pair", "left": "/../../etc/passwd", "right": "http://127.0.0.1/x.jpg"}
    block = {**outside, "labels": ["a", "b"], "caption": ""}
    with pytest.raises(RenderingError) as error:
        render(Contents({**EMPTY, "blocks": [*EMPTY["blocks"], block]}))
    assert error.value.code == "render_failed"


def test_files_go_with_their_rows(owner_api: APIClient, tmp_path: Path) -> None:
    user = User.objects.get()
    flat = PropertyFactory(user=user)
    before = len(files(user))  # a store kept from another run has some
    report, other = made(flat, "synthesis"), made(flat, "synthesis", "en")
    assert len(files(user)) == before + 2
    assert owner_api.delete(f"/api/properties/{flat.pk}/report/{report.uuid}/").status_code == 204
    assert remove() == 1 and len(files(user)) == before + 1
    gone = UserFactory()
    made(PropertyFactory(user=gone), "synthesis")
    erase(gone)
    remove()
    assert files(gone) == []
    default_storage.delete(other.storage_key)
    call_command("reports_orphans", fix=True, verbosity=0)
    assert not Report.objects.exists()


def test_only_the_last_wishes_of_a_property_are_kept(flat: Property) -> None:
    for day in range(1, jobs.KEPT_ASKED + 4):
        report = jobs.ask(flat, "full", "fr", {"signing_date": f"2027-01-{day:02d}"}, flat.user)
        jobs.cancel(report)
    assert Report.objects.count() <= jobs.KEPT_ASKED + 1


def test_staff_read_it_from_the_property_and_it_is_logged(flat: Property, back_office: Client) -> None:
    page = back_office.get(f"/admin/properties/property/{flat.pk}/change/")
    url = f"/admin/reports/report/{flat.pk}/synthesis/fr/"
    assert url in page.content.decode()
    assert back_office.get(url).status_code == 302  # it is being made
    jobs.run(Report.objects.get().pk)
    answer = back_office.get(url)
    assert answer["Content-Type"] == "application/pdf" and answer.getvalue().startswith(b"%PDF")
    event = Activity.objects.get(action="report.downloaded")
    assert (event.actor.email, event.user_id) == ("staff@example.org", flat.user_id)  # type: ignore[union-attr]
    limited = Client()
    limited.force_login(UserFactory(is_staff=True))
    assert limited.get(url).status_code == 403
