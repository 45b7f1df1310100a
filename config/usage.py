"""Calls to providers, counted in Valkey by every process: how many, how they ended, what they cost.

Sums for /metrics, not for accounts: a Valkey that is lost or down loses some, and Prometheus takes a counter
that begins anew for what it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import structlog
from django_redis import get_redis_connection
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)

_CALLS = "usage:calls"
_COSTS = "usage:costs"


@dataclass(frozen=True, slots=True)
class Usage:
    """port: what is asked for ("images", "addresses"); outcome: "ok" or the error's stable code; cost: in
    euros, None where nobody says."""

    port: str
    provider: str
    outcome: str
    calls: int
    cost: Decimal | None


def count_call(
    port: str, provider: str, outcome: str = "ok", *, calls: int = 1, cost: Decimal | None = None
) -> None:
    """One more call, or several. Never raises: a count is not worth a job."""
    name = "|".join((port, provider, outcome))
    try:
        connection = get_redis_connection("default")
        connection.hincrby(_CALLS, name, calls)
        if cost:
            connection.hincrbyfloat(_COSTS, name, float(cost))
    except RedisError as error:
        logger.warning("usage_not_counted", port=port, error=type(error).__name__)


def usages() -> Iterator[Usage]:
    """Since Valkey's data began. Raises RedisError when it is down."""
    connection = get_redis_connection("default")
    costs = {name.decode(): Decimal(cost.decode()) for name, cost in connection.hgetall(_COSTS).items()}
    for name, calls in sorted(connection.hgetall(_CALLS).items()):
        port, provider, outcome = name.decode().split("|", 2)
        yield Usage(port, provider, outcome, int(calls), costs.get(name.decode()))
