"""What no browser sends: halves of characters, NULs in keys and cookies, filters that cannot be asked."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from properties.tests.factories import PropertyFactory


@pytest.mark.parametrize("text", [r'"\ud800"', r'"a\udfffb"', r'{"\ud800": 1}', r'["x", ["\ud800"]]'])
@pytest.mark.parametrize(
    ("method", "path", "field"),
    [
        ("post", "/api/auth/token/", "email"),
        ("patch", "/api/users/me/", "language"),
        ("post", "/api/properties/", "property_type"),
        ("patch", "/api/documents/synthesis/{flat}/overrides/", "amounts"),
    ],
)
def test_half_a_character_is_no_text(
    owner: User, owner_api: APIClient, method: str, path: str, field: str, text: str
) -> None:
    flat = PropertyFactory(user=owner)
    body = f'{{"{field}": {text}, "password": "x"}}'
    answer = owner_api.generic(method, path.format(flat=flat.pk), body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_text")


def test_whole_characters_beyond_the_first_plane_are_text(owner_api: APIClient) -> None:
    body = r'{"full_name": "\ud83d\ude00"}'
    answer: Any = owner_api.generic("patch", "/api/users/me/", body, content_type="application/json")
    assert answer.json()["full_name"] == "😀"


def test_a_cookie_with_a_nul_is_none(client: Client, db: None) -> None:
    client.cookies["sessionid"] = "\x00" + "a" * 31
    assert client.get("/admin/login/").status_code == 200
    assert client.get("/api/users/me/").status_code == 401


@pytest.mark.parametrize(
    "path", ["/api/auth/tokens/%00/", "/account/verify-email/%00/", "/account/reset-password/a%00-b/"]
)
def test_an_address_with_a_nul_leads_nowhere(owner_api: APIClient, path: str) -> None:
    assert owner_api.delete(path).status_code == 404


@pytest.mark.parametrize("key", ["%00", "_00"])
@pytest.mark.parametrize("page", ["change", "history", "delete"])
def test_a_key_with_a_nul_names_nothing(back_office: Client, key: str, page: str) -> None:
    assert back_office.get(f"/admin/accounts/apitoken/{key}/{page}/").status_code in (302, 403, 404)


@pytest.mark.parametrize(
    "query",
    [
        "created_at__year=0",
        "created_at__year=-1",
        f"created_at__year={9**30}",
        "id__range=0",
        "id__range=123",
    ],
)
def test_a_filter_that_cannot_be_asked_leads_to_the_whole_list(back_office: Client, query: str) -> None:
    answer = back_office.get(f"/admin/accounts/user/?{query}")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/accounts/user/?e=1")
    assert back_office.get(answer.headers["Location"]).status_code == 200


def test_a_pop_up_chooses_by_the_key_alone(back_office: Client) -> None:
    assert back_office.get("/admin/accounts/user/?_popup=1&_to_field=id").status_code == 200
    assert back_office.get("/admin/accounts/user/?_popup=1&_to_field=%2B").status_code == 400


def test_other_questions_of_the_back_office_s_that_no_page_asks(back_office: Client) -> None:
    box = "/admin/autocomplete/?app_label=properties&model_name=property&field_name=user&term="
    assert back_office.get(f"{box}%00").json()["results"] == []
    assert back_office.get("/admin/properties/property/add/?user=x&address=filled+in").status_code == 200
    answer = back_office.get("/admin/dvf/dvfsale/export/?is_comparable__exact=x")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/dvf/dvfsale/")


@pytest.mark.parametrize("key", ["x", "", "1e400", "\x00", "9" * 40])
@pytest.mark.parametrize("page", ["documents/document", "photos/photoredesign", "properties/property"])
def test_a_selection_that_names_no_row_does_nothing(back_office: Client, page: str, key: str) -> None:
    form = {"action": "restore", "_selected_action": key}
    assert back_office.post(f"/admin/{page}/", form).status_code == 302
