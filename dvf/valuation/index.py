"""How prices move: a quarterly index per area, from all its sales at equal quality, with its band.

What a sale is worth beside the hedonic trend (time left out) is observed with noise; the level of
prices is a random walk from quarter to quarter. The département's walk is estimated from all sales,
each smaller area's as a walk about it: the fewer its sales, the closer it stays. All is Gaussian,
so the answer is one linear system and its covariance; a quarter that has only begun has few sales,
and weighs so.

Method: time dummies with a local level model (Eurostat, Handbook on Residential Property
Prices Indices, chapters 5 and 11).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from .hedonic import Hedonic
from .sales import Floats, Ints, Sales, Words

STEP, AREA_STEP, AREA_LEVEL = 0.020, 0.012, 0.25
"""Spread of a quarter's move (log), of an area's own move, and of its level, about the larger area's."""
CLIP = 2.5
LEAST_QUARTERS = 4
USABLE_SPREAD = 0.04
"""A yearly change known no better than this (log, one standard deviation) is no trend."""
PERSISTENCE = 0.6
"""Part of last year's change expected for next year."""
NORMAL_80 = 1.2816
LEAST_SALES = 30
"""Areas with fewer sales have no index of their own."""


def quarter_of(day: Floats) -> Ints:
    """Quarters since year 0 of ordinal days: 4 × year + quarter − 1."""
    dates = (day.astype(np.int64) - date(1970, 1, 1).toordinal()).astype("datetime64[D]")
    months = dates.astype("datetime64[M]").astype(np.int64) + 12 * 1970
    result: Ints = months // 3
    return result


def quarter_bounds(quarter: int) -> tuple[date, date]:
    """First day of the quarter and first day of the next."""

    def first(q: int) -> date:
        return date(q // 4, 3 * (q % 4) + 1, 1)

    return first(quarter), first(quarter + 1)


@dataclass(frozen=True)
class Index:
    """Log levels of q quarters from `first` about the département's mean, with their covariance (q, q)."""

    first: int
    levels: Floats
    covariance: Floats
    counts: Ints
    partial: list[bool]

    def change(self, years: int = 1) -> tuple[float, float] | None:
        """Log change over the last year and its standard deviation; None when the series is too short."""
        end = len(self.levels) - 1
        start = end - 4 * years
        if start < 0 or len(self.levels) <= LEAST_QUARTERS:
            return None
        contrast = np.zeros(len(self.levels))
        contrast[end], contrast[start] = 1, -1
        return float(contrast @ self.levels), float(np.sqrt(contrast @ self.covariance @ contrast))

    def trend(self) -> dict[str, Any]:
        """Yearly change in force and what it makes of the next 12 months, or that there is none to use.

        `annual`, `projection_12m` and their bounds at 80 % are shares (0.02 is +2 %), or None.
        """
        found = self.change()
        if found is None:
            return {"usable": False, "reason": "series_too_short", "annual": None, "projection_12m": None}
        change, spread = found
        low, high = (float(np.expm1(change + s * NORMAL_80 * spread)) for s in (-1, 1))
        result: dict[str, Any] = {"annual": float(np.expm1(change)), "annual_80": [low, high]}
        if spread > USABLE_SPREAD:
            return {**result, "usable": False, "reason": "too_uncertain", "projection_12m": None}
        middle = PERSISTENCE * change
        # A year of the walk lies ahead, in which moves persist: its spread is that of four steps, doubled.
        ahead = float(np.hypot(PERSISTENCE * spread, 2 * STEP * np.sqrt(4)) / np.sqrt(2))
        bounds = [float(np.expm1(middle + s * NORMAL_80 * ahead)) for s in (-1, 1)]
        return {
            **result,
            "usable": True,
            "reason": None,
            "projection_12m": float(np.expm1(middle)),
            "projection_12m_80": bounds,
        }

    def series(self) -> list[dict[str, Any]]:
        """One row per quarter: index (100 = the first), 80 % band about the last, count, partial."""
        last = len(self.levels) - 1
        rows = []
        for i in range(len(self.levels)):
            contrast = np.zeros(len(self.levels))
            contrast[i] += 1
            contrast[last] -= 1
            spread = float(np.sqrt(max(float(contrast @ self.covariance @ contrast), 0.0)))
            level = float(self.levels[i] - self.levels[0])
            year, quarter = divmod(self.first + i, 4)
            rows.append(
                {
                    "year": year,
                    "quarter": quarter + 1,
                    "index": 100 * float(np.exp(level)),
                    "low": 100 * float(np.exp(level - NORMAL_80 * spread)),
                    "high": 100 * float(np.exp(level + NORMAL_80 * spread)),
                    "count": int(self.counts[i]),
                    "partial": self.partial[i],
                }
            )
        return rows


def _walk(means: Floats, counts: Floats, noise: float, step: float, level: float) -> tuple[Floats, Floats]:
    """Posterior mean and covariance of a random walk seen through `means` of `counts` noisy values."""
    size = len(means)
    moves = np.diff(np.eye(size), axis=0)
    precision = moves.T @ moves / step**2 + np.ones((size, size)) / (size * level) ** 2
    precision += np.diag(counts / noise**2) + 1e-9 * np.eye(size)
    covariance = np.linalg.inv(precision)
    mean: Floats = covariance @ (counts * means / noise**2)
    return mean, np.asarray(covariance, dtype=np.float64)


_OBSERVED = np.dtype([("key", "<u8"), ("day", "<i4"), ("postal_code", "<i4"), ("gap", "<f4")])


def gaps(sales: Sales, hedonic: Hedonic) -> Floats:
    """What each sale is worth beside the trend with time left out (log): what an index is made of."""
    result: Floats = np.log(sales.price) - hedonic.trend(sales) + hedonic.time_effect(sales.day)
    return result


def pack(sales: Sales, gap: Floats) -> bytes:
    """The gaps of sales, 20 bytes each, so that indices can be made again without some of them."""
    rows = np.empty(len(sales), dtype=_OBSERVED)
    rows["key"] = [_number(key) for key in sales.key]
    rows["day"], rows["gap"] = sales.day, gap
    rows["postal_code"] = [int(code) if code.isdigit() else 0 for code in sales.postal_code]
    return rows.tobytes()


def _number(key: str) -> int:
    return int(key.replace("-", "")[:16], 16)


def indices_without(packed: bytes, excluded: Iterable[str], postal_code: str) -> dict[tuple[str, str], Index]:
    """The index of the département, and of one postal code where it has enough sales, as if those of the
    keys `excluded` had not been; empty when none is left. The trend stays that learnt with them.
    """
    rows = np.frombuffer(packed, dtype=_OBSERVED)
    rows = rows[~np.isin(rows["key"], np.array([_number(key) for key in excluded], dtype="<u8"))]
    if not len(rows):
        return {}
    here = np.where(rows["postal_code"] == int(postal_code), postal_code, "")
    return indices_of(rows["day"].astype(np.float64), rows["gap"].astype(np.float64), {"code_postal": here})


def indices(sales: Sales, hedonic: Hedonic) -> dict[tuple[str, str], Index]:
    """Index of the département (("code_departement", "")), and of its communes and postal codes."""
    areas = {"code_commune": sales.commune, "code_postal": sales.postal_code}
    return indices_of(sales.day, gaps(sales, hedonic), areas)


def indices_of(day: Floats, residuals: Floats, areas: Mapping[str, Words]) -> dict[tuple[str, str], Index]:
    """The same from the sales' days and gaps; `areas` holds their codes for each kind of smaller area."""
    quarters = quarter_of(day)
    first, size = int(quarters.min()), int(quarters.max() - quarters.min()) + 1
    slot = quarters - first
    begin, end = date.fromordinal(int(day.min())), date.fromordinal(int(day.max()))
    partial = []
    for i in range(size):
        start, following = quarter_bounds(first + i)
        # A fortnight without a sale at either end is a release that stops there.
        partial.append((begin - start).days > 14 or (following - end).days > 15)
    means, counts, noise, clipped = _quarterly(residuals, slot, size)
    levels, covariance = _walk(means, counts, noise, STEP, 10.0)
    found = {("code_departement", ""): Index(first, levels, covariance, counts.astype(np.int64), partial)}
    for kind, words in areas.items():
        for code, rows in _groups(words).items():
            if len(rows) < LEAST_SALES:
                continue
            own = clipped[rows] - levels[slot[rows]]
            n = np.bincount(slot[rows], minlength=size).astype(np.float64)
            mean = np.bincount(slot[rows], weights=own, minlength=size) / np.maximum(n, 1)
            move, spread = _walk(mean, n, noise, AREA_STEP, AREA_LEVEL)
            found[kind, code] = Index(first, levels + move, covariance + spread, n.astype(np.int64), partial)
    return found


def _quarterly(residuals: Floats, slot: Ints, size: int) -> tuple[Floats, Floats, float, Floats]:
    """Clipped mean and count of each quarter, noise of one sale, and the clipped residuals."""
    middle = np.array([np.median(residuals[slot == i]) if (slot == i).any() else 0.0 for i in range(size)])
    gaps = residuals - middle[slot]
    noise = float(1.4826 * np.median(np.abs(gaps))) + 1e-3
    clipped = middle[slot] + np.clip(gaps, -CLIP * noise, CLIP * noise)
    counts = np.bincount(slot, minlength=size).astype(np.float64)
    means = np.bincount(slot, weights=clipped, minlength=size) / np.maximum(counts, 1)
    return means, counts, noise, clipped


def _groups(words: Words) -> dict[str, Ints]:
    order = np.argsort(words, kind="stable")
    unique, starts = np.unique(words[order], return_index=True)
    return {str(w): rows for w, rows in zip(unique, np.split(order, starts[1:]), strict=True) if w}
