"""System checks: `manage.py check` says what is wrong with the environment, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from config.env import VARIABLES, problem

_PLACEHOLDERS = ("change", "secret", "insecure", "example", "password")


@register(Tags.security)
def environment(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """One message a bad variable: `config.E001 DATABASE_URL …`. The value itself is never shown."""
    messages: list[CheckMessage] = []
    for variable in VARIABLES.values():
        wrong = problem(variable)
        if wrong:
            messages.append(
                Error(
                    f"{variable.name} {wrong}.", hint=f"{variable.help} See .env.example.", id="config.E001"
                )
            )
    return messages


@register(Tags.security, deploy=True)
def production(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Values that work but must not go to production."""
    messages: list[CheckMessage] = []
    key = settings.SECRET_KEY.lower()
    if len(key) < 50 or any(word in key for word in _PLACEHOLDERS):
        messages.append(
            Error(
                "SECRET_KEY is short or looks like an example.",
                hint="50 random characters.",
                id="config.E002",
            )
        )
    if "*" in settings.ALLOWED_HOSTS:
        messages.append(
            Error("ALLOWED_HOSTS accepts any host.", hint="Name the hosts served.", id="config.E003")
        )
    if settings.EMAIL_BACKEND.endswith("locmem.EmailBackend"):
        messages.append(
            Error("EMAIL_URL keeps mails in memory.", hint="smtp+tls://… or console://.", id="config.E004")
        )
    if settings.HTTPS and not settings.PUBLIC_URL.startswith("https://"):
        messages.append(
            Error("PUBLIC_URL is not https://.", hint="Links in mails begin with it.", id="config.E005")
        )
    if not settings.HTTPS:
        messages.append(
            Warning("HTTPS is false.", hint="Serve over TLS and set HTTPS=true.", id="config.W001")
        )
    return messages
