"""The price analysis of a property: what similar sales say it is worth, and where the asking price stands.

Codes and numbers only; words are rendered when it is answered. The asking price never enters the estimate.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from dvf.comparables import nearby, same_building
from dvf.models import DVFImport, DVFPrice, DVFSale
from dvf.places import NOT_COVERED, Place, locate
from properties.models import PriceAnalysis, Property, department_of

ENGINE = "comparables-1"
YEARS_BACK = 5
LEAST = 5
"""Fewer comparable sales than this give no value."""
BUILDING_WEIGHT = 3.0
"""A sale in the building counts as three outside: flats of one building differ by 8–11 % only."""
FEE_SHARE = Decimal("0.05")
"""Agency fee assumed when unknown: asking prices carry 4.5 to 6 %."""
TYPES = {Property.Type.APARTMENT: "Appartement", Property.Type.HOUSE: "Maison"}
CACHE_SECONDS = 1800
Z = {50: 0.674, 80: 1.282, 95: 1.960}


@dataclass(slots=True)
class Comparable:
    sale: DVFSale
    same_building: bool
    distance_m: float
    adjusted_m2: float
    weight: float = 0.0

    def as_json(self, surface: float, share: float, without: float | None) -> dict[str, Any]:
        sale = self.sale
        return {
            "id": str(sale.fingerprint),
            "id_mutation": sale.id_mutation,
            "date_mutation": sale.date_mutation.isoformat(),
            "address": sale.adresse_complete,
            "code_postal": sale.code_postal,
            "nom_commune": sale.nom_commune,
            "longitude": sale.longitude,
            "latitude": sale.latitude,
            "prix": float(sale.prix or 0),
            "prix_m2": float(sale.prix_m2 or 0),
            "surface_bati": sale.surface_bati,
            "nombre_pieces": sale.nombre_pieces,
            "same_building": self.same_building,
            "distance_m": round(self.distance_m),
            "adjusted_price_m2": round(self.adjusted_m2),
            "weight": round(share, 4),
            "contribution_eur": round(share * self.adjusted_m2 * surface),
            "estimate_without_it": None if without is None else round(without * surface),
        }


def release() -> DVFImport | None:
    return DVFImport.objects.served().first()


def current_hash(subject: Property, row: PriceAnalysis) -> str:
    """Changes whenever the stored analysis no longer answers the question asked."""
    served = release()
    inputs = [
        ENGINE,
        served.pk if served else None,
        subject.address,
        subject.postal_code,
        subject.property_type,
        str(subject.surface_area),
        subject.rooms,
        subject.floor,
        subject.longitude,
        subject.latitude,
        str(subject.asking_price),
        subject.asking_price_includes_fees,
        str(subject.agency_fee),
        sorted(row.excluded_sale_ids),
        sorted(row.excluded_neighboring_sale_ids),
    ]
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()


def net_asking_price(subject: Property) -> tuple[Decimal | None, bool]:
    """The asking price without the agency fee, as recorded prices are, and whether that fee is assumed."""
    if subject.asking_price is None:
        return None, False
    if subject.asking_price_includes_fees is False:
        return subject.asking_price, False
    if subject.agency_fee is not None:
        return subject.asking_price - subject.agency_fee, False
    return (subject.asking_price / (1 + FEE_SHARE)).quantize(Decimal(1)), True


def trend(postal_code: str, type_principal: str, today: date) -> tuple[float | None, str | None]:
    """Yearly change of the median price per m², and the place it comes from; None where there is none to use.

    Log-linear through yearly medians weighted by their sales, the current year left out (it is not whole).
    Needs three years of at least 20 sales.
    """
    places = [
        (DVFPrice.Place.POSTAL_CODE, postal_code),
        (DVFPrice.Place.DEPARTMENT, department_of(postal_code)),
    ]
    for kind, code in places:
        points = list(
            DVFPrice.objects.filter(
                place_kind=kind,
                place_code=code,
                type_principal=type_principal,
                quarter=None,
                year__lt=today.year,
            )
            .filter(sales_count__gte=20, year__gte=today.year - YEARS_BACK)
            .values_list("year", "median", "sales_count")
        )
        if len(points) >= 3:
            weight = sum(n for _y, _m, n in points)
            x0 = sum(y * n for y, _m, n in points) / weight
            y0 = sum(math.log(float(m)) * n for _y, m, n in points) / weight
            slope = sum(n * (y - x0) * (math.log(float(m)) - y0) for y, m, n in points) / sum(
                n * (y - x0) ** 2 for y, _m, n in points
            )
            return math.exp(slope) - 1, f"{kind}:{code}"
    return None, None


def _without_outliers(found: Sequence[Comparable]) -> list[Comparable]:
    """Those within 1.5 interquartile ranges in log price; under eight sales quartiles say too little."""
    if len(found) < 8:
        return list(found)
    logs = sorted(math.log(c.adjusted_m2) for c in found)
    low, high = logs[len(logs) // 4], logs[(3 * len(logs)) // 4]
    margin = 1.5 * (high - low)
    return [c for c in found if low - margin <= math.log(c.adjusted_m2) <= high + margin]


def _weighted_median(pairs: Iterable[tuple[float, float]]) -> float:
    ordered = sorted(pairs)
    half, reached = sum(w for _v, w in ordered) / 2, 0.0
    for index, (value, weight) in enumerate(ordered):
        reached += weight
        if math.isclose(reached, half) and index + 1 < len(ordered):
            return (value + ordered[index + 1][0]) / 2
        if reached > half:
            return value
    return ordered[-1][0]


def _gather(
    place: Place, subject: Property, surface: float, growth: float, last: date, excluded: set[str]
) -> tuple[list[Comparable], list[Comparable]]:
    kind = TYPES[Property.Type(subject.property_type)]
    since = last - timedelta(days=365 * YEARS_BACK)
    found: list[Comparable] = []
    building = same_building(place, kind, since)
    inside = {sale.pk for sale in building}
    for sale in [*building, *(s for s in nearby(place, kind, surface, since) if s.pk not in inside)]:
        if not sale.prix_m2 or str(sale.fingerprint) in excluded:
            continue
        years = (last - sale.date_mutation).days / 365.25
        here = sale.pk in inside
        distance = 0.0 if here else float(getattr(sale, "distance_m", 0.0))
        ratio = abs(math.log((sale.surface_bati or surface) / surface))
        weight = (BUILDING_WEIGHT if here else 1 / (1 + distance / 300)) * math.exp(-years / 3 - ratio)
        found.append(Comparable(sale, here, distance, float(sale.prix_m2) * (1 + growth) ** years, weight))
    kept = _without_outliers(found)
    return kept, found


def compute(subject: Property, excluded: Sequence[str], excluded_neighbours: Sequence[str]) -> dict[str, Any]:
    """Everything `price-analysis/full` holds, as JSON values. Deterministic for one release of the sales."""
    served = release()
    kind = TYPES[Property.Type(subject.property_type)]
    department = subject.department or department_of(subject.postal_code)
    today = timezone.localdate()
    answer: dict[str, Any] = {
        "engine": ENGINE,
        "method": "weighted_median_of_comparables",
        "as_of": (served.last_date if served and served.last_date else today).isoformat(),
        "estimated_value": None,
        "price_per_sqm": None,
        "interval_50": None,
        "interval_80": None,
        "interval_95": None,
        "price_deviation_percent": None,
        "recommendation": "insufficient_data",
        "confidence_level": "low",
        "abstained": True,
        "abstention_reason": None,
        "comparables_count": 0,
        "exact_match_sales": [],
        "comparable_sales": [],
        "outlier_sale_ids": [],
        "excluded_sale_ids": list(excluded),
        "excluded_neighboring_sale_ids": list(excluded_neighbours),
        "market_trend_annual": None,
        "trend_source": None,
        "projected_price": None,
        "projected_price_m2": None,
        "asking_price_net": None,
        "agency_fee_assumed": False,
        "coverage": {
            "covered": department not in NOT_COVERED and served is not None,
            "release": served.release_label if served else None,
            "synthetic": bool(served and served.is_synthetic),
            "reason": "not_covered" if department in NOT_COVERED else None if served else "no_release",
        },
    }
    if not answer["coverage"]["covered"]:
        return {**answer, "abstention_reason": answer["coverage"]["reason"]}
    if subject.surface_area is None:
        return {**answer, "abstention_reason": "no_surface"}
    place = locate(subject.address, subject.postal_code, subject.longitude, subject.latitude)
    if place is None:
        return {**answer, "abstention_reason": "no_sales_here"}

    surface = float(subject.surface_area)
    last = date.fromisoformat(answer["as_of"])
    yearly, source = trend(subject.postal_code, kind, last)
    kept, found = _gather(place, subject, surface, yearly or 0.0, last, {*excluded, *excluded_neighbours})
    answer |= {
        "location_precision": place.precision,
        "market_trend_annual": None if yearly is None else round(yearly, 4),
        "trend_source": source,
        "comparables_count": len(kept),
        "outlier_sale_ids": [str(c.sale.fingerprint) for c in found if c not in kept],
    }
    if len(kept) < LEAST:
        rows = [c.as_json(surface, 0.0, None) for c in kept]
        answer["exact_match_sales"] = [row for row in rows if row["same_building"]]
        answer["comparable_sales"] = [row for row in rows if not row["same_building"]]
        return {**answer, "abstention_reason": "insufficient_data"}

    total = sum(c.weight for c in kept)
    per_m2 = _weighted_median((c.adjusted_m2, c.weight) for c in kept)
    rows = [
        c.as_json(
            surface,
            c.weight / total,
            _weighted_median((o.adjusted_m2, o.weight) for o in kept if o is not c),
        )
        for c in sorted(kept, key=lambda c: -c.weight)
    ]
    spread = 1.4826 * median(abs(math.log(c.adjusted_m2 / per_m2)) for c in kept)
    effective = total**2 / sum(c.weight**2 for c in kept)
    sigma = max(spread, 0.08) * math.sqrt(1 + 1 / effective)
    answer |= {
        "abstained": False,
        "estimated_value": round(per_m2 * surface),
        "price_per_sqm": round(per_m2),
        "exact_match_sales": [row for row in rows if row["same_building"]],
        "comparable_sales": [row for row in rows if not row["same_building"]],
        "effective_sample": round(effective, 1),
        **{
            f"interval_{level}": [round(per_m2 * surface * math.exp(sign * z * sigma)) for sign in (-1, 1)]
            for level, z in Z.items()
        },
    }
    width = math.exp(2 * Z[80] * sigma) - 1
    precise = place.precision in {"given", "building"}
    answer["confidence_level"] = (
        "high"
        if width < 0.35 and effective >= 10 and precise
        else "moderate"
        if width < 0.6 and effective >= 5
        else "low"
    )
    if yearly is not None:
        answer["projected_price_m2"] = round(per_m2 * (1 + yearly))
        answer["projected_price"] = round(per_m2 * surface * (1 + yearly))
    net, assumed = net_asking_price(subject)
    if net is not None:
        answer |= {
            "asking_price_net": float(net),
            "agency_fee_assumed": assumed,
            "price_deviation_percent": round((float(net) / (per_m2 * surface) - 1) * 100, 1),
            "recommendation": _position(float(net), answer["interval_50"], answer["interval_80"]),
        }
    else:
        answer["recommendation"] = "no_asking_price"
    return answer


def _position(net: float, half: list[int], most: list[int]) -> str:
    """Where the net asking price stands against the intervals of 50 and 80 %."""
    if net < most[0]:
        return "far_below"
    if net < half[0]:
        return "below"
    if net <= half[1]:
        return "in_line"
    return "above" if net <= most[1] else "far_above"


def stored(subject: Property, *, recompute: bool = False) -> PriceAnalysis:
    """The property's analysis, made again when what it rests on has changed."""
    row, _created = PriceAnalysis.objects.get_or_create(property=subject)
    current = current_hash(subject, row)
    if recompute or row.inputs_hash != current:
        row.analysis_data = compute(subject, row.excluded_sale_ids, row.excluded_neighboring_sale_ids)
        row.inputs_hash = current
        row.save(update_fields=["analysis_data", "inputs_hash", "updated_at"])
        forget(subject.pk)
    return row


def cache_keys(property_id: int) -> list[str]:
    return [f"price_analysis_summary:{property_id}", f"price_analysis_full:{property_id}"]


def forget(property_id: int) -> None:
    """Take a property's analyses out of the cache once the present transaction is committed."""
    transaction.on_commit(lambda: cache.delete_many(cache_keys(property_id)))


def unknown_ids(ids: Iterable[str], row: PriceAnalysis) -> list[str]:
    """Those that are neither in the analysis nor excluded already."""
    data = row.analysis_data
    known = {sale["id"] for key in ("exact_match_sales", "comparable_sales") for sale in data.get(key, [])}
    known |= {*data.get("outlier_sale_ids", []), *row.excluded_sale_ids, *row.excluded_neighboring_sale_ids}
    return sorted(set(ids) - known)


SUMMARY_FIELDS = (
    "estimated_value",
    "price_per_sqm",
    "interval_80",
    "price_deviation_percent",
    "recommendation",
    "confidence_level",
    "comparables_count",
    "market_trend_annual",
    "abstained",
    "abstention_reason",
    "as_of",
    "coverage",
)


def summary(data: dict[str, Any]) -> dict[str, Any]:
    return {name: data.get(name) for name in SUMMARY_FIELDS}
