"""The value of one dwelling, with its intervals and what every comparable sale adds to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from .kriging import NEIGHBOURS, Places, choose, mutual_covariance, places
from .model import MIN_COMPARABLES, NEAR_M, AreaModel, Foresight
from .sales import SURFACE_BOUNDS, Floats, Sales
from .uncertainty import LEVELS

Confidence = Literal["high", "moderate", "low"]
Position = Literal["far_below", "below", "in_line", "above", "far_above"]

# Top of the 80 % interval over its bottom, and comparables' worth of evidence, that each confidence asks.
CONFIDENCE = {"high": (1.45, 2.0, 400.0), "moderate": (1.9, 1.5, 1_500.0)}
# Share of similar dwellings that sell under the asking price, at which the position changes.
POSITIONS: tuple[tuple[float, Position], ...] = (
    (0.10, "far_below"),
    (0.25, "below"),
    (0.75, "in_line"),
    (0.90, "above"),
)


@dataclass(frozen=True)
class Comparable:
    """One sale's part in the value. Money in euros, distances in metres."""

    row: int
    """In the candidates given."""
    same_building: bool
    distance_m: float
    weight: float
    """Share of its gap to the trend that the estimate takes over; may be slightly negative."""
    adjusted_price_m2: float
    """Its price per m² brought to the target's date by the area's index."""
    equivalent_price: float
    """What the target would be worth if it stood to the trend as this sale does."""
    contribution: float
    """Estimate − estimate without it."""
    estimate_without_it: float


@dataclass(frozen=True)
class Valuation:
    """`estimate` is None where the model abstains; `reason` then says why, and intervals may still stand."""

    reason: str | None
    estimate: float | None = None
    point: float | None = None
    """What the model computes even where it abstains: for measures, not for clients."""
    trend: float | None = None
    """Value by its own features and place, no comparable sale weighed."""
    intervals: dict[int, tuple[float, float]] = field(default_factory=dict)
    comparables: list[Comparable] = field(default_factory=list)
    effective_sample: float = 0.0
    confidence: Confidence = "low"
    scale: float = float("nan")
    scores: Floats | None = None

    def share_below(self, price: float) -> float | None:
        """Share of sales of such a dwelling under `price`, in [0, 1]; None without an interval."""
        if self.point is None or self.scores is None or not price > 0:
            return None
        levels = np.linspace(0.005, 0.995, len(self.scores))
        score = np.log(price / self.point) / self.scale
        return float(np.interp(score, self.scores, levels, left=0.0, right=1.0))


def position(share: float) -> Position:
    """Where an asking price stands among the prices such a dwelling sells at."""
    return next((code for bound, code in POSITIONS if share < bound), "far_above")


def refusal(target: Sales, kind: str) -> str | None:
    """Why no number can be given whatever the sales, or None."""
    low, high = SURFACE_BOUNDS[kind]
    surface = float(target.living_surface[0])
    if not np.isfinite(surface) or surface <= 0:
        return "no_surface"
    return None if low <= surface <= high else "absurd_surface"


def value(model: AreaModel, target: Sales, candidates: Sales) -> Valuation:
    """Values one dwelling (a table of one row) from plausible, located sales of its type around it."""
    if (reason := refusal(target, model.kind)) is not None:
        return Valuation(reason)
    count = len(candidates)
    if count < MIN_COMPARABLES:
        return Valuation("insufficient_data")
    residuals = np.log(candidates.price) - model.hedonic.trend(candidates)
    here, there = places(model.hedonic.design.lat0, target, candidates)
    every = np.arange(count)[None, :]
    order, _ = choose(
        here, there.take(every), np.ones((1, count), dtype=bool), model.parameters, NEIGHBOURS + 1
    )
    best = order[0]
    k = min(NEIGHBOURS, count)
    # Row 0: the k best. Row i: the same without the i-th, the next one taking its place.
    ranks = np.full((1 + k, k), -1, dtype=np.int64)
    ranks[0] = np.arange(k)
    for i in range(k):
        others = np.delete(np.arange(len(best)), i)[:k]
        ranks[1 + i, : len(others)] = others
    among = mutual_covariance(there.take(best), model.parameters)[ranks[:, :, None], ranks[:, None, :]]
    rows = np.where(ranks < 0, -1, best[ranks])
    repeated = np.zeros(1 + k, dtype=np.int64)
    trend = np.repeat(model.hedonic.trend(target), 1 + k)
    seen = model.settle(
        target.take(repeated), trend, here.take(repeated), there, residuals, rows, among=among
    )
    prices = np.exp(seen.log_price)
    point = float(prices[0])
    intervals = {}
    scores = None
    if model.uncertainty is not None:
        for level in LEVELS:
            low, high = model.intervals(seen, level)[0]
            intervals[level] = (float(low), float(high))
        scores = model.uncertainty.quantiles(int(seen.stratum[0]), np.linspace(0.005, 0.995, 199))
    equivalent = np.exp(trend[0] + residuals)
    comparables = _comparables(model, target, candidates, here, there, equivalent, seen, prices)
    bounds = np.array([intervals.get(80, (np.nan, np.nan))])
    reason = None
    if int(seen.near[0]) < MIN_COMPARABLES:
        reason = "insufficient_data"
    elif bool(model.abstains(seen, np.repeat(bounds, 1 + k, axis=0))[0]):
        reason = "interval_too_wide"
    return Valuation(
        reason=reason,
        estimate=None if reason else point,
        point=point,
        trend=float(np.exp(trend[0])),
        intervals=intervals,
        comparables=comparables,
        effective_sample=float(seen.effective[0]),
        confidence=_confidence(comparables, bounds[0], float(seen.effective[0])),
        scale=float(seen.scale[0]),
        scores=scores,
    )


def _comparables(
    model: AreaModel, target: Sales, candidates: Sales, here: Places, there: Places, equivalent: Floats,
    seen: Foresight, prices: Floats,
) -> list[Comparable]:  # fmt: skip
    distance = np.sqrt(((there.points - here.points[0]) ** 2).sum(-1))
    index = model.hedonic.time_effect(np.r_[target.day, candidates.day])
    per_m2 = candidates.price / candidates.surface * np.exp(index[0] - index[1:])
    return [
        Comparable(
            row=int(row),
            same_building=bool(there.building[row] == here.building[0]),
            distance_m=float(distance[row]),
            weight=float(seen.weights[0, i]),
            adjusted_price_m2=float(per_m2[row]),
            equivalent_price=float(equivalent[row]),
            contribution=float(prices[0] - prices[1 + i]),
            estimate_without_it=float(prices[1 + i]),
        )
        for i, row in enumerate(seen.rows[0])
    ]


def _confidence(comparables: list[Comparable], bounds: Floats, effective: float) -> Confidence:
    """From the width of the interval, the evidence and how far it comes from; never from a count alone."""
    weight = sum(abs(c.weight) for c in comparables) or 1.0
    distance = sum(abs(c.weight) * min(c.distance_m, NEAR_M) for c in comparables) / weight
    for level, (widest, least, farthest) in CONFIDENCE.items():
        if bounds[1] / bounds[0] <= widest and effective >= least and distance <= farthest:
            return level  # type: ignore[return-value]
    return "low"
