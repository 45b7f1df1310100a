"""A provider that fails is left alone for a while, by all workers together.

After FAILURES calls in a row without an answer nobody calls for PAUSE seconds (or as long as the provider
asked for); then one call tries, and its outcome opens or closes again. With the cache down nothing is known,
and everybody calls.
"""

from __future__ import annotations

import time

from django.core.cache import cache

from config.cache import count

FAILURES = 4
WINDOW = 600
PAUSE = 60.0


def _key(what: str, name: str) -> str:
    return f"llm:{what}:{name}"


def wait(name: str) -> float:
    """Seconds to leave the provider alone; 0 where this caller may call now."""
    if pause := cache.get(_key("open", name)):
        return float(pause)
    if int(cache.get(_key("failures", name)) or 0) < FAILURES:
        return 0.0
    # The pause is over: the first that comes tries, the others wait for what it finds.
    return 0.0 if cache.add(_key("trial", name), 1, timeout=PAUSE) else PAUSE


def failed(name: str, retry_after: float | None = None) -> None:
    """One more call without an answer. A provider that says for how long it is busy is believed at once."""
    failures = count(f"{_key('count', name)}:{cache.get(_key('series', name)) or 0}", WINDOW) or 0
    cache.set(_key("failures", name), failures, timeout=WINDOW)
    cache.delete(_key("trial", name))
    pause = max(retry_after or 0.0, PAUSE if failures >= FAILURES else 0.0)
    if pause:
        cache.set(_key("open", name), pause, timeout=pause)


def answered(name: str) -> None:
    cache.set(_key("series", name), time.time_ns(), timeout=2 * WINDOW)  # the count begins anew
    cache.delete_many([_key(what, name) for what in ("open", "failures", "trial")])
