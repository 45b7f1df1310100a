from __future__ import annotations

from django import forms
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class SignUpForm(forms.Form):
    """What sign-up asks beyond e-mail and password; allauth builds its own form on it."""

    full_name = forms.CharField(label=_("nom complet"), max_length=150)

    def signup(self, request: HttpRequest, user: User) -> None:
        user.full_name = self.cleaned_data["full_name"]
        user.language = "en" if (get_language() or "fr").startswith("en") else "fr"
        user.save(update_fields=["full_name", "language", "updated_at"])
