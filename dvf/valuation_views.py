"""The valuation by API: an address valued without a property, and how far off the valuation is by area."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dvf.abstentions import ABSTENTIONS
from dvf.coverage import attribution, coverage, department_of
from dvf.estimates import METHOD, Dwelling, estimate, index_of
from dvf.models import DVFImport, TypePrincipal
from dvf.places import locate
from dvf.valuation_models import ValuationBacktest
from dvf.views import _DVFView

MOST_AREAS = 250
"""Every département and both types: the whole list in one answer."""


class EstimateQuery(serializers.Serializer[Any]):
    postal_code = serializers.RegexField(r"^\d{5}$")
    address = serializers.CharField(max_length=255, default="", allow_blank=True)
    type_principal = serializers.ChoiceField(TypePrincipal.choices, default=TypePrincipal.APARTMENT)
    surface = serializers.FloatField(min_value=1, max_value=10_000)
    rooms = serializers.IntegerField(min_value=1, max_value=100, required=False)
    annexes = serializers.IntegerField(min_value=0, max_value=20, required=False)
    land = serializers.FloatField(min_value=0, max_value=1_000_000, required=False)
    longitude = serializers.FloatField(min_value=-180, max_value=180, required=False)
    latitude = serializers.FloatField(min_value=-90, max_value=90, required=False)


class EstimateView(_DVFView):
    @extend_schema(parameters=[EstimateQuery], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """What a dwelling would sell for, net to the seller: the value, its intervals and its comparables.

        Without a value, `sentence` says why; `reason` is one of not_covered, no_release, no_sales_here,
        no_sales_of_type, insufficient_data, absurd_surface, being_prepared, interval_too_wide.
        """
        query = EstimateQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        served = DVFImport.objects.served().first()
        covered = coverage(served, asked["postal_code"])
        day = served.last_date if served and served.last_date else timezone.localdate()
        answer: dict[str, Any] = {
            "coverage": covered,
            "attribution": attribution(served),
            "method": METHOD,
            "as_of": day.isoformat(),
            "estimated_value": None,
            "reason": covered["reason"],
        }
        if covered["covered"]:
            answer |= _valued(asked, day)
        return Response({**answer, "sentence": str(ABSTENTIONS.get(str(answer["reason"]), ""))})


def _valued(asked: dict[str, Any], day: date) -> dict[str, Any]:
    postal_code, kind = asked["postal_code"], asked["type_principal"]
    place = locate(asked["address"], postal_code, asked.get("longitude"), asked.get("latitude"))
    if place is None:
        return {"reason": "no_sales_here"}
    department = department_of(place.street[0] if place.street else postal_code)
    dwelling = Dwelling(
        kind, department, postal_code, asked["surface"], asked.get("rooms"), asked.get("annexes"),
        land=asked.get("land"),
    )  # fmt: skip
    found = estimate(dwelling, place, day)
    valuation = found.valuation
    index = index_of(postal_code, department, kind)
    return {
        "reason": valuation.reason,
        "location_precision": place.precision,
        "estimated_value": None if valuation.estimate is None else round(valuation.estimate),
        "price_per_sqm": None if valuation.estimate is None else round(valuation.estimate / asked["surface"]),
        "confidence_level": valuation.confidence,
        **{f"interval_{k}": [round(bound) for bound in v] for k, v in valuation.intervals.items()},
        "market_trend": index.trend if index else None,
        "comparables": [
            {
                "id": str(sale["fingerprint"]),
                "date_mutation": sale["date_mutation"].isoformat(),
                "address": sale["adresse_complete"],
                "prix": float(sale["prix"]),
                "surface_bati": sale["surface_bati"],
                "same_building": part.same_building,
                "distance_m": round(part.distance_m),
                "adjusted_price_m2": round(part.adjusted_price_m2),
                "weight": round(part.weight, 4),
                "contribution_eur": round(part.contribution),
                "estimate_without_it": round(part.estimate_without_it),
            }
            for part, sale in found.explained()
        ],
    }


class QualitySerializer(serializers.ModelSerializer[ValuationBacktest]):
    release = serializers.SlugRelatedField("release_label", read_only=True)  # type: ignore[var-annotated]

    class Meta:
        model = ValuationBacktest
        fields = [
            "code_departement", "type_principal", "release", "split_date", "sales_count", "tested", "mdape",
            "reference_mdape", "neighbours_mdape", "median_ratio", "coverage_80", "abstained_percent",
            "made_at",
        ]  # fmt: skip


class QualityPageSerializer(serializers.Serializer[Any]):
    attribution = serializers.CharField()
    results = QualitySerializer(many=True)


class QualityQuery(serializers.Serializer[Any]):
    code_departement = serializers.RegexField(r"^(\d{2,3}|2[AB])$", required=False)
    type_principal = serializers.ChoiceField(TypePrincipal.choices, required=False)


class QualityView(_DVFView):
    @extend_schema(parameters=[QualityQuery], responses=QualityPageSerializer)
    def get(self, request: Request) -> Response:
        """How far off the valuation was on the latest sales of each area, beside two plain methods."""
        query = QualityQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        rows = ValuationBacktest.objects.filter(**query.validated_data).select_related("release")
        rows = rows.defer("report").order_by("code_departement", "type_principal")[:MOST_AREAS]
        served = DVFImport.objects.served().first()
        return Response(
            {"attribution": attribution(served), "results": QualitySerializer(rows, many=True).data}
        )
