"""Fixtures every test may use: a client for each actor, and counting of queries."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, settings
from knox.models import get_token_model
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from config.tests.browser import browser, open_page, run_last, staff_page

__all__ = ["browser", "open_page", "staff_page"]  # fixtures

# What a busy machine takes long for is not wrong, and what one run drew is not for the next.
settings.register_profile("tests", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    run_last(items)


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> None:
    """Tests share one Valkey: what one test cached is not there for the next."""
    marked = request.node.get_closest_marker("django_db") is not None
    if marked or {"db", "transactional_db"} & set(request.fixturenames):
        cache.clear()


def _api(user: User) -> APIClient:
    _token, secret = get_token_model().objects.create(user=user)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


@pytest.fixture
def owner(db: None) -> User:
    return UserFactory(email="owner@example.org")


@pytest.fixture
def stranger(db: None) -> User:
    return UserFactory(email="stranger@example.org")


@pytest.fixture
def staff(db: None) -> User:
    return UserFactory(email="staff@example.org", is_staff=True, is_superuser=True)


@pytest.fixture
def owner_api(owner: User) -> APIClient:
    return _api(owner)


@pytest.fixture
def stranger_api(stranger: User) -> APIClient:
    return _api(stranger)


@pytest.fixture
def staff_api(staff: User) -> APIClient:
    return _api(staff)


@pytest.fixture
def anonymous_api(db: None) -> APIClient:
    return APIClient()


@pytest.fixture
def back_office(staff: User) -> Client:
    """A browser session of staff."""
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def flat_queries() -> Callable[[Callable[[], object], Callable[[], object]], int]:
    """`flat_queries(ask, grow)`: asking costs as many queries after `grow()` as before; returns how many."""

    def check(ask: Callable[[], object], grow: Callable[[], object]) -> int:
        ask()  # what is asked once a process (content types, settings) is not counted
        with CaptureQueriesContext(connection) as before:
            ask()
        grow()
        with CaptureQueriesContext(connection) as after:
            ask()
        assert len(after) == len(before), "\n".join(query["sql"] for query in after.captured_queries)
        return len(after)

    return check
