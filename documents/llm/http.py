"""The HTTP client that providers are asked through: bounds on time and bytes, no redirect, no proxy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2

MAX_ANSWER = 1024 * 1024
CONNECT_SECONDS = 10.0
LONGEST_WAIT = 600.0


class TooLarge(httpx2.TransportError):
    """The answer is longer than any honest one."""


class Wire(httpx2.AsyncBaseTransport):
    """Sends requests and notes how the last one was answered, whatever the vendor's client makes of it.

    Redirects are not followed: the key would go with them. Compressed answers are not asked for, and refused:
    their size says nothing.
    """

    def __init__(self) -> None:
        self._inner = httpx2.AsyncHTTPTransport(retries=0)
        self.status: int | None = None
        self.retry_after: float | None = None
        self.too_large = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.headers["Accept-Encoding"] = "identity"
        response = await self._inner.handle_async_request(request)
        self.status = response.status_code
        self.retry_after = _seconds(response.headers.get("Retry-After", ""))
        if response.headers.get("Content-Encoding", "identity") != "identity":
            self.too_large = self.status < 400  # of a refusal the status says all
            await response.aclose()
            raise TooLarge("The answer is compressed.")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Bounded(response.stream, self)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, wire: Wire) -> None:
        self._stream, self._wire = stream, wire

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > MAX_ANSWER:
                self._wire.too_large = True
                raise TooLarge("The answer is too large.")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def _seconds(text: str) -> float | None:
    """Retry-After in seconds, at most ten minutes; dates are not worth a parser here."""
    return min(float(text), LONGEST_WAIT) if text.isdigit() and len(text) < 6 else None


def client(wire: Wire, seconds: float) -> httpx2.AsyncClient:
    timeout = httpx2.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
    options: dict[str, Any] = {"follow_redirects": False, "trust_env": False}
    return httpx2.AsyncClient(transport=wire, timeout=timeout, **options)
