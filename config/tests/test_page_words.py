"""What pages of the back-office say, in English as in French."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db.models import Model
from django.test import Client

from accounts import event_words, staff_groups
from accounts.activity import record
from accounts.models import User
from config.tests.rows import one_of_each
from documents.models import Document
from properties.models import Property

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"[a-z_]+\.[a-z]+(_[a-z]+)*")


@pytest.fixture
def rows(db: None) -> dict[str, Model]:
    return one_of_each()


def text(client: Client, path: str, language: str = "en") -> str:
    answer = client.get(f"/admin/{path}", headers={"accept-language": language})
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


def test_a_message_has_staff_s_note_and_is_in_progress(rows: dict[str, Model], back_office: Client) -> None:
    """Words that another app uses for something else: a photo's "note" is its rating."""
    page = text(back_office, f"feedback/feedback/{rows['feedback.feedback'].pk}/change/")
    assert "Staff's note" in page or "Staff&#x27;s note" in page
    assert "In progress" in page
    assert "Rating" not in page


def test_one_of_a_thing_is_one(rows: dict[str, Model], back_office: Client) -> None:
    person = rows["accounts.user"].pk
    page = text(back_office, f"accounts/user/{person}/change/")
    assert "1 property " in page and "1 message " in page and "2 redesigns " in page
    assert "1 bien " in text(back_office, f"accounts/user/{person}/change/", "fr")


def test_a_property_with_documents_is_hidden_from_its_page(
    rows: dict[str, Model], back_office: Client
) -> None:
    flat = rows["properties.property"]
    path = f"/admin/properties/property/{flat.pk}/delete/"
    assert "can be restored" in text(back_office, f"properties/property/{flat.pk}/delete/")
    assert back_office.post(path, {"post": "yes"}).status_code == 302
    assert Property.all_objects.get(pk=flat.pk).is_deleted
    assert Document.objects.filter(pk=rows["documents.document"].pk).exists()


def test_a_group_s_page_says_what_it_may_and_changes_nothing(back_office: Client, owner: User) -> None:
    call_command("staff_groups", "--add", owner.email, "--to", "reader")
    group = Group.objects.get(name="reader")
    page = text(back_office, f"auth/group/{group.pk}/change/")
    assert "Users – see" in page and owner.email in page
    back_office.post(f"/admin/auth/group/{group.pk}/change/", {"name": "all", "permissions": []})
    assert Group.objects.get(pk=group.pk).name == "reader"


def test_the_names_of_columns_are_those_of_their_cells(rows: dict[str, Model], back_office: Client) -> None:
    """What a phone shows before each cell."""
    answer = back_office.get("/admin/accounts/apitoken/", headers={"accept-language": "en"})
    assert 'data-label="start of the token"' in answer.content.decode()
    assert "Select record" not in answer.content.decode()


def test_an_empty_list_does_not_offer_what_nobody_may_do(back_office: Client) -> None:
    page = text(back_office, "documents/modelrun/")
    assert "Nothing here yet" in page and "Create" not in page
    assert "Nothing answers this search" in text(back_office, "documents/modelrun/?q=zzz")


def test_how_far_off_a_valuation_was_is_told_in_words(rows: dict[str, Model], back_office: Client) -> None:
    page = text(back_office, f"dvf/valuationbacktest/{rows['dvf.valuationbacktest'].pk}/change/")
    assert "Flat" in page and "Appartement" not in page
    assert "median error (%)" in page and "mdape" not in page


def test_every_event_has_words_in_both_languages(rows: dict[str, Model], back_office: Client) -> None:
    """What calls of `record` and its like name, anywhere in the code."""
    named = set()
    for path in ROOT.glob("[a-z]*/**/*.py"):
        if {"tests", "migrations"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("record", "_tell")):
                found = [
                    leaf.value for a in node.args for leaf in ast.walk(a) if isinstance(leaf, ast.Constant)
                ]
                named |= {code for code in found if isinstance(code, str) and CODE.fullmatch(code)}
    assert len(named) > 40
    assert sorted(named - set(event_words.EVENTS)) == []
    assert set(event_words.GROUPS) == set(staff_groups.GROUPS)
    owner = User.objects.get(pk=rows["accounts.user"].pk)
    record("document.uploaded", rows["documents.document"], owner_id=owner.pk)
    for language, words, group in (
        ("fr", "Document reçu", "Consultation seule"),
        ("en", "Document received", "Read only"),
    ):
        for page in ("accounts/activity/", f"accounts/user/{owner.pk}/change/"):
            shown = text(back_office, page, language)
            assert f"{words} " in shown and f"Document {rows['documents.document'].pk}" in shown
            assert "document.uploaded" not in shown
        Group.objects.get_or_create(name="reader")
        assert group in text(back_office, "auth/group/", language)
        assert group in text(back_office, f"accounts/user/{owner.pk}/change/", language)
