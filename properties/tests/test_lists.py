from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Activity, User
from properties import caches
from properties.models import PriceAnalysis, Property
from properties.tests.factories import PropertyFactory

WITH_SYNTHESIS = "/api/properties/with-synthesis/"


@pytest.fixture
def three(owner: User) -> list[Property]:
    return [
        PropertyFactory(user=owner, address="1 rue Thiers", city="Toulon", asking_price=100000, rooms=1),
        PropertyFactory(user=owner, address="2 avenue Foch", city="Nice", asking_price=200000, rooms=3),
        PropertyFactory(
            user=owner, address="3 quai Rauba", city="NICE", asking_price=None, rooms=5, property_type="house"
        ),
    ]


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("", [3, 2, 1]),
        ("city=nice", [3, 2]),
        ("property_type=house", [3]),
        ("asking_price_min=150000", [2]),
        ("asking_price_max=150000", [1]),
        ("rooms_min=3&rooms_max=4", [2]),
        ("search=thiers", [1]),
        ("search=nice+rauba", [3]),
        ("search=50%25_", []),
        ("ordering=rooms", [1, 2, 3]),
        ("ordering=-asking_price&asking_price_min=1", [2, 1]),
        ("limit=1&offset=1", [2]),
    ],
)
@pytest.mark.parametrize("path", ["/api/properties/", WITH_SYNTHESIS])
def test_filters_search_and_order(
    three: list[Property], owner_api: APIClient, path: str, query: str, places: list[int]
) -> None:
    answer = owner_api.get(f"{path}?{query}")
    assert answer.status_code == 200
    assert [item["id"] for item in answer.data["results"]] == [three[place - 1].pk for place in places]


@pytest.mark.parametrize(
    "query",
    [
        "property_type=castle",
        "asking_price_min=cheap",
        "ordering=user__password",
        "limit=x",
        "limit=0",
        "offset=-1",
    ],
)
def test_what_makes_no_sense_is_refused(owner_api: APIClient, query: str) -> None:
    assert owner_api.get(f"/api/properties/?{query}").status_code == 400


def test_with_synthesis_costs_the_same_for_one_and_for_a_hundred(
    owner: User, owner_api: APIClient, flat_queries: Callable[..., int]
) -> None:
    PropertyFactory(user=owner)
    queries = flat_queries(
        lambda: owner_api.get(f"{WITH_SYNTHESIS}?limit=100"),
        lambda: PropertyFactory.create_batch(99, user=owner),
    )
    assert queries <= 4
    assert len(owner_api.get(f"{WITH_SYNTHESIS}?limit=100").data["results"]) == 100


def test_nothing_to_say_is_null(owner: User, owner_api: APIClient) -> None:
    PropertyFactory(user=owner)
    assert owner_api.get(WITH_SYNTHESIS).data["results"][0]["synthesis"] is None


def test_compare_keeps_the_order_asked_for(three: list[Property], owner_api: APIClient) -> None:
    PriceAnalysis.objects.create(property=three[0], analysis_data={"estimated_value": 95000.0})
    ids = ",".join(str(three[place].pk) for place in (2, 0, 2))
    answer = owner_api.get(f"/api/properties/compare/?ids={ids}")
    assert [item["id"] for item in answer.data["results"]] == [three[2].pk, three[0].pk]
    house, flat = answer.data["results"]
    assert (house["asking_price_per_m2"], house["price"]) == (None, None)
    assert flat["price"]["estimated_value"] == 95000.0
    assert float(flat["asking_price_per_m2"]) == round(100000 / 68, 2)


@pytest.mark.parametrize("ids", ["", "1;2", "-1", "1.5", "x", "1,,2", "1,2,3,4,5,6,7", "9" * 30, "٣"])
def test_compare_refuses_what_is_no_list_of_ids(owner_api: APIClient, ids: str) -> None:
    assert owner_api.get("/api/properties/compare/", {"ids": ids}).status_code == 400


def test_compare_with_another_s_property_is_404(
    three: list[Property], owner_api: APIClient, stranger: User
) -> None:
    theirs = PropertyFactory(user=stranger)
    assert owner_api.get(f"/api/properties/compare/?ids={three[0].pk},{theirs.pk}").status_code == 404


def test_restore_brings_back(owner: User, owner_api: APIClient, stranger_api: APIClient) -> None:
    flat = PropertyFactory(user=owner)
    path = f"/api/properties/{flat.pk}/"
    owner_api.delete(path)
    assert owner_api.get("/api/properties/").data["count"] == 0
    assert stranger_api.post(f"{path}restore/").status_code == 404
    answer = owner_api.post(f"{path}restore/")
    assert (answer.status_code, answer["ETag"]) == (200, '"3"')
    assert owner_api.get(path).status_code == 200
    assert owner_api.post(f"{path}restore/").data["version"] == 3


def test_activity_tells_what_happened_newest_first(
    owner: User, owner_api: APIClient, stranger_api: APIClient
) -> None:
    path = owner_api.post("/api/properties/", {"address": "1 rue A", "postal_code": "83000"})["Location"]
    owner_api.patch(path, {"rooms": 4, "address": "1 rue A"}, headers={"X-Request-ID": "request-0001"})
    events = owner_api.get(f"{path}activity/", headers={"Accept-Language": "en"}).data["results"]
    assert [event["action"] for event in events] == ["property.updated", "property.created"]
    assert events[0]["changes"] == {"rooms": [None, 4]}
    assert (events[0]["actor"], events[0]["address"]) == ("you", "127.0.0.1")
    assert Activity.objects.get(pk=events[0]["id"]).request_id == "request-0001"
    assert stranger_api.get(f"{path}activity/").status_code == 404
    assert [event["action"] for event in owner_api.get("/api/users/me/activity/").data["results"]] == [
        "property.updated",
        "property.created",
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["patch", "delete"])
def test_a_change_forgets_what_was_cached_of_it(owner: User, owner_api: APIClient, change: str) -> None:
    flat = PropertyFactory(user=owner)
    for key in caches.keys(flat.pk):
        cache.set(key, "old")
    getattr(owner_api, change)(f"/api/properties/{flat.pk}/", {"rooms": 2})
    assert cache.get_many(caches.keys(flat.pk)) == {}


def test_a_query_that_fails_answers_the_bound(owner: User, owner_api: APIClient) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert owner_api.get("/api/properties/99999999999999999999999/").status_code == 404
    assert len(queries) <= 3
