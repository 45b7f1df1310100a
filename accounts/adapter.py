"""How allauth is fitted to this project: who may sign in, where links lead, how mails go out.

Why django-allauth, headless: it is kept, and it has what an account needs beyond a password form
(verification, reset, second factor, sessions, Google) with the defences that home-made flows forget: no
telling of known e-mails, re-authentication before what is sensitive, codes used once. Its views run behind
ours (`auth_views`), so that errors, limits and schema are those of the rest of the API.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.headless.adapter import DefaultHeadlessAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.utils.encoding import force_str
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config.api.problems import Problem
from config.middleware import client_address

logger = structlog.get_logger(__name__)


# Mails that somebody waits for; the others only tell of what has already happened.
AWAITED = {
    "account/email/email_confirmation",
    "account/email/email_confirmation_signup",
    "account/email/password_reset_key",
    "account/email/invitation",
    "account/email/unknown_account",
    "account/email/account_already_exists",
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("Adresse e-mail ou mot de passe incorrect."),
    }

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """A closed account answers as a wrong password does."""
        user: User | None = super().authenticate(request, **credentials)
        return user if user is not None and user.is_active else None

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "0.0.0.0"  # noqa: S104 "unknown", not a bind

    def format_email_subject(self, subject: str) -> str:
        return force_str(subject)

    def send_account_already_exists_mail(self, email: str) -> None:
        # The work of a password that is not stored: a known address takes as long as a new one.
        make_password("unused")
        super().send_account_already_exists_mail(email)

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """Whoever never had a password is invited: "if you asked for nothing, do nothing" is not for them."""
        if user.last_login is None and not user.has_usable_password():
            self.send_mail("account/email/invitation", email, context)
        else:
            super().send_password_reset_mail(user, email, context)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language of the account it is about, else the caller's. A server that does not take it is
        503: the same whether the address is known or not, as both are sent a mail."""
        user = context.get("user")
        language = user.language if isinstance(user, User) else get_language()
        extended = {**context, "email": email, "public_url": settings.PUBLIC_URL}
        try:
            with override(language):
                self.render_mail(template_prefix, email, extended).send()
        except OSError as error:
            logger.error("mail_failed", template=template_prefix, error=type(error).__name__)
            if template_prefix not in AWAITED:
                return
            raise Problem(
                503,
                "mail_unavailable",
                _("Le courrier ne part pas en ce moment : réessayez dans un instant."),
                {"Retry-After": "60"},
            ) from error


class HeadlessAdapter(DefaultHeadlessAdapter):  # type: ignore[misc]
    def serialize_user(self, user: User) -> dict[str, Any]:
        """Nothing here: our views say who is signed in."""
        return {}


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        user.full_name = (data.get("name") or "").strip()[:150]
        return user


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """TOTP secrets and recovery seeds lie encrypted in the database; the key comes from SECRET_KEY."""

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()


def _fernet() -> Fernet:
    key = hashlib.sha256(b"accounts.mfa:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
