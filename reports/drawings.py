"""Drawings of a report as places in fractions of their size: the interval, the plan, the index."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dvf.geometry import METRES_PER_DEGREE
from reports.blocks import Block
from reports.writing import euros, number

LEVELS = (95, 80, 50)
NUMBERED = 5
"""Numbers of sales written beside one point of the plan."""
_STEPS = (1, 2, 2.5, 5, 10)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round values within [low, high], at most `most` of them."""
    span = (high - low) or abs(high) or 1.0
    step: float = 10.0 ** math.floor(math.log10(span / most))
    step *= next(factor for factor in _STEPS if span / (step * factor) <= most)
    return [step * n for n in range(math.ceil(low / step), math.floor(high / step) + 1)]


def interval(data: Mapping[str, Any], asking: float | None) -> Block | None:
    """Where the value lies, in bands of 50, 80 and 95 %, with the estimate and the asking price."""
    bands = {level: data[f"interval_{level}"] for level in LEVELS if data.get(f"interval_{level}")}
    if not bands:
        return None
    marks = [value for value in (data["estimated_value"], asking) if value is not None]
    ends = [*marks, *(end for band in bands.values() for end in band)]
    margin = (max(ends) - min(ends)) * 0.06 or 1.0
    low, high = min(ends) - margin, max(ends) + margin

    def at(value: float) -> float:
        return _rounded((value - low) / (high - low))

    return {
        "type": "interval",
        "bands": [
            {"level": f"{level}", "from": at(band[0]), "to": at(band[1])} for level, band in bands.items()
        ],
        "ticks": [{"at": at(value), "label": euros(value)} for value in ticks(low, high, 5)],
        "estimate": _mark(data["estimated_value"], at),
        "asking": _mark(asking, at),
    }


def _mark(value: float | None, at: Callable[[float], float]) -> dict[str, Any] | None:
    return None if value is None else {"at": at(value), "label": euros(value)}


def plan(
    here: tuple[float, float] | None, sales: Sequence[Mapping[str, Any]], value_m2: float | None
) -> Block | None:
    """Sales around a point (longitude, latitude) in metres, north at the top, as far as nine tenths of them
    go. A sale is marked by whether its price, brought to today, is above or below the value.
    """
    placed = [(n, sale) for n, sale in enumerate(sales, 1) if sale["longitude"] is not None]
    if here is None:
        inside = [sale for _n, sale in placed if sale["same_building"]]
        if not inside:
            return None
        here = (inside[0]["longitude"], inside[0]["latitude"])
    scale = METRES_PER_DEGREE * math.cos(math.radians(here[1]))
    metres = [
        (n, sale, (sale["longitude"] - here[0]) * scale, (here[1] - sale["latitude"]) * METRES_PER_DEGREE)
        for n, sale in placed
    ]
    if not metres:
        return None
    reach = sorted(math.hypot(x, y) for _n, _sale, x, y in metres)[math.ceil(len(metres) * 0.9) - 1]
    radius = max(reach * 1.12, 60.0)
    step = ticks(0, radius * 0.9, 3)[1]
    spots: dict[tuple[float, float], list[tuple[int, Mapping[str, Any]]]] = {}
    for n, sale, x, y in metres:
        if max(abs(x), abs(y)) <= radius:
            at = (_rounded(0.5 + x / radius / 2), _rounded(0.5 + y / radius / 2))
            spots.setdefault(at, []).append((n, sale))
    points = [
        {"x": x, "y": y, "count": len(here), "numbers": _numbers(here), "side": _sides(here, value_m2)}
        for (x, y), here in spots.items()
    ]
    return {
        "type": "plan",
        "points": points[::-1],  # the heaviest last, on top
        "rings": [
            {"r": round(distance / radius / 2, 4), "label": f"{number(distance)} m"}
            for distance in (step, 2 * step, 3 * step)
            if distance <= radius
        ],
        "scale": {"width": round(step / radius / 2, 4), "label": f"{number(step)} m"},
        "outside": len(metres) - sum(len(here) for here in spots.values()),
    }


def _rounded(share: float) -> float:
    return round(float(share), 4)


def _numbers(sales: Sequence[tuple[int, Mapping[str, Any]]]) -> str:
    """Their numbers in the table, the first ones where they are many."""
    said = " · ".join(str(n) for n, _sale in sales[:NUMBERED])
    return f"{said} …" if len(sales) > NUMBERED else said


def _sides(sales: Sequence[tuple[int, Mapping[str, Any]]], value: float | None) -> str:
    """Whether most of them are above the value per m²."""
    prices = [sale["adjusted_price_m2"] for _n, sale in sales if sale["adjusted_price_m2"] is not None]
    if not prices or value is None:
        return "unknown"
    return "above" if sum(price > value for price in prices) * 2 > len(prices) else "below"


def index_chart(series: Sequence[Mapping[str, Any]]) -> Block | None:
    """A quarterly index with its band at 80 %."""
    rows = [row for row in series if row.get("index") is not None]
    if len(rows) < 2:
        return None
    times = [row["year"] + (row["quarter"] - 1) / 4 for row in rows]
    lows = [row["low"] if row.get("low") is not None else row["index"] for row in rows]
    highs = [row["high"] if row.get("high") is not None else row["index"] for row in rows]
    margin = (max(highs) - min(lows)) * 0.06 or 1.0
    bottom, top = min(lows) - margin, max(highs) + margin

    def x(time: float) -> float:
        return _rounded((time - times[0]) / (times[-1] - times[0]))

    def y(value: float) -> float:
        return _rounded((top - value) / (top - bottom))

    years = sorted({row["year"] for row in rows})
    every = math.ceil(len(years) / 10)
    return {
        "type": "chart",
        "line": [[x(time), y(row["index"])] for time, row in zip(times, rows, strict=True)],
        "band": [
            *([x(time), y(low)] for time, low in zip(times, lows, strict=True)),
            *([x(time), y(high)] for time, high in reversed(list(zip(times, highs, strict=True)))),
        ],
        "across": [{"at": x(year), "label": str(year)} for year in years[::every] if times[0] <= year],
        "up": [{"at": y(value), "label": number(value)} for value in ticks(bottom, top, 5)],
    }
