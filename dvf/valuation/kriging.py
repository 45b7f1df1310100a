"""What the place adds to the trend: residuals of comparable sales, weighted by how alike they are.

A Gaussian process on the residuals of the hedonic trend, solved on the few dozen sales that share most with
the target: same building, same building and same surface, same street, near, less near; all fading with the
time between the sales. A sale at odds with its neighbours gets a larger noise (by its leave-one-out error),
so it weighs less. The estimate is trend + Σ weightᵢ × residualᵢ, so that what each comparable adds, and what
the estimate would be without it, are exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from .sales import Bools, Floats, Ints, Sales, codes, metres

PARAMETERS = (
    "building", "building_alike", "building_surface_range", "street", "near", "near_range_m",
    "near_surface_range", "far", "far_range_m", "years", "noise",
)  # fmt: skip
PRIOR = np.log([0.015, 0.009, 0.16, 0.0035, 0.013, 140.0, 0.65, 0.010, 520.0, 3.4, 0.020])
"""Where tuning starts and is drawn back to (variances of log prices, metres, log surface, years)."""
PRIOR_WEIGHT = 0.5
"""Prior precision of each log parameter, in sales: with few sales the prior stands."""
OUTLYING, REDESCENT = 1.1, 3.0
"""Beyond so many spreads a comparable disagrees with the others; its noise grows with this power of it."""
STUDENT = 4.0
NEIGHBOURS = 40
TASKS, TASK_NEIGHBOURS, TUNING_ROUNDS, TUNING_STEPS = 250, 30, 2, 10


@dataclass(frozen=True)
class Places:
    """What the kernel reads of n sales: (n, 2) metres, log surface, years, building and street codes."""

    points: Floats
    log_surface: Floats
    years: Floats
    building: Ints
    street: Ints

    def take(self, rows: NDArray[np.int64]) -> Places:
        return Places(
            self.points[rows],
            self.log_surface[rows],
            self.years[rows],
            self.building[rows],
            self.street[rows],
        )


def places(lat0: float, *tables: Sales) -> list[Places]:
    """Places of several tables, with building and street codes in common."""
    buildings = codes(*[t.building for t in tables])
    streets = codes(*[t.street for t in tables])
    return [
        Places(metres(t, lat0), np.log(t.living_surface), t.day / 365.25, b, s)
        for t, b, s in zip(tables, buildings, streets, strict=True)
    ]


def covariance(a: Places, b: Places, parameters: Floats) -> Floats:
    """Prior covariance of the local effects of broadcastable `a` and `b`."""
    p = np.exp(parameters)
    distance = np.sqrt(((a.points - b.points) ** 2).sum(-1))
    surface = np.abs(a.log_surface - b.log_surface)
    result: Floats = np.exp(-np.abs(a.years - b.years) / p[9]) * (
        (a.building == b.building) * (p[0] + p[1] * np.exp(-surface / p[2]))
        + p[3] * (a.street == b.street)
        + p[4] * np.exp(-distance / p[5] - surface / p[6])
        + p[7] * np.exp(-distance / p[8])
    )
    return result


def mutual_covariance(places: Places, parameters: Floats) -> Floats:
    """(..., k, k) covariance of k places with one another."""
    axis = places.years.ndim
    rows = Places(*[np.expand_dims(v, axis) for v in vars(places).values()])
    cols = Places(*[np.expand_dims(v, axis - 1) for v in vars(places).values()])
    return covariance(rows, cols, parameters)


@dataclass
class Solution:
    """Local effect of m targets from k comparables each: weights (m, k), mean (m,), variance (m,)."""

    weights: Floats
    mean: Floats
    variance: Floats


def solve(
    target: Places, comparables: Places, present: Bools, residuals: Floats, parameters: Floats,
    inflation: Floats | None = None, among: Floats | None = None,
) -> Solution:  # fmt: skip
    """Batched: `target` has shape (m,), the others (m, k); `present` marks the real comparables.

    `inflation` (m, k) multiplies the noise of each comparable; by default it comes from leave-one-out errors.
    `among` (m, k, k) is the covariance of the comparables, where it is known.
    """
    p = np.exp(parameters)
    here = Places(*[np.expand_dims(v, 1) for v in vars(target).values()])
    cross = covariance(here, comparables, parameters) * present
    if among is None:
        among = mutual_covariance(comparables, parameters)
    base = among * (present[:, :, None] & present[:, None, :])
    residuals = np.where(present, residuals, 0.0)
    prior = p[0] + p[1] + p[3] + p[4] + p[7]
    return _solve(base, cross, present, residuals, prior, p[10], inflation)


def _solve(
    base: Floats, cross: Floats, present: Bools, residuals: Floats, prior: float, noise: float,
    inflation: Floats | None,
) -> Solution:  # fmt: skip
    if inflation is None:
        inflation = inflations(base, present, residuals, noise)
    index = np.arange(base.shape[1])
    matrix = base.copy()
    matrix[:, index, index] += np.where(present, noise * inflation, 1.0)
    weights = np.asarray(np.linalg.solve(matrix, cross[:, :, None])[:, :, 0], dtype=np.float64)
    variance = prior + noise - (weights * cross).sum(-1)
    return Solution(weights, (weights * residuals).sum(-1), np.maximum(variance, noise))


def inflations(base: Floats, present: Bools, residuals: Floats, noise: float) -> Floats:
    """Noise multiplier of each comparable from its leave-one-out error among the others."""
    index = np.arange(base.shape[1])
    inflation = np.ones_like(residuals)
    for _ in range(2):
        matrix = base.copy()
        matrix[:, index, index] += np.where(present, noise * inflation, 1.0)
        inverse = np.linalg.inv(matrix)
        diagonal = inverse[:, index, index]
        error = np.einsum("ijk,ik->ij", inverse, residuals) / diagonal
        spread = np.sqrt(np.maximum(1 / diagonal - noise * (inflation - 1), noise))
        inflation = np.clip(np.abs(error) / (OUTLYING * spread), 1.0, 10.0) ** REDESCENT
    return inflation


def choose(
    target: Places, candidates: Places, present: Bools, parameters: Floats, count: int
) -> tuple[Ints, Bools]:
    """The `count` candidates that share most with each target: positions (m, count) and which are real."""
    here = Places(*[np.expand_dims(v, 1) for v in vars(target).values()])
    shared = np.where(present, covariance(here, candidates, parameters), -1.0)
    order = np.argsort(-shared, axis=1, kind="stable")[:, :count]
    return order, np.take_along_axis(present, order, axis=1)


def tune(
    target: Places, truth: Floats, comparables: Places, present: Bools, residuals: Floats,
    start: Floats = PRIOR,
) -> Floats:  # fmt: skip
    """Kernel parameters (log) that best foresee `truth` (m,), by penalised Student likelihood."""
    parameters = start.copy()
    tasks = len(truth)
    if tasks < 20:
        return parameters
    for _ in range(TUNING_ROUNDS):
        p = np.exp(parameters)
        base = mutual_covariance(comparables, parameters) * (present[:, :, None] & present[:, None, :])
        inflation = inflations(base, present, np.where(present, residuals, 0.0), float(p[10]))

        def loss(candidate: Floats, inflation: Floats = inflation) -> float:
            solution = solve(target, comparables, present, residuals, candidate, inflation)
            scale = solution.variance * (STUDENT - 2) / STUDENT
            error = truth - solution.mean
            likelihood = 0.5 * np.log(scale) + (STUDENT + 1) / 2 * np.log1p(error**2 / (STUDENT * scale))
            return float(likelihood.mean() + PRIOR_WEIGHT * ((candidate - PRIOR) ** 2).sum() / tasks)

        bounds = [(v - 2.5, v + 2.5) for v in PRIOR]
        found = minimize(
            loss, parameters, method="L-BFGS-B", bounds=bounds, options={"maxiter": TUNING_STEPS}
        )
        parameters = np.asarray(found.x, dtype=np.float64)
    return parameters
