"""The session cookie as an authentication of the API."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request


class BrowserSession(SessionAuthentication):
    """The session cookie; CSRF is checked for whoever is a browser, signed in or not.

    A browser always sends `Origin` with a form from elsewhere; a program that sends neither cookie nor
    origin has nothing that could be abused.
    """

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        found = super().authenticate(request)
        if found is None and (request.COOKIES or "Origin" in request.headers):
            self.enforce_csrf(request)
        return found

    def authenticate_header(self, request: Request) -> str:
        return "Session"  # makes it 401, as for the rest of the API, not 403
