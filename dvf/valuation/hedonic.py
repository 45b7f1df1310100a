"""What a dwelling's own features are worth: a robust, smooth trend of the log price.

log(price) = surface (hinges) + rooms + annexes + lots + land + time + place (Gaussian bumps, communes) +
place × surface, by ridge regression with Cauchy weights (iteratively reweighted). Penalties are prior
precisions in units of the noise. The fit is crossed: buildings are split into folds, and the trend of a
building comes from the fit that has not seen it, so that residuals of sold and of unsold buildings are alike.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.cluster.vq import kmeans2
from scipy.spatial import cKDTree

from .sales import Floats, Ints, Sales, Words, metres

FOLDS = 5
DAYS = 365.25
SURFACE_KNOTS = np.log([15.0, 22.0, 30.0, 40.0, 52.0, 65.0, 80.0, 100.0, 140.0, 200.0])
CARREZ_KNOTS = np.array([-0.7, -0.3, -0.15, -0.05, 0.05, 0.15, 0.3, 0.7])
REFERENCE_SURFACE = 50.0
TYPICAL_ROOM = 22.0
MAX_CENTRES, SALES_PER_CENTRE, MIN_CENTRE_WIDTH = 150, 25, 200.0
KNOT_STEP, LAST_KNOT = 0.25, 0.17
"""Years between two bends of the time curve, and of the last bend before the end."""
DAMPING = 0.5
"""Years after which the last slope fades when the curve is prolonged."""
CAUCHY_SCALE, USUAL_NOISE = 2.0, 0.2
ROUNDS = 6
AREA_LEAST, MAX_AREAS = 5, 160
MOST_SALES = 60_000
"""More teach a few hundred coefficients nothing: a sample of so many does."""


def folds_of(buildings: Words) -> Ints:
    """The fold of each building: a stable hash, so that a sale keeps its fold from one fit to the next."""
    unique, inverse = np.unique(buildings, return_inverse=True)
    fold = np.array(
        [hashlib.blake2b(str(b).encode(), digest_size=2).digest()[0] % FOLDS for b in unique], dtype=np.int64
    )
    return fold[inverse] if len(unique) else np.zeros(0, dtype=np.int64)


@dataclass
class Design:
    """How features become columns; everything needed to value a dwelling the fit has not seen."""

    lat0: float
    day0: float
    day1: float
    centres: Floats
    widths: Floats
    areas: list[str]
    fill: dict[str, list[float]]
    """Mean of the annex and lot steps: what an unknown number stands for."""
    kind: str

    @classmethod
    def of(cls, sales: Sales, kind: str) -> Design:
        lat0 = float(np.mean(sales.lat))
        points = np.unique(np.round(metres(sales, lat0), -1), axis=0)
        count = int(min(MAX_CENTRES, max(4, len(sales) // SALES_PER_CENTRE), len(points)))
        rng = np.random.default_rng(0)
        if len(points) > 20_000:
            points = points[rng.choice(len(points), 20_000, replace=False)]
        centres = kmeans2(points, count, iter=8, minit="++", rng=rng)[0]
        centres = np.unique(np.round(centres[np.isfinite(centres).all(1)], 1), axis=0)
        near = cKDTree(centres).query(centres, min(2, len(centres)))[0].reshape(len(centres), -1)[:, -1]
        widths = np.maximum(near, MIN_CENTRE_WIDTH) * 1.2
        design = cls(
            lat0=lat0,
            day0=float(sales.day.min()),
            day1=float(sales.day.max()),
            centres=centres,
            widths=widths,
            areas=_areas(sales),
            fill={},
            kind=kind,
        )
        design.fill = {
            name: [
                float(np.mean(column[np.isfinite(column)] >= k)) if np.isfinite(column).any() else 0.0
                for k in steps
            ]
            for name, column, steps in (
                ("annexes", sales.annexes, (1, 2, 3)),
                ("lots", sales.lots, (1, 2, 3)),
            )
        }
        land = sales.land[sales.land > 0]
        design.fill["land"] = [float(np.median(land)) if len(land) else 0.0]
        return design

    @property
    def knots(self) -> Floats:
        return -np.arange(LAST_KNOT, max(LAST_KNOT, (self.day1 - self.day0) / DAYS), KNOT_STEP)

    def time(self, day: Floats) -> Floats:
        """(n, 1 + knots) columns of time; past the last day the slope fades."""
        years = (np.asarray(day, dtype=np.float64) - self.day1) / DAYS
        years = np.where(years > 0, DAMPING * (1 - np.exp(-np.maximum(years, 0) / DAMPING)), years)
        return np.column_stack([years[:, None], np.minimum(years[:, None] - self.knots[None, :], 0)])

    def columns(self, sales: Sales) -> tuple[Floats, Floats]:
        """(n, p) design matrix and (p,) penalties."""
        blocks: list[Floats] = []
        penalties: list[float] = []

        def add(block: Floats, penalty: float) -> None:
            block = block.reshape(len(sales), -1)
            blocks.append(block)
            penalties.extend([penalty] * block.shape[1])

        surface = sales.living_surface
        log_surface = np.log(surface)
        z = log_surface - np.log(REFERENCE_SURFACE)
        add(np.ones(len(sales)), 0.0)
        add(z, 0.0)
        add(np.maximum(log_surface[:, None] - SURFACE_KNOTS, 0), 3.0)
        with np.errstate(invalid="ignore"):
            gap = np.clip(np.nan_to_num(np.log(sales.carrez / sales.surface)), -1.5, 1.5)
        add(gap, 1.0)
        add(np.maximum(gap[:, None] - CARREZ_KNOTS, 0), 1.0)
        add(np.log(surface / sales.surface), 1.0)
        add((~np.isfinite(sales.carrez)).astype(np.float64), 1.0)
        rooms = np.where(
            np.isfinite(sales.rooms), sales.rooms, np.maximum(1, np.round(surface / TYPICAL_ROOM))
        )
        for k in range(5):
            add((rooms == k).astype(np.float64), 2.0)
        for k in (5, 6, 7):
            add((rooms >= k).astype(np.float64), 2.0)
        add(
            np.where(
                rooms > 0, np.log(np.maximum(rooms, 1)) - 0.85 * (log_surface - np.log(TYPICAL_ROOM)), 0
            ),
            1.0,
        )
        for name, column in (("annexes", sales.annexes), ("lots", sales.lots)):
            steps = np.where(
                np.isfinite(column)[:, None],
                column[:, None] >= np.array([1, 2, 3]),
                np.array(self.fill[name]),
            )
            add(steps.astype(np.float64), 2.0)
        if self.kind == "Maison":
            known = np.where(np.isfinite(sales.land), sales.land, self.fill["land"][0])
            land = np.log(np.clip(known, 20, 5_000) / 400.0)
            add(land, 0.5)
            add(np.maximum(land, 0), 1.0)
            add((known <= 0).astype(np.float64), 1.0)
        time = self.time(sales.day)
        add(time[:, :1], 20.0)
        add(time[:, 1:], 10.0)
        gaps = metres(sales, self.lat0)[:, None, :] - self.centres[None]
        bumps = np.exp(-0.5 * (gaps**2).sum(-1) / self.widths**2)
        add(bumps, 2.0)
        add(bumps * z[:, None], 12.0)
        areas = np.array(self.areas)
        add(
            ((sales.commune[:, None] == areas) | (sales.postal_code[:, None] == areas)).astype(np.float64),
            6.0,
        )
        return np.hstack(blocks), np.array(penalties)

    def to_json(self) -> dict[str, Any]:
        return {
            "lat0": self.lat0, "day0": self.day0, "day1": self.day1, "areas": self.areas, "fill": self.fill,
            "centres": self.centres.round(1).tolist(), "widths": self.widths.round(1).tolist(),
            "kind": self.kind,
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Design:
        return cls(**{**data, "centres": np.array(data["centres"]), "widths": np.array(data["widths"])})


def _areas(sales: Sales) -> list[str]:
    """Communes and postal codes with a level of their own: those with most sales."""
    counts = Counter(sales.commune.tolist()) + Counter(sales.postal_code.tolist())
    known = [(-count, code) for code, count in counts.items() if code and count >= AREA_LEAST]
    return sorted(code for _, code in sorted(known)[:MAX_AREAS])


@dataclass
class Hedonic:
    """A fitted trend: one vector of coefficients per fold, (FOLDS, p)."""

    design: Design
    coefficients: Floats

    @classmethod
    def fit(cls, sales: Sales, kind: str) -> Hedonic:
        if len(sales) > MOST_SALES:
            sales = sales.take(
                np.sort(np.random.default_rng(2).choice(len(sales), MOST_SALES, replace=False))
            )
        design = Design.of(sales, kind)
        x, penalties = design.columns(sales)
        y = np.log(sales.price)
        fold = folds_of(sales.building)
        ridge = np.diag(penalties + 1e-6)
        members = [np.flatnonzero(fold == k) for k in range(FOLDS)]
        weights = np.ones(len(y))
        coefficients = np.zeros((FOLDS, x.shape[1]))
        strictness = 1.0
        for _ in range(ROUNDS):
            grams = [(x[m] * weights[m, None]).T @ x[m] for m in members]
            sides = [x[m].T @ (weights[m] * y[m]) for m in members]
            gram, side = np.sum(grams, axis=0) + ridge * strictness, np.sum(sides, axis=0)
            for k in range(FOLDS):
                coefficients[k] = np.linalg.solve(gram - grams[k], side - sides[k])
            residuals = y - np.einsum("ij,ij->i", x, coefficients[fold])
            scale = 1.4826 * np.median(np.abs(residuals)) + 1e-9
            weights = 1 / (1 + (residuals / (CAUCHY_SCALE * scale)) ** 2)
            strictness = float(np.clip(scale / USUAL_NOISE, 0.1, 0.7)) ** 2
        return cls(design, coefficients)

    def trend(self, sales: Sales) -> Floats:
        """log price of each row (n,), by the fit of the folds that have not seen its building."""
        x, _ = self.design.columns(sales)
        result: Floats = np.einsum("ij,ij->i", x, self.coefficients[folds_of(sales.building)])
        return result

    def time_effect(self, day: Floats) -> Floats:
        """log index of the whole area at each day, 0 at the last day learnt."""
        start, width = self._time_columns()
        result: Floats = self.design.time(day) @ self.coefficients.mean(axis=0)[start : start + width] - (
            self.design.time(np.array([self.design.day1]))
            @ self.coefficients.mean(axis=0)[start : start + width]
        )
        return result

    def _time_columns(self) -> tuple[int, int]:
        width = 1 + len(self.design.knots)
        tail = 2 * len(self.design.centres) + len(self.design.areas)
        return self.coefficients.shape[1] - tail - width, width

    def to_json(self) -> dict[str, Any]:
        return {"design": self.design.to_json(), "coefficients": self.coefficients.round(7).tolist()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Hedonic:
        return cls(Design.from_json(data["design"]), np.array(data["coefficients"]))
