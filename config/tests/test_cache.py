"""Valkey stopped, hung and started again, for real: a server of the test's own."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from redis import Redis
from rest_framework.test import APIClient

import config.cache
from accounts.models import User
from config.cache import Client, count
from config.local_services import LocalServices
from properties.tests.factories import PropertyFactory


class Valkey:
    def __init__(self, services: LocalServices) -> None:
        self.services = services
        self.services.up()

    @property
    def url(self) -> str:
        return self.services.variables()["REDIS_URL"]

    def signal(self, number: int) -> None:
        os.kill(self.services.state.service("valkey")["pid"], number)


@pytest.fixture
def valkey(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Valkey]:
    others = {"DATABASE_URL": "given", "S3_ENDPOINT_URL": "given"}
    services = LocalServices(tmp_path / "valkey", fast=True, environ=others)
    server = Valkey(services)
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": server.url.rsplit("/", 1)[0] + "/1"}
    }
    monkeypatch.setattr(Client, "paused_until", 0.0)
    yield server
    monkeypatch.setattr(Client, "paused_until", 0.0)
    if not services.stopped():
        server.signal(signal.SIGCONT)
    services.down()


def retry_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Client, "paused_until", 0.0)


def test_stopped_is_empty_and_started_again_it_serves(
    valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.set("k", 1)
    assert cache.get("k") == 1
    assert [count("n", 60), count("n", 60)] == [1, 2]
    valkey.services.down()
    assert cache.get("k", "none") == "none"
    cache.set("k", 2)
    assert cache.add("k", 3) is True
    assert cache.get_or_set("k", lambda: 4) == 4
    assert cache.delete("k") in (None, False, 0)
    assert count("n", 60) is None
    valkey.services.up()
    retry_now(monkeypatch)
    assert cache.get("k") is None
    cache.set("k", 5)
    assert cache.get("k") == 5


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was really sent to Valkey, or tried; nobody asks twice within the length of a test."""
    sent: list[object] = []
    real = Redis.execute_command

    def spy(self: Redis, *args: Any, **options: Any) -> Any:
        sent.append(args[0])
        return real(self, *args, **options)

    monkeypatch.setattr(Redis, "execute_command", spy)
    monkeypatch.setattr(config.cache, "PAUSE_SECONDS", 3600.0)
    return sent


@pytest.mark.parametrize("failure", ["stopped", "hung"])
def test_reads_and_writes_answer_without_valkey(
    valkey: Valkey, failure: str, owner: User, owner_api: APIClient, attempts: list[object]
) -> None:
    """All answer, and together wait for one timeout of 0.3 s, whether it is gone or does not say a word."""
    flat = PropertyFactory(user=owner)
    if failure == "stopped":
        valkey.services.down()
    else:
        valkey.signal(signal.SIGSTOP)
    detail = f"/api/properties/{flat.pk}/"
    for method, path, body, status in [
        ("get", "/api/properties/", None, 200),
        ("get", detail, None, 200),
        ("patch", detail, {"rooms": 4}, 200),
        ("post", "/api/properties/", {"address": "1 rue A", "postal_code": "83000"}, 201),
        ("get", "/api/properties/with-synthesis/", None, 200),
        ("get", f"/api/properties/compare/?ids={flat.pk}", None, 200),
        ("get", f"{detail}activity/", None, 200),
        ("get", f"{detail}price-analysis/", None, 200),
        ("get", f"{detail}price-analysis/full/", None, 200),
        ("get", "/api/users/me/", None, 200),
        ("get", "/api/users/stats/", None, 200),
        ("get", "/api/users/me/activity/", None, 200),
        ("delete", detail, None, 204),
        ("post", f"{detail}restore/", None, 200),
    ]:
        answer = getattr(owner_api, method)(path, body)
        assert answer.status_code == status, (path, answer.content)
    assert cache.get("anything") is None
    assert len(attempts) == 1
