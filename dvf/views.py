"""The sales and their prices, for signed-in clients; not to be indexed (LPF R*112 A-3)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

from config.api.problems import Problem
from dvf import sales_search
from dvf.coverage import attribution, coverage
from dvf.keyset import Cursor, CursorError, Page
from dvf.models import DVFImport, DVFPrice, DVFSale, DVFSaleLot
from dvf.sales_search import SalesFilter
from dvf.serializers import (
    FoundSaleSerializer,
    PriceSerializer,
    PricesQuery,
    PricesSerializer,
    SaleDetailSerializer,
    SaleSerializer,
    SalesPageSerializer,
    SalesQuery,
)


class GeoJSONRenderer(JSONRenderer):
    media_type = "application/geo+json"
    format = "geojson"


class CSVRenderer(BaseRenderer):
    """Only names the format: the rows are streamed."""

    media_type = "text/csv"
    format = "csv"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        return JSONRenderer().render(data)  # an error


class _DVFView(APIView):
    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Cache-Control"] = "private, no-store"
        return response  # type: ignore[no-any-return]


class SalesView(_DVFView):
    """Sales of a place, the latest first, or the nearest first around a point."""

    renderer_classes = (JSONRenderer, GeoJSONRenderer, CSVRenderer)

    @extend_schema(
        operation_id="dvf_sales_list",
        parameters=[SalesQuery, OpenApiParameter("format", str, enum=["json", "geojson", "csv"])],
        responses={
            (200, "application/json"): SalesPageSerializer,
            (200, "application/geo+json"): OpenApiTypes.OBJECT,
            (200, "text/csv"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """`next` and `previous` are addresses of pages; there is no count. `format=csv` streams all pages, up
        to 50,000 rows. A cursor of a release that is no longer served is answered by 409 `release_changed`.
        """
        query = SalesQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        wanted = query.wanted()
        served = DVFImport.objects.served().first()
        release = served.pk if served else 0
        cursor = _cursor(query.validated_data.get("cursor"), release)
        shown = request.accepted_renderer.format
        if shown == "csv":
            if cursor is not None:
                raise ValidationError({"cursor": _("Le CSV se lit d'un trait, sans curseur.")})
            return _csv(wanted, served)
        try:
            page = sales_search.find(wanted, query.validated_data["limit"], release, cursor)
        except CursorError:
            raise _bad_cursor() from None
        data: dict[str, Any] = {
            "coverage": coverage(served, *wanted.places),
            "attribution": attribution(served),
            **_links(request, page),
        }
        rows = FoundSaleSerializer(page.rows, many=True).data
        if shown == "geojson":
            return Response(
                {"type": "FeatureCollection", **data, "features": [_feature(row) for row in rows]}
            )
        return Response({**data, "results": rows})


class SaleView(_DVFView):
    @extend_schema(operation_id="dvf_sales_retrieve", responses=SaleDetailSerializer)
    def get(self, request: Request, id_mutation: str) -> Response:
        """One sale with its lots. `id_mutation` holds in one release; `fingerprint` from one to the next."""
        lots = DVFSaleLot.objects.order_by("id")
        sale = get_object_or_404(
            DVFSale.objects.select_related("release").prefetch_related(Prefetch("lots", lots)),
            id_mutation=id_mutation,
        )
        sale.coverage = coverage(sale.release, sale.code_departement)  # type: ignore[attr-defined]
        sale.attribution = attribution(sale.release)  # type: ignore[attr-defined]
        return Response(SaleDetailSerializer(sale).data)


class PricesView(_DVFView):
    @extend_schema(parameters=[PricesQuery], responses=PricesSerializer)
    def get(self, request: Request) -> Response:
        """Prices per m² of a place's comparable sales by year or quarter, as stored by the import."""
        query = PricesQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        kind = next(kind for kind in DVFPrice.Place.values if asked.get(kind))
        prices = DVFPrice.objects.filter(place_kind=kind, place_code=asked[kind])
        prices = prices.filter(quarter__isnull=asked["by"] == "year")
        if asked.get("type_principal"):
            prices = prices.filter(type_principal=asked["type_principal"])
        served = DVFImport.objects.served().first()
        rows = prices.order_by("type_principal", "year", "quarter")[:1000]
        return Response(
            {
                "coverage": coverage(served, asked[kind]),
                "attribution": attribution(served),
                "results": PriceSerializer(rows, many=True).data,
            }
        )


def _bad_cursor() -> Problem:
    detail = _("Ce curseur n'est pas de cette liste : reprenez à la première page.")
    return Problem(400, "invalid_cursor", detail)


def _cursor(text: str | None, release: int) -> Cursor | None:
    if not text:
        return None
    try:
        cursor = Cursor.decode(text)
    except CursorError:
        raise _bad_cursor() from None
    if cursor.release != release:
        detail = _("Les ventes ont été remplacées par un autre millésime : reprenez à la première page.")
        raise Problem(409, "release_changed", detail)
    return cursor


def _links(request: Request, page: Page) -> dict[str, str | None]:
    here = remove_query_param(request.build_absolute_uri(), "cursor")

    def to(cursor: Cursor | None) -> str | None:
        return replace_query_param(here, "cursor", cursor.encode()) if cursor else None

    return {"next": to(page.next), "previous": to(page.previous)}


def _feature(row: dict[str, Any]) -> dict[str, Any]:
    """RFC 7946; a sale without coordinates has no geometry."""
    placed = row["longitude"] is not None and row["latitude"] is not None
    geometry = {"type": "Point", "coordinates": [row["longitude"], row["latitude"]]} if placed else None
    return {"type": "Feature", "id": row["id_mutation"], "geometry": geometry, "properties": row}


class _Line:
    """What csv.writer writes to: hands the line back."""

    def write(self, line: str) -> str:
        return line


def _cell(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula is shown as text."""
    if isinstance(value, list):
        value = " ".join(map(str, value))
    return f"'{value}" if isinstance(value, str) and value.lstrip()[:1] in {*"=+-@"} else value


def sales_csv(sales: Iterator[DVFSale], served: DVFImport | None) -> Iterator[str]:
    """Lines of CSV; the last columns name the release and the source of every row."""
    names = [*SaleSerializer.Meta.fields, "distance_m"]
    writer = csv.writer(_Line())
    yield writer.writerow([*names, "release", "synthetic", "attribution"])
    source = [
        served.release_label if served else "",
        bool(served and served.is_synthetic),
        attribution(served),
    ]
    for sale in sales:
        yield writer.writerow([*(_cell(getattr(sale, name, None)) for name in names), *source])


def _csv(wanted: SalesFilter, served: DVFImport | None) -> StreamingHttpResponse:
    rows = sales_search.every(wanted, served.pk if served else 0)
    # Found before the answer begins: a search that takes too long is still an error then.
    first = list(islice(rows, 1))
    lines = sales_csv(chain(first, rows), served)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="ventes.csv"'
    response["X-Row-Limit"] = str(sales_search.CSV_MAX_ROWS)
    reason = coverage(served, *wanted.places)["reason"]
    if reason:
        response["X-Coverage"] = reason
    return response
