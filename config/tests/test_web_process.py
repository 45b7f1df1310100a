"""What serves requests: light, since there are many of it."""

from __future__ import annotations

import io
import socket
import subprocess
import sys
import time
from threading import Event, Thread
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


def test_a_body_that_drips_ends() -> None:
    ours, theirs = socket.socketpair()
    gone = Event()

    def drip() -> None:
        while not gone.wait(0.02):
            theirs.send(b"x")

    with ours, theirs:
        theirs.send(b"x")
        thread = Thread(target=drip)
        thread.start()
        hurried, received = Hurried(ours, first_seconds=0.3), 0
        try:
            with pytest.raises(TimeoutError):
                while True:
                    received += len(hurried.recv(4096))
        finally:
            gone.set()
            thread.join()
        assert received > 0
        assert ours.gettimeout() is None  # answers are written, and the next request is read, as before


def test_a_body_that_comes_has_all_the_time_it_takes() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        hurried = Hurried(ours, first_seconds=0.2)
        for _part in range(4):
            theirs.send(b"x" * 4096)
            assert len(hurried.recv(4096)) == 4096
            time.sleep(0.1)


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
