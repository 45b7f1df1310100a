"""What serves requests: light, since there are many of it."""

from __future__ import annotations

import io
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from config.slow_bodies import Hurried

LOADED = """
import sys
import config.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
print(*sys.modules)
"""
ENGINES = {"duckdb", "onnxruntime", "typst"}
"""Of jobs and commands: tens of megabytes each, and a second of every start."""


def test_it_loads_no_engine_that_only_jobs_use() -> None:
    made = subprocess.run([sys.executable, "-c", LOADED], check=True, capture_output=True, text=True)
    loaded = set(made.stdout.split())
    assert "dvf.valuation_views" in loaded
    assert not loaded & ENGINES


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """What each look at the clock shows, one after the other."""
    shown: list[float] = []
    monkeypatch.setattr("config.slow_bodies.monotonic", lambda: shown.pop(0))
    yield shown
    assert shown == []


def test_a_body_that_drips_ends(clock: list[float]) -> None:
    ours, theirs = socket.socketpair()
    clock[:] = [0, 1, 2, 3.1]
    with ours, theirs:
        theirs.send(b"xxx")
        hurried = Hurried(ours, first_seconds=3)
        assert hurried.recv(1) + hurried.recv(1) == b"xx"
        with pytest.raises(TimeoutError):
            hurried.recv(1)
        assert ours.gettimeout() is None  # answers are written, and the next request is read, as before


def test_a_body_that_never_comes_ends() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(TimeoutError):
        Hurried(ours, first_seconds=0.1).recv(1)


def test_a_body_that_comes_has_all_the_time_it_takes(clock: list[float]) -> None:
    ours, theirs = socket.socketpair()
    clock[:] = [0, 0.9, 1.8, 2.7, 3.6]
    with ours, theirs:
        hurried = Hurried(ours, first_seconds=1)
        for _part in range(4):
            theirs.send(b"x" * 4096)
            assert len(hurried.recv(4096)) == 4096


class _Broken(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        raise TimeoutError


@pytest.mark.parametrize(
    ("path", "content_type"),
    [("/api/properties/", "application/json"), ("/api/documents/upload/", "multipart/form-data; boundary=x")],
)
def test_a_body_that_breaks_off_is_told_so(owner_api: APIClient, path: str, content_type: str) -> None:
    extra: Any = {"wsgi.input": _Broken(), "CONTENT_LENGTH": "100", "CONTENT_TYPE": content_type}
    answer = owner_api.post(path, **extra)
    assert (answer.status_code, answer.json()["code"]) == (408, "body_incomplete")
