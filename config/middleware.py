"""Small middleware of the project's own."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

MOST_DRAINED = 32 * 1024 * 1024  # bytes; a file of the largest size accepted, with its envelope
DRAINED_AT_ONCE = 65536
MOST_DRAINING_SECONDS = 5.0
type_GetResponse = Callable[[HttpRequest], HttpResponse]
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the work at hand comes from: the caller's address (as the trusted proxies say it) and request."""

    address: str | None = None
    request_id: str = ""


# Read by the activity log, so that functions far below the views need not carry the request; empty in
# workers.
ORIGIN: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 frozen


def client_address(request: HttpRequest) -> str | None:
    """The caller's address: the socket's, or what `TRUSTED_PROXIES` proxies say; None when it is no
    address.
    """
    from rest_framework.throttling import BaseThrottle

    ident = str(BaseThrottle().get_ident(request)).strip()  # type: ignore[arg-type]
    try:
        return str(ip_address(ident))
    except ValueError:
        return None


def request_id(get_response: type_GetResponse) -> type_GetResponse:
    """One id a request, in the logs (django-structlog reads the header) and in the answer.

    A caller's own X-Request-ID is kept when it has the shape of one, so that a proxy's logs and ours meet.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        identifier = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request.META["HTTP_X_REQUEST_ID"] = identifier
        request.__dict__.pop("headers", None)  # made from META and kept, when a middleware before us read it
        token = ORIGIN.set(Origin(client_address(request), identifier))
        try:
            response = get_response(request)
        finally:
            ORIGIN.reset(token)
        response["X-Request-ID"] = identifier
        return response

    return middleware


def no_nul(get_response: type_GetResponse) -> type_GetResponse:
    """No address and no cookie of ours holds a NUL, which PostgreSQL refuses to look for."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info:
            raise Http404
        for name in [name for name, value in request.COOKIES.items() if "\x00" in value]:
            del request.COOKIES[name]
        return get_response(request)

    return middleware


def private_answers(get_response: type_GetResponse) -> type_GetResponse:
    """`Cache-Control: private, no-store` on every answer of the API that does not say otherwise itself."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware


def unread_bodies(get_response: type_GetResponse) -> type_GetResponse:
    """Read on, within bounds, and throw away what a refused request still sends.

    gunicorn closes a connection whose body is left unread, though its answer said that it stays open: a
    client's next request on it would find nobody, after an upload that was merely too large.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        stream = getattr(request, "_stream", None)
        if response.status_code >= 400 and stream is not None:
            end = time.monotonic() + MOST_DRAINING_SECONDS
            with suppress(OSError, ValueError):  # the client went away, or the stream is closed
                for _chunk in range(MOST_DRAINED // DRAINED_AT_ONCE):
                    if not stream.read(DRAINED_AT_ONCE) or time.monotonic() > end:
                        break
        return response

    return middleware


class ContentSecurityPolicy(CSPMiddleware):
    """The strict policy of settings, wider in two places only, for what their scripts need."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path.startswith(f"/{settings.ADMIN_PATH}"):
            # The theme's Alpine evaluates expressions of attributes and sets styles inline. Scripts are
            # files, the theme's and ours.
            response._csp_update = {  # type: ignore[attr-defined]
                "script-src": ["'unsafe-eval'"],
                "style-src": ["'unsafe-inline'"],
                **getattr(response, "_csp_update", {}),
            }
        elif request.path == "/api/docs/":
            # Swagger UI sets styles inline; its script is a file (the view's other answer).
            response._csp_update = {"style-src": ["'unsafe-inline'"]}  # type: ignore[attr-defined]
        return super().process_response(request, response)
