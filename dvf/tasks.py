"""Jobs of this app. They import the models where they run: who only queues them does without SciPy."""

from __future__ import annotations

from celery import shared_task


@shared_task(ignore_result=True)
def fit_stale_valuations() -> None:
    """Queue the areas whose model is not of the served sales. The beat calls it too: nothing is lost."""
    from dvf import fitting

    for department, kind in fitting.stale_areas():
        fit_valuation.apply_async((department, kind))


@shared_task(ignore_result=True)
def fit_valuation(department: str, kind: str) -> None:
    """Fit and measure one area, unless another worker has done it since it was queued."""
    from dvf import fitting

    if fitting.is_stale(department, kind):
        fitting.fit_department(department, kind)
        fitting.measure_department(department, kind)
