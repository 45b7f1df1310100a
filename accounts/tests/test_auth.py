"""The whole way of an account: sign-up, verification, sign-in, second factor, reset, sessions, tokens."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Activity, ApiToken, User
from accounts.tests.factories import UserFactory

PASSWORD = "correct-horse-battery"
NEW = {"email": "New@Example.org", "password": PASSWORD, "full_name": "Camille Exemple"}


def link(host: str = "http://testserver") -> str:
    """The path of the link in the last mail."""
    found = re.search(rf"{host}(/account/\S+)", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found[1]


def key(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[1].replace("%3A", ":")


def post(client: Client, path: str, body: object, **headers: str) -> Any:
    return client.post(f"/api/auth/{path}", body, content_type="application/json", headers=headers)


def sign_in(email: str, password: str = PASSWORD) -> tuple[Client, Any]:
    cache.clear()  # limits have their own tests
    client = Client()
    return client, post(client, "sign-in/", {"email": email, "password": password})


def code_of(user: User) -> str:
    secret = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    from allauth.mfa.utils import decrypt

    counter = next(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(decrypt(secret.data["secret"]), counter))


def test_from_sign_up_to_sign_in(client: Client, db: None) -> None:
    assert post(client, "sign-up/", NEW).status_code == 202
    user = User.objects.get(email="new@example.org")
    assert user.full_name == "Camille Exemple"
    refused = sign_in(user.email)[1]
    assert (refused.status_code, refused.json()["code"]) == (401, "email_not_verified")
    token = post(client, "token/", {"email": user.email, "password": PASSWORD})
    assert (token.status_code, token.json()["code"]) == (401, "email_not_verified")
    assert post(client, "email/verify/", {"key": key(link())}).status_code == 204
    browser, answer = sign_in(user.email)
    assert (answer.status_code, answer.json()["email"]) == (200, user.email)
    assert browser.get("/api/auth/session/").json()["id"] == user.pk
    assert browser.get("/api/users/me/").json()["full_name"] == "Camille Exemple"
    assert browser.delete("/api/auth/session/").status_code == 204
    assert browser.get("/api/auth/session/").status_code == 401
    actions = set(Activity.objects.visible_to(user).values_list("action", flat=True))
    assert actions == {"account.created", "account.email_confirmed", "account.signed_in"}


def test_the_link_s_page_verifies_on_the_button_not_on_the_visit(client: Client, db: None) -> None:
    post(client, "sign-up/", NEW)
    user, path = User.objects.get(email="new@example.org"), link()
    assert client.get(path).status_code == 200
    before = user.has_verified_email
    assert client.post(path).status_code == 200
    assert (before, user.has_verified_email) == (False, True)
    assert client.post("/account/verify-email/forged/").status_code == 410


def test_a_known_address_signs_up_like_a_new_one(db: None) -> None:
    UserFactory(email="known@example.org")
    answers = []
    for email in ("known@example.org", "unknown@example.org"):
        client = Client()
        answer = post(client, "sign-up/", {**NEW, "email": email})
        cookies = {name: len(cookie.value) for name, cookie in client.cookies.items()}
        answers.append((answer.status_code, answer.content, sorted(answer.headers), cookies))
    assert answers[0] == answers[1]
    assert [message.to for message in mail.outbox] == [["known@example.org"], ["unknown@example.org"]]
    assert User.objects.filter(email="known@example.org").count() == 1


def test_reset_answers_alike_and_writes_to_both(db: None) -> None:
    UserFactory(email="known@example.org")
    UserFactory(email="closed@example.org", is_active=False)
    emails = ["known@example.org", "unknown@example.org", "closed@example.org"]
    answers = [post(Client(), "password/reset/", {"email": email}) for email in emails]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert [message.to[0] for message in mail.outbox] == emails
    assert "reset-password" not in str(mail.outbox[1].body) + str(mail.outbox[2].body)


def test_wrong_sign_ins_answer_alike(db: None) -> None:
    UserFactory(email="known@example.org")
    UserFactory(email="closed@example.org", is_active=False)
    answers = [
        sign_in(email, password)[1]
        for email, password in [
            ("known@example.org", "wrong-password"),
            ("unknown@example.org", PASSWORD),
            ("closed@example.org", PASSWORD),
        ]
    ]
    assert {answer.status_code for answer in answers} == {400}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["errors"][0]["code"] == "invalid_credentials"


@pytest.mark.parametrize("way", ["page", "api"])
def test_reset_by_link_ends_sessions_and_tokens(client: Client, owner: User, way: str) -> None:
    browser, _ = sign_in(owner.email)
    ApiToken.objects.create(user=owner)
    answer = post(client, "password/reset/", {"email": owner.email}, host="testserver")
    assert answer.status_code == 202
    path = link()
    assert client.get(path).status_code == 200
    if way == "page":
        assert client.post(path, {"password": "short"}).status_code == 400
        assert client.post(path, {"password": "another-long-one"}).status_code == 200
        assert client.post(path, {"password": "once-more-please"}).status_code == 410
    else:
        confirm = {"key": key(path), "password": "another-long-one"}
        assert (
            post(client, "password/reset/confirm/", {**confirm, "password": "1234567890"}).status_code == 400
        )
        assert post(client, "password/reset/confirm/", confirm).status_code == 204
        assert post(client, "password/reset/confirm/", confirm).status_code == 400
    assert browser.get("/api/auth/session/").status_code == 401
    assert not ApiToken.objects.filter(user=owner).exists()
    assert sign_in(owner.email, "another-long-one")[1].status_code == 200


@pytest.mark.parametrize("key", ["-", "-x", " -x", "x", "zzzzzzzzzzzzz-x", "zzzzzzzzzzzzzzz-x", "\u0661-x"])
def test_a_made_up_reset_key_is_refused(client: Client, db: None, key: str) -> None:
    answer = post(client, "password/reset/confirm/", {"key": key, "password": "another-long-one"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "invalid_password_reset")
    path = f"/account/reset-password/{quote(key)}/"
    assert client.get(path).status_code == 410
    assert client.post(path, {"password": "another-long-one"}).status_code == 410


def test_links_begin_with_the_public_url_whatever_the_request_says(owner: User, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    answer = Client().post(
        "/api/auth/password/reset/",
        {"email": owner.email},
        content_type="application/json",
        headers={"host": "evil.example", "x-forwarded-host": "evil.example"},
    )
    assert answer.status_code == 202
    assert "evil" not in str(mail.outbox[-1].body)
    assert link().startswith("/account/reset-password/")


@pytest.mark.parametrize(
    ("language", "subject"),
    [("fr", "Choisir un nouveau mot de passe"), ("en", "Choose a new password")],
)
def test_mails_speak_the_account_s_language(client: Client, language: str, subject: str, db: None) -> None:
    user = UserFactory(language=language)
    post(client, "password/reset/", {"email": user.email}, **{"accept-language": "de"})
    assert mail.outbox[-1].subject == subject


def test_a_browser_needs_the_csrf_token(owner: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    body = {"email": owner.email, "password": PASSWORD}
    assert post(browser, "sign-in/", body, origin="https://evil.example").status_code == 403
    token = {"x-csrftoken": browser.get("/api/auth/config/").cookies["csrftoken"].value}
    assert post(browser, "sign-in/", body).status_code == 403
    assert post(browser, "sign-in/", body, **token).status_code == 200
    flat = {"address": "1 rue A", "postal_code": "83000"}
    assert browser.post("/api/properties/", flat, content_type="application/json").status_code == 403


def test_password_change_ends_the_other_sessions_and_the_tokens(owner: User) -> None:
    here, _ = sign_in(owner.email)
    there, _ = sign_in(owner.email)
    ApiToken.objects.create(user=owner)
    body = {"current_password": "wrong-password", "new_password": "another-long-one"}
    assert post(here, "password/change/", body).status_code == 400
    assert post(here, "password/change/", {**body, "current_password": PASSWORD}).status_code == 204
    assert here.get("/api/auth/session/").status_code == 200
    assert there.get("/api/auth/session/").status_code == 401
    assert not ApiToken.objects.filter(user=owner).exists()


def test_second_factor(owner: User, anonymous_api: APIClient) -> None:
    browser, _ = sign_in(owner.email)
    offered = browser.get("/api/auth/totp/").json()
    assert offered["active"] is False and offered["url"].startswith("otpauth://totp/")
    assert post(browser, "totp/", {"code": "000000x"}).status_code == 400
    again = post(browser, "reauthenticate/", {"password": "wrong-password"})
    assert again.status_code == 400
    assert post(browser, "reauthenticate/", {"password": PASSWORD}).status_code == 204
    counter = next(yield_hotp_counters_from_time())
    first = format_hotp_value(hotp_value(offered["secret"], counter))
    recovery = post(browser, "totp/", {"code": first})
    assert recovery.status_code == 200, recovery.content
    stored = Authenticator.objects.get(user=owner, type=Authenticator.Type.TOTP)
    assert offered["secret"] not in str(stored.data)

    credentials = {"email": owner.email, "password": PASSWORD}
    asked = anonymous_api.post("/api/auth/token/", credentials)
    assert (asked.status_code, asked.json()["code"]) == (401, "totp_required")
    wrong = anonymous_api.post("/api/auth/token/", {**credentials, "code": "abcdef"})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (400, "invalid_code")

    other, step = sign_in(owner.email)
    assert (step.status_code, step.json()["code"]) == (401, "totp_required")
    assert other.get("/api/users/me/").status_code == 401
    cache.clear()
    spare = recovery.json()["recovery_codes"]
    assert post(other, "sign-in/code/", {"code": spare[0]}).status_code == 200
    assert other.get("/api/users/me/").status_code == 200
    cache.clear()
    assert anonymous_api.post("/api/auth/token/", {**credentials, "code": spare[0]}).status_code == 400
    token = anonymous_api.post("/api/auth/token/", {**credentials, "code": code_of(owner)})
    assert token.status_code == 200
    # A code is used once.
    assert anonymous_api.post("/api/auth/token/", {**credentials, "code": code_of(owner)}).status_code == 400

    assert other.delete("/api/auth/totp/").status_code in (204, 401)
    assert browser.delete("/api/auth/totp/").status_code == 204
    assert sign_in(owner.email)[1].status_code == 200


def test_sessions_are_listed_and_ended_one_by_one(owner: User, stranger: User) -> None:
    here, _ = sign_in(owner.email)
    there, _ = sign_in(owner.email)
    theirs, _ = sign_in(stranger.email)
    sessions = here.get("/api/auth/sessions/").json()
    assert [session["is_current"] for session in sessions].count(True) == 1 and len(sessions) == 2
    (other,) = (session["id"] for session in sessions if not session["is_current"])
    assert theirs.delete(f"/api/auth/sessions/{other}/").status_code == 404
    assert here.delete(f"/api/auth/sessions/{other}/").status_code == 204
    assert there.get("/api/auth/session/").status_code == 401
    assert theirs.get("/api/auth/session/").status_code == 200


def test_out_everywhere(owner: User, owner_api: APIClient) -> None:
    here, _ = sign_in(owner.email)
    there, _ = sign_in(owner.email)
    assert here.post("/api/auth/sign-out-everywhere/").status_code == 204
    for client in (here, there, owner_api):
        assert client.get("/api/users/me/").status_code == 401


def test_tokens_are_made_in_a_session_listed_and_revoked(owner: User, stranger_api: APIClient) -> None:
    browser, _ = sign_in(owner.email)
    made = post(browser, "tokens/", {"name": "backup"})
    assert made.status_code == 201
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {made.json()['token']}")
    assert program.get("/api/users/me/").status_code == 200
    refused = program.post("/api/auth/tokens/", {"name": "bred"})
    assert (refused.status_code, refused.json()["code"]) == (403, "session_required")
    (listed,) = browser.get("/api/auth/tokens/").json()["results"]
    assert listed["name"] == "backup" and listed["token_key"] in made.json()["token"]
    assert len(listed["token_key"]) < len(made.json()["token"]) / 2
    path = f"/api/auth/tokens/{listed['token_key']}/"
    assert stranger_api.delete(path).status_code == 404
    assert browser.delete(path).status_code == 204
    assert program.get("/api/users/me/").status_code == 401


def test_e_mail_changes_once_the_new_one_is_verified(owner: User, stranger: User) -> None:
    browser, _ = sign_in(owner.email)
    refused = post(browser, "email/change/", {"email": stranger.email})
    assert (refused.status_code, refused.json()["code"]) == (401, "reauthentication_required")
    assert post(browser, "reauthenticate/", {"password": PASSWORD}).status_code == 204
    assert post(browser, "email/change/", {"email": stranger.email}).status_code == 202
    owner.refresh_from_db()
    assert owner.email == "owner@example.org"
    assert post(browser, "email/change/", {"email": "moved@example.org"}).status_code == 202
    owner.refresh_from_db()
    assert owner.email == "owner@example.org"
    moved = next(message for message in mail.outbox if message.to == ["moved@example.org"])
    path = re.search(r"http://testserver(/account/verify-email/\S+)", str(moved.body))
    assert path and Client().post(path[1]).status_code == 200
    owner.refresh_from_db()
    assert owner.email == "moved@example.org"


def test_an_unverified_address_takes_over_nothing(db: None) -> None:
    """Signing up with somebody else's address opens nothing."""
    attacker = Client()
    post(attacker, "sign-up/", {**NEW, "email": "victim@example.org"})
    assert sign_in("victim@example.org")[1].status_code == 401
    assert attacker.get("/api/users/me/").status_code == 401


def test_google_is_offered_only_when_configured(client: Client, db: None, settings: Any) -> None:
    assert client.get("/api/auth/config/").json()["providers"] == []
    assert client.post("/api/auth/provider/redirect/", {"provider": "google"}).status_code == 404
    settings.SOCIALACCOUNT_PROVIDERS = {"google": {"APPS": [{"client_id": "id", "secret": "s", "key": ""}]}}
    assert client.get("/api/auth/config/").json()["providers"] == [{"id": "google", "name": "Google"}]


def test_mail_server_down_says_so_alike_and_keeps_no_half_account(
    client: Client, owner: User, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answers = [post(Client(), "sign-up/", {**NEW, "email": e}) for e in (owner.email, "fresh@example.org")]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert answers[0].content == answers[1].content
    assert not User.objects.filter(email="fresh@example.org").exists()
