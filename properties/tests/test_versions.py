"""Two writers at once: one is told. Retries: the work is done once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import Activity, User
from config.versions import StaleVersion
from properties.models import Property
from properties.tests.factories import PropertyFactory

THREADS = 20


def secret_of(client: Any) -> str:
    return str(client._credentials["HTTP_AUTHORIZATION"])


def at_once(ask: Callable[[int], Any]) -> list[Any]:
    """`ask(n)` from twenty threads that start together."""
    barrier = Barrier(THREADS)

    def run(number: int) -> Any:
        try:
            barrier.wait()
            return ask(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_answers_say_their_version(owner: User, owner_api: APIClient) -> None:
    made = owner_api.post("/api/properties/", {"address": "1 rue A", "postal_code": "83000"})
    assert made["ETag"] == '"1"'
    path = made["Location"]
    assert owner_api.get(path)["ETag"] == '"1"'
    changed = owner_api.patch(path, {"rooms": 2}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed["ETag"], changed.data["version"]) == (200, '"2"', 2)
    assert owner_api.get(path)["ETag"] == '"2"'


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
@pytest.mark.parametrize("tag", ['"0"', 'W/"1"', "1", '"x", "y"', ""])
def test_a_stale_write_is_412_and_changes_nothing(
    owner: User, owner_api: APIClient, method: str, tag: str
) -> None:
    flat = PropertyFactory(user=owner, rooms=3)
    body = {"address": "elsewhere", "postal_code": "83000"}
    answer = getattr(owner_api, method)(f"/api/properties/{flat.pk}/", body, headers={"If-Match": tag})
    assert (answer.status_code, answer.json()["code"]) == (412, "stale_version")
    flat.refresh_from_db()
    assert (flat.version, flat.rooms, flat.is_deleted) == (1, 3, False)


@pytest.mark.parametrize("tag", ['"1"', "*", '"7", "1"'])
def test_a_fresh_write_passes(owner: User, owner_api: APIClient, tag: str) -> None:
    flat = PropertyFactory(user=owner)
    path = f"/api/properties/{flat.pk}/"
    assert owner_api.patch(path, {"rooms": 9}, headers={"If-Match": tag}).status_code == 200


def test_the_version_of_another_s_property_is_not_told(owner: User, stranger_api: APIClient) -> None:
    flat = PropertyFactory(user=owner)
    path = f"/api/properties/{flat.pk}/"
    for tag in ('"0"', '"1"'):
        assert stranger_api.patch(path, {"rooms": 9}, headers={"If-Match": tag}).status_code == 404


def test_the_update_itself_filters_on_the_version(owner: User) -> None:
    mine = PropertyFactory(user=owner)
    theirs = Property.objects.get(pk=mine.pk)
    mine.delete_softly(owner)
    with pytest.raises(StaleVersion):
        theirs.delete_softly(owner)


@pytest.mark.django_db(transaction=True)
def test_twenty_patches_with_one_etag_give_one_200(owner: User, owner_api: APIClient) -> None:
    flat = PropertyFactory(user=owner, rooms=None)
    secret = secret_of(owner_api)

    def patch(number: int) -> Any:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=secret)
        return client.patch(f"/api/properties/{flat.pk}/", {"rooms": number + 1}, headers={"If-Match": '"1"'})

    answers = at_once(patch)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: THREADS - 1}
    winner = next(answer for answer in answers if answer.status_code == 200)
    flat.refresh_from_db()
    assert (flat.version, flat.rooms) == (2, winner.data["rooms"])
    assert Activity.objects.filter(action="property.updated").count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_patches_without_etag_all_pass_and_none_is_lost(owner: User, owner_api: APIClient) -> None:
    flat = PropertyFactory(user=owner, rooms=None)
    secret = secret_of(owner_api)

    def patch(number: int) -> Any:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=secret)
        return client.patch(f"/api/properties/{flat.pk}/", {"rooms": number + 1})

    assert {answer.status_code for answer in at_once(patch)} == {200}
    flat.refresh_from_db()
    assert flat.version == 1 + THREADS
    # Each event says what it replaced: together they are a chain from None to the present value.
    steps = [event.changes["rooms"] for event in Activity.objects.order_by("id")]
    assert steps[0][0] is None and steps[-1][1] == flat.rooms
    assert all(before[1] == after[0] for before, after in pairwise(steps))


@pytest.mark.django_db(transaction=True)
def test_twenty_posts_with_one_key_make_one_property(owner: User, owner_api: APIClient) -> None:
    secret = secret_of(owner_api)
    body = {"address": "12 rue Thiers", "postal_code": "83000", "surface_area": 68}

    def post(_number: int) -> Any:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=secret)
        return client.post("/api/properties/", body, headers={"Idempotency-Key": "one-key"})

    answers = at_once(post)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert Property.objects.count() == 1
    assert Activity.objects.filter(action="property.created").count() == 1
    again = post(0)
    assert (again.status_code, again["Idempotent-Replayed"]) == (201, "true")
    assert again.json()["id"] == Property.objects.get().pk
