"""Several requests for one thing at the same moment: the work is done once, and told once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import Activity, User
from accounts.tests.factories import UserFactory
from config.tests.objects import objects_of
from config.tests.routes import routes
from photos.models import Photo, PhotoRedesign

THREADS = 8
DELETED = {
    "document-detail": "document.deleted",
    "photo-detail": "photo.deleted",
    "photo-redesign-detail": "redesign.deleted",
    "photo-reference": "photo_reference.deleted",
    "auth-token-revocation": "token.revoked",
    "property-report-job": "report.deleted",
}


def at_once(owner: User, methods: list[str], path: str) -> Counter[int]:
    """How many answered what, of requests that start together; POST is for a redesign."""
    APIClient().get("/health/live/")  # what is made at the first request is made by one thread
    barrier = Barrier(len(methods))

    def ask(method: str) -> int:
        client = APIClient(raise_request_exception=False)
        client.force_authenticate(owner)
        try:
            barrier.wait()
            if method == "delete":
                return int(client.delete(path, {"email": owner.email}).status_code)
            return int(client.post(f"{path}redesign/", {"style_preset": "modern_norwegian"}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(methods)) as pool:
        return Counter(pool.map(ask, methods))


@pytest.mark.django_db(transaction=True)
def test_a_redesign_of_a_photo_that_is_just_deleted_is_asked_in_time_or_not_at_all() -> None:
    owner = UserFactory()
    with objects_of(owner, routes()) as ids:
        path = f"/api/photos/{ids['photo-detail.pk']}/"
        answers = at_once(owner, ["post"] * 4 + ["delete"], path)
    assert set(answers) <= {202, 204, 404, 409}  # 409: made, and deleted before it could be shown
    assert answers[204] == 1
    assert not Photo.objects.exists() and not PhotoRedesign.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_account_is_erased_once() -> None:
    owner = UserFactory()
    owner.set_unusable_password()  # signs in with Google: its address confirms
    owner.save()
    assert at_once(owner, ["delete"] * 4, "/api/users/me/") == {204: 1, 409: 3}
    assert Activity.objects.filter(action="account.erased").count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_deleted_eight_times_at_once_is_deleted_once() -> None:
    owner = UserFactory()
    asked = [route for route in routes() if route.method == "delete" and route.name in DELETED]
    assert {route.name for route in asked} == set(DELETED)
    with objects_of(owner, routes()) as ids:
        # A redesign before its photo.
        for route in sorted(asked, key=lambda route: -len(route.name)):
            answers = at_once(owner, ["delete"] * THREADS, route.path(ids))
            assert answers == {204: 1, 404: THREADS - 1}, route
            assert Activity.objects.filter(action=DELETED[route.name]).count() == 1, route
