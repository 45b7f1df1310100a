"""Why an import failed, in the reader's language: kept as a sentence in French and its parameters apart."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _


def told(text: str, parameters: dict[str, Any]) -> str:
    """The sentence; after the file's name and the number of the line where ``parameters`` have these."""
    if not parameters:
        return _(text) if text else ""
    words = _(text) % parameters
    if "line" in parameters:
        return _("%(file)s, ligne %(line)d : %(words)s") % {**parameters, "words": words}
    return _("%(file)s : %(words)s") % {**parameters, "words": words} if "file" in parameters else words
