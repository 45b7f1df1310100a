"""The rules all endpoints share: problems, request ids, languages, health."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.test import APIClient

from config.api.problems import Problem, handler
from properties.tests.factories import PropertyFactory


def test_validation_errors_point_into_the_body() -> None:
    detail: Any = {
        "name": [ErrorDetail("vide", "blank")],
        "items": [{}, {"price/m2": [ErrorDetail("trop", "max_value")]}],
        "non_field_errors": [ErrorDetail("ensemble", "invalid")],
    }
    answer = handler(ValidationError(detail), {})
    assert answer is not None and answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert [(e["pointer"], e["code"]) for e in answer.data["errors"]] == [
        ("/name", "blank"),
        ("/items/1/price~1m2", "max_value"),
        ("", "invalid"),
    ]


def test_a_problem_carries_its_status_code_and_headers() -> None:
    answer = handler(Problem(503, "too_slow", "Trop long.", {"Retry-After": "5"}), {})
    assert answer is not None
    assert (answer.status_code, answer.data["code"], answer["Retry-After"]) == (503, "too_slow", "5")


@pytest.mark.parametrize(("language", "title"), [("fr", "Introuvable"), ("en;q=0.9, fr;q=0.5", "Not found")])
def test_problems_speak_the_callers_language(owner_api: APIClient, language: str, title: str) -> None:
    answer = owner_api.get("/api/properties/999999/", headers={"accept-language": language})
    assert answer.json()["title"] == title


def test_unknown_path_of_the_api_is_a_problem_too(client: Client, db: None) -> None:
    answer = client.get("/api/nothing-here/")
    assert answer.status_code == 404 and answer["Content-Type"] == "application/problem+json"


def test_request_id_is_made_or_kept_when_it_looks_like_one(client: Client) -> None:
    assert len(client.get("/health/live/")["X-Request-ID"]) == 32
    assert (
        client.get("/health/live/", headers={"x-request-id": "abcd-1234-efgh"})["X-Request-ID"]
        == "abcd-1234-efgh"
    )
    assert (
        client.get("/health/live/", headers={"x-request-id": "a b\tc<script>"})["X-Request-ID"]
        != "a b\tc<script>"
    )


def test_order_by_an_unknown_field_is_refused(owner_api: APIClient) -> None:
    assert owner_api.get("/api/properties/?ordering=user__password").status_code == 400


def test_pages_hold_at_most_a_hundred(owner_api: APIClient, owner: object) -> None:
    PropertyFactory.create_batch(101, user=owner)
    first = owner_api.get("/api/properties/?limit=1000").json()
    assert first["count"] == 101 and len(first["results"]) == 100 and first["next"]


def test_storage_is_private_and_signs_its_links(db: None) -> None:
    from django.core.files.base import ContentFile

    name = default_storage.save("test/œuvre.txt", ContentFile(b"bonjour"))
    try:
        with default_storage.open(name) as file:
            assert file.read() == b"bonjour"
        assert "X-Amz-Signature" in default_storage.url(name)
    finally:
        default_storage.delete(name)


def test_schema_and_docs_are_served_without_outside_assets(client: Client, db: None) -> None:
    assert client.get("/api/schema/").status_code == 200
    page = client.get("/api/docs/").content.decode()
    assert "//cdn" not in page and "https://" not in page


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("application/json", "{bad"), ("multipart/form-data", "x"), ("multipart/form-data; boundary=é", "x")],
)
def test_a_body_that_cannot_be_read_is_told_in_the_callers_words(
    owner_api: APIClient, content_type: str, body: str
) -> None:
    """And never in those of the parser."""
    answer = owner_api.generic("POST", "/api/feedback/", body, content_type=content_type)
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert answer.json()["detail"].startswith("Le corps de la demande")
