"""Small middleware of the project's own."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

type_GetResponse = Callable[[HttpRequest], HttpResponse]
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id(get_response: type_GetResponse) -> type_GetResponse:
    """One id a request, in the logs (django-structlog reads the header) and in the answer.

    A caller's own X-Request-ID is kept when it has the shape of one, so that a proxy's logs and ours meet.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        identifier = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request.META["HTTP_X_REQUEST_ID"] = identifier
        response = get_response(request)
        response["X-Request-ID"] = identifier
        return response

    return middleware


class ContentSecurityPolicy(CSPMiddleware):
    """The strict policy of settings, wider in two places only, for what their scripts need."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path.startswith(f"/{settings.ADMIN_PATH}"):
            # The theme's Alpine evaluates expressions of attributes and sets styles inline.
            response._csp_update = {  # type: ignore[attr-defined]
                "script-src": ["'unsafe-eval'", "'unsafe-inline'"],
                "style-src": ["'unsafe-inline'"],
                **getattr(response, "_csp_update", {}),
            }
        elif request.path == "/api/docs/":
            response._csp_update = {  # type: ignore[attr-defined]
                "script-src": ["'unsafe-inline'"],
                "style-src": ["'unsafe-inline'"],
            }
        return super().process_response(request, response)
