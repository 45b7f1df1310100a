"""An invented town whose prices are known: what the valuation must find again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from dvf.valuation.sales import Floats, Sales

GROWTH = 0.06
"""Log growth a year."""
ELASTICITY = 0.9
NOISE = 0.12
START = date(2021, 1, 4).toordinal()


@dataclass(frozen=True)
class Town:
    sales: Sales
    truth: Floats
    """log of the price without the noise of each sale."""


def town(count: int = 700, seed: int = 0, growth: float = GROWTH, days: int = 1_095) -> Town:
    """Flats of `count // 4` buildings on 3 km, dearer eastwards, each building with a level of its own."""
    rng = np.random.default_rng(seed)
    buildings = max(count // 4, 1)
    east, north, level = (
        rng.uniform(0, 3, buildings),
        rng.uniform(0, 3, buildings),
        rng.normal(0, 0.08, buildings),
    )
    home = rng.integers(0, buildings, count)
    surface = np.round(rng.uniform(18, 110, count))
    day = START + np.sort(rng.integers(0, days, count)).astype(np.float64)
    truth = (
        np.log(150_000)
        + ELASTICITY * np.log(surface / 50)
        + 0.10 * east[home]
        + level[home]
        + growth * (day - START) / 365.25
    )
    words = np.array([f"83137000AA{b:04d}" for b in home])
    sales = Sales(
        key=np.array([f"sale-{i}" for i in range(count)]),
        day=day,
        price=np.round(np.exp(truth + rng.normal(0, NOISE, count))),
        surface=surface,
        carrez=np.where(rng.random(count) < 0.8, surface * rng.uniform(0.97, 1.03, count), np.nan),
        rooms=np.maximum(1, np.round(surface / 22)),
        lon=5.93 + east[home] / 81.0,
        lat=43.12 + north[home] / 111.2,
        building=words,
        street=np.array([f"street {b // 5}" for b in home]),
        address=np.array([f"address {b}" for b in home]),
        postal_code=np.where(north[home] > 1.5, "83000", "83100"),
        commune=np.full(count, "83137"),
        annexes=rng.integers(0, 3, count).astype(np.float64),
        lots=np.ones(count),
        land=np.zeros(count),
    )
    return Town(sales, truth)
