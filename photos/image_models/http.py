"""Asking a provider over HTTP with bounds on time and bytes; telling apart what can be tried again."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from typing import Any

import httpx

from .protocol import ImageModelError, Tokens

MAX_ANSWER = 40 * 1024 * 1024  # a 4K PNG in base64 is about 25 MB
CONNECT_SECONDS = 10.0
# The size of a compressed answer says nothing: a chunk may become 1,000 times as large.
_PLAIN = {"Accept-Encoding": "identity"}


def post(url: str, seconds: float, *, headers: dict[str, str], **body: Any) -> dict[str, Any]:
    """POST and parse a JSON object. `seconds` bounds the whole exchange, not only each read.

    Redirects are not followed: the key would go with them.
    """
    try:
        content = asyncio.run(_exchange(url, seconds, headers, body))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        permanent = isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol)
        code = "provider_misconfigured" if permanent else "provider_unavailable"
        raise ImageModelError(code, permanent=permanent) from error
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ImageModelError("provider_answer_invalid", permanent=False) from error
    if not isinstance(answer, dict):
        raise ImageModelError("provider_answer_invalid", permanent=False)
    return answer


async def _exchange(url: str, seconds: float, headers: dict[str, str], body: dict[str, Any]) -> bytes:
    """The body of a good answer. Async for the one deadline over look-up, headers and body: a client that
    blocks has limits for each read alone, which headers that drip keep for hours. Raises TimeoutError too.
    """
    timeout = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
    async with (
        asyncio.timeout(seconds),
        httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False) as client,
        client.stream("POST", url, headers=_PLAIN | headers, **body) as response,
    ):
        _check(response)
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise ImageModelError("provider_answer_invalid", permanent=True)
        content = bytearray()
        async for chunk in response.aiter_raw():  # as they come: filling a block would wait
            content += chunk
            if len(content) > MAX_ANSWER:
                raise ImageModelError("provider_answer_invalid", permanent=True)
    return bytes(content)


def _check(response: httpx.Response) -> None:
    status = response.status_code
    if status == 200:
        return
    if status == 429:
        raise ImageModelError("provider_quota", permanent=False, retry_after=_seconds(response))
    if status in (408, 409, 425) or status >= 500:
        raise ImageModelError("provider_unavailable", permanent=False, retry_after=_seconds(response))
    if status in (401, 403, 404) or 300 <= status < 400:
        raise ImageModelError("provider_misconfigured", permanent=True)
    raise ImageModelError("provider_refused", permanent=True)


def _seconds(response: httpx.Response) -> float | None:
    """Retry-After in seconds, at most ten minutes; dates are not worth a parser here."""
    text = response.headers.get("Retry-After", "")
    return min(float(text), 600.0) if text.isdigit() and len(text) < 6 else None


def counted(usage: object, given: tuple[str, ...], made: tuple[str, ...]) -> Tokens | None:
    """The sums of an answer's counters of tokens by name, the first of each required; None if it has none."""
    if not isinstance(usage, dict):
        return None
    sums = []
    for names in (given, made):
        values = [usage.get(name) for name in names]
        numbers = [value for value in values if type(value) is int and 0 <= value < 10**9]
        if not numbers or numbers[0] is not values[0]:
            return None
        sums.append(sum(numbers))
    return Tokens(*sums)


def decoded(data: object) -> bytes:
    """Bytes of a base64 string of an answer."""
    if not isinstance(data, str) or not data:
        raise ImageModelError("provider_answer_invalid", permanent=False)
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImageModelError("provider_answer_invalid", permanent=False) from error
