"""A bound on how slowly a request's body may come, for the web server's hooks (`gunicorn.conf.py`).

A thread waits for the body of the request it serves, without end: as many callers as there are threads, who
announce a body and send none, would hold the requests of everybody else. Headers wait in the proxy.
"""

from __future__ import annotations

import socket
from time import monotonic

FIRST_SECONDS = 10.0
LEAST_RATE = 4096
"""Bytes a second beyond the first seconds; the slowest of mobile networks carry twice as many."""


class Hurried:
    """The socket, for reading one body. Raises TimeoutError once it came too slowly."""

    def __init__(self, inner: socket.socket, first_seconds: float = FIRST_SECONDS) -> None:
        self.inner = inner
        self._end = monotonic() + first_seconds

    def recv(self, size: int) -> bytes:
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError("the body comes too slowly")
        before = self.inner.gettimeout()
        self.inner.settimeout(left)
        try:
            data = self.inner.recv(size)
        finally:
            self.inner.settimeout(before)
        self._end += len(data) / LEAST_RATE
        return data
