"""Health: `live` is the process, `ready` is each part it needs, asked for real, with its time."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


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
    default_storage.exists("health")


PARTS: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": _migrations,
    "cache": _redis(1),
    "broker": _redis(0),
    "storage": _storage,
}


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when every part answers, else 503: {"status", "parts": {name: {"ok", "ms"}}}.

    What went wrong is in the log, not in the answer.
    """
    import structlog

    parts = {}
    for name, ask in PARTS.items():
        start = time.monotonic()
        try:
            ask()
            ok = True
        except Exception as error:  # any failure means the same here: this part does not answer
            structlog.get_logger(__name__).warning("not_ready", part=name, error=type(error).__name__)
            ok = False
        parts[name] = {"ok": ok, "ms": round((time.monotonic() - start) * 1000, 1)}
    healthy = all(part["ok"] for part in parts.values())
    return JsonResponse(
        {"status": "ok" if healthy else "unavailable", "parts": parts}, status=200 if healthy else 503
    )
