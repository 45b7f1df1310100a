"""The price analysis of a property: what similar sales say it is worth, and where the asking price stands.

Codes and numbers only; words are rendered when it is answered. The asking price never enters the estimate.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from dvf.estimates import METHOD, Dwelling, Estimate, estimate, index_of, made_at
from dvf.models import DVFImport
from dvf.places import NOT_COVERED, locate
from dvf.valuation.explain import position
from properties.models import PriceAnalysis, Property, department_of

ENGINE = "hedonic-kriging-2"
FEE_SHARE = Decimal("0.05")
"""Agency fee assumed when unknown: asking prices carry 4.5 to 6 %."""
TYPES = {Property.Type.APARTMENT: "Appartement", Property.Type.HOUSE: "Maison"}
CACHE_SECONDS = 1800
OUTLYING = 2.0
"""A sale that says more than twice the value, or less than half, is pointed out: it weighs nearly nothing."""
LISTED = 40
"""Sales shown where no value can be given."""


def _sale_json(sale: dict[str, Any], kind: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(sale["fingerprint"]),
        "id_mutation": sale["id_mutation"],
        "date_mutation": sale["date_mutation"].isoformat(),
        "address": sale["adresse_complete"],
        "code_postal": sale["code_postal"],
        "nom_commune": sale["nom_commune"],
        "longitude": sale["longitude"],
        "latitude": sale["latitude"],
        "prix": float(sale["prix"] or 0),
        "prix_m2": float(sale["prix_m2"] or 0),
        "surface_bati": sale["surface_bati"],
        "nombre_pieces": sale["nombre_pieces"],
        **kind,
    }


def _explained(found: Estimate) -> list[dict[str, Any]]:
    """The sales behind the estimate, the heaviest first, each with its part in it."""
    return [
        _sale_json(
            sale,
            {
                "same_building": part.same_building,
                "distance_m": round(part.distance_m),
                "adjusted_price_m2": round(part.adjusted_price_m2),
                "equivalent_price": round(part.equivalent_price),
                "weight": round(part.weight, 4),
                "contribution_eur": round(part.contribution),
                "estimate_without_it": round(part.estimate_without_it),
            },
        )
        for part, sale in found.explained()
    ]


def _listed(found: Estimate) -> list[dict[str, Any]]:
    """The sales around, where they make no estimate: shown, not weighed."""
    unweighed = dict.fromkeys(
        ("adjusted_price_m2", "equivalent_price", "weight", "contribution_eur", "estimate_without_it")
    )
    return [
        _sale_json(
            sale,
            {
                "same_building": sale["same_building"],
                "distance_m": round(sale["distance_m"] or 0),
                **unweighed,
            },
        )
        for sale in found.sales[:LISTED]
    ]


def release() -> DVFImport | None:
    return DVFImport.objects.served().first()


def current_hash(subject: Property, row: PriceAnalysis) -> str:
    """Changes whenever the stored analysis no longer answers the question asked."""
    served = release()
    inputs = [
        ENGINE,
        served.pk if served else None,
        made_at(
            TYPES[Property.Type(subject.property_type)],
            subject.department or department_of(subject.postal_code),
        ),
        subject.address,
        subject.postal_code,
        subject.city,
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


def compute(subject: Property, excluded: Sequence[str], excluded_neighbours: Sequence[str]) -> dict[str, Any]:
    """Everything `price-analysis/full` holds, as JSON values. Deterministic for one release of the sales."""
    served = release()
    kind = TYPES[Property.Type(subject.property_type)]
    department = subject.department or department_of(subject.postal_code)
    today = timezone.localdate()
    answer: dict[str, Any] = {
        "engine": ENGINE,
        "method": METHOD,
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
        "projected_price_interval_80": None,
        "market_trend": None,
        "asking_price_share_below": None,
        "trend_value": None,
        "location_precision": None,
        "effective_sample": None,
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
    place = locate(subject.address, subject.postal_code, subject.longitude, subject.latitude, subject.city)
    if place is None:
        return {**answer, "abstention_reason": "no_sales_here"}

    surface = float(subject.surface_area)
    dwelling = Dwelling(kind, department, subject.postal_code, surface, subject.rooms)
    found = estimate(dwelling, place, date.fromisoformat(answer["as_of"]), {*excluded, *excluded_neighbours})
    valuation = found.valuation
    rows = _explained(found) or _listed(found)
    answer |= {
        "location_precision": place.precision,
        "abstention_reason": valuation.reason,
        "abstained": valuation.estimate is None,
        "comparables_count": len(rows),
        "exact_match_sales": [row for row in rows if row["same_building"]],
        "comparable_sales": [row for row in rows if not row["same_building"]],
        "effective_sample": round(valuation.effective_sample, 1),
        "trend_value": None if valuation.trend is None else round(valuation.trend),
        **{f"interval_{k}": [round(bound) for bound in v] for k, v in valuation.intervals.items()},
        **_market(subject.postal_code, department, kind, {*excluded, *excluded_neighbours}),
    }
    if valuation.point is not None:
        answer["outlier_sale_ids"] = [
            row["id"]
            for row in rows
            if not 1 / OUTLYING < row["equivalent_price"] / valuation.point < OUTLYING
        ]
    net, assumed = net_asking_price(subject)
    if net is not None:
        answer |= {"asking_price_net": float(net), "agency_fee_assumed": assumed}
    if valuation.estimate is None:
        return {**answer, "recommendation": "insufficient_data"}
    answer |= {
        "estimated_value": round(valuation.estimate),
        "price_per_sqm": round(valuation.estimate / surface),
        "confidence_level": valuation.confidence if place.precision != "postal_code" else "low",
    }
    if (ahead := answer["market_trend"]["projection_12m"]) is not None:
        low, high = answer["market_trend"]["projection_12m_80"]
        answer |= {
            "projected_price": round(valuation.estimate * (1 + ahead)),
            "projected_price_m2": round(valuation.estimate / surface * (1 + ahead)),
            "projected_price_interval_80": [round(valuation.estimate * (1 + bound)) for bound in (low, high)],
        }
    if net is None:
        return {**answer, "recommendation": "no_asking_price"}
    share = valuation.share_below(float(net))
    return {
        **answer,
        "price_deviation_percent": round((float(net) / valuation.estimate - 1) * 100, 1),
        "asking_price_share_below": None if share is None else round(share, 3),
        "recommendation": "no_asking_price" if share is None else position(share),
    }


def _market(postal_code: str, department: str, kind: str, excluded: set[str]) -> dict[str, Any]:
    """How prices move there: the yearly change in force and its projection, or that there is none to use."""
    index = index_of(postal_code, department, kind, excluded)
    if index is None:
        nothing = {"usable": False, "reason": "no_index", "annual": None, "projection_12m": None}
        return {"market_trend": nothing, "market_trend_annual": None, "trend_source": None}
    usable = index.trend["usable"]
    return {
        "market_trend": index.trend,
        "market_trend_annual": round(index.trend["annual"], 4) if usable else None,
        "trend_source": f"{index.place_kind}:{index.place_code}" if usable else None,
    }


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
