"""Sales as columns: what the valuation reads of a flat or a house, sold or to be valued.

A `Sales` is a table of n rows held as numpy columns. A dwelling to be valued is a table of one row whose
price is NaN. Unknown numbers are NaN, unknown words are "". Prices are in euros, surfaces in m², days are
proleptic ordinals (`datetime.date.toordinal`), coordinates are degrees (WGS 84).

Rules on what a comparable sale is: `docs/valuation.md`, after the DGFiP notice of the DVF files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Words = NDArray[np.str_]

METRES_PER_DEGREE = 111_195.0  # mean meridian degree of a sphere of 6,371 km

# Plausibility of a sale that teaches the model (never applied to the sales a backtest is measured on).
SURFACE_BOUNDS = {"Appartement": (8.0, 300.0), "Maison": (15.0, 500.0)}
MIN_PRICE = 5_000.0
PRICE_PER_M2_BOUNDS = (500.0, 25_000.0)
# A Carrez surface this far from the built one belongs to another lot, or to a part of the flat only.
CARREZ_RATIO_BOUNDS = (0.75, 1.15)


@dataclass(frozen=True)
class Sales:
    """n sales (or targets) as columns of length n; see the module for units."""

    key: Words
    """Stable identity of the sale."""
    day: Floats
    price: Floats
    surface: Floats
    """Built surface (`surface_reelle_bati`)."""
    carrez: Floats
    """Sum of the lots' Carrez surfaces, NaN when not written."""
    rooms: Floats
    lon: Floats
    lat: Floats
    building: Words
    """Parcel, or what stands for it; "" when unknown."""
    street: Words
    address: Words
    postal_code: Words
    commune: Words
    annexes: Floats
    """Dépendances sold with the dwelling."""
    lots: Floats
    land: Floats

    def __len__(self) -> int:
        return len(self.day)

    def take(self, rows: Ints | Bools | slice) -> Sales:
        return Sales(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    @property
    def living_surface(self) -> Floats:
        """Carrez surface where it is written and agrees with the built one, else the built surface."""
        low, high = CARREZ_RATIO_BOUNDS
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = self.carrez / self.surface
            return np.where((ratio > low) & (ratio < high), self.carrez, self.surface)

    def plausible(self, kind: str) -> Bools:
        """Rows a model may learn from."""
        low, high = SURFACE_BOUNDS[kind]
        with np.errstate(invalid="ignore", divide="ignore"):
            per_m2 = self.price / self.surface
            return (
                (self.surface >= low)
                & (self.surface <= high)
                & (self.price >= MIN_PRICE)
                & (per_m2 >= PRICE_PER_M2_BOUNDS[0])
                & (per_m2 <= PRICE_PER_M2_BOUNDS[1])
            )


def _number(value: object) -> float:
    return float("nan") if value is None or value == "" else float(value)  # type: ignore[arg-type]


def from_rows(rows: Iterable[Mapping[str, object]]) -> Sales:
    """Rows with the field names of `Sales`; `day` may be a date. Missing keys are unknown."""
    columns: dict[str, list[object]] = {f.name: [] for f in fields(Sales)}
    words = {"key", "building", "street", "address", "postal_code", "commune"}
    for row in rows:
        for name, column in columns.items():
            value = row.get(name)
            if name == "day" and isinstance(value, date):
                value = value.toordinal()
            column.append(str(value or "") if name in words else _number(value))
    arrays: dict[str, Any] = {
        name: np.array(column, dtype=np.str_ if name in words else np.float64)
        for name, column in columns.items()
    }
    return Sales(**arrays)


def concat(tables: Sequence[Sales]) -> Sales:
    return Sales(**{f.name: np.concatenate([getattr(t, f.name) for t in tables]) for f in fields(Sales)})


def codes(*columns: Words) -> list[Ints]:
    """One integer per distinct word, shared by the columns; unknown ("") is never equal to anything."""
    _, inverse = np.unique(np.concatenate(columns), return_inverse=True)
    inverse = inverse.astype(np.int64)
    unknown = np.concatenate(columns) == ""
    inverse[unknown] = -1 - np.arange(unknown.sum())
    cuts = np.cumsum([len(c) for c in columns])[:-1]
    return list(np.split(inverse, cuts))


def located(sales: Sales) -> Sales:
    """Gives sales without coordinates those of their building, street, postal code or commune (median)."""
    missing = ~(np.isfinite(sales.lon) & np.isfinite(sales.lat))
    if not missing.any():
        return sales
    lon, lat = sales.lon.copy(), sales.lat.copy()
    for words in (sales.building, sales.street, sales.postal_code, sales.commune, np.full(len(sales), "all")):
        known: dict[str, list[int]] = {}
        for i in np.flatnonzero(np.isfinite(sales.lon)):
            known.setdefault(str(words[i]), []).append(int(i))
        for i in np.flatnonzero(~np.isfinite(lon)):
            if words[i] and (same := known.get(str(words[i]))):
                lon[i], lat[i] = np.median(sales.lon[same]), np.median(sales.lat[same])
    columns = {f.name: getattr(sales, f.name) for f in fields(sales)}
    return Sales(**{**columns, "lon": lon, "lat": lat})


def metres(sales: Sales, lat0: float) -> Floats:
    """(n, 2) local plane coordinates in metres (equirectangular at `lat0`; < 0.3 % off over a department)."""
    return np.column_stack(
        [sales.lon * METRES_PER_DEGREE * np.cos(np.radians(lat0)), sales.lat * METRES_PER_DEGREE]
    )
