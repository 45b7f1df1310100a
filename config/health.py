"""Health: `live` is the process, `ready` is each part it needs, asked for real, with its time.

A part that is away refuses at once; one that hangs never answers, and a probe every few seconds would soon
hold every thread of the web server. So each part has one thread of its own in each process: an answer is
waited for no longer than `LIMIT_SECONDS`, and nobody asks again while the question before is still open.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

LIMIT_SECONDS = 5.0


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("unapplied migrations")


def _redis(database: int) -> Callable[[], None]:
    def ask() -> None:
        import redis

        client = redis.Redis.from_url(
            f"{settings.REDIS_URL}/{database}", socket_connect_timeout=0.5, socket_timeout=0.5
        )
        with client:
            client.ping()

    return ask


def _storage() -> None:
    storage: Any = default_storage
    storage.connection.meta.client.head_bucket(Bucket=storage.bucket_name)


PARTS: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": _migrations,
    "cache": _redis(1),
    "broker": _redis(0),
    "storage": _storage,
}


_threads = {name: ThreadPoolExecutor(1, f"health-{name}") for name in PARTS}  # started when first asked
_open: dict[str, Future[float]] = {}
_lock = Lock()


def _answer(ask: Callable[[], None]) -> float:
    """Ask; the milliseconds it took. What it raises is for who waits."""
    start = time.monotonic()
    try:
        ask()
    finally:
        connections.close_all()  # this thread's: back to the pool
    return _since(start)


def _ask(name: str) -> Future[float]:
    with _lock:
        asked = _open.get(name)
        if asked is None or asked.done():
            asked = _open[name] = _threads[name].submit(_answer, PARTS[name])
        return asked


def _since(start: float) -> float:
    return round((time.monotonic() - start) * 1000, 1)


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when every part answers within LIMIT_SECONDS, else 503: {"status", "parts": {name: {"ok", "ms"}}}.

    All parts are asked at the same time. What went wrong is in the log, not in the answer.
    """
    import structlog

    start = time.monotonic()
    asked = {name: _ask(name) for name in PARTS}
    parts = {}
    for name, answer in asked.items():
        try:
            ok, ms = True, answer.result(max(0.0, start + LIMIT_SECONDS - time.monotonic()))
        except Exception as error:  # any failure means the same here: this part does not answer
            structlog.get_logger(__name__).warning("not_ready", part=name, error=type(error).__name__)
            ok, ms = False, _since(start)
        parts[name] = {"ok": ok, "ms": ms}
    healthy = all(part["ok"] for part in parts.values())
    return JsonResponse(
        {"status": "ok" if healthy else "unavailable", "parts": parts}, status=200 if healthy else 503
    )
