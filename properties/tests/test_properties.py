from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from properties.models import Property, department_of
from properties.tests.factories import PropertyFactory

FLAT: dict[str, Any] = {
    "address": "12 bis rue Thiers",
    "postal_code": "83000",
    "city": "Toulon",
    "asking_price": 210000,
    "surface_area": 68,
    "property_type": "apartment",
}


@pytest.mark.parametrize(
    ("postal_code", "department"),
    [("75011", "75"), ("01230", "01"), ("20000", "2A"), ("20167", "2A"), ("20200", "2B"), ("97410", "974")],
)
def test_department_of(postal_code: str, department: str) -> None:
    assert department_of(postal_code) == department


def test_created_property_belongs_to_its_creator(owner: User, owner_api: APIClient) -> None:
    answer = owner_api.post("/api/properties/", FLAT)
    assert answer.status_code == 201, answer.data
    assert answer.data["department"] == "83"
    assert Property.objects.get(pk=answer.data["id"]).user == owner


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("asking_price", 0),
        ("asking_price", -1),
        ("surface_area", 0),
        ("postal_code", "7501"),
        ("postal_code", "00123"),
        ("postal_code", "97977"),
        ("postal_code", "96000"),
        ("department", "979"),
        ("building_year", 2999),
        ("property_type", "castle"),
        ("longitude", 5.9),  # without a latitude
        ("agency_fee", 300000),
    ],
)
def test_impossible_values_are_refused_by_field(owner_api: APIClient, field: str, value: object) -> None:
    answer = owner_api.post("/api/properties/", {**FLAT, field: value})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "validation_error"
    assert f"/{field}" in [error["pointer"] for error in answer.json()["errors"]]


def test_floor_above_the_building_is_refused_also_on_patch(owner: User, owner_api: APIClient) -> None:
    flat = PropertyFactory(user=owner, building_floors=4)
    assert owner_api.patch(f"/api/properties/{flat.pk}/", {"floor": 5}).status_code == 400
    assert owner_api.patch(f"/api/properties/{flat.pk}/", {"floor": 4}).status_code == 200


def test_a_stranger_finds_nothing(owner: User, stranger_api: APIClient) -> None:
    flat = PropertyFactory(user=owner)
    for method in ("get", "put", "patch", "delete"):
        answer = getattr(stranger_api, method)(f"/api/properties/{flat.pk}/", {} if method != "get" else None)
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"
    assert stranger_api.get("/api/properties/").json()["results"] == []


def test_anonymous_is_asked_to_sign_in(anonymous_api: APIClient) -> None:
    answer = anonymous_api.get("/api/properties/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_deleting_hides_and_keeps(owner: User, owner_api: APIClient) -> None:
    flat = PropertyFactory(user=owner)
    assert owner_api.delete(f"/api/properties/{flat.pk}/").status_code == 204
    assert owner_api.get(f"/api/properties/{flat.pk}/").status_code == 404
    kept = Property.all_objects.get(pk=flat.pk)
    assert kept.is_deleted and kept.deleted_by == owner and kept.deleted_at is not None
