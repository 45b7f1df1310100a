"""JSON bodies with a bound: the size is checked before the body is in memory, announced or not."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import parsers

from config.api.problems import Problem


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
        parsed: dict[str, Any] = super().parse(io.BytesIO(body), media_type, parser_context)
        return parsed
