"""Counts read from the rows themselves, in the query at hand: no counter that could drift.

What is counted lies in apps above this one, so it is named by its path of related names
("properties.photos.redesigns"); a path that no installed app answers to counts 0.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Count, IntegerField, Model, OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts.models import User


def related(model: type[Model], path: str) -> tuple[type[Model], str, dict[str, bool]] | None:
    """Follow related names from `model`: the model at the end, the lookup that leads back, and the filter
    that leaves out what is soft-deleted or hidden on the way. None where the path leads nowhere.
    """
    lookup = "pk"
    live: dict[str, bool] = {}
    first = True
    for name in path.split("."):
        try:
            relation = model._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        model = relation.related_model  # type: ignore[assignment]
        back: str = relation.field.name  # type: ignore[union-attr]
        lookup = back if first else f"{back}__{lookup}"
        first = False
        live = {f"{back}__{key}": value for key, value in live.items()}
        if any(field.name == "is_deleted" for field in model._meta.fields):
            live["is_deleted"] = False
        if any(field.name == "hidden_at" for field in model._meta.fields):
            live["hidden_at__isnull"] = True
    return model, lookup, live


def count_of(model: type[Model], path: str, **filters: Any) -> Combinable:
    """An expression for `annotate` on `model`: how many live rows the path leads to."""
    found = related(model, path)
    if found is None:
        return Value(0)
    target, lookup, live = found
    rows = (
        target._base_manager.filter(**{lookup: OuterRef("pk")}, **live, **filters)
        .order_by()
        .values(lookup)
        .annotate(n=Count("pk"))
        .values("n")
    )
    return Coalesce(Subquery(rows, output_field=IntegerField()), 0)


def of_user(user: User) -> dict[str, int]:
    """`documents_analyzed_count`, `redesigns_generated_count`, `total_properties`; one query."""
    rows: QuerySet[Any, Any] = User.objects.filter(pk=user.pk).values(
        documents_analyzed_count=count_of(User, "properties.documents", status="analyzed"),
        redesigns_generated_count=count_of(User, "properties.photos.redesigns", status="completed"),
        total_properties=count_of(User, "properties"),
    )
    counts: dict[str, int] = rows.get()
    return counts
