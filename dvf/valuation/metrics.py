"""How good estimates are: the ratios of assessors (IAAO, Standard on Ratio Studies) and interval coverage."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .sales import Floats

ROUNDING = 1e-9
TRIM = (0.5, 2.0)
"""Ratios between which PRD and PRB are read: one sale at a tenth of its value would decide of them alone."""

LEAST_RATIOS = 10


def price_related_differential(estimate: Floats, price: Floats) -> float | None:
    """Mean ratio over the ratio of the totals, among ratios inside TRIM; None where they are too few."""
    ratio = estimate / price
    kept = (ratio > TRIM[0]) & (ratio < TRIM[1])
    if kept.sum() < LEAST_RATIOS:
        return None
    return float(ratio[kept].mean() / (estimate[kept].sum() / price[kept].sum()))


def accuracy(estimate: Floats, price: Floats) -> dict[str, float | int | None]:
    """Untrimmed errors of n estimates, in % where the name says so; `prd`, `prb` among ratios 0.5–2."""
    known = np.isfinite(estimate)
    estimate, price = estimate[known], price[known]
    if not len(price):
        return {"n": 0}
    ratio = estimate / price
    error = np.abs(ratio - 1)
    middle = float(np.median(ratio))
    kept = (ratio > TRIM[0]) & (ratio < TRIM[1])
    result: dict[str, float | int | None] = {
        "n": len(price),
        "mdape": 100 * float(np.median(error)),
        "mape": 100 * float(error.mean()),
        "ppe10": 100 * float((error <= 0.10 + ROUNDING).mean()),
        "ppe20": 100 * float((error <= 0.20 + ROUNDING).mean()),
        "median_ratio": middle,
        "cod": 100 * float(np.abs(ratio - middle).mean()) / middle,
        "prd": None,
        "prb": None,
    }
    if kept.sum() >= LEAST_RATIOS:
        result["prd"] = price_related_differential(estimate, price)
        ratio, estimate, price = ratio[kept], estimate[kept], price[kept]
        middle = float(np.median(ratio))
        proxy = np.log2(0.5 * price + 0.5 * estimate / middle)
        proxy -= proxy.mean()
        result["prb"] = float(proxy @ ((ratio - middle) / middle) / max(float(proxy @ proxy), 1e-12))
    return result


def coverage(price: Floats, intervals: Mapping[int, Floats]) -> dict[str, float]:
    """Share of prices inside each interval (m, 2) and its median width, both in %."""
    result = {}
    for level, bounds in intervals.items():
        inside = (price >= bounds[:, 0]) & (price <= bounds[:, 1])
        result[f"coverage_{level}"] = 100 * float(inside.mean())
        result[f"width_{level}"] = 100 * float(np.median((bounds[:, 1] - bounds[:, 0]) / bounds.mean(axis=1)))
    return result
