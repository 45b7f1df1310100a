"""What facts are called, and how their values are written, for people who read or correct them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext_lazy as _

from documents import wording_texts
from documents.fact_schema import sort_of, without_indices
from documents.wording import euros, headed

_LAST = re.compile(r"([a-z_0-9]+)(?:\[(\d+)\])?$")
_GROUP = re.compile(r"^([a-z_0-9]+)\[(\d+)\](?=\.)")

NAMES = {
    "abstentions": _("Abstentions"),
    "ademe_number": _("Numéro ADEME"),
    "amount": _("Montant"),
    "annual_charges": _("Charges annuelles"),
    "anomalies_count": _("Nombre d'anomalies"),
    "arrears": _("Impayés de l'immeuble"),
    "balance": _("Solde"),
    "base_nette": _("Base nette"),
    "calls": _("Appels"),
    "category": _("Catégorie"),
    "commune": _("Part de la commune"),
    "construction_year": _("Année de construction"),
    "date": _("Date"),
    "description": _("Objet"),
    "document_date": _("Date du document"),
    "due_date": _("Exigible le"),
    "energy_class": _("Classe énergie"),
    "energy_cost_max": _("Dépense d'énergie, haut"),
    "energy_cost_min": _("Dépense d'énergie, bas"),
    "energy_kwh_m2": _("Énergie primaire"),
    "fonds_travaux": _("Fonds de travaux"),
    "fonds_travaux_annual": _("Fonds de travaux de l'année"),
    "fonds_travaux_balance": _("Solde du fonds de travaux"),
    "fonds_travaux_pct": _("Fonds de travaux, part du budget"),
    "frais_gestion": _("Frais de gestion"),
    "frequency": _("Fréquence"),
    "funding": _("Financement"),
    "gemapi": _("GEMAPI"),
    "ges_class": _("Classe climat"),
    "ges_kg_m2": _("Émissions"),
    "intercommunalite": _("Part de l'intercommunalité"),
    "kind": _("Sorte"),
    "lead_class_1": _("Plomb, classe 1"),
    "lead_class_2": _("Plomb, classe 2"),
    "lead_class_3": _("Plomb, classe 3"),
    "legal_proceedings": _("Procédure"),
    "lot": _("Tantièmes du lot"),
    "lot_numbers": _("Numéro de lot"),
    "majority": _("Majorité (article)"),
    "meeting_date": _("Date de l'assemblée"),
    "meeting_type": _("Sorte d'assemblée"),
    "number": _("Numéro"),
    "number_of_lots": _("Lots de l'immeuble"),
    "ordures_menageres": _("Ordures ménagères (TEOM)"),
    "outcome": _("Conclusion"),
    "period_end": _("Fin de la période"),
    "period_start": _("Début de la période"),
    "presence": _("Présence"),
    "present_tantiemes": _("Tantièmes présents"),
    "property_address": _("Adresse du bien"),
    "provisions": _("Provisions appelées"),
    "radon_zone": _("Zone radon"),
    "resolution": _("Résolution"),
    "seismic_zone": _("Zone sismique"),
    "seller_arrears": _("Dettes du vendeur"),
    "share_pct": _("Part de la somme"),
    "status": _("Décision"),
    "surface_m2": _("Surface"),
    "syndic": _("Syndic"),
    "syndic_fee_annual": _("Honoraires annuels du syndic"),
    "tantiemes": _("Tantièmes"),
    "tax_year": _("Année de la taxe"),
    "taxes_speciales": _("Taxes spéciales"),
    "topic": _("Objet"),
    "total": _("Tantièmes de l'immeuble"),
    "total_amount": _("Montant total"),
    "total_tantiemes": _("Tantièmes de l'immeuble"),
    "type": _("Diagnostic"),
    "valid_until": _("Valable jusqu'au"),
    "votes_against": _("Voix contre"),
    "votes_for": _("Voix pour"),
    "works_calls": _("Appels de travaux"),
    "works_remaining_calls": _("Travaux votés, à appeler"),
    "year_end": _("Fin de l'exercice"),
    "year_start": _("Début de l'exercice"),
}
UNITS = {
    "energy_kwh_m2": "kWh/m²/an",
    "ges_kg_m2": "kg CO₂/m²/an",
    "surface_m2": "m²",
    "fonds_travaux_pct": "%",
    "share_pct": "%",
}
CHOICES = {
    "adopted": _("adoptée"),
    "rejected": _("rejetée"),
    "deferred": _("reportée"),
    "no_vote": _("sans vote"),
    "unanimite": _("unanimité"),
    "ordinaire": _("ordinaire"),
    "extraordinaire": _("extraordinaire"),
    "mixte": _("mixte"),
    "calls": _("appels de fonds"),
    "fonds_travaux": _("fonds de travaux"),
    "loan": _("emprunt"),
    "mixed": _("mixte"),
    "clear": _("rien à signaler"),
    "issues": _("présence ou anomalies"),
    "danger": _("danger"),
    "not_performed": _("non réalisé"),
    "other": _("autre"),
    "boutin": _("surface Boutin"),
    "bruit": _("bruit"),
    "once": _("une fois"),
    "monthly": _("par mois"),
    "quarterly": _("par trimestre"),
    "yearly": _("par an"),
    **wording_texts.KINDS,
    **wording_texts.PAPERS,
}
THEMES = {
    "money": _("Montants"),
    "shares": _("Tantièmes et lots"),
    "document": _("Le document"),
    "resolutions": _("Résolution %(number)s"),
    "works": _("Travaux %(number)s"),
    "budgets": _("Budget %(number)s"),
    "diagnostics": _("Diagnostic %(number)s"),
    "breakdown": _("Détail des charges"),
    "obligations": _("Engagement %(number)s"),
}
_SHARES = ("tantiemes", "lot_numbers", "total_tantiemes", "present_tantiemes", "number_of_lots")
_WHOLE = ("breakdown",)
"""Lists of short items that stand together."""


def theme_key(document_type: str, path: str) -> str:
    """What a fact is shown under: a list's item ("works[2]"), else "money", "shares" or "document"."""
    if match := _GROUP.match(path):
        return match[1] if match[1] in _WHOLE else match[0]
    if without_indices(path).split(".")[0].rstrip("[]") in _SHARES:
        return "shares"
    return "money" if sort_of(document_type, path) == "amount" else "document"


def theme_name(key: str, facts: Mapping[str, Any]) -> str:
    """`works[0]` → "Travaux 1 : Ravalement", with what the facts call it."""
    name, _bracket, rest = key.partition("[")
    title = str(THEMES.get(name, name))
    if not rest:
        return title
    index = int(rest.rstrip("]"))
    try:
        item = facts[name][index]
    except (KeyError, IndexError, TypeError):
        item = {}
    item = item if isinstance(item, Mapping) else {}
    title %= {"number": item.get("number") or index + 1}
    about = item.get("topic") or item.get("description")
    if name == "diagnostics" and item.get("type"):
        return str(CHOICES.get(item["type"], item["type"]))
    return headed(title, about) if about else title


def label(path: str) -> str:
    """The name of a fact inside its theme: "Appel 2 : Montant"."""
    match = _LAST.search(path)
    name = match[1] if match else path
    text = str(NAMES.get(name, name))
    parts = path.split(".")
    if len(parts) > 2 and parts[-2].startswith("calls["):
        number = int(parts[-2][6:-1]) + 1
        return headed(_("Appel %(number)s") % {"number": number}, text)
    if len(parts) > 1 and parts[0].startswith("breakdown["):
        return f"{text} {int(parts[0][10:-1]) + 1}"
    return text


def label_in_full(document_type: str, path: str, facts: Mapping[str, Any]) -> str:
    """The name of a fact away from its theme: "Travaux 1 : Ravalement · Montant"."""
    key = theme_key(document_type, path)
    return f"{theme_name(key, facts)} · {label(path)}" if "[" in key else label(path)


def unit(document_type: str, path: str) -> str:
    if sort_of(document_type, path) == "amount":
        return "€"
    match = _LAST.search(path)
    return UNITS.get(match[1], "") if match else ""


def written(document_type: str, path: str, value: Any) -> str:
    """A value for reading, with its unit, in the active language."""
    if value is None:
        return "–"
    sort = sort_of(document_type, path)
    if isinstance(value, bool):
        return str(_("oui") if value else _("non"))
    if sort == "amount" and isinstance(value, int | float):
        return euros(value)
    if sort == "date" and isinstance(value, str):
        try:
            return date_format(date.fromisoformat(value), "DATE_FORMAT")
        except ValueError:
            return value
    if sort == "choice":
        return str(CHOICES.get(value, value))
    if isinstance(value, int | float):
        figures = str(value) if path.endswith(("_year", "number")) else number_format(value, use_l10n=True)
        return f"{figures} {found}" if (found := unit(document_type, path)) else figures
    return str(value)
