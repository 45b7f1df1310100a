"""One row, several requests at once: one is at it, the others wait, and find nothing once it is deleted."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404


def lock_or_404(instance: Model, present: QuerySet[Any] | None = None) -> None:
    """Wait for whoever is at this row; hold it until the transaction ends. Raises Http404 once it is gone.
    `present`: the rows that count as there, where the model keeps deleted ones.

    Without it each request that read the row in time answers 204, and the log has it deleted as often.
    """
    rows = type(instance)._default_manager.all() if present is None else present
    if not rows.select_for_update(of=("self",)).filter(pk=instance.pk).values_list("pk", flat=True):
        raise Http404
