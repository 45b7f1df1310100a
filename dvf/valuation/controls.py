"""Plain methods every valuation is measured against, and the two that show what a bug looks like."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from .hedonic import Hedonic
from .model import AreaModel
from .sales import Floats, Sales, Words, concat, metres

NEIGHBOURS = 15
SOFTENING_M = 50.0


def _means(words: Words, values: Floats) -> dict[str, float]:
    order = np.argsort(words, kind="stable")
    unique, starts = np.unique(words[order], return_index=True)
    return {
        str(w): float(part.mean())
        for w, part in zip(unique, np.split(values[order], starts[1:]), strict=True)
        if w
    }


def area_mean(past: Sales, targets: Sales) -> Floats:
    """Surface × mean €/m² of the postal code (of everything, for a new one)."""
    per_m2 = past.price / past.surface
    means, every = _means(past.postal_code, per_m2), float(per_m2.mean())
    result: Floats = targets.surface * np.array([means.get(str(c), every) for c in targets.postal_code])
    return result


def reference(past: Sales, targets: Sales) -> Floats:
    """Surface × mean €/m² of the same address, else of the postal code: the reference application's way."""
    per_m2 = past.price / past.surface
    means, fallback = _means(past.address, per_m2), area_mean(past, targets) / targets.surface
    found = [means.get(str(a), float(f)) for a, f in zip(targets.address, fallback, strict=True)]
    result: Floats = targets.surface * np.array(found)
    return result


def weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


def neighbours(past: Sales, targets: Sales) -> Floats:
    """Surface × median €/m² of the 15 nearest sales, nearer and alike in surface weighing more."""
    lat0 = float(np.mean(past.lat))
    count = min(NEIGHBOURS, len(past))
    distance, rows = cKDTree(metres(past, lat0)).query(metres(targets, lat0), count)
    distance, rows = distance.reshape(len(targets), -1), rows.reshape(len(targets), -1)
    weights = np.exp(-np.abs(np.log(past.surface[rows] / targets.surface[:, None]))) / (
        SOFTENING_M + distance
    )
    per_m2 = (past.price / past.surface)[rows]
    result: Floats = targets.surface * np.array(
        [weighted_median(v, w) for v, w in zip(per_m2, weights, strict=True)]
    )
    return result


def _refit(model: AreaModel, past: Sales, targets: Sales) -> Floats:
    past = past.take(past.plausible(model.kind))
    plain = AreaModel(model.kind, Hedonic.fit(past, model.kind), model.parameters, len(past))
    return np.exp(plain.foresee(targets, plain.pool(past)).log_price)


def shuffled(model: AreaModel, past: Sales, targets: Sales) -> Floats:
    """The method taught with €/m² dealt out at random: must be no better than one mean for all."""
    columns = {name: getattr(past, name) for name in past.__dataclass_fields__}
    per_m2 = np.random.default_rng(0).permutation(past.price / past.surface)
    return _refit(model, Sales(**{**columns, "price": per_m2 * past.surface}), targets)


def leaked(model: AreaModel, past: Sales, targets: Sales) -> Floats:
    """The method given the answers among its sales: what a leak would look like."""
    columns = {name: getattr(targets, name) for name in targets.__dataclass_fields__}
    told = Sales(**{**columns, "key": np.array([f"{k} again" for k in targets.key], dtype=np.str_)})
    return _refit(model, concat([past, told]), targets)
