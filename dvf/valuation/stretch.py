"""Spreads estimates so that dear dwellings are not valued low in ratio, nor cheap ones high.

A median estimate does both, merely because sale prices scatter: the price-related differential (PRD: mean
ratio over ratio of the totals) is about exp(scatter²) (IAAO, Standard on Ratio Studies). PRD weighs each
dwelling by its price, the median error counts each once: the cheapest way down is a shift that grows with the
price, and with the square of how unsure the estimate is, where it hardly changes the chance of being near.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .metrics import price_related_differential
from .sales import Floats

AIMED_PRD = 1.02
STEP = 0.002
GIVEN_UP = 0.20
"""Where prices scatter so much that PRD asks for more than half of this, the stretch is let go, wholly at
this: it costs accuracy as its square, and half of it mends nothing."""
SURENESS = (0.4, 2.5)
MAX_SHIFT = 0.25
"""No estimate is moved by more (log)."""


@dataclass(frozen=True)
class Stretch:
    """`strength` 0 leaves estimates as they are; `middle` is the log price that stays."""

    strength: float = 0.0
    middle: float = 0.0

    @classmethod
    def fit(cls, log_price: Floats, relative_scale: Floats, truth: Floats) -> Stretch:
        """The least that brings PRD down to AIMED_PRD; all (n,): log estimates, sureness, log prices sold."""
        middle = float(np.median(log_price))
        price = np.exp(truth)
        for step in range(round(GIVEN_UP / STEP)):
            found = cls(step * STEP, middle)
            estimate = np.exp(log_price + found.shift(log_price, relative_scale))
            if (price_related_differential(estimate, price) or 1.0) <= AIMED_PRD:
                return cls(min(found.strength, GIVEN_UP - found.strength), middle)
        return cls(0.0, middle)

    def shift(self, log_price: Floats, relative_scale: Floats) -> Floats:
        """What to add to each log estimate (n,); `relative_scale` is that of the mean one's error."""
        lever = np.expm1(log_price - self.middle) * np.clip(relative_scale, *SURENESS) ** 2
        result: Floats = np.clip(self.strength * lever, -MAX_SHIFT, MAX_SHIFT)
        return result

    def to_json(self) -> dict[str, Any]:
        return {"strength": self.strength, "middle": self.middle}
