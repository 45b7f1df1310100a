"""JSON bodies with bounds: the size is checked before the body is in memory, announced or not, and so is how
deep it nests, before code that follows it down runs out of stack. Halves of characters are refused:
no answer could repeat them, no table keep them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import parsers

from config.api.problems import Problem

MOST_DEEP = 32
"""Lists and objects within one another; what the API takes has four."""


class JSONParser(parsers.JSONParser):
    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise Problem(413, "too_large", _("L'envoi est trop volumineux."))
        try:
            parsed: dict[str, Any] = super().parse(io.BytesIO(body), media_type, parser_context)
        except RecursionError as error:
            raise _too_deep() from error
        if nests_deeper(parsed, MOST_DEEP):
            raise _too_deep()
        try:
            json.dumps(parsed, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise Problem(400, "invalid_text", _("Un texte contient une moitié de caractère.")) from error
        return parsed


def nests_deeper(value: Any, most: int) -> bool:
    """Do lists and objects stand within one another more than `most` deep?"""
    level = [value]
    for _depth in range(most + 1):
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return True


def _too_deep() -> Problem:
    return Problem(400, "too_deep", _("Les données sont imbriquées trop profondément."))
