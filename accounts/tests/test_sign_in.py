from __future__ import annotations

import pytest
from django.db import IntegrityError
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import ApiToken, User
from accounts.tests.factories import UserFactory

PASSWORD = "correct-horse-battery"


def test_token_opens_the_api(owner: User, anonymous_api: APIClient) -> None:
    answer = anonymous_api.post("/api/auth/token/", {"email": "OWNER@example.org", "password": PASSWORD})
    assert answer.status_code == 200
    anonymous_api.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.data['token']}")
    assert anonymous_api.get("/api/users/me/").data["email"] == owner.email


def test_token_is_stored_hashed(owner: User, anonymous_api: APIClient) -> None:
    secret = anonymous_api.post("/api/auth/token/", {"email": owner.email, "password": PASSWORD}).data[
        "token"
    ]
    stored = ApiToken.objects.get(user=owner)
    assert secret not in (stored.digest, stored.token_key)
    assert len(stored.token_key) < 20


def test_wrong_password_unknown_email_and_closed_account_answer_alike(anonymous_api: APIClient) -> None:
    UserFactory(email="known@example.org")
    UserFactory(email="closed@example.org", is_active=False)
    answers = [
        anonymous_api.post("/api/auth/token/", {"email": email, "password": password}).json()
        for email, password in [
            ("known@example.org", "wrong-password"),
            ("nobody@example.org", PASSWORD),
            ("closed@example.org", PASSWORD),
        ]
    ]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["errors"][0]["code"] == "invalid_credentials"


def test_two_accounts_never_differ_by_case_only(db: None) -> None:
    User.objects.create_user("Someone@Example.org", PASSWORD)
    with pytest.raises(IntegrityError):
        User.objects.create_user("someone@example.ORG", PASSWORD)


def test_admin_sign_in_by_email(staff: User) -> None:
    client = Client()
    answer = client.post(
        "/admin/login/?next=/admin/", {"username": "Staff@example.org", "password": PASSWORD}
    )
    assert answer.status_code == 302
    assert client.get("/admin/").status_code == 200


def test_clients_do_not_enter_the_back_office(owner: User) -> None:
    client = Client()
    client.force_login(owner)
    assert client.get("/admin/").status_code == 302
