"""Fit on what came before a day, value what came after, and say how far off it was. Untrimmed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from . import controls
from .metrics import accuracy, coverage
from .model import AreaModel, Foresight
from .sales import SURFACE_BOUNDS, Bools, Floats, Sales, Words, concat, located
from .uncertainty import LEVELS, SURFACE_BANDS

LEAST_STRATUM = 20
"""Strata with fewer sales are not shown."""
OWN = "model"


class NothingToMeasure(ValueError):
    """No sale before the day, or none after."""


@dataclass
class Backtest:
    """Estimates of every method for m targets, with the model's intervals; NaN where it refuses."""

    targets: Sales
    estimates: dict[str, Floats]
    intervals: dict[int, Floats]
    abstained: Bools
    refused: int
    seen: Bools
    foresight: Foresight
    train_count: int
    split_day: float

    def strata(self) -> Iterator[tuple[str, Bools]]:
        yield "all", np.ones(len(self.targets), dtype=bool)
        yield "building seen", self.seen
        yield "building unseen", ~self.seen
        edges = (0.0, *SURFACE_BANDS, np.inf)
        for low, high in pairwise(edges):
            surface = self.targets.living_surface
            yield f"surface {low:g}–{high:g} m²", (surface >= low) & (surface < high)
        for code in np.unique(self.targets.postal_code):
            yield f"area {code}", self.targets.postal_code == code
        width = self.intervals[80][:, 1] / self.intervals[80][:, 0]
        yield "surer half", width < np.median(width)
        yield "other half", width >= np.median(width)
        yield "given (not abstained)", ~self.abstained

    def report(self) -> dict[str, Any]:
        """JSON values: the whole and each stratum, for the model and the controls."""
        rows: list[dict[str, Any]] = []
        for name, mask in self.strata():
            if name != "all" and mask.sum() < LEAST_STRATUM:
                continue
            price = self.targets.price[mask]
            row: dict[str, Any] = {
                "stratum": name,
                "abstained_percent": 100 * float(self.abstained[mask].mean()),
            }
            row["methods"] = {k: accuracy(v[mask], price) for k, v in self.estimates.items()}
            row["methods"][OWN] |= coverage(price, {k: v[mask] for k, v in self.intervals.items()})
            rows.append(row)
        return {
            "train_sales": self.train_count,
            "test_sales": len(self.targets),
            "refused": self.refused,
            "split_day": int(self.split_day),
            "strata": rows,
        }


def run(sales: Sales, kind: str, split_day: float, with_controls: bool = True) -> Backtest:
    """Splits the comparable sales of one type and area at a day; raises NothingToMeasure, TooFewSales."""
    sales = located(sales)
    before, after = sales.day < split_day, sales.day >= split_day
    low, high = SURFACE_BOUNDS[kind]
    absurd = (sales.surface < low) | (sales.surface > high) | ~np.isfinite(sales.lon)
    past, targets = sales.take(before & np.isfinite(sales.lon)), sales.take(after & ~absurd)
    if not len(past) or not len(targets):
        raise NothingToMeasure("no sale before the day of the split, or none after")
    model = AreaModel.fit(past, kind)
    foresight = model.foresee(targets, model.pool(past))
    estimates = {OWN: np.exp(foresight.log_price)}
    if with_controls:
        estimates |= {
            "reference": controls.reference(past, targets),
            "neighbours": controls.neighbours(past, targets),
            "area_mean": controls.area_mean(past, targets),
            "shuffled": controls.shuffled(model, past, targets),
            "leaked": controls.leaked(model, past, targets),
        }
    intervals = {level: model.intervals(foresight, level) for level in LEVELS}
    return Backtest(
        targets=targets,
        estimates=estimates,
        intervals=intervals,
        abstained=model.abstains(foresight, intervals[80]),
        refused=int((after & absurd).sum()),
        seen=_known(targets.building, past.building) | _known(targets.address, past.address),
        foresight=foresight,
        train_count=len(past),
        split_day=split_day,
    )


def _known(words: Words, among: Words) -> Bools:
    return np.isin(words, among[among != ""])


def joined(parts: list[Backtest]) -> Backtest:
    """Several areas as one."""
    first = parts[0]
    if len(parts) == 1:
        return first
    return Backtest(
        targets=concat([p.targets for p in parts]),
        estimates={k: np.concatenate([p.estimates[k] for p in parts]) for k in first.estimates},
        intervals={k: np.concatenate([p.intervals[k] for p in parts]) for k in first.intervals},
        abstained=np.concatenate([p.abstained for p in parts]),
        refused=sum(p.refused for p in parts),
        seen=np.concatenate([p.seen for p in parts]),
        foresight=Foresight(
            **{
                name: np.concatenate([getattr(p.foresight, name) for p in parts])
                for name in Foresight.__dataclass_fields__
            }
        ),
        train_count=sum(p.train_count for p in parts),
        split_day=max(p.split_day for p in parts),
    )


def split_day(sales: Sales, share: float) -> float:
    """The day before which `share` of the sales fall."""
    return float(np.quantile(sales.day, share)) if len(sales) else 0.0


def plain(value: Any) -> Any:
    """A report as JSON takes it: floats rounded, NaN as null."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, float):
        return None if np.isnan(value) else round(value, 4)
    return value
