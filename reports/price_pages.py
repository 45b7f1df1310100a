"""The value, where the asking price stands, and the sales it comes from: as the API's full price analysis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dvf.estimates import index_of
from properties.models import Property, department_of
from properties.price_analysis import TYPES
from properties.price_views import in_words
from reports import drawings
from reports.blocks import Block, cell, column, facts, heading, none, note, section, table, text
from reports.writing import day, euros, number, per_m2, percent, signed, unit

LISTED = 25
"""Comparable sales printed; the others weigh less and are counted."""


def confidence(level: str) -> str:
    return {"high": _("élevée"), "moderate": _("moyenne"), "low": _("faible")}.get(level, level)


def source(data: Mapping[str, Any]) -> str:
    """Where the sales come from, and of when; that they are invented where they are."""
    coverage = data["coverage"]
    if coverage["release"] is None:
        return _("Aucune vente n'est chargée.")
    said = _(
        "Source : demandes de valeurs foncières (DGFiP, Licence Ouverte 2.0), livraison « %(release)s »."
    )
    text_ = said % {"release": coverage["release"]}
    if coverage["synthetic"]:
        text_ += " " + _("Ventes inventées, pour la démonstration seulement.")
    return text_


def price_pages(subject: Property, data: Mapping[str, Any]) -> list[Block]:
    asking = data["asking_price_net"]
    blocks = [section(_("Ce que vaut le bien")), text(in_words(dict(data))["sentence"])]
    drawn = drawings.interval(data, asking)
    if drawn is None:
        blocks.append(none(_("Pas de données : aucune valeur ne peut être donnée.")))
    else:
        blocks += [drawn, note(_interval_note(data))]
    blocks.append(facts(_facts(subject, data)))
    sales = sorted(
        [*data["exact_match_sales"], *data["comparable_sales"]],
        key=lambda sale: (-abs(sale["weight"] or 0), sale["distance_m"], sale["id"]),
    )
    blocks += [*_plan(subject, sales, data), *_trend(subject, data), *_comparables(sales, data)]
    return [*blocks, note(source(data))]


def _interval_note(data: Mapping[str, Any]) -> str:
    said = _(
        "La valeur a une chance sur deux d'être dans la bande foncée, 80 % dans la bande moyenne, 95 % dans "
        "la bande claire. Les prix enregistrés ne comprennent pas les honoraires d'agence : le prix demandé "
        "est ramené à ce qu'il est sans eux."
    )
    if data["agency_fee_assumed"]:
        said += " " + _("Honoraires inconnus : supposés de 5 %.")
    return said


def _facts(subject: Property, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    def interval(name: str) -> str:
        found = data[name]
        return _("%(low)s à %(high)s") % {"low": euros(found[0]), "high": euros(found[1])} if found else "–"

    pairs = [
        (_("Valeur estimée"), euros(data["estimated_value"])),
        (_("Par m²"), per_m2(data["price_per_sqm"])),
        (_("Intervalle à 50 %"), interval("interval_50")),
        (_("Intervalle à 80 %"), interval("interval_80")),
        (_("Intervalle à 95 %"), interval("interval_95")),
        (_("Confiance"), confidence(data["confidence_level"])),
        (_("Prix demandé"), euros(subject.asking_price)),
        (_("Prix demandé, sans honoraires"), euros(data["asking_price_net"])),
    ]
    if data["price_deviation_percent"] is not None:
        pairs.append((_("Écart à la valeur"), percent(data["price_deviation_percent"], 1, sign=True)))
    if data["asking_price_share_below"] is not None:
        share = percent(data["asking_price_share_below"] * 100)
        pairs.append((_("Biens semblables vendus moins cher"), share))
    pairs += [
        (_("Ventes comparables"), number(data["comparables_count"])),
        (_("À la date du"), day(data["as_of"])),
    ]
    return pairs


def _plan(subject: Property, sales: list[dict[str, Any]], data: Mapping[str, Any]) -> list[Block]:
    here = None
    if subject.longitude is not None and subject.latitude is not None:
        here = (subject.longitude, subject.latitude)
    drawn = drawings.plan(here, sales, data["price_per_sqm"])
    if drawn is None:
        return []
    said = _(
        "Plan des ventes autour du bien (croix), nord en haut. Les numéros sont ceux du tableau. Rond "
        "plein : vendu plus cher au m² que la valeur estimée, prix ramenés à ce jour ; rond clair : moins "
        "cher."
    )
    outside = drawn["outside"]
    if outside:
        more = ngettext("%(n)d vente est hors du plan.", "%(n)d ventes sont hors du plan.", outside)
        said += " " + more % {"n": outside}
    return [heading(_("Où sont les ventes")), drawn, note(said)]


def _trend(subject: Property, data: Mapping[str, Any]) -> list[Block]:
    department = subject.department or department_of(subject.postal_code)
    index = index_of(subject.postal_code, department, TYPES[Property.Type(subject.property_type)])
    blocks = [heading(_("Comment les prix ont évolué"))]
    drawn = drawings.index_chart(index.series) if index else None
    if index is None or drawn is None:
        return [*blocks, none(_("Pas de données : trop peu de ventes pour un indice."))]
    place = {"place": index.place_code, "n": number(index.sales_count)}
    said = _(
        "Indice trimestriel des prix (%(place)s), base 100 au premier trimestre, bande à 80 %%, %(n)s ventes."
    )
    blocks += [drawn, note(said % place)]
    if data["market_trend_annual"] is None:
        return [*blocks, text(_("La tendance récente n'est pas assez sûre pour être chiffrée."))]
    low, high = index.trend["annual_80"]
    said = _("Tendance récente : %(annual)s par an (de %(low)s à %(high)s, à 80 %%).") % {
        "annual": percent(data["market_trend_annual"] * 100, 1, sign=True),
        "low": percent(low * 100, 1, sign=True),
        "high": percent(high * 100, 1, sign=True),
    }
    if data["projected_price"] is not None:
        ends = data["projected_price_interval_80"]
        said += " " + _("Dans douze mois, à ce rythme : %(price)s (de %(low)s à %(high)s, à 80 %%).") % {
            "price": euros(data["projected_price"]), "low": euros(ends[0]), "high": euros(ends[1]),
        }  # fmt: skip
    return [*blocks, text(said)]


def _comparables(sales: list[dict[str, Any]], data: Mapping[str, Any]) -> list[Block]:
    blocks = [heading(_("Les ventes comparables"))]
    if not sales:
        return [*blocks, none(_("Pas de données : aucune vente comparable."))]
    columns = [
        column("n°", align="right"),
        column(_("Date")),
        column(_("Adresse"), 1),
        column(_("Surface"), align="right"),
        column(_("Prix de vente"), align="right"),
        column(_("€/m² ramené à ce jour"), align="right"),
        column(_("Distance"), align="right"),
        column(_("Poids"), align="right"),
        column(_("Part dans la valeur"), align="right"),
    ]
    rows = [
        [
            str(n),
            day(sale["date_mutation"]),
            cell(sale["address"] or "–", small=_rooms(sale)),
            "–" if sale["surface_bati"] is None else unit(sale["surface_bati"], "m²"),
            euros(sale["prix"]),
            "–" if sale["adjusted_price_m2"] is None else number(sale["adjusted_price_m2"]),
            _("immeuble") if sale["same_building"] else f"{number(sale['distance_m'])} m",
            "–" if sale["weight"] is None else percent(sale["weight"] * 100, 1),
            "–" if sale["contribution_eur"] is None else f"{signed(sale['contribution_eur'])} €",
        ]
        for n, sale in enumerate(sales[:LISTED], 1)
    ]
    blocks.append(table(columns, rows))
    said = [
        _(
            "Poids : part de l'écart de la vente à la tendance que l'estimation reprend. Part dans la "
            "valeur : l'estimation moins ce qu'elle serait sans cette vente."
        )
    ]
    if len(sales) > LISTED:
        left = len(sales) - LISTED
        more = ngettext("%(n)d vente de moindre poids n'est pas listée.",
                        "%(n)d ventes de moindre poids ne sont pas listées.", left)  # fmt: skip
        said.append(more % {"n": left})
    excluded = len(data["excluded_sale_ids"]) + len(data["excluded_neighboring_sale_ids"])
    if excluded:
        more = ngettext("%(n)d vente a été exclue à la main.",
                        "%(n)d ventes ont été exclues à la main.", excluded)  # fmt: skip
        said.append(more % {"n": excluded})
    return [*blocks, note(" ".join(said))]


def _rooms(sale: Mapping[str, Any]) -> str:
    rooms = sale["nombre_pieces"]
    return ngettext("%(n)d pièce", "%(n)d pièces", rooms) % {"n": rooms} if rooms else ""
