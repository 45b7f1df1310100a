"""The cache, and what happens when Valkey does not answer: nothing that a caller would notice.

A cache that is down is a cache that is empty: reads miss, writes do nothing, `add` succeeds, and the
request goes on to the database. After a failure nobody asks for `PAUSE_SECONDS`, so that a server that
hangs costs one timeout, not one a call; then one call tries again, and caching resumes by itself.
"""

from __future__ import annotations

import re
import time
from typing import Any, cast

import structlog
from django_redis import get_redis_connection
from django_redis.cache import RedisCache
from django_redis.exceptions import ConnectionInterrupted
from prometheus_client import Counter
from redis import Redis
from redis.exceptions import ConnectionError, RedisError, TimeoutError

logger = structlog.get_logger(__name__)

PAUSE_SECONDS = 2.0
GETS = Counter("appart_cache_gets", "Reads of the cache, by what the key begins with.", ["family", "result"])
_FAMILY = re.compile(r"[a-z_]{1,40}(?=:|$)")
_MISS = object()
_COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""


class Client(Redis):
    """A connection to Valkey that, having failed, fails at once for a while. The pause is the process's."""

    paused_until = 0.0

    def execute_command(self, *args: Any, **options: Any) -> Any:
        if time.monotonic() < Client.paused_until:
            raise ConnectionError("Valkey did not answer a moment ago.")
        try:
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except (ConnectionError, TimeoutError) as error:
            Client.paused_until = time.monotonic() + PAUSE_SECONDS
            logger.warning("cache_unavailable", error=type(error).__name__)
            raise


class Cache(RedisCache):  # type: ignore[misc]
    def get(self, key: str, default: Any = None, *args: Any, **kwargs: Any) -> Any:
        value = super().get(key, _MISS, *args, **kwargs)
        family = _FAMILY.match(str(key))
        GETS.labels(family[0] if family else "other", "miss" if value is _MISS else "hit").inc()
        return default if value is _MISS else value

    def add(self, *args: Any, **kwargs: Any) -> bool:
        """True when nobody had set the key: also when nobody can know, as with an empty cache."""
        try:
            return bool(self.client.add(*args, **kwargs))
        except ConnectionInterrupted:
            return True


def count(name: str, seconds: int) -> int | None:
    """Count one more under `name`, which is forgotten `seconds` after its first; None when Valkey is down."""
    try:
        return cast(int, get_redis_connection("default").eval(_COUNT, 1, name, seconds))
    except RedisError:
        return None
