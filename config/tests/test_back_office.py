"""Every page of the back-office: who may open it, what it costs, and that text stays text."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts import staff_groups
from accounts.models import User
from accounts.tests.factories import UserFactory
from config.tests.rows import one_of_each

INLINE = re.compile(r"<script(?![^>]*\ssrc=)")
EVALUATED = re.compile(r"""\s(?:x-[\w.:-]+|[@:][\w.-]+)=(?:"([^"]*)"|'([^']*)')""")
"""Attributes whose value the theme's Alpine runs."""
ROOT = Path(__file__).resolve().parents[2]
admin.autodiscover()  # as `config.urls` does
REGISTERED = {model._meta.label_lower: model for model in admin.site._registry}


def page_of(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def rows(db: None) -> dict[str, Model]:
    return one_of_each()


def test_the_table_names_every_page_and_no_other() -> None:
    assert set(staff_groups.TABLE) == set(REGISTERED)


def test_the_documentation_shows_the_table() -> None:
    assert staff_groups.as_markdown() in (ROOT / "docs" / "back-office.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("group", [None, *staff_groups.GROUPS])
def test_pages_open_and_close_as_the_table_says(rows: dict[str, Model], group: str | None) -> None:
    user = UserFactory(is_staff=True)
    call_command("staff_groups", verbosity=0)
    if group is not None:
        call_command("staff_groups", "--add", user.email, "--to", group, verbosity=0)
    client = Client()
    client.force_login(user)
    front = client.get(reverse("admin:index"))
    assert front.status_code == 200
    menu = front.content.decode()
    for label, model in REGISTERED.items():
        allowed = staff_groups.letters(label, group) if group else ""
        found: dict[str, bool] = {}
        expected = {"changelist": "v", "change": "v", "history": "v", "add": "a", "delete": "d"}
        for page in expected:
            args = [] if page in ("changelist", "add") else [rows[label].pk]
            found[page] = client.get(page_of(model, page, *args)).status_code == 200
        assert found == {page: letter in allowed for page, letter in expected.items()}, label
        if "v" not in allowed:
            assert f'href="{page_of(model, "changelist")}"' not in menu, label


def test_clients_and_strangers_are_led_to_sign_in(client: Client, owner: User) -> None:
    for signed_in in (False, True):
        if signed_in:
            client.force_login(owner)
        for model in REGISTERED.values():
            answer = client.get(page_of(model, "changelist"))
            assert (answer.status_code, "login" in answer.headers["Location"]) == (302, True)


def test_the_command_brings_groups_back_to_the_table(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("staff_groups")
    first = capsys.readouterr().out
    Group.objects.get(name="reader").permissions.clear()
    call_command("staff_groups")
    assert capsys.readouterr().out == first
    assert Group.objects.count() == len(staff_groups.GROUPS)


def test_lists_cost_as_many_queries_for_one_row_as_for_many(
    rows: dict[str, Model], back_office: Client, flat_queries: Callable[..., int]
) -> None:
    def ask() -> None:
        for model in REGISTERED.values():
            assert back_office.get(page_of(model, "changelist")).status_code == 200, model

    def grow() -> None:
        for _ in range(19):
            one_of_each()

    flat_queries(ask, grow)


def test_no_page_has_a_script_in_it_nor_may_run_one(rows: dict[str, Model], back_office: Client) -> None:
    for label, model in REGISTERED.items():
        for page, args in (("changelist", []), ("change", [rows[label].pk])):
            answer = back_office.get(page_of(model, page, *args))
            policy = answer.headers["Content-Security-Policy"]
            scripts = next(part for part in policy.split(";") if part.strip().startswith("script-src"))
            assert "unsafe-inline" not in scripts
            text = answer.content.decode()
            assert not INLINE.search(text), label
            # What is run is the theme's own, whatever a client wrote.
            assert not [run for run in EVALUATED.findall(text) if "alert(" in "".join(run)], label


def test_text_is_shown_as_text(rows: dict[str, Model], back_office: Client) -> None:
    """A script in a document, quotes in a file name: on every page they are words."""
    shown = 0
    for label, model in REGISTERED.items():
        for page, args in (("changelist", []), ("change", [rows[label].pk]), ("history", [rows[label].pk])):
            text = back_office.get(page_of(model, page, *args)).content.decode()
            assert "<script>alert" not in text, (label, page)
            assert "<img src=x" not in text, (label, page)
            shown += "&lt;script&gt;alert" in text
    assert shown > 20  # it was there to be shown


@pytest.mark.parametrize(
    "page", ["documents/document", "photos/photoredesign", "feedback/feedback", "dvf/dvfimport"]
)
def test_a_filter_that_no_text_can_match_finds_nothing(back_office: Client, page: str) -> None:
    assert back_office.get(f"/admin/{page}/?status__exact=%00").status_code == 404


@pytest.mark.parametrize(
    ("page", "query", "status"),
    [
        ("accounts/user", "password__startswith=argon2", 400),
        ("accounts/user", "password__regex=a", 400),
        ("accounts/apitoken", "digest__startswith=a", 400),
        ("accounts/apitoken", "pk__startswith=a", 400),
        ("accounts/apitoken", "token_key__startswith=aa", 400),
        ("accounts/export", "storage_key__startswith=1", 400),
        ("documents/document", "property__user__password__startswith=argon2", 400),
        ("accounts/user", "email__startswith=a", 200),
        ("accounts/user", "is_staff__exact=1&groups__id__exact=1", 200),
        ("accounts/user", "pk=1", 200),
        ("documents/document", "status__exact=pending", 200),
        ("documents/document", "batch__id__exact=00000000-0000-4000-8000-000000000000", 200),
        ("dvf/dvfsale", "code_postal=83000&prix_from=1&type_principal__exact=Maison", 200),
    ],
)
def test_lists_are_asked_by_what_they_show_alone(
    back_office: Client, page: str, query: str, status: int
) -> None:
    """Else whoever sees the list of users finds out a password's hash letter by letter."""
    assert back_office.get(f"/admin/{page}/?{query}").status_code == status


def test_a_search_of_a_thousand_words_is_refused_in_words(back_office: Client) -> None:
    """Each word would be asked of each column."""
    terms = {"many": "+".join(["a"] * 21), "long": "a" * 201}
    for model in REGISTERED.values():
        if not admin.site._registry[model].search_fields:
            continue
        for term in terms.values():
            page = back_office.get(f"{page_of(model, 'changelist')}?q={term}")
            assert page.status_code == 200
            assert "200 caractères et 20 mots au plus" in page.content.decode(), model
            assert not page.context["cl"].result_list
