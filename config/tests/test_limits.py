"""Rate limits, sizes, languages, and what answers say about caching."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient
from rest_framework.views import APIView

from accounts.models import User
from config.api.parsers import nests_deeper
from config.api.throttling import PerAddress, PerUser
from config.tests.servers import web
from properties.tests.factories import PropertyFactory
from properties.views import PropertyViewSet

PASSWORD = "correct-horse-battery"


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits of production, which the test settings leave out, with a clock that stands still."""
    monkeypatch.setattr(APIView, "throttle_classes", [PerUser, PerAddress])
    monkeypatch.setattr(PropertyViewSet, "throttle_classes", [PerUser, PerAddress])
    monkeypatch.setattr(PerUser, "timer", lambda self: 1_000_000_000.0)


def test_a_hundred_requests_a_minute_each(
    limited: None, owner_api: APIClient, stranger_api: APIClient
) -> None:
    answers = [owner_api.get("/api/properties/") for _ in range(101)]
    assert {answer.status_code for answer in answers[:100]} == {200}
    assert (answers[100].status_code, answers[100].json()["code"]) == (429, "throttled")
    assert 0 < int(answers[100]["Retry-After"]) <= 61
    assert stranger_api.get("/api/properties/").status_code == 200


def test_sign_in_is_limited_by_address_and_by_account(owner: User) -> None:
    """Neither many accounts from one address, nor many addresses at one account, get round it."""

    def guess(email: str, address: str) -> int:
        answer = Client(REMOTE_ADDR=address).post(
            "/api/auth/sign-in/", {"email": email, "password": "wrong-password"}, "application/json"
        )
        return answer.status_code

    one_address = [guess(f"someone{n}@example.org", "192.0.2.1") for n in range(6)]
    assert one_address[:5] == [400] * 5 and one_address[5] == 429
    cache.clear()
    one_account = [guess(owner.email.upper(), f"192.0.2.{n}") for n in range(6)]
    assert one_account[:5] == [400] * 5 and one_account[5] == 429


def test_a_header_of_the_caller_s_choice_gets_round_nothing(owner: User) -> None:
    client = Client(REMOTE_ADDR="192.0.2.1")
    statuses = [
        client.post(
            "/api/auth/token/",
            {"email": f"someone{n}@example.org", "password": "wrong-password"},
            "application/json",
            headers={"X-Forwarded-For": f"198.51.100.{n}"},
        ).status_code
        for n in range(6)
    ]
    assert statuses[5] == 429


@pytest.mark.parametrize(
    ("accepted", "title"),
    [
        (None, "Connexion nécessaire"),
        ("en", "Sign-in needed"),
        ("de;q=0.9, en;q=0.5, fr;q=0.2", "Sign-in needed"),
        ("en;q=0.2, fr;q=0.7", "Connexion nécessaire"),
        ("xx", "Connexion nécessaire"),
    ],
)
def test_languages_by_their_weight(anonymous_api: APIClient, accepted: str | None, title: str) -> None:
    headers = {"Accept-Language": accepted} if accepted else {}
    french = anonymous_api.get("/api/properties/", headers=headers).json()["title"]
    assert french == title or (title.startswith("Sign") and french != "Connexion nécessaire")


@pytest.mark.parametrize(
    "path", ["/api/users/me/", "/api/properties/", "/api/properties/{pk}/", "/api/nowhere/"]
)
def test_private_answers_are_kept_by_nobody(owner: User, owner_api: APIClient, path: str) -> None:
    flat = PropertyFactory(user=owner)
    for client in (owner_api, APIClient()):
        assert client.get(path.format(pk=flat.pk))["Cache-Control"] == "private, no-store"


def test_a_body_beyond_the_bound_is_413(owner_api: APIClient, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = {"address": "x" * 2000, "postal_code": "83000"}
    answer = owner_api.post("/api/properties/", body)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_limit_that_cannot_be_counted_lets_pass(
    limited: None, owner_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.cache.count", lambda name, seconds: None)
    assert {owner_api.get("/api/properties/").status_code for _ in range(101)} == {200}


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b'{"address":' + b"[" * 40 + b"]" * 40 + b"}",
    ],
)
def test_a_body_nested_without_end_is_refused(owner_api: APIClient, body: bytes) -> None:
    answer = owner_api.post("/api/properties/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "too_deep")


def test_how_deep_a_body_may_nest() -> None:
    assert not nests_deeper({"a": [{"b": 1}], "c": []}, 3)
    assert nests_deeper({"a": [{"b": 1}]}, 2)
    assert not nests_deeper("a", 0)


def test_a_token_of_other_bytes_is_a_wrong_token(db: None) -> None:
    answer = APIClient().get("/api/properties/", HTTP_AUTHORIZATION="Bearer \xff\xfe")
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")


def test_a_connection_outlives_a_body_that_was_too_large(tmp_path: Path, transactional_db: None) -> None:
    """On the real server, which closes connections whose body is left unread."""
    with web(tmp_path) as url, httpx.Client(base_url=url, timeout=60) as client:
        for _again in range(3):
            answer = client.post(
                "/api/auth/token/", content=b"x" * 6_000_000, headers={"Content-Type": "application/json"}
            )
            assert answer.json()["code"] in {"too_large", "throttled"}
            assert client.get("/health/live/").status_code == 200
