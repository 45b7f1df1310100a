"""The back-office's pages of the sales: read-only, each bounded in rows and in time."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateFilter,
    RangeNumericFilter,
    TextFilter,
)

from config.admin import ReadonlyAdmin, badge, link
from config.api import search
from dvf import drawings
from dvf.changelist import SaleChangeList
from dvf.coverage import attribution
from dvf.keyset import BY_DATE, read
from dvf.models import DVFImport, DVFPrice, DVFSale, ExclusionReason, TypePrincipal
from dvf.sale_lookup import MOST_CODES, condition_for, listed
from dvf.sales_search import statement_timeout
from dvf.views import sales_csv

EXPORT_MAX_ROWS = 10_000
EXPORT_CHUNK = 1_000
NEIGHBOURS = 60
NEIGHBOURS_RADIUS_M = 500
SHOWN_LOTS = 200
WORDS = {
    **dict(TypePrincipal.choices),
    "Dépendance": _("Dépendance"),
    "Local industriel. commercial ou assimilé": _("Local industriel, commercial ou assimilé"),
    "Terrain": _("Terrain"),
    "Vente": _("Vente"),
    "Vente en l'état futur d'achèvement": _("Vente en l'état futur d'achèvement"),
    "Vente terrain à bâtir": _("Vente de terrain à bâtir"),
    "Adjudication": _("Adjudication"),
    "Expropriation": _("Expropriation"),
    "Echange": _("Échange"),
}
"""DVF's own words; others are shown as they are."""


class _CodeFilter(TextFilter):  # type: ignore[misc]
    """An exact code, served by the index of its column."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[DVFSale]) -> QuerySet[DVFSale]:
        value = (self.value() or "").strip().upper()
        return queryset.filter(**{str(self.parameter_name): value}) if value else queryset


class DepartmentFilter(_CodeFilter):
    title = _("département")
    parameter_name = "code_departement"


class PostalCodeFilter(_CodeFilter):
    title = _("code postal")
    parameter_name = "code_postal"


class CommuneFilter(_CodeFilter):
    title = _("code commune (INSEE)")
    parameter_name = "code_commune"


@admin.register(DVFSale)
class DVFSaleAdmin(ReadonlyAdmin):
    list_display = [
        "address", "place", "day", "type_principal", "surface", "nombre_pieces", "price", "price_per_m2",
        "comparable",
    ]  # fmt: skip
    list_display_links = ["address"]
    list_filter = [
        DepartmentFilter,
        PostalCodeFilter,
        CommuneFilter,
        ("type_principal", ChoicesDropdownFilter),
        ("date_mutation", RangeDateFilter),
        ("prix", RangeNumericFilter),
        ("prix_m2", RangeNumericFilter),
        ("surface_bati", RangeNumericFilter),
        "is_comparable",
    ]
    list_filter_submit = True
    list_filter_sheet = True
    list_before_template = "admin/dvf/dvfsale/jump.html"
    change_form_after_template = "admin/dvf/dvfsale/panels.html"
    search_fields = ["id_mutation"]  # opens the box; `get_search_results` decides by the shape of the term
    search_help_text = _("Adresse, commune, code, ou des parcelles et des mutations")
    sortable_by: list[str] = []
    actions = None
    ordering = ["-date_mutation", "-id"]
    fieldsets = [
        (
            _("Vente"),
            {
                "fields": [
                    ("date_mutation", "nature"),
                    ("price", "price_per_m2"),
                    ("id_mutation", "fingerprint"),
                    ("n_dispositions", "served_by"),
                ]
            },
        ),
        (
            _("Adresse"),
            {
                "fields": [
                    ("adresse_complete", "code_voie"),
                    ("code_postal", "nom_commune"),
                    ("code_commune", "code_departement"),
                    ("id_parcelle", "numeros_lots"),
                    "coordinates",
                ]
            },
        ),
        (
            _("Bien"),
            {
                "fields": [
                    ("type_principal", "nombre_pieces"),
                    ("surface", "carrez"),
                    ("land", "nombre_lots"),
                    ("n_appartements", "n_maisons"),
                    ("n_dependances", "n_commerces"),
                ]
            },
        ),
    ]

    class Media:
        css = {"all": ["dvf/admin.css"]}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[SaleChangeList]:
        return SaleChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DVFSale], search_term: str
    ) -> tuple[QuerySet[DVFSale], bool]:
        if not search_term.strip():
            return queryset, False
        codes = listed(search_term)
        if len(codes) > MOST_CODES:
            many = _("%(given)d références collées, %(most)d au plus : rien n'a été cherché.")
            messages.error(request, many % {"given": len(codes), "most": MOST_CODES})
            return queryset.none(), False
        if not codes and (words := search.too_long(search_term)):
            messages.error(request, words)
            return queryset.none(), False
        return queryset.filter(condition_for(search_term)), False

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export_view)
        urls: list[URLPattern] = super().get_urls()
        return [path("export/", export, name="dvf_dvfsale_export"), *urls]

    # --- columns ----------------------------------------------------------------------------------------

    @admin.display(description=_("nature"))
    def nature(self, sale: DVFSale) -> str:
        return str(WORDS.get(sale.nature_mutation, sale.nature_mutation))

    @admin.display(description=_("date"))
    def day(self, sale: DVFSale) -> str:
        return f"{sale.date_mutation:%d/%m/%Y}"

    @admin.display(description=_("adresse"))
    def address(self, sale: DVFSale) -> str:
        return sale.adresse_complete or "–"

    @admin.display(description=_("commune"))
    def place(self, sale: DVFSale) -> str:
        return f"{sale.code_postal} {sale.nom_commune}".strip()

    @admin.display(description=_("surface"))
    def surface(self, sale: DVFSale) -> str:
        return drawings.square_metres(sale.surface_bati)

    @admin.display(description=_("surface Carrez"))
    def carrez(self, sale: DVFSale) -> str:
        return drawings.square_metres(sale.surface_carrez)

    @admin.display(description=_("terrain"))
    def land(self, sale: DVFSale) -> str:
        return drawings.square_metres(sale.surface_terrain)

    @admin.display(description=_("longitude, latitude"))
    def coordinates(self, sale: DVFSale) -> str:
        placed = sale.longitude is not None and sale.latitude is not None
        return f"{sale.longitude:.6f}, {sale.latitude:.6f}" if placed else "–"

    @admin.display(description=_("prix"))
    def price(self, sale: DVFSale) -> str:
        return drawings.euros(sale.prix)

    @admin.display(description=_("prix au m²"))
    def price_per_m2(self, sale: DVFSale) -> str:
        return drawings.euros(sale.prix_m2)

    @admin.display(description=_("comparable"))
    def comparable(self, sale: DVFSale) -> SafeString:
        if sale.is_comparable:
            return badge(_("oui"), "good")
        reason = sale.exclusion_reasons[0] if sale.exclusion_reasons else ""
        labels = dict(ExclusionReason.choices)
        return badge(labels.get(reason, _("non")), "warning")

    @admin.display(description=_("millésime"))
    def served_by(self, sale: DVFSale) -> str | SafeString:
        return link(sale.release)

    # --- one sale -----------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[DVFSale]:
        return DVFSale.objects.all()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        sale = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if sale is not None and self.has_view_permission(request, sale):
            context |= self._panels(sale)
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        tiles = urlsplit(settings.MAP_TILES_URL)
        if tiles.netloc:
            response._csp_update = {"img-src": [f"{tiles.scheme}://{tiles.netloc}"]}  # type: ignore[attr-defined]
        return response

    def _panels(self, sale: DVFSale) -> dict[str, Any]:
        lots = list(sale.lots.order_by("id")[: SHOWN_LOTS + 1])
        prices = DVFPrice.objects.filter(
            place_kind=DVFPrice.Place.COMMUNE, place_code=sale.code_commune, quarter=None
        ).order_by("type_principal", "year")[:100]
        neighbours = self._neighbours(sale)
        labels = dict(ExclusionReason.choices)
        context: dict[str, Any] = {
            "sale": sale,
            "reasons": [labels.get(reason, reason) for reason in sale.exclusion_reasons],
            "lots": [(lot, WORDS.get(lot.lot_type, lot.lot_type)) for lot in lots[:SHOWN_LOTS]],
            "more_lots": len(lots) > SHOWN_LOTS,
            "prices": prices,
            "chart": drawings.price_chart(
                [
                    drawings.YearPrice(
                        p.get_type_principal_display(),
                        p.year,
                        p.median,
                        p.first_quartile,
                        p.third_quartile,
                        p.sales_count,
                    )
                    for p in prices
                ]
            ),
            "neighbours": neighbours,
            "radius_m": NEIGHBOURS_RADIUS_M,
            "attribution": attribution(sale.release),
        }
        if sale.longitude is not None and sale.latitude is not None:
            marks = [self._mark(near) for near in neighbours]
            farthest = max((near.distance_m for near in neighbours), default=100.0)  # type: ignore[attr-defined]
            radius = _round_radius(farthest)
            context["plan"] = drawings.surroundings(sale.longitude, sale.latitude, marks, radius)
            context["map_data"] = {
                "here": [sale.latitude, sale.longitude],
                "tiles": settings.MAP_TILES_URL,
                "attribution": settings.MAP_TILES_ATTRIBUTION,
                "radius": radius,
                "sales": [[m.latitude, m.longitude, m.label, m.url, m.is_house] for m in marks],
            }
        return context

    def _neighbours(self, sale: DVFSale) -> list[DVFSale]:
        """The nearest comparable sales of the same type, by its partial index."""
        if sale.longitude is None or sale.latitude is None:
            return []
        others = DVFSale.objects.comparable().exclude(pk=sale.pk)
        with statement_timeout(2_000):
            return others.first_near(
                sale.type_principal, sale.longitude, sale.latitude, NEIGHBOURS_RADIUS_M, NEIGHBOURS
            )

    def _mark(self, sale: DVFSale) -> drawings.Neighbour:
        assert sale.longitude is not None and sale.latitude is not None
        label = f"{sale.adresse_complete} – {sale.date_mutation:%d/%m/%Y} – {drawings.euros(sale.prix)}"
        if sale.prix_m2 is not None:
            label += f" ({drawings.euros(sale.prix_m2)}/m²)"
        url = reverse("admin:dvf_dvfsale_change", args=[sale.pk])
        return drawings.Neighbour(sale.longitude, sale.latitude, label, url, sale.type_principal == "Maison")

    # --- export -------------------------------------------------------------------------------------------

    def export_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """The list as it is filtered, up to 10,000 rows, each naming its release and source."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            changelist = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return redirect("admin:dvf_dvfsale_changelist")
        served = DVFImport.objects.served().first()
        rows = _first_rows(changelist.queryset, served.pk if served else 0)
        response = StreamingHttpResponse(sales_csv(rows, served), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="ventes.csv"'
        response["X-Row-Limit"] = str(EXPORT_MAX_ROWS)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response


def _round_radius(metres: float) -> int:
    """The smallest radius of a plan that shows everything up to this distance."""
    return next((radius for radius in (40, 100, 200, 300) if metres <= radius), NEIGHBOURS_RADIUS_M)


def _first_rows(sales: QuerySet[DVFSale], release: int) -> Any:
    cursor, left = None, EXPORT_MAX_ROWS
    while left > 0:
        page = read([sales], BY_DATE, min(EXPORT_CHUNK, left), release, cursor)
        yield from page.rows
        left, cursor = left - len(page.rows), page.next
        if cursor is None:
            return


# Pages in modules of their own; Django finds them here.
from dvf import import_admin, job_kinds, valuation_admin  # noqa: E402, F401
