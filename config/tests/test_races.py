"""Several requests for one thing at the same moment: the work is done once, and told once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import Activity
from accounts.tests.factories import UserFactory
from config.tests.objects import objects_of
from config.tests.routes import routes

THREADS = 8
DELETED = {
    "document-detail": "document.deleted",
    "photo-detail": "photo.deleted",
    "photo-redesign-detail": "redesign.deleted",
    "photo-reference": "photo_reference.deleted",
    "auth-token-revocation": "token.revoked",
    "property-report-job": "report.deleted",
}


@pytest.mark.django_db(transaction=True)
def test_what_is_deleted_eight_times_at_once_is_deleted_once() -> None:
    owner = UserFactory()
    asked = [route for route in routes() if route.method == "delete" and route.name in DELETED]
    assert {route.name for route in asked} == set(DELETED)
    with objects_of(owner, routes()) as ids:
        # A redesign before its photo.
        for route in sorted(asked, key=lambda route: -len(route.name)):
            barrier = Barrier(THREADS)

            def ask(_number: int, path: str = route.path(ids), barrier: Barrier = barrier) -> Any:
                client = APIClient()
                client.force_authenticate(owner)
                try:
                    barrier.wait()
                    return client.delete(path).status_code
                finally:
                    connection.close()

            with ThreadPoolExecutor(THREADS) as pool:
                assert Counter(pool.map(ask, range(THREADS))) == {204: 1, 404: THREADS - 1}, route
            assert Activity.objects.filter(action=DELETED[route.name]).count() == 1, route
