"""Fit, store and measure the valuation of each département and type: after an import, and on demand."""

from __future__ import annotations

import time
from datetime import date
from functools import lru_cache

import numpy as np
from django.db import transaction
from django.db.models import QuerySet, Subquery

from dvf import sale_tables
from dvf.models import DVFImport, DVFSale, TypePrincipal
from dvf.valuation import backtest
from dvf.valuation.index import gaps, indices, pack
from dvf.valuation.model import VERSION, AreaModel, TooFewSales
from dvf.valuation.sales import located
from dvf.valuation_models import PriceIndex, ValuationBacktest, ValuationMeasure, ValuationModel

FIT_AT_ONCE = 2_000
"""An area with no more sales than this is fitted while one waits (a few seconds); others by a job."""
SHARE = 0.8


def served() -> DVFImport | None:
    return DVFImport.objects.served().first()


def stale_areas() -> list[tuple[str, str]]:
    """Départements and types whose model is not of the served sales, or not of today's method."""
    release = served()
    if release is None:
        return []
    fresh = set(_fresh(release).values_list("code_departement", "type_principal"))
    return [
        (department, kind)
        for kind in TypePrincipal.values
        for department in sale_tables.departments(kind)
        if (department, kind) not in fresh
    ]


def is_stale(department: str, kind: str) -> bool:
    """Whether the area has no model of the served sales and today's method."""
    release = served()
    if release is None:
        return False
    return not _fresh(release).filter(code_departement=department, type_principal=kind).exists()


def _fresh(release: DVFImport) -> QuerySet[ValuationModel]:
    return ValuationModel.objects.filter(release=release, version=VERSION)


def fit_department(department: str, kind: str) -> ValuationModel | None:
    """Fits one area and stores its model and indices; None when nothing is served. Deterministic."""
    release = served()
    if release is None:
        return None
    start = time.monotonic()
    sales = sale_tables.of_department(department, kind)
    data, observed = None, b""
    rows: list[PriceIndex] = []
    trend: dict[str, object] = {}
    try:
        model = AreaModel.fit(sales, kind)
    except TooFewSales:
        sales = sales.take(sales.plausible(kind))
    else:
        data = model.to_json()
        sales = located(sales.take(sales.plausible(kind)))
        sales = sales.take(np.isfinite(sales.lon))
        observed = pack(sales, gaps(sales, model.hedonic))
        for (place_kind, code), index in indices(sales, model.hedonic).items():
            found = index.trend()
            if place_kind == "code_departement":
                trend = found
            rows.append(
                PriceIndex(
                    place_kind=place_kind,
                    place_code=code or department,
                    code_departement=department,
                    type_principal=kind,
                    sales_count=int(index.counts.sum()),
                    trend=found,
                    series=index.series(),
                )
            )
    with transaction.atomic():
        PriceIndex.objects.filter(code_departement=department, type_principal=kind).delete()
        PriceIndex.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["place_kind", "place_code", "type_principal"],
            update_fields=["code_departement", "sales_count", "trend", "series"],
        )
        stored, _created = ValuationModel.objects.update_or_create(
            code_departement=department,
            type_principal=kind,
            defaults={
                "release": release,
                "version": VERSION,
                "sales_count": len(sales),
                "seconds": round(time.monotonic() - start, 2),
                "data": data,
                "observed": observed,
                "trend": trend,
            },
        )
    return stored


def measure_department(department: str, kind: str) -> ValuationBacktest | None:
    """Backtests one area on its last fifth and stores the result; None where it cannot be measured."""
    release = served()
    if release is None:
        return None
    start = time.monotonic()
    sales = sale_tables.of_department(department, kind)
    try:
        done = backtest.run(sales, kind, backtest.split_day(sales, SHARE))
    except (TooFewSales, backtest.NothingToMeasure):
        ValuationBacktest.objects.filter(code_departement=department, type_principal=kind).delete()
        return None
    report = backtest.plain(done.report())
    whole = report["strata"][0]
    own = whole["methods"][backtest.OWN]
    figures = {
        "release": release,
        "sales_count": done.train_count,
        "seconds": round(time.monotonic() - start, 2),
        "split_date": date.fromordinal(int(done.split_day)),
        "tested": len(done.targets),
        "mdape": own["mdape"],
        "reference_mdape": whole["methods"]["reference"]["mdape"],
        "neighbours_mdape": whole["methods"]["neighbours"]["mdape"],
        "median_ratio": own["median_ratio"],
        "coverage_80": own["coverage_80"],
        "abstained_percent": whole["abstained_percent"],
    }
    with transaction.atomic():
        ValuationMeasure.objects.create(code_departement=department, type_principal=kind, **figures)
        stored, _created = ValuationBacktest.objects.update_or_create(
            code_departement=department, type_principal=kind, defaults={**figures, "report": report}
        )
    return stored


@lru_cache(maxsize=64)
def _decoded(pk: int, made_at: float) -> AreaModel | None:
    data = ValuationModel.objects.values_list("data", flat=True).get(pk=pk)
    return AreaModel.from_json(data) if data else None


def area_model(department: str, kind: str) -> AreaModel | str:
    """The area's model, or why there is none: `no_sales_of_type`, `insufficient_data`, `being_prepared`.

    A model of an earlier release serves until the new one is fitted.
    """
    known = ValuationModel.objects.filter(code_departement=department, type_principal=kind)
    release = Subquery(DVFImport.objects.served().values("pk")[:1])
    found = known.annotate(served=release).only("pk", "made_at", "release_id").first()
    stored: ValuationModel | None = found
    if found is None or found.served not in (None, found.release_id):
        sales = DVFSale.objects.comparable().filter(code_departement=department, type_principal=kind)
        count = len(sales.values_list("pk", flat=True)[: FIT_AT_ONCE + 1])
        if count == 0:
            return "no_sales_of_type"
        if count <= FIT_AT_ONCE:
            stored = fit_department(department, kind)
    if stored is None:
        return "being_prepared"
    return _decoded(stored.pk, stored.made_at.timestamp()) or "insufficient_data"
