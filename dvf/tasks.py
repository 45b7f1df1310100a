from __future__ import annotations

from typing import Any

from celery import shared_task

from config.celery import enqueue
from dvf import fitting


@shared_task(ignore_result=True)
def fit_stale_valuations() -> None:
    """Queue the areas whose model is not of the served sales. The beat calls it too: nothing is lost."""
    for department, kind in fitting.stale_areas():
        fit_valuation.apply_async((department, kind))


@shared_task(ignore_result=True)
def fit_valuation(department: str, kind: str) -> None:
    """Fit and measure one area, unless another worker has done it since it was queued."""
    if fitting.is_stale(department, kind):
        fitting.fit_department(department, kind)
        fitting.measure_department(department, kind)


def after_import(**_kwargs: Any) -> None:
    """Receiver of `release_served`."""
    enqueue(fit_stale_valuations)
