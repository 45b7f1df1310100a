"""Optimistic locking of rows that carry `version`: the UPDATE itself filters on the version that was read."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Model


class StaleVersion(Exception):
    """Somebody changed the row since it was read. The API answers 412."""


def update(obj: Model, **values: Any) -> None:
    """Write `values` and the next version, if the row still has the version that `obj` was read with."""
    version: int = obj.version  # type: ignore[attr-defined]
    rows = type(obj)._base_manager.filter(pk=obj.pk, version=version)
    if not rows.update(**values, version=F("version") + 1):
        raise StaleVersion(f"{obj._meta.label} {obj.pk}, version {version}")
    for name, value in {**values, "version": version + 1}.items():
        setattr(obj, name, value)
