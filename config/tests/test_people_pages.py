"""The back-office's pages of people: what staff may do for them, and what they never see or choose."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from knox.models import get_token_model

from accounts.models import Activity, ApiToken, Erasure, User
from accounts.tests.factories import UserFactory
from properties.tests.factories import PropertyFactory


def url(user: User, name: str) -> str:
    return reverse(f"admin:accounts_user_{name}", args=[user.pk])


@pytest.fixture
def administrator(db: None) -> Client:
    call_command("staff_groups", verbosity=0)
    user = UserFactory(email="admin@example.org")
    call_command("staff_groups", "--add", user.email, "--to", "administrator", verbosity=0)
    client = Client()
    client.force_login(user)
    return client


def test_a_page_holds_no_password_token_or_key(back_office: Client, owner: User) -> None:
    _token, secret = get_token_model().objects.create(user=owner)
    signed_in = Client()
    signed_in.force_login(owner)
    secrets = [owner.password, secret, ApiToken.objects.get().digest, str(signed_in.session.session_key)]
    for name in ("change", "history", "delete"):
        page = back_office.get(url(owner, name)).content.decode()
        assert not [word for word in secrets if word in page], name
        assert 'name="password' not in page
    assert back_office.get(f"/admin/accounts/user/{owner.pk}/password/").status_code in (302, 404)


def test_counts_lead_to_lists(back_office: Client, owner: User) -> None:
    PropertyFactory.create_batch(2, user=owner)
    page = back_office.get(url(owner, "change")).content.decode()
    link = f"/admin/properties/property/?q={owner.email.replace('@', '%40')}&amp;is_deleted__exact=0"
    assert f'<a href="{link}">2 biens</a>' in page
    assert back_office.get(link.replace("&amp;", "&")).context["cl"].result_count == 2


def test_signing_out_everywhere(administrator: Client, owner: User) -> None:
    browser = Client()
    browser.force_login(owner)
    get_token_model().objects.create(user=owner)
    assert administrator.get(url(owner, "sign_out")).status_code == 403
    assert administrator.post(url(owner, "sign_out")).status_code == 302
    assert not ApiToken.objects.exists()
    event = Activity.objects.get(action="account.signed_out_everywhere")
    assert (event.user, str(event.actor)) == (owner, "admin@example.org")
    assert LogEntry.objects.filter(object_id=str(owner.pk), change_message__contains="partout").exists()


@pytest.mark.parametrize(("action", "mails"), [("sign_out", 0), ("remove_second_factor", 1)])
def test_a_colleague_s_session_of_the_back_office_ends_too(
    administrator: Client, action: str, mails: int, django_capture_on_commit_callbacks: Any
) -> None:
    colleague = UserFactory(password="correct-horse-battery", is_staff=True)
    browser = Client()
    browser.post("/admin/login/", {"username": colleague.email, "password": "correct-horse-battery"})
    before = browser.get("/admin/").status_code
    with django_capture_on_commit_callbacks(execute=True):
        administrator.post(url(colleague, action))
    assert [message.to for message in mail.outbox] == [[colleague.email]] * mails
    assert (before, browser.get("/admin/").status_code) == (200, 302)


def test_a_link_is_sent_instead_of_a_password(administrator: Client, owner: User) -> None:
    administrator.post(url(owner, "send_link"))
    assert [m.to for m in mail.outbox] == [[owner.email]] and "/account/reset-password/" in mail.outbox[
        0
    ].body
    page = administrator.get(url(owner, "send_link"))
    assert page.status_code == 403


def test_a_new_account_chooses_its_own_password(
    administrator: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = administrator.post(
            reverse("admin:accounts_user_add"),
            {"email": "Nouvelle@Example.org", "full_name": "Nouvelle", "language": "fr", "is_staff": "on"},
        )
    assert answer.status_code == 302, answer.context["errors"]
    user = User.objects.get(email="nouvelle@example.org")
    assert not user.has_usable_password() and user.is_staff and user.has_verified_email
    assert mail.outbox[0].to == ["nouvelle@example.org"]
    assert mail.outbox[0].subject == "Votre compte AppArt Agent"
    assert "Un compte vous est ouvert" in mail.outbox[0].body


def test_an_administrator_neither_makes_nor_touches_a_superuser(
    administrator: Client, owner: User, staff: User
) -> None:
    form = administrator.get(url(owner, "change")).context["adminform"].form
    assert not {"email", "is_superuser", "user_permissions", "password"} & set(form.fields)
    data = {"full_name": "x", "language": "fr", "is_active": "on", "is_superuser": "on", "email": "a@b.org"}
    assert administrator.post(url(owner, "change"), {**data, "_stamp": form.stamp}).status_code == 302
    owner.refresh_from_db()
    assert (owner.full_name, owner.is_superuser, owner.email) == ("x", False, "owner@example.org")
    for name in ("sign_out", "send_link", "remove_second_factor", "export"):
        assert administrator.post(url(staff, name)).status_code == 403
    assert administrator.get(url(staff, "delete")).status_code == 403


def test_export_is_the_persons_own_and_logged(administrator: Client, owner: User) -> None:
    PropertyFactory(user=owner, address="1 rue du Test")
    answer = administrator.post(url(owner, "export"))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer)))
    assert "1 rue du Test" in archive.read("data/properties.json").decode()
    assert "password" not in archive.read("data/users.json").decode()
    event = Activity.objects.get(action="account.exported")
    assert (event.user, str(event.actor)) == (owner, "admin@example.org")


def test_erasure_takes_the_typed_address_and_leaves_no_name(
    administrator: Client, owner: User, django_capture_on_commit_callbacks: Any
) -> None:
    PropertyFactory(user=owner)
    administrator.post(url(owner, "sign_out"))
    path = url(owner, "delete")
    assert owner.email in administrator.get(path).content.decode()
    refused = administrator.post(path, {"email": "other@example.org", "post": "yes"})
    assert refused.status_code == 200 and User.objects.filter(pk=owner.pk).exists()
    pk = owner.pk
    assert administrator.post(path, {"email": " Owner@example.org"}).status_code == 302
    assert not User.objects.filter(pk=pk).exists() and Erasure.objects.filter(account_id=pk).exists()
    assert str(Activity.objects.get(action="account.erased").actor) == "admin@example.org"
    history = LogEntry.objects.filter(object_id=str(pk))
    assert history.exists()
    assert not [e for e in history if "owner" in e.object_repr + e.change_message]


def test_nobody_is_erased_by_the_dozen(back_office: Client, owner: User) -> None:
    data = {"action": "delete_selected", "_selected_action": [owner.pk], "post": "yes"}
    back_office.post(reverse("admin:accounts_user_changelist"), data)
    assert User.objects.filter(pk=owner.pk).exists()


def test_tokens_have_columns_in_the_readers_language(back_office: Client, owner: User) -> None:
    token, secret = get_token_model().objects.create(user=owner)
    page = back_office.get("/admin/accounts/apitoken/").content.decode()
    assert "Début du jeton" in page and "Valable jusqu" in page and "Expiry" not in page
    assert f"{token.token_key}…" in page and secret not in page and token.digest not in page
