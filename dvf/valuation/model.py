"""The valuation model of one area (a department) and one type of dwelling: fit, foresee, store."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from .hedonic import Hedonic
from .kriging import (
    NEIGHBOURS,
    PARAMETERS,
    PRIOR,
    TASK_NEIGHBOURS,
    TASKS,
    Places,
    Solution,
    choose,
    places,
    solve,
    tune,
)
from .pool import Pool
from .sales import SURFACE_BOUNDS, Bools, Floats, Ints, Sales, located
from .stretch import Stretch
from .uncertainty import Uncertainty, strata

VERSION = 2
"""Of what is fitted and how it is stored: a model of another one serves until it is fitted again."""
MIN_SALES = 60
"""Fewer sales of the type in the area: no model, and no number."""
ORIGINS = (0.55, 0.7, 0.85)
MAX_CALIBRATION = 1_500
"""Targets valued after each origin."""
BATCH = 500
MIN_COMPARABLES, NEAR_M, WIDEST = 5, 10_000.0, 3.0
"""Fewer comparables so near, or an 80 % interval whose top is three times its bottom: no point estimate."""


class TooFewSales(ValueError):
    """The area has too few plausible sales of the type to fit a model."""


@dataclass
class Foresight:
    """What the model says of m targets: all (m,) but features (m, p), rows and weights (m, k)."""

    log_price: Floats
    trend: Floats
    deviation: Floats
    scale: Floats
    features: Floats
    stratum: Ints
    same_building: Ints
    near: Ints
    rows: Ints
    weights: Floats
    effective: Floats


@dataclass
class AreaModel:
    kind: str
    hedonic: Hedonic
    parameters: Floats
    sales_count: int
    uncertainty: Uncertainty | None = None
    stretch: Stretch = field(default_factory=Stretch)

    @classmethod
    def fit(cls, sales: Sales, kind: str) -> AreaModel:
        """Fits on the plausible rows of `sales`; raises TooFewSales."""
        low, high = SURFACE_BOUNDS[kind]
        sales = sales.take((sales.surface >= low) & (sales.surface <= high) & (sales.price > 1))
        sales = located(sales.take(np.lexsort((sales.key, sales.day))))
        every = sales.take(np.isfinite(sales.lon))
        sales = every.take(every.plausible(kind))
        if len(sales) < MIN_SALES:
            raise TooFewSales(f"{len(sales)} sales, {MIN_SALES} are needed")
        rolls = _rolling(sales, every, kind)
        parameters = _tuned(rolls)
        model = cls(kind, Hedonic.fit(sales, kind), parameters, len(sales))
        foreseen: list[Foresight] = []
        for hedonic, pool, targets in rolls:
            past = cls(kind, hedonic, parameters, len(pool.sales))
            foreseen.append(past.foresee(targets, pool))
        if foreseen:
            model._calibrate(foreseen, [targets for _, _, targets in rolls])
        return model

    def _calibrate(self, foreseen: list[Foresight], targets: list[Sales]) -> None:
        """Stretch and intervals from the errors made after each origin, untrimmed."""
        truth = np.log(np.concatenate([t.price for t in targets]))
        guess = np.concatenate([f.log_price for f in foreseen])
        features = np.concatenate([f.features for f in foreseen])
        stratum = np.concatenate([f.stratum for f in foreseen])
        postal_codes = np.concatenate([t.postal_code for t in targets])
        self.uncertainty = Uncertainty.fit(features, postal_codes, truth - guess)
        relative = self.uncertainty.relative_scale(features, postal_codes)
        self.stretch = Stretch.fit(guess, relative, truth)
        guess = guess + self.stretch.shift(guess, relative)
        scale = self.uncertainty.scale(features, postal_codes)
        self.uncertainty.calibrate(scale, stratum, truth - guess)

    def pool(self, sales: Sales) -> Pool:
        """The plausible rows of `sales` as comparables of this model."""
        sales = located(sales.take(sales.plausible(self.kind)))
        sales = sales.take(np.isfinite(sales.lon))
        return Pool(sales, np.log(sales.price) - self.hedonic.trend(sales), self.hedonic.design.lat0)

    def foresee(self, targets: Sales, pool: Pool) -> Foresight:
        parts = [
            self._foresee(targets.take(slice(a, a + BATCH)), pool)
            for a in range(0, max(len(targets), 1), BATCH)
        ]
        return Foresight(
            **{
                name: np.concatenate([getattr(p, name) for p in parts])
                for name in Foresight.__dataclass_fields__
            }
        )

    def _foresee(self, targets: Sales, pool: Pool) -> Foresight:
        rows = pool.candidates(targets)
        here, there = places(pool.lat0, targets, pool.sales)
        order, present = choose(here, there.take(np.maximum(rows, 0)), rows >= 0, self.parameters, NEIGHBOURS)
        rows = np.where(present, np.take_along_axis(rows, order, axis=1), -1)
        return self.settle(targets, self.hedonic.trend(targets), here, there, pool.residuals, rows)

    def settle(
        self, targets: Sales, trend: Floats, here: Places, there: Places, residuals: Floats, rows: Ints,
        among: Floats | None = None,
    ) -> Foresight:  # fmt: skip
        """Values m targets from chosen comparables: `rows` (m, k) of `there`, `residuals`, -1 for none.

        `among` (m, k, k) is the covariance of those rows, where it is known.
        """
        present = rows >= 0
        chosen = there.take(np.maximum(rows, 0))
        residuals = residuals[np.maximum(rows, 0)]
        solution = solve(here, chosen, present, residuals, self.parameters, among=among)
        log_price = trend + solution.mean
        features = _features(targets, here, chosen, present, residuals, solution, log_price)
        scale = np.full(len(targets), np.nan)
        if self.uncertainty is not None:
            relative = self.uncertainty.relative_scale(features, targets.postal_code)
            scale = self.uncertainty.scale(features, targets.postal_code)
            log_price = log_price + self.stretch.shift(log_price, relative)
        same = ((chosen.building == here.building[:, None]) & present).sum(1)
        distance = np.sqrt(((chosen.points - here.points[:, None]) ** 2).sum(-1))
        return Foresight(
            log_price=log_price,
            trend=trend,
            deviation=np.sqrt(solution.variance),
            scale=scale,
            features=features,
            stratum=strata(targets.living_surface, same),
            same_building=same,
            near=(present & (distance <= NEAR_M)).sum(1),
            rows=rows,
            weights=solution.weights,
            effective=_effective(solution.weights, present),
        )

    def intervals(self, foresight: Foresight, level: int) -> Floats:
        """(m, 2) prices between which `level` % of sales fall; NaN before calibration."""
        if self.uncertainty is None:
            return np.full((len(foresight.log_price), 2), np.nan)
        own = {int(s): self.uncertainty.bounds(int(s), level) for s in np.unique(foresight.stratum)}
        bounds = np.array([own[int(s)] for s in foresight.stratum]).reshape(-1, 2)
        result: Floats = np.exp(foresight.log_price[:, None] + foresight.scale[:, None] * bounds)
        return result

    def abstains(self, foresight: Foresight, interval_80: Floats) -> Bools:
        """Targets for which the range is given and no point: too few comparables, or too wide an interval."""
        few = foresight.near < MIN_COMPARABLES
        result: Bools = few | ~(interval_80[:, 1] / interval_80[:, 0] <= WIDEST)
        return result

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind, "hedonic": self.hedonic.to_json(),
            "parameters": dict(zip(PARAMETERS, self.parameters.round(6).tolist(), strict=True)),
            "uncertainty": self.uncertainty.to_json() if self.uncertainty else None,
            "stretch": self.stretch.to_json(), "sales_count": self.sales_count,
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> AreaModel:
        return cls(
            data["kind"],
            Hedonic.from_json(data["hedonic"]),
            np.array([data["parameters"][name] for name in PARAMETERS]),
            data["sales_count"],
            Uncertainty.from_json(data["uncertainty"]) if data["uncertainty"] else None,
            Stretch(**data.get("stretch", {})),  # version 1 had another one: none until it is fitted again
        )


Roll = tuple[Hedonic, Pool, Sales]


def _rolling(sales: Sales, every: Sales, kind: str) -> list[Roll]:
    """At each origin: the trend of what came before, its pool, and what came after until the next one.

    What came after is untrimmed: `every` holds the implausible prices too, `sales` does not.
    """
    cuts = [float(np.quantile(sales.day, share)) for share in ORIGINS] + [float(sales.day[-1]) + 1]
    rng = np.random.default_rng(0)
    rolls: list[Roll] = []
    for start, end in pairwise(cuts):
        before = sales.take(sales.day < start)
        after = np.flatnonzero((every.day >= start) & (every.day < end))
        if len(before) < MIN_SALES // 2 or not len(after):
            continue
        if len(after) > MAX_CALIBRATION:
            after = np.sort(rng.choice(after, MAX_CALIBRATION, replace=False))
        hedonic = Hedonic.fit(before, kind)
        pool = Pool(before, np.log(before.price) - hedonic.trend(before), hedonic.design.lat0)
        rolls.append((hedonic, pool, every.take(after)))
    return rolls


def _tuned(rolls: list[Roll]) -> Floats:
    """Kernel parameters tuned on a sample of what came after each origin."""
    rng = np.random.default_rng(1)
    batches = []
    for hedonic, pool, targets in rolls:
        count = min(len(targets), TASKS // len(rolls))
        tasks = targets.take(np.sort(rng.choice(len(targets), count, replace=False)))
        rows = pool.candidates(tasks)
        here, there = places(pool.lat0, tasks, pool.sales)
        order, present = choose(here, there.take(np.maximum(rows, 0)), rows >= 0, PRIOR, TASK_NEIGHBOURS)
        rows = np.take_along_axis(rows, order, axis=1)
        batches.append(
            (
                here, np.log(tasks.price) - hedonic.trend(tasks), there.take(np.maximum(rows, 0)), present,
                pool.residuals[np.maximum(rows, 0)],
            )
        )  # fmt: skip
    if not batches:
        return PRIOR.copy()

    def joined(parts: list[Places]) -> Places:
        return Places(*[np.concatenate([list(vars(p).values())[i] for p in parts]) for i in range(5)])

    return tune(
        joined([b[0] for b in batches]),
        np.concatenate([b[1] for b in batches]),
        joined([b[2] for b in batches]),
        np.concatenate([b[3] for b in batches]),
        np.concatenate([b[4] for b in batches]),
    )


def _effective(weights: Floats, present: Bools) -> Floats:
    """Kish's effective number of comparables, (Σ|w|)² / Σw²."""
    size = np.abs(weights) * present
    result: Floats = size.sum(1) ** 2 / np.maximum((size**2).sum(1), 1e-12)
    return result


def _features(
    targets: Sales, here: Places, chosen: Places, present: Bools, residuals: Floats, solution: Solution,
    log_price: Floats,
) -> Floats:  # fmt: skip
    """What the size of an error depends on, (m, p)."""
    weights, variance = solution.weights, solution.variance
    z = here.log_surface - np.log(50.0)
    share = np.abs(weights) * present
    share = share / np.maximum(share.sum(1, keepdims=True), 1e-9)
    middle = (share * residuals).sum(1, keepdims=True)
    spread = (share * np.abs(residuals - middle)).sum(1)
    equal = np.sum(np.abs(residuals - middle) * present, 1) / np.maximum(present.sum(1), 1)
    same = ((chosen.building == here.building[:, None]) & present).sum(1)
    distance = np.sqrt(((chosen.points - here.points[:, None]) ** 2).sum(-1))
    near = (share * np.minimum(distance, 5_000)).sum(1)
    rooms = np.where(
        np.isfinite(targets.rooms) & (targets.rooms > 0),
        targets.rooms,
        np.maximum(1, np.exp(here.log_surface) / 22),
    )
    return np.column_stack(
        [
            0.5 * np.log(variance),
            np.log(0.02 + spread),
            np.log(0.02 + equal),
            z,
            np.maximum(z, 0),
            np.maximum(-z - 0.5, 0),
            np.log1p(same),
            np.log(50 + near),
            log_price - here.log_surface,
            np.abs(np.log(rooms * 22) - here.log_surface),
            (~np.isfinite(targets.carrez)).astype(np.float64),
            np.minimum(np.abs(np.nan_to_num(np.log(targets.carrez / targets.surface))), 1.0),
            np.abs(residuals[:, 0] - middle[:, 0]) * present[:, 0],
        ]
    )
