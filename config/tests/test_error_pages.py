"""What people read when something goes wrong outside the API, and what programs read below it."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path, reverse

from accounts.tests.factories import UserFactory

PROBLEM = "application/problem+json"


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret of the inside")


# The project's addresses and two that break.
urlpatterns = [
    path("api/broken/", broken),
    path("account/broken/", broken),
    path("", include("config.urls")),
]
handler500 = "config.error_pages.server_error"


@pytest.fixture
def staff_client(db: None) -> Client:
    """Somebody of staff in no group: nothing but the front page opens."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(is_staff=True))
    return client


def is_page(answer: Any, status: int, *words: str) -> bool:
    text = answer.content.decode()
    policy = answer["Content-Security-Policy"].split(";")  # in no fixed order
    scripts = [part for part in policy if part.split()[0] in ("script-src", "default-src")]
    return (
        answer.status_code == status
        and answer["Content-Type"].startswith("text/html")
        and all(word in text for word in (*words, answer["X-Request-ID"]))
        and "<script" not in text
        and scripts != []
        and not any("unsafe-inline" in part for part in scripts)
    )


def test_closed_missing_and_expired_pages_say_what_to_do(staff_client: Client) -> None:
    closed = staff_client.get(reverse("admin:accounts_user_changelist"))
    assert is_page(closed, 403, "administrateur", f'href="{reverse("admin:index")}"', 'lang="fr"')
    english = staff_client.get("/admin/nothing/", headers={"accept-language": "en"})
    assert is_page(english, 404, "Not found", "Back to the front page", 'lang="en"')
    expired = staff_client.post(reverse("admin:logout"))
    assert is_page(expired, 403, "Page périmée", "Rouvrez la page")


def test_a_form_with_too_many_fields_is_a_page(db: None, settings: object) -> None:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    answer = client.post(reverse("admin:accounts_user_changelist"), {f"field{n}": "1" for n in range(1100)})
    assert is_page(answer, 400, "moins à la fois")


def test_hosts_that_are_not_ours_get_a_page_without_the_id_of_anybody_else(db: None) -> None:
    answer = Client().get("/account/verify-email/x/", headers={"host": "evil.example.org"})
    assert is_page(answer, 400, "Demande incomprise")
    assert "evil" not in answer.content.decode() and "/admin/" not in answer.content.decode()


@pytest.mark.urls("config.tests.test_error_pages")
def test_a_failure_gives_its_number_and_nothing_of_the_inside(db: None) -> None:
    client = Client(raise_request_exception=False)
    page = client.get("/account/broken/", headers={"accept-language": "en"})
    assert is_page(page, 500, "Internal error") and "inside" not in page.content.decode()
    problem = client.get("/api/broken/")
    assert (problem.status_code, problem["Content-Type"]) == (500, PROBLEM)
    assert problem.json()["code"] == "internal_error" and "inside" not in problem.content.decode()


@pytest.mark.parametrize(
    ("host", "status", "code"), [("testserver", 404, "not_found"), ("x.org", 400, "bad_request")]
)
def test_below_the_api_programs_get_problems(db: None, host: str, status: int, code: str) -> None:
    answer = Client().get("/api/nothing-here/", headers={"host": host})
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    assert answer.json()["code"] == code
