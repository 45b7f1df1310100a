"""Every route × {anonymous, stranger, owner, staff} × every place that takes an id.

A new route fails here until `config.tests.objects` has an object for its ids, or it is said to be public. A
new id in a body or a query fails in `test_every_id_of_the_schema_is_covered` until it is tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from accounts.models import User
from config.tests.objects import SECRET, Ids, make_photo, objects_of
from config.tests.routes import Route, routes
from photos.styles import PRESETS
from properties.models import Property
from properties.tests.factories import PropertyFactory

ROUTES = routes()

# Open to anybody: the contract names them; and what leads to an account.
PUBLIC = {
    "schema",
    "docs",
    "auth-config",
    "auth-sign-up",
    "auth-sign-in",
    "auth-second-factor",
    "auth-token",
    "auth-email-verify",
    "auth-password-reset",
    "auth-reset-confirm",
    "property-dvf-stats",
}
# Session cookie only, and about the session itself: tried with the caller's own session in accounts/tests.
SESSION = {
    "auth-session",
    "auth-reauthenticate",
    "auth-email-change",
    "auth-password-change",
    "auth-totp",
    "auth-recovery-codes",
}
# Ids that are nobody's: sales are the same for all.
SHARED_IDS = {"dvf-sale"}

PICTURE = b"\xff\xd8\xff\xe0" + bytes(64)
BODIES: dict[str, Callable[[Ids], Any]] = {
    "patch document-correct": lambda ids: {"value": "x"},
    "post property-price-analysis-exclude-sales": lambda ids: {"excluded_sale_ids": []},
}
STYLE = PRESETS[0]


def own_photo(api: Any) -> int:
    """A photo of the caller's own, from where another's redesign or reference is tried."""
    photo: int = api.photo
    return photo


# Every place of a body or a query that takes an id: (operation, name) → how a stranger tries the owner's.
FOREIGN: dict[tuple[str, str], Callable[[APIClient, Any], Any]] = {
    ("get /api/properties/compare/", "ids"): lambda api, pk: api.get("/api/properties/compare/", {"ids": pk}),
    ("post /api/documents/upload/", "property_id"): lambda api, pk: api.post(
        "/api/documents/upload/",
        {"property_id": pk, "file": SimpleUploadedFile("a.pdf", b"%PDF-1.7")},
        format="multipart",
    ),
    ("post /api/documents/bulk-upload/", "property_id"): lambda api, pk: api.post(
        "/api/documents/bulk-upload/",
        {"property_id": pk, "files": [SimpleUploadedFile("a.pdf", b"%PDF-1.7")]},
        format="multipart",
    ),
    ("get /api/documents/", "property"): lambda api, pk: api.get("/api/documents/", {"property": pk}),
    ("post /api/documents/bulk-delete/", "ids"): lambda api, pk: api.post(
        "/api/documents/bulk-delete/", {"ids": [pk]}
    ),
    ("post /api/photos/upload/", "property_id"): lambda api, pk: api.post(
        "/api/photos/upload/",
        {"property_id": pk, "file": SimpleUploadedFile("a.jpg", PICTURE)},
        format="multipart",
    ),
    ("get /api/photos/", "property"): lambda api, pk: api.get("/api/photos/", {"property": pk}),
    ("post /api/photos/{id}/redesign/", "parent_redesign_id"): lambda api, pk: api.post(
        f"/api/photos/{own_photo(api)}/redesign/", {"style_preset": STYLE, "parent_redesign_id": pk}
    ),
    ("post /api/photos/{id}/redesign/", "reference_ids"): lambda api, pk: api.post(
        f"/api/photos/{own_photo(api)}/redesign/", {"style_preset": STYLE, "reference_ids": [pk]}
    ),
}
# Which of the owner's objects a name of FOREIGN asks for; a property where it is not said.
KINDS = {
    "parent_redesign_id": "redesign",
    "reference_ids": "reference",
    ("post /api/documents/bulk-delete/", "ids"): "document",
}
# Fingerprints of public sales, checked against the caller's own analysis: no object of anybody's.
PUBLIC_IDS = {"excluded_sale_ids", "excluded_neighboring_sale_ids", "id_mutation"}


@pytest.fixture
def ids(owner: User) -> Iterator[Ids]:
    with objects_of(owner, ROUTES) as found:
        yield found


def ask(api: APIClient, route: Route, ids: Ids) -> Any:
    body = BODIES.get(str(route), lambda ids: {})(ids)
    send = getattr(api, route.method)
    answer = send(route.path(ids)) if route.method == "get" else send(route.path(ids), body)
    answer.said = answer.getvalue().decode(errors="replace")  # a stream is closed at its end
    return answer


def state_of(owner: User) -> str:
    """Everything in the database but what answering itself writes."""
    with connection.cursor() as cursor:
        parts = []
        for table in sorted(connection.introspection.table_names(cursor)):
            if table not in {"django_session", "users"} and not table.startswith("activities"):
                cursor.execute(
                    f"SELECT coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '') FROM \"{table}\" t"
                )
                parts.append(f"{table} {cursor.fetchone()[0]}")
    return "\n".join(parts)


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_anonymous(route: Route, ids: Ids, anonymous_api: APIClient) -> None:
    answer = ask(anonymous_api, route, ids)
    if route.name in PUBLIC:
        assert answer.status_code in {200, 202, 400, 401, 409}
    else:
        assert answer.status_code == 401, answer.said
        assert answer.json()["code"]
    assert SECRET not in answer.said


@pytest.mark.parametrize("actor", ["stranger", "staff"])
@pytest.mark.parametrize("route", [r for r in ROUTES if r.name not in PUBLIC | SESSION], ids=str)
def test_another_person(route: Route, actor: str, ids: Ids, owner: User, request: Any) -> None:
    """Staff too: they act through the back-office, not through the client API."""
    api: APIClient = request.getfixturevalue(f"{actor}_api")
    owner_api: APIClient = request.getfixturevalue("owner_api")
    if route.method == "get":
        ask(owner_api, route, ids)  # whatever is cached of it now is
    before = state_of(owner)
    answer = ask(api, route, ids)
    if route.kwargs and route.name not in SHARED_IDS:
        assert answer.status_code == 404, answer.said
        assert answer.json()["code"] == "not_found"
        assert state_of(owner) == before
        missing = {key: _other(value) for key, value in ids.items()}
        assert ask(api, route, missing).said == answer.said, "another's answers like nobody's"
    assert answer.status_code < 500
    assert SECRET not in answer.said
    assert Property.objects.filter(pk=ids["property"], address__contains=SECRET).exists()


def _other(value: Any) -> Any:
    """An id of the same shape that nobody has."""
    if isinstance(value, int):
        return 999_999
    return re.sub("[0-9a-f]", "0", str(value))


@pytest.mark.parametrize("route", [r for r in ROUTES if r.name not in SESSION], ids=str)
def test_owner(route: Route, ids: Ids, owner_api: APIClient) -> None:
    answer = ask(owner_api, route, ids)
    if route.kwargs and route.name not in SHARED_IDS:
        assert answer.status_code in {200, 202, 204, 400, 409}, answer.said
    else:
        assert (answer.status_code < 500 and answer.status_code != 403) or route.name == "auth-tokens"


@pytest.mark.parametrize(("operation", "name"), FOREIGN, ids=str)
@pytest.mark.parametrize("actor", ["stranger", "staff"])
def test_another_s_id_in_body_or_query(
    operation: str, name: str, actor: str, ids: Ids, owner: User, request: Any
) -> None:
    api: Any = request.getfixturevalue(f"{actor}_api")
    theirs = ids[KINDS.get(name) or KINDS.get((operation, name)) or "property"]
    if "{id}" in operation:
        api.photo = make_photo(PropertyFactory(user=request.getfixturevalue(actor)), "none").pk
    before = state_of(owner)
    answer = FOREIGN[operation, name](api, theirs)
    nobody_s = FOREIGN[operation, name](api, 2**40)
    assert state_of(owner) == before
    assert (answer.status_code, answer.content) == (nobody_s.status_code, nobody_s.content)
    assert answer.status_code == 404 or answer.json().get("results") == [], answer.content


_ID = re.compile(r"(^|_)(id|ids|uuid|property|document|photo|redesign|user|reference)(_ids?|s)?$")


def test_every_id_of_the_schema_is_covered() -> None:
    """Walks what requests may carry, and finds the ids that no test above tries."""
    schema: Any = SchemaGenerator().get_schema(request=None, public=True)
    uncovered = []
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            names = [p["name"] for p in operation.get("parameters", []) if p["in"] in {"query", "header"}]
            for content in operation.get("requestBody", {}).get("content", {}).values():
                names += _properties(schema, content.get("schema", {}))
            uncovered += [
                (f"{method} {path}", name)
                for name in set(names)
                if _ID.search(name) and name not in PUBLIC_IDS and (f"{method} {path}", name) not in FOREIGN
            ]
    assert uncovered == []


def _properties(schema: Any, part: Any) -> Iterator[str]:
    if reference := part.get("$ref"):
        part = schema["components"]["schemas"][reference.rsplit("/", 1)[1]]
    for name, inner in part.get("properties", {}).items():
        if not inner.get("readOnly"):
            yield name
            yield from _properties(schema, inner)
    for inner in [part.get("items", {}), *part.get("allOf", []), *part.get("oneOf", [])]:
        if inner:
            yield from _properties(schema, inner)


def test_the_back_office_is_closed_to_clients(owner: User, back_office: Client, db: None) -> None:
    from django.contrib import admin
    from django.urls import reverse

    client = Client()
    client.force_login(owner)
    for model, page in admin.site._registry.items():
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        path = reverse(f"{base}_changelist")
        assert client.get(path).status_code == 302, path
        assert back_office.get(path).status_code == 200, path
        add = reverse(f"{base}_add")
        assert client.get(add).status_code == 302, add
        request = back_office.get(path).wsgi_request
        assert back_office.get(add).status_code == (200 if page.has_add_permission(request) else 403), add
