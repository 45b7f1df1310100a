"""Optimistic locking over HTTP: `ETag` says which version was read, `If-Match` which one is being replaced.

An object that carries `version` answers with `ETag: "<version>"`. A write whose `If-Match` does not name the
present version is 412, and so is one that lost a race (`config.versions`).
"""

from __future__ import annotations

from typing import Any

from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from config.versions import StaleVersion

IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "examples": ['"3"']},
    OpenApiParameter.HEADER,
    description="L'ETag lu : l'écriture est refusée (412) si l'objet a changé depuis.",
)


def etag(obj: Any) -> str:
    return f'"{obj.version}"'


def require_match(request: Request, obj: Any) -> None:
    """Raises StaleVersion when `If-Match` does not name the object's version (weak tags never match)."""
    header = request.headers.get("If-Match")
    if header is not None and header.strip() != "*" and etag(obj) not in parse_etags(header):
        raise StaleVersion("If-Match")
