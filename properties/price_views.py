"""What a property is worth: the price actions of the properties' endpoint."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts import activity
from dvf.abstentions import ABSTENTIONS
from dvf.estimates import index_of, prices_without
from dvf.models import DVFImport, DVFPrice
from dvf.streets import search_addresses
from properties import price_analysis
from properties.models import PriceAnalysis, Property, department_of
from properties.serializers import (
    DVFStatsSerializer,
    ExcludeSalesSerializer,
    FoundAddressesSerializer,
    SearchAddressesSerializer,
)

STATS_KEY = "dvf_stats"
STATS_SECONDS = 3600

SENTENCES = {
    "far_below": _("Le prix demandé est bien au-dessous de ce que disent les ventes : cherchez pourquoi."),
    "below": _("Le prix demandé est plutôt bas."),
    "in_line": _("Le prix demandé est dans la moyenne des ventes comparables."),
    "above": _("Le prix demandé est plutôt élevé : il y a de quoi négocier."),
    "far_above": _("Le prix demandé est bien au-dessus de ce que disent les ventes."),
    "no_asking_price": _("Aucun prix demandé n'est indiqué."),
    **ABSTENTIONS,
}


def in_words(data: dict[str, Any]) -> dict[str, Any]:
    """The stored codes and numbers, with a sentence in the caller's language."""
    code = data.get("abstention_reason") or data.get("recommendation")
    return {**data, "sentence": gettext(str(SENTENCES.get(str(code), "")))}


class PriceActions(GenericViewSet[Property]):
    """Price analysis, its exclusions, the market's trend. `get_object` has checked whose property it is."""

    def _analysis(self, key: str) -> dict[str, Any]:
        """The stored analysis, from the cache when what it rests on has not changed since."""
        subject = self.get_object()
        row = PriceAnalysis.objects.filter(property=subject).first()
        cached: dict[str, Any] | None = cache.get(key.format(subject.pk))
        if (
            cached
            and row
            and cached["inputs_hash"] == row.inputs_hash == price_analysis.current_hash(subject, row)
        ):
            return cached["data"]  # type: ignore[no-any-return]
        row = price_analysis.stored(subject)
        data = row.analysis_data if "full" in key else price_analysis.summary(row.analysis_data)
        data = {**data, "is_stale": False, "updated_at": row.updated_at.isoformat()}
        entry = {"inputs_hash": row.inputs_hash, "data": data}
        cache.set(key.format(subject.pk), entry, price_analysis.CACHE_SECONDS)
        return data

    @extend_schema(responses={200: DVFStatsSerializer}, filters=False, auth=[])
    @action(
        detail=False,
        url_path="dvf-stats",
        authentication_classes=[],
        permission_classes=[AllowAny],
        pagination_class=None,
    )
    def dvf_stats(self, request: Request) -> Response:
        """How many sales are served, from how many imports, since when. Public."""
        stats: dict[str, Any] | None = cache.get(STATS_KEY)
        if stats is None:
            served = price_analysis.release()
            stats = {
                "total_records": served.total_sales if served else 0,
                "total_imports": DVFImport.objects.exclude(status=DVFImport.Status.FAILED).count(),
                "last_updated": served.finished_at if served else None,
                "release": served.release_label if served else None,
                "synthetic": bool(served and served.is_synthetic),
            }
            cache.set(STATS_KEY, stats, STATS_SECONDS)
        return Response(
            {**stats, "formatted_count": number_format(stats["total_records"], force_grouping=True)}
        )

    @extend_schema(
        parameters=[SearchAddressesSerializer], responses={200: FoundAddressesSerializer}, filters=False
    )
    @action(detail=False, url_path="search-addresses", pagination_class=None)
    def search_addresses(self, request: Request) -> Response:
        """Addresses that resemble what is being typed, from the sales' streets and the national base."""
        query = SearchAddressesSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        found = search_addresses(**query.validated_data)
        return Response({"results": found})

    @extend_schema(responses={200: OpenApiTypes.OBJECT}, filters=False)
    @action(detail=True, url_path="price-analysis")
    def price_analysis(self, request: Request, pk: str | None = None) -> Response:
        """The figures of the price analysis, without the sales behind them."""
        return Response(in_words(self._analysis("price_analysis_summary:{}")))

    @extend_schema(responses={200: OpenApiTypes.OBJECT}, filters=False)
    @action(detail=True, url_path="price-analysis/full")
    def price_analysis_full(self, request: Request, pk: str | None = None) -> Response:
        """The whole price analysis, with each comparable sale and its part in the value."""
        return Response(in_words(self._analysis("price_analysis_full:{}")))

    @extend_schema(request=None, responses={200: OpenApiTypes.OBJECT})
    @action(detail=True, methods=["post"], url_path="price-analysis/refresh")
    def price_analysis_refresh(self, request: Request, pk: str | None = None) -> Response:
        """Compute it again now."""
        subject = self.get_object()
        with transaction.atomic():
            row = price_analysis.stored(subject, recompute=True)
            activity.record("price_analysis.refreshed", subject, actor=self.request.user)
        return Response(
            in_words({**row.analysis_data, "is_stale": False, "updated_at": row.updated_at.isoformat()})
        )

    @extend_schema(request=ExcludeSalesSerializer, responses={200: OpenApiTypes.OBJECT})
    @action(detail=True, methods=["post"], url_path="price-analysis/exclude-sales")
    def price_analysis_exclude_sales(self, request: Request, pk: str | None = None) -> Response:
        """Leave sales out: the whole new state. Ids are the sales' fingerprints, which outlive a release."""
        subject = self.get_object()
        serializer = ExcludeSalesSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            price_analysis.stored(subject)
            row = PriceAnalysis.objects.select_for_update().get(property=subject)
            errors = {
                field: [_("Ventes inconnues de cette analyse : %(ids)s.") % {"ids": ", ".join(unknown[:5])}]
                for field, ids in serializer.validated_data.items()
                if (unknown := price_analysis.unknown_ids(ids, row))
            }
            if errors:
                raise serializers.ValidationError(errors, code="unknown_sale")
            row.excluded_sale_ids = sorted(set(serializer.validated_data["excluded_sale_ids"]))
            row.excluded_neighboring_sale_ids = sorted(
                set(serializer.validated_data["excluded_neighboring_sale_ids"])
            )
            row.save(update_fields=["excluded_sale_ids", "excluded_neighboring_sale_ids", "updated_at"])
            row = price_analysis.stored(subject)
            changes = {name: len(ids) for name, ids in serializer.validated_data.items()}
            activity.record(
                "price_analysis.sales_excluded", subject, actor=self.request.user, changes=changes
            )
        return Response(
            in_words({**row.analysis_data, "is_stale": False, "updated_at": row.updated_at.isoformat()})
        )

    @extend_schema(responses={200: OpenApiTypes.OBJECT}, filters=False)
    @action(detail=True, url_path="market-trend")
    def market_trend(self, request: Request, pk: str | None = None) -> Response:
        """Yearly and quarterly prices per m² of the property's postal code and type, with their counts."""
        subject = self.get_object()
        kind = price_analysis.TYPES[Property.Type(subject.property_type)]
        prices = DVFPrice.objects.filter(
            place_kind=DVFPrice.Place.POSTAL_CODE, place_code=subject.postal_code, type_principal=kind
        ).order_by("year", "quarter")
        served = price_analysis.release()
        series: dict[str, list[dict[str, Any]]] = {"yearly": [], "quarterly": []}
        for price in prices:
            series["quarterly" if price.quarter else "yearly"].append(
                {
                    "year": price.year,
                    **({"quarter": price.quarter} if price.quarter else {}),
                    "count": price.sales_count,
                    "median": price.median,
                    "first_quartile": price.first_quartile,
                    "third_quartile": price.third_quartile,
                }
            )
        row = PriceAnalysis.objects.filter(property=subject).first()
        excluded = {*row.excluded_sale_ids, *row.excluded_neighboring_sale_ids} if row else set()
        if excluded:
            series = prices_without(subject.postal_code, kind, excluded)
        department = subject.department or department_of(subject.postal_code)
        index = index_of(subject.postal_code, department, kind, excluded)
        return Response(
            {
                "index": index.series if index else [],
                "index_place": index.place_code if index else None,
                "trend": index.trend if index else None,
                "place": subject.postal_code,
                "type_principal": kind,
                "release": served.release_label if served else None,
                "synthetic": bool(served and served.is_synthetic),
                **series,
            }
        )
