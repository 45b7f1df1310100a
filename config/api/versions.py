"""Optimistic locking over HTTP: `ETag` says which version was read, `If-Match` which one is being replaced.

An object that carries `version` answers with `ETag: "<version>"`. A write with an `If-Match` that does not
name the present version is 412; the UPDATE itself filters on the version, so that of two writers at once
one is told.
"""

from __future__ import annotations

from typing import Any

from django.db.models import F, Model
from django.utils.http import parse_etags
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from config.api.problems import Problem


def etag(obj: Any) -> str:
    return f'"{obj.version}"'


def stale() -> Problem:
    return Problem(412, "stale_version", _("L'objet a changé entre-temps : relisez-le, puis recommencez."))


def require_match(request: Request, obj: Any) -> None:
    """Raises 412 when the request's `If-Match` does not name the object's version (weak tags never match)."""
    header = request.headers.get("If-Match")
    if header is not None and header.strip() != "*" and etag(obj) not in parse_etags(header):
        raise stale()


def update(obj: Model, **values: Any) -> None:
    """Write `values` and the next version, if the row still has the version that `obj` was read with; 412
    if not.
    """
    manager = type(obj)._base_manager
    version: int = obj.version  # type: ignore[attr-defined]
    if not manager.filter(pk=obj.pk, version=version).update(**values, version=F("version") + 1):
        raise stale()
    for name, value in {**values, "version": version + 1}.items():
        setattr(obj, name, value)
