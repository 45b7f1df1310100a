"""Bearer tokens as an authentication of the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed


class BearerToken(TokenAuthentication):  # type: ignore[misc]
    """Ours are plain ASCII: other bytes are a wrong token, where knox would fail to decode them."""

    def authenticate_credentials(self, token: bytes) -> tuple[Any, Any]:
        if not token.isascii():
            raise AuthenticationFailed(_("Jeton invalide."))
        found: tuple[Any, Any] = super().authenticate_credentials(token)
        return found
