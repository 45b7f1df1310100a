"""How wrong an estimate may be: a scale for each target, then conformal intervals per stratum.

The errors come from a rolling origin: fit on what came before a day, value what came after. The scale (a
smooth model of the size of the error) makes the intervals of the surer targets narrower; the quantiles of
error / scale, taken in the target's stratum and drawn towards all strata where it is thin, make them cover
what they claim (normalised, Mondrian split conformal prediction).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .sales import Floats, Ints, Words

SURFACE_BANDS = (30.0, 50.0, 80.0)
LEVELS = (50, 80, 95)
BORROWED = 60.0
"""Weight, in sales, of all the other strata in the quantiles of one."""
FLOOR = 0.05
"""Errors under 5 % are as good as one another: their logarithm would decide of the scale."""
PRIOR_SLOPE, STRICTNESS = 1.5, 500.0
"""Before any error is seen, the scale goes as this power of the kriging's own spread (the first feature), and
the other slopes are zero; STRICTNESS sales' worth of belief hold them there: one error says very little."""
KEPT = 400


def strata(surface: Floats, seen: Floats) -> Ints:
    """Stratum of each target: surface band × a comparable in the same building or none."""
    return (np.searchsorted(SURFACE_BANDS, surface, side="right") * 2 + (seen > 0)).astype(np.int64)


@dataclass
class Uncertainty:
    """Scale model and normalised errors per stratum (sorted quantiles kept for storage)."""

    coefficients: Floats
    means: Floats
    postal_codes: dict[str, float]
    scores: dict[int, Floats]
    """Sorted normalised errors of each stratum, -1 for all."""
    counts: dict[int, int]

    @classmethod
    def fit(cls, features: Floats, postal_codes: Words, errors: Floats) -> Uncertainty:
        """The scale model. `errors`: log price sold − log estimate, (n,); `features`: (n, p)."""
        means, spreads = features.mean(axis=0), features.std(axis=0) + 1e-9
        prior = np.zeros(features.shape[1])
        prior[0] = PRIOR_SLOPE
        x = np.column_stack([np.ones(len(errors)), (features - means) / spreads])
        y = np.log(np.maximum(np.abs(errors), FLOOR)) - (features - means) @ prior
        ridge = np.diag(np.r_[0.0, np.full(features.shape[1], STRICTNESS)])
        beta = np.linalg.solve(x.T @ x + ridge, x.T @ y)
        residual = y - x @ beta
        beta = np.r_[beta[0], beta[1:] / spreads + prior]
        places = {}
        for code in np.unique(postal_codes):
            own = residual[postal_codes == code]
            places[str(code)] = float(own.sum() / (len(own) + 40.0))
        return cls(beta, means, places, {}, {})

    def calibrate(self, scale: Floats, stratum: Ints, errors: Floats) -> None:
        """The normalised errors of each stratum, from which intervals are taken."""
        normal = errors / scale
        for s in [-1, *np.unique(stratum).tolist()]:
            own = np.sort(normal if s == -1 else normal[stratum == s])
            self.counts[s] = len(own)
            if len(own) > KEPT:
                own = np.quantile(own, (np.arange(KEPT) + 0.5) / KEPT)
            self.scores[s] = own

    def scale(self, features: Floats, postal_codes: Words) -> Floats:
        """Typical |log error| of each target, up to a factor (n,)."""
        result: Floats = np.exp(self.coefficients[0]) * self.relative_scale(features, postal_codes)
        return result

    def relative_scale(self, features: Floats, postal_codes: Words) -> Floats:
        """Scale of each target against that of the mean one (n,), bounded."""
        place = np.array([self.postal_codes.get(str(c), 0.0) for c in postal_codes])
        result: Floats = np.exp(np.clip((features - self.means) @ self.coefficients[1:] + place, -1.2, 1.5))
        return result

    def quantiles(self, stratum: int, shares: Floats) -> Floats:
        """Normalised errors below which `shares` of the sales of the stratum fall, the others helping."""
        total = self.scores[-1]
        own = self.scores.get(stratum, total[:0])
        each = self.counts.get(stratum, 0) / max(len(own), 1)
        borrowed = min(BORROWED, self.counts[-1]) / len(total)
        values = np.concatenate([own, total])
        weights = np.concatenate([np.full(len(own), each), np.full(len(total), borrowed)])
        order = np.argsort(values, kind="stable")
        reached = np.cumsum(weights[order])
        # Tails are widened by one unseen sale, as conformal prediction asks.
        edge = 1 / (reached[-1] + 1)
        wanted = np.where(shares > 0.5, shares * (1 + edge), shares * (1 + edge) - edge)
        middles = reached - weights[order] / 2
        result: Floats = np.interp(np.clip(wanted, 0, 1) * reached[-1], middles, values[order])
        return result

    def bounds(self, stratum: int, level: int) -> tuple[float, float]:
        """Bounds of log(price sold / estimate) / scale that hold `level` % of the sales of the stratum."""
        tail = (1 - level / 100) / 2
        low, high = self.quantiles(stratum, np.array([tail, 1 - tail]))
        return float(low), float(high)

    def to_json(self) -> dict[str, Any]:
        return {
            "coefficients": self.coefficients.round(6).tolist(),
            "means": self.means.round(6).tolist(),
            "postal_codes": self.postal_codes,
            "scores": {str(k): v.round(4).tolist() for k, v in self.scores.items()},
            "counts": {str(k): v for k, v in self.counts.items()},
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Uncertainty:
        return cls(
            np.array(data["coefficients"]),
            np.array(data["means"]),
            data["postal_codes"],
            {int(k): np.array(v) for k, v in data["scores"].items()},
            {int(k): int(v) for k, v in data["counts"].items()},
        )
