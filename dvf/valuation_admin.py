"""The back-office's pages of the valuation: how far off it was in each area, what is fitted, the indices."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from config.admin import ReadonlyAdmin, figure
from dvf.valuation.backtest import OWN
from dvf.valuation_models import PriceIndex, ValuationBacktest, ValuationMeasure, ValuationModel

METHODS = {
    OWN: _("Estimation"),
    "reference": _("Moyenne de l'adresse ou du code postal"),
    "neighbours": _("15 voisins"),
    "area_mean": _("Moyenne du code postal"),
    "shuffled": _("Prix mélangés (témoin)"),
    "leaked": _("Prix soufflés (témoin)"),
}
FIGURES = {
    "n": _("ventes"),
    "mdape": _("erreur médiane (%)"),
    "ppe10": _("à 10 % près (%)"),
    "ppe20": _("à 20 % près (%)"),
    "median_ratio": _("rapport médian"),
    "cod": "COD",
    "prd": "PRD",
    "prb": "PRB",
    "coverage_80": _("dans l'intervalle à 80 % (%)"),
    "width_80": _("largeur de l'intervalle (%)"),
}
STRATA = {
    "all": _("toutes"),
    "building seen": _("immeuble déjà vendu"),
    "building unseen": _("immeuble jamais vendu"),
    "surer half": _("moitié la plus sûre"),
    "other half": _("autre moitié"),
    "given (not abstained)": _("estimations données"),
}
MOST_MEASURES = 20
PLACES = {
    "code_postal": _("code postal"),
    "code_commune": _("commune"),
    "code_departement": _("département"),
}


_TABLE = (
    '<div class="dvf-scroll" tabindex="0"><table class="dvf-table">'
    "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
)


def _stratum(name: str) -> str:
    """ "surface 30–50 m²", "area 83000" and the names of `STRATA`, in the reader's language."""
    if name.startswith("area "):
        return str(_("code postal %(code)s") % {"code": name.removeprefix("area ")})
    if name.startswith("surface "):
        return str(_("surface %(band)s") % {"band": name.removeprefix("surface ")})
    return str(STRATA.get(name, name))


def _cell(value: Any) -> str:
    return "–" if value is None else str(value) if isinstance(value, int) else number_format(value, 2)


@admin.register(ValuationBacktest)
class ValuationBacktestAdmin(ReadonlyAdmin):
    list_display = [
        "code_departement", "type_principal", figure("tested", _("ventes estimées")),
        figure("mdape", _("erreur médiane (%)"), 1), figure("reference_mdape", _("moyenne du lieu (%)"), 1),
        figure("neighbours_mdape", _("15 voisins (%)"), 1), figure("median_ratio", _("rapport médian"), 3),
        figure("coverage_80", _("dans l'intervalle à 80 % (%)"), 1),
        figure("abstained_percent", _("abstentions (%)"), 1), "made_at",
    ]  # fmt: skip
    list_filter = ["type_principal"]
    search_fields = ["code_departement"]
    ordering = ["code_departement", "type_principal"]
    fields = [
        ("code_departement", "type_principal"), ("sales_count", "tested"), "split_date",
        (figure("mdape", _("erreur médiane (%)"), 1), figure("neighbours_mdape", _("15 voisins (%)"), 1)),
        figure("reference_mdape", _("moyenne de l'adresse ou du code postal (%)"), 1),
        figure("median_ratio", _("rapport médian"), 3),
        figure("coverage_80", _("dans l'intervalle à 80 % (%)"), 1),
        figure("abstained_percent", _("abstentions (%)"), 1), ("made_at", "seconds"),
    ]  # fmt: skip
    change_form_after_template = "admin/dvf/valuationbacktest/panels.html"
    list_select_related = False

    class Media:
        css = {"all": ["dvf/admin.css"]}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        backtest = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if backtest is not None and self.has_view_permission(request, backtest):
            context |= {"history": self.history(backtest), "strata": self.strata(backtest)}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def history(self, backtest: ValuationBacktest) -> SafeString:
        """The measures of this area so far, the latest first: where the valuation drifts, it shows."""
        measures = ValuationMeasure.objects.filter(
            code_departement=backtest.code_departement, type_principal=backtest.type_principal
        )
        names = ("made_at", "tested", "mdape", "median_ratio", "coverage_80")
        head = format_html_join("", "<th>{}</th>", ((label_for_field(n, ValuationMeasure),) for n in names))
        lines = (
            (
                row.release.release_label,
                f"{timezone.localtime(row.made_at):%d/%m/%Y}",
                *(_cell(getattr(row, name)) for name in names[1:]),
            )
            for row in measures.select_related("release").order_by("-made_at", "-id")[:MOST_MEASURES]
        )
        body = format_html_join("", f"<tr>{'<td>{}</td>' * (len(names) + 1)}</tr>", lines)
        return format_html(_TABLE, format_html("<th>{}</th>{}", _("millésime"), head), body)

    def strata(self, backtest: ValuationBacktest) -> SafeString:
        """Every stratum and method, as a table; areas in the end."""
        head = format_html_join("", "<th>{}</th>", ((name,) for name in FIGURES.values()))
        lines = [
            (
                _stratum(row["stratum"]),
                METHODS.get(method, method),
                format_html_join("", "<td>{}</td>", ((_cell(figures.get(name)),) for name in FIGURES)),
            )
            for row in backtest.report.get("strata", [])
            for method, figures in row["methods"].items()
        ]
        body = format_html_join("", "<tr><td>{}</td><td>{}</td>{}</tr>", lines)
        return format_html(
            _TABLE, format_html("<th>{}</th><th>{}</th>{}", _("ventes prises"), _("méthode"), head), body
        )


@admin.register(ValuationModel)
class ValuationModelAdmin(ReadonlyAdmin):
    list_display = [
        "code_departement", "type_principal", figure("sales_count", _("ventes")),
        figure("seconds", _("durée (s)"), 1), "made_at",
    ]  # fmt: skip
    list_filter = ["type_principal"]
    search_fields = ["code_departement"]
    ordering = ["code_departement", "type_principal"]
    fields = [("code_departement", "type_principal"), ("sales_count", "seconds", "made_at"), "trend"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ValuationModel]:
        stored: QuerySet[ValuationModel] = super().get_queryset(request)
        return stored.defer("data", "observed")  # megabytes


@admin.register(PriceIndex)
class PriceIndexAdmin(ReadonlyAdmin):
    list_display = ["place_code", "place", "type_principal", figure("sales_count", _("ventes"))]
    list_filter = ["type_principal", "place_kind"]
    search_fields = ["place_code"]
    ordering = ["place_code", "type_principal"]
    fields = [("place_kind", "place_code", "type_principal", "sales_count"), "trend", "series"]

    @admin.display(description=_("sorte de lieu"), ordering="place_kind")
    def place(self, index: PriceIndex) -> str:
        return str(PLACES.get(index.place_kind, index.place_kind))
