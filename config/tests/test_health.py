"""/health/ready/ asks every part for real, and says which one fails; each stopped in turn: load/tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client

from config import health

READY = "/health/ready/"


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no fault here."""
    monkeypatch.setattr(health, "LIMIT_SECONDS", 60.0)


def failing(client: Client) -> list[str]:
    answer = client.get(READY)
    parts = answer.json()["parts"]
    assert set(parts) == {"database", "migrations", "cache", "broker", "storage"}
    found = [name for name, part in parts.items() if not part["ok"]]
    assert answer.status_code == (503 if found else 200)
    assert answer.json()["status"] == ("unavailable" if found else "ok")
    assert answer["Cache-Control"] and all(part["ms"] >= 0 for part in parts.values())
    assert client.get("/health/live/").status_code == 200
    return found


def test_all_parts_answer(client: Client, db: None) -> None:
    assert failing(client) == []


def test_the_database_is_away(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    assert failing(client) == ["database", "migrations"]
    monkeypatch.undo()
    assert failing(client) == []


def test_a_migration_is_not_applied(client: Client, db: None) -> None:
    with without_last_migration("accounts"):
        assert failing(client) == ["migrations"]
    assert failing(client) == []


@contextmanager
def without_last_migration(app: str) -> Iterator[None]:
    """As before `migrate`, for whoever asks: written by a connection of its own."""
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        row = other.execute(
            "DELETE FROM django_migrations WHERE id = "
            "(SELECT max(id) FROM django_migrations WHERE app = %s) RETURNING app, name, applied",
            [app],
        ).fetchone()
        try:
            yield
        finally:
            other.execute("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", row)


def test_queue_and_cache_are_away(client: Client, db: None, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"
    assert failing(client) == ["cache", "broker"]


@pytest.mark.parametrize(
    "option",
    [
        {"endpoint_url": "http://127.0.0.1:1"},
        {"bucket_name": "of-nobody"},
        {"secret_key": "of-somebody-else"},
    ],
    ids=lambda option: next(iter(option)),
)
def test_the_store_is_away_or_not_ours(
    client: Client, db: None, settings: Any, option: dict[str, str]
) -> None:
    default = settings.STORAGES["default"]
    changed = {**default, "OPTIONS": default["OPTIONS"] | option}
    settings.STORAGES = {**settings.STORAGES, "default": changed}
    assert failing(client) == ["storage"]
