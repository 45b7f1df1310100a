"""Requests a second of three reads of the API at 8 connections; gunicorn with 2 processes of 4 threads each.

An account with 100 properties is made for it and erased afterwards. Limits are counted, but out of reach.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from statistics import median
from typing import Any

import httpx
from django.db import connections

CONNECTIONS = 8
SECONDS = 5.0
PROPERTIES = 100
START_SECONDS = 60.0


def main() -> None:
    from knox.models import get_token_model

    from accounts.models import User
    from properties.models import Property

    user = User.objects.create_user(f"bench-{secrets.token_hex(4)}@example.org", secrets.token_urlsafe(16))
    try:
        made = Property.objects.bulk_create(
            Property(
                user=user,
                address=f"{n} rue de la Mesure",
                postal_code="83000",
                city="Toulon",
                department="83",
                asking_price=200_000,
                surface_area=60,
            )
            for n in range(1, PROPERTIES + 1)
        )
        _token, secret = get_token_model().objects.create(user=user, name="bench")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", address),
                *("--workers", "2", "--threads", "4", "--log-level", "error"),
            ],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "bench._api_settings", "LOG_LEVEL": "ERROR"},
        )
        try:
            base = f"http://{address}"
            _wait(base, server)
            headers = {"Authorization": f"Bearer {secret}"}
            for name, path, given in (
                ("with-synthesis, 100 properties", "/api/properties/with-synthesis/?limit=100", headers),
                ("dvf-stats", "/api/properties/dvf-stats/", {}),
                ("retrieval of a property", f"/api/properties/{made[0].pk}/", headers),
            ):
                rate, times = _measure(base, path, given)
                times.sort()
                sys.stdout.write(
                    f"{name:32} {rate:7.0f} requests/s   median {median(times) * 1000:6.1f} ms   "
                    f"95 % {times[int(len(times) * 0.95)] * 1000:6.1f} ms   ({len(times)} requests)\n"
                )
        finally:
            server.terminate()
            server.wait(30)
    finally:
        user.delete()
        connections.close_all()


def _wait(base: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            if httpx.get(f"{base}/health/live/").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise SystemExit("The server did not start.")


def _measure(base: str, path: str, headers: dict[str, str]) -> tuple[float, list[float]]:
    """Requests a second of all connections together, and how long each request took (s)."""
    times: list[float] = []
    failures: list[Any] = []
    ready = threading.Barrier(CONNECTIONS + 1)

    def run() -> None:
        with httpx.Client(base_url=base, headers=headers, timeout=30) as client:
            client.get(path)
            ready.wait()
            end = time.monotonic() + SECONDS
            while (start := time.monotonic()) < end:
                answer = client.get(path)
                times.append(time.monotonic() - start)
                if answer.status_code != 200:
                    failures.append(answer.status_code)

    threads = [threading.Thread(target=run) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    ready.wait()
    start = time.monotonic()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(f"{path}: {len(failures)} answers were not 200, the first {failures[0]}.")
    return len(times) / (time.monotonic() - start), times
