"""What buying, borrowing and owning cost: as the API's costs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from reports.blocks import Block, cell, column, facts, heading, none, note, section, table, text
from reports.writing import cents, day, euros, number, percent, typographic


def cost_pages(costs: Mapping[str, Any]) -> list[Block]:
    title = _("Ce que coûtent l'achat et la possession")
    blocks = [section(title), *_buying(costs), *_borrowing(costs), *_owning(costs)]
    return [*blocks, *(note(typographic(said["sentence"])) for said in costs["notes"])]


def _buying(costs: Mapping[str, Any]) -> list[Block]:
    blocks = [heading(_("Acheter"))]
    bought = costs["buying"]
    if bought is None:
        return [*blocks, none(_("Pas de données : aucun prix n'est indiqué."))]
    rows = [
        [
            cell(typographic(line["name"]), small=line["source"]),
            cents(line["amount"]),
            ""
            if line["alternative"] is None
            else _("ou %(amount)s") % {"amount": cents(line["alternative"])},
        ]
        for line in bought["lines"]
    ]
    rows.insert(0, [_("Prix, sans honoraires d'agence"), cents(bought["price"]), ""])
    if bought["agency_fee"]:
        rows.append([_("Honoraires d'agence"), cents(bought["agency_fee"]), ""])
    other = bought["total_alternative"]
    totals = [
        [
            _("Frais d'achat"),
            cents(bought["total"]),
            "" if other is None else _("ou %(amount)s") % {"amount": cents(other)},
        ],
        [_("À financer"), cents(bought["to_finance"]), ""],
    ]
    said = _("Acte au %(day)s, département %(department)s.") % {
        "day": day(costs["signing_date"]), "department": bought["department"] or "–",
    }  # fmt: skip
    if bought["first_time_buyer"]:
        said += " " + _("Primo-accédant.")
    columns = [
        column(_("Poste et source"), 1),
        column(_("Montant"), align="right"),
        column(_("Selon le taux voté"), align="right"),
    ]
    return [*blocks, table(columns, rows, totals), note(said)]


def _borrowing(costs: Mapping[str, Any]) -> list[Block]:
    loan = costs["borrowing"]
    if loan is None:
        said = _("Aucun prêt n'est demandé : indiquez un taux et une durée pour en connaître le coût.")
        return [heading(_("Emprunter")), none(said)]
    pairs = [
        (_("Somme empruntée"), cents(loan["amount"])),
        (_("Taux et durée"), _("%(rate)s sur %(years)s ans") % {
            "rate": percent(loan["rate_pct"], 2), "years": loan["years"]}),
        (_("Mensualité, assurance comprise"), cents(loan["monthly"])),
        (_("dont assurance"), cents(loan["insurance"])),
        (_("Intérêts en tout"), cents(loan["interest"])),
        (_("Coût en tout"), cents(loan["cost"])),
    ]  # fmt: skip
    if loan["income_pct"] is not None:
        pairs.append((_("Part des revenus"), percent(loan["income_pct"], 1)))
    if loan["guarantee"] is not None:
        pairs.append((typographic(loan["guarantee"]["name"]), cents(loan["guarantee"]["amount"])))
    limits = loan["limits"]
    said = _("Limites : %(years)s ans, %(income)s des revenus (%(source)s).") % {
        "years": limits["years"], "income": percent(limits["income_pct"]), "source": limits["source"],
    }  # fmt: skip
    breaches = [text(typographic(found["sentence"]), "bad") for found in loan["breaches"]]
    return [heading(_("Emprunter")), facts(pairs), *breaches, note(said)]


def _owning(costs: Mapping[str, Any]) -> list[Block]:
    blocks = [heading(_("Posséder"))]
    owned = costs["owning"]
    if not owned["names"]:
        return [*blocks, none(_("Pas de données : aucune charge, taxe ni travaux n'est connu."))]
    first, codes = owned["years"][0], list(owned["names"])
    rows = []
    for code in codes:
        ends = first["costs"].get(code, [Decimal(0), Decimal(0)])
        over = [sum((y["costs"].get(code, [Decimal(0)] * 2)[end] for y in owned["years"]), Decimal(0))
                for end in (0, 1)]  # fmt: skip
        monthly = "–" if code == "works" else _range(ends[0] / 12, ends[1] / 12)
        rows.append([typographic(owned["names"][code]), monthly, _range(*ends), _range(*over)])
    total = owned["total"]
    usual = [sum((ends[end] for code, ends in first["costs"].items() if code != "works"), Decimal(0)) / 12
             for end in (0, 1)]  # fmt: skip
    totals = [
        [_("Total"), _range(*usual), _range(first["low"], first["high"]), _range(total["low"], total["high"])]
    ]
    columns = [
        column(_("Poste"), 1),
        column(_("Par mois"), align="right"),
        column(_("La première année"), align="right"),
        column(_("Sur dix ans"), align="right"),
    ]
    blocks.append(table(columns, rows, totals))
    each_year = [
        column(_("Année"), 1),
        column(_("à partir de"), 1),
        column(_("Coût par an"), 1, align="right"),
        column(_("dont travaux votés"), 1, align="right"),
    ]
    lines = []
    for shown, years_alike in groupby(owned["years"], _year_costs):
        alike = list(years_alike)
        ends = {"first": number(alike[0]["year"]), "last": number(alike[-1]["year"])}
        which = _("%(first)s à %(last)s") % ends if len(alike) > 1 else ends["first"]
        lines.append([which, _month(alike[0]["from"]), *shown])
    blocks.append(table(each_year, lines))
    said = _(
        "Aux prix d'aujourd'hui : aucune hausse n'est supposée. Les travaux sont ceux qui sont votés et à la "
        "charge de l'acheteur."
    )
    possible = owned["works_possible"]["total"]
    if possible:
        said += " " + _("Travaux reportés, possibles et non comptés : %(amount)s.") % {
            "amount": cents(possible)
        }
    return [*blocks, note(said)]


def _year_costs(year: Mapping[str, Any]) -> tuple[str, str]:
    """What a year costs in all, and its works."""
    return _range(year["low"], year["high"]), euros(year["costs"].get("works", [Decimal(0)])[0])


def _month(stated: str) -> str:
    """`2026-11` as `11/2026`."""
    year, month = stated.split("-")
    return f"{month}/{year}"


def _range(low: Decimal, high: Decimal) -> str:
    """One amount, or a range where its ends differ."""
    return euros(low) if euros(low) == euros(high) else f"{number(low)} – {euros(high)}"
