"""What a dwelling is worth on a day, from the served sales: the door to the valuation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from dvf import comparables, fitting, sale_tables
from dvf.models import DVFSale, TypePrincipal
from dvf.places import Place
from dvf.valuation.explain import Comparable, Valuation, refusal, value
from dvf.valuation.index import indices_without
from dvf.valuation.sales import Sales, from_rows, located
from dvf.valuation_models import PriceIndex, ValuationModel

METHOD = "hedonic_trend_and_kriged_comparables"


@dataclass(frozen=True, slots=True)
class Dwelling:
    """What is to be valued. `surface` is the one the seller states (Carrez, for a flat), in m²."""

    kind: str
    """Appartement or Maison."""
    department: str
    postal_code: str
    surface: float | None
    rooms: int | None = None
    annexes: int | None = None
    """Cellars, parking places and the like sold with it; None when unknown."""
    lots: int | None = None
    land: float | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A valuation and the sales around: `sales[c.row]` is the sale of its comparable c."""

    valuation: Valuation
    sales: list[comparables.Row] = field(default_factory=list)

    def explained(self) -> list[tuple[Comparable, comparables.Row]]:
        """Comparables that weigh, the heaviest first, with their sales."""
        rows = [(c, self.sales[c.row]) for c in self.valuation.comparables]
        return sorted(rows, key=lambda pair: (-abs(pair[0].weight), pair[1]["fingerprint"]))


def estimate(dwelling: Dwelling, place: Place, day: date, excluded: Collection[str] = ()) -> Estimate:
    """Values a dwelling on `day` from the sales served, those of `excluded` (fingerprints) left out.

    Without a number, `valuation.reason` says why: no_surface, absurd_surface, no_sales_of_type,
    insufficient_data, being_prepared (its area is being fitted), interval_too_wide (the range stands).
    """
    target = _target(dwelling, place, day)
    if (reason := refusal(target, dwelling.kind)) is not None:
        return Estimate(Valuation(reason))
    model = fitting.area_model(dwelling.department, dwelling.kind)
    building = comparables.same_building(place, dwelling.department, dwelling.kind, excluded)
    inside = {sale["fingerprint"] for sale in building}
    around = comparables.nearest(place, dwelling.department, dwelling.kind, excluded)
    sales = [
        *({**sale, "same_building": True, "distance_m": 0.0} for sale in building),
        *({**sale, "same_building": False} for sale in around if sale["fingerprint"] not in inside),
    ]
    if isinstance(model, str):
        return Estimate(Valuation(model), sales)
    rows = [sale_tables.row(sale) for sale in sales]
    for row in rows[: len(building)]:
        # Two parcels, or a parcel and an address, may make one building: here they are the same.
        row["building"] = target.building[0]
        row["lon"], row["lat"] = place.longitude, place.latitude
    return Estimate(value(model, target, located(from_rows(rows))), sales)


def _target(dwelling: Dwelling, place: Place, day: date) -> Sales:
    commune, street = place.street or ("", "")
    address = (
        sale_tables.address_key(commune, street, place.numbers[0], place.suffix) if place.numbers else ""
    )
    target: dict[str, Any] = {
        "day": day,
        "surface": dwelling.surface,
        # The surface stated for a flat is the Carrez one; the tax office's is not known.
        "carrez": dwelling.surface if dwelling.kind == TypePrincipal.APARTMENT else None,
        "rooms": dwelling.rooms,
        "lon": place.longitude,
        "lat": place.latitude,
        "building": place.parcels[0] if place.parcels else address,
        "street": f"{commune}/{street}" if street else "",
        "address": address,
        "postal_code": dwelling.postal_code,
        "commune": commune,
        "annexes": dwelling.annexes,
        "lots": dwelling.lots,
        "land": dwelling.land,
    }
    return from_rows([target])


def made_at(kind: str, department: str) -> str | None:
    """When the model of an area was fitted: an answer it gave before is stale after."""
    known = ValuationModel.objects.filter(code_departement=department, type_principal=kind)
    moment = known.values_list("made_at", flat=True).first()
    return moment.isoformat() if moment else None


def index_of(
    postal_code: str, department: str, kind: str, excluded: Collection[str] = ()
) -> PriceIndex | None:
    """The index of the postal code, else of the département; without the sales of `excluded` (fingerprints)
    it is made again, and not stored.
    """
    found = {
        row.place_kind: row
        for row in PriceIndex.objects.filter(
            place_kind__in=("code_postal", "code_departement"),
            place_code__in=(postal_code, department),
            type_principal=kind,
        )
    }
    stored = found.get("code_postal") or found.get("code_departement")
    if stored is None or not excluded:
        return stored
    models = ValuationModel.objects.filter(code_departement=stored.code_departement, type_principal=kind)
    observed = models.values_list("observed", flat=True).first()
    made = indices_without(bytes(observed), excluded, postal_code) if observed else {}
    if not made:
        return None if observed else stored
    place_kind, code = list(made)[-1]
    index = made[place_kind, code]
    return PriceIndex(
        place_kind=place_kind,
        place_code=code or stored.code_departement,
        code_departement=stored.code_departement,
        type_principal=kind,
        sales_count=int(index.counts.sum()),
        trend=index.trend(),
        series=index.series(),
    )


def prices_without(postal_code: str, kind: str, excluded: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """Yearly and quarterly €/m² of a postal code's comparable sales, those of `excluded` left out.

    As the stored statistics are: count, median and quartiles (linear between ranks, like `percentile_cont`).
    """
    sales = DVFSale.objects.comparable().filter(code_postal=postal_code, type_principal=kind)
    periods: dict[tuple[int, int | None], list[float]] = {}
    for day, price in sales.exclude(fingerprint__in=excluded).values_list("date_mutation", "prix_m2"):
        for quarter in (None, (day.month - 1) // 3 + 1):
            periods.setdefault((day.year, quarter), []).append(float(price or 0))
    series: dict[str, list[dict[str, Any]]] = {"yearly": [], "quarterly": []}
    for (year, quarter), prices in sorted(periods.items(), key=lambda item: (item[0][0], item[0][1] or 0)):
        low, middle, high = (round(float(v), 2) for v in np.quantile(prices, [0.25, 0.5, 0.75]))
        row = {
            "year": year,
            **({"quarter": quarter} if quarter else {}),
            "count": len(prices),
            "median": middle,
        }
        row |= {"first_quartile": low, "third_quartile": high}
        series["quarterly" if quarter else "yearly"].append(row)
    return series
