"""Staff and the second factor in the back-office."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.http import QueryDict
from django.test import Client

from accounts.models import Activity, User

PAGE = "/admin/second-factor/"
SECRET = "JBSWY3DPEHPK3PXP"
PASSWORD = "correct-horse-battery"


def code(secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def sign_in(user: User) -> Client:
    client = Client()
    data = {"username": user.email, "password": PASSWORD, "next": "/admin/"}
    assert client.post("/admin/login/", data).status_code == 302
    return client


@pytest.fixture
def colleague(db: None) -> User:
    return User.objects.create_user("colleague@example.org", PASSWORD, is_staff=True)


def test_without_the_setting_and_without_one_nothing_is_asked(colleague: User) -> None:
    assert sign_in(colleague).get("/admin/").status_code == 200


def test_who_has_one_gives_its_code_even_without_the_setting(colleague: User) -> None:
    TOTP.activate(colleague, SECRET)
    client = sign_in(colleague)
    wanted = "/admin/properties/property/?q=a&department=83"
    asked = client.get(wanted)["Location"]
    assert QueryDict(asked.removeprefix(f"{PAGE}?"))["next"] == wanted
    assert client.post(PAGE, {"code": "000000"}).status_code == 200
    assert client.get("/admin/").status_code == 302
    assert client.post(f"{PAGE}?next=//evil.example/", {"code": code()})["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_with_the_setting_one_is_set_up_before_anything_opens(colleague: User, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    client = sign_in(colleague)
    assert PAGE in client.get("/admin/")["Location"]
    page = client.get(PAGE).content.decode()
    assert "<svg" in page
    match = re.search(r"<code>([A-Z2-7]{16,})</code>", page)
    assert match
    assert client.post(PAGE, {"code": "123"}).status_code == 200
    assert not Authenticator.objects.exists()
    done = client.post(PAGE, {"code": code(match[1])})
    codes = re.findall(r"<li><code>(\w+)</code>", done.content.decode())
    assert len(codes) >= 8 and client.get("/admin/").status_code == 200
    assert Activity.objects.filter(action="totp.activated", user=colleague).exists()
    again = sign_in(colleague)
    assert again.get("/admin/").status_code == 302
    assert again.post(PAGE, {"code": codes[0]}).status_code == 302  # a recovery code, once
    assert again.get("/admin/").status_code == 200
    third = sign_in(colleague)
    assert third.post(PAGE, {"code": codes[0]}).status_code == 200


def test_a_session_of_the_api_that_gave_its_code_is_not_asked_again(colleague: User) -> None:
    TOTP.activate(colleague, SECRET)
    browser = Client()
    signing = {"email": colleague.email, "password": PASSWORD}
    browser.post("/api/auth/sign-in/", signing, content_type="application/json")
    assert browser.get("/admin/").status_code == 302
    answer = browser.post("/api/auth/sign-in/code/", {"code": code()}, content_type="application/json")
    assert answer.status_code in (200, 204), answer.content
    assert browser.get("/admin/").status_code == 200


def test_the_page_is_closed_to_clients_and_strangers(client: Client, owner: User) -> None:
    assert "login" in client.get(PAGE)["Location"]
    client.force_login(owner)
    assert "login" in client.get(PAGE)["Location"]


def test_passwords_are_not_tried_without_end(colleague: User) -> None:
    client = Client()
    for _ in range(8):
        page = client.post("/admin/login/", {"username": colleague.email, "password": "wrong"})
    assert "Trop d'essais" in page.content.decode().replace("&#x27;", "'")
    right = client.post("/admin/login/", {"username": colleague.email, "password": PASSWORD})
    assert right.status_code == 200  # not now
