"""The key of a mailed link, read by allauth, which fails with a TypeError on one that names nobody ("-x")."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.headless.account import inputs


class ResetKeyInput(inputs.ResetPasswordKeyInput):  # type: ignore[misc]
    def clean_key(self) -> Any:
        if not self.cleaned_data["key"].partition("-")[0].strip():
            raise get_adapter().validation_error("invalid_password_reset")
        return super().clean_key()


class ResetInput(ResetKeyInput, inputs.ResetPasswordInput):  # type: ignore[misc]
    """The key and a new password."""
