"""Rate limits in Valkey, shared by all processes.

When Valkey is down requests pass, with a line in the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from config import cache

if TYPE_CHECKING:
    from rest_framework.views import APIView  # views import this module through DRF's settings

logger = structlog.get_logger(__name__)


class _Throttle(SimpleRateThrottle):
    """A window of fixed length counted by INCR: atomic, unlike a list that is read, changed and written."""

    num_requests: int
    duration: int

    def allow_request(self, request: Request, view: APIView) -> bool:
        key = self.get_cache_key(request, view)
        if key is None:
            return True
        now = float(self.timer())
        window = int(now // self.duration)
        self._left: float = self.duration - now % self.duration
        count = cache.count(f"{key}:{window}", self.duration)
        if count is None:
            logger.warning("rate_limit_unavailable", scope=self.scope)
            return True
        return count <= self.num_requests

    def wait(self) -> float | None:
        return self._left


class PerUser(_Throttle):
    scope = "user"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        return f"limit:{self.scope}:{request.user.pk}" if request.user.is_authenticated else None


class PerAddress(_Throttle):
    """Anonymous callers, by address; the address is the socket's, or what the trusted proxies say."""

    scope = "address"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        return None if request.user.is_authenticated else f"limit:{self.scope}:{self.get_ident(request)}"


class Heavy(PerUser):
    """Bulk uploads and generation."""

    scope = "heavy"


class SignIn(_Throttle):
    """Sign-in and reset: by address, and by the account aimed at, so that neither many addresses nor many
    accounts get round it."""

    scope = "sign_in"

    def allow_request(self, request: Request, view: APIView) -> bool:
        import hashlib

        data: Any = request.data
        email = str(data.get("email", "")).strip().lower() if isinstance(data, dict) else ""
        idents = [self.get_ident(request)]
        if email:
            idents.append(hashlib.sha256(email.encode()).hexdigest()[:32])
        allowed = True
        for self._ident in idents:
            allowed = super().allow_request(request, view) and allowed
        return allowed

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        return f"limit:{self.scope}:{self._ident}"
