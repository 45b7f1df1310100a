from __future__ import annotations

import hashlib
import time
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm

from accounts.models import User, normalise_email
from config import cache
from config.middleware import client_address

GUESSES = 5
GUESS_SECONDS = 60


class SignUpForm(forms.Form):
    """What sign-up asks beyond e-mail and password; allauth builds its own form on it."""

    full_name = forms.CharField(label=_("nom complet"), max_length=150)

    def signup(self, request: HttpRequest, user: User) -> None:
        user.full_name = self.cleaned_data["full_name"]
        user.language = "en" if (get_language() or "fr").startswith("en") else "fr"
        user.save(update_fields=["full_name", "language", "updated_at"])


class BackOfficeSignInForm(AuthenticationForm):  # type: ignore[misc]
    """The back-office's sign-in, as slow to guess at as the API's: by address and by account."""

    def clean(self) -> dict[str, Any]:
        email = normalise_email(self.cleaned_data.get("username") or "")
        digest = hashlib.sha256(email.encode()).hexdigest()[:32]
        window = int(time.time() // GUESS_SECONDS)
        for ident in (client_address(self.request) or "", digest):
            count = cache.count(f"limit:sign_in:{ident}:{window}", GUESS_SECONDS)
            if count is not None and count > GUESSES:
                raise forms.ValidationError(
                    _("Trop d'essais : recommencez dans une minute."), code="too_many_attempts"
                )
        cleaned: dict[str, Any] = super().clean()
        return cleaned
