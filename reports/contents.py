"""What a report says, block by block: the cover, the pages of its kind, the appendix of clippings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from documents.models import Document
from documents.synthesis_views import answer
from properties.cost_views import CostsQuerySerializer, costs_of
from properties.models import Property
from properties.price_analysis import stored
from reports import clippings as clips
from reports.blocks import Block, cell, column, heading, none, note, section, table, text
from reports.clippings import Clippings
from reports.cost_pages import cost_pages
from reports.document_pages import (
    action_pages,
    amount_pages,
    confidence_lines,
    contradiction_pages,
    missing_pages,
    risk_pages,
)
from reports.models import Kind
from reports.photo_pages import photo_pages
from reports.price_pages import confidence, price_pages, source
from reports.rendering import Contents
from reports.writing import (
    NO_BREAK,
    cents,
    colon,
    day,
    euros,
    long_day,
    number,
    percent,
    plural,
    printable,
    short,
    typographic,
    unit,
)

DOUBTFUL_LISTED = 40
"""Values not found on their page, of all documents: the others are counted."""


def contents(subject: Property, kind: str, language: str, options: Mapping[str, Any]) -> Contents:
    """The report of a property in a language; `options` as `CostsQuerySerializer` takes them."""
    with override(language):
        query = CostsQuerySerializer(data=dict(options))
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        pictures: dict[str, bytes] = {}
        price = None if kind == Kind.SYNTHESIS else dict(stored(subject).analysis_data)
        documents = None if kind == Kind.PRICE_ANALYSIS else answer(subject, asked.get("signing_date"))
        blocks: list[Block] = []
        if price is not None:
            blocks += price_pages(subject, price)
        if kind != Kind.SYNTHESIS:
            blocks += cost_pages(costs_of(subject, asked))
        if documents is not None:
            papers = list(Document.objects.filter(property=subject).order_by("pk"))
            found = Clippings(papers)
            blocks += amount_pages(documents, found)
            blocks += risk_pages(documents, found)
            blocks += contradiction_pages(documents, found)
            blocks += missing_pages(documents)
            blocks += action_pages(documents)
            if kind == Kind.FULL:
                blocks += photo_pages(subject, pictures)
            found.cut()
            pictures |= found.pictures
            blocks += _appendix(found, papers)
        data = {
            "language": language,
            "region": "FR" if language == "fr" else "GB",
            "words": _words(),
            "title": f"{Kind(kind).label} – {subject.address}",
            "cover": _cover(subject, kind, price, documents),
            "blocks": blocks,
        }
    return Contents(printable(data), pictures)


def _words() -> dict[str, str]:
    return {
        "contents": _("Sommaire"),
        "estimate": _("valeur estimée"),
        "asking": _("prix demandé, sans honoraires"),
        "colon": colon(),
        "percent": f"{NO_BREAK}%" if get_language() == "fr" else "%",
        "north": _("N"),
        "values": _("Valeur"),
        "doubtful": _("non retrouvé sur sa page"),
        "interval": _("Intervalles de la valeur et prix demandé"),
        "plan": _("Plan des ventes autour du bien"),
        "chart": _("Indice des prix par trimestre"),
    }


def _cover(
    subject: Property, kind: str, price: Mapping[str, Any] | None, documents: Mapping[str, Any] | None
) -> dict[str, Any]:
    today = timezone.localdate()
    unknown = _("non indiqué")
    facts = [
        (_("Type"), str(subject.get_property_type_display())),
        (
            _("Surface annoncée"),
            unknown if subject.surface_area is None else unit(subject.surface_area, "m²"),
        ),
        (_("Pièces"), unknown if subject.rooms is None else number(subject.rooms)),
        (_("Étage"), unknown if subject.floor is None else number(subject.floor)),
        (_("Construction"), unknown if subject.building_year is None else str(subject.building_year)),
        (_("Prix demandé"), unknown if subject.asking_price is None else euros(subject.asking_price)),
    ]
    cards: list[tuple[str, str, str]] = []
    notes = [_("Fait le %(day)s.") % {"day": long_day(today)}]
    if price is not None:
        cards += _price_cards(price)
        notes.append(source(price))
    if documents is not None:
        cards += _document_cards(documents)
        notes.append(
            _("Ce qui dépend du jour de la signature est dit au %(day)s.") % {"day": day(documents["as_of"])}
        )
        notes += confidence_lines(documents)
    disclaimer = _(
        "Ce rapport rassemble ce que disent les ventes publiques et les documents remis. Il n'est ni une "
        "expertise immobilière, ni un avis juridique ; il ne remplace pas le notaire. Chaque valeur estimée "
        "est donnée avec son intervalle, chaque somme avec sa source ; ce qui manque est dit. Les ventes "
        "publiques ne peuvent servir à identifier des personnes."
    )
    place = " ".join(part for part in (subject.postal_code, subject.city) if part)
    return {
        "kind": str(Kind(kind).label),
        "address": subject.address,
        "place": place,
        "facts": [list(pair) for pair in facts],
        "cards": [list(card) for card in cards],
        "notes": [typographic(said) for said in notes],
        "disclaimer": typographic(disclaimer),
    }


def _price_cards(price: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    none_ = _("pas de données")
    interval = price["interval_80"]
    between = (
        _("%(low)s à %(high)s (80 %%)") % {"low": euros(interval[0]), "high": euros(interval[1])}
        if interval
        else ""
    )
    value = none_ if price["estimated_value"] is None else euros(price["estimated_value"])
    deviation = price["price_deviation_percent"]
    return [
        (_("Valeur estimée"), value, between),
        (
            _("Prix demandé / valeur"),
            none_ if deviation is None else percent(deviation, 1, sign=True),
            _("confiance %(level)s") % {"level": confidence(price["confidence_level"])},
        ),
    ]


def _document_cards(data: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    none_ = _("pas de données")
    totals, read = data["totals"], data["documents"]["read"]
    papers = ngettext("%(n)d document lu", "%(n)d documents lus", plural(read)) % {"n": read}
    annual = none_ if totals["annual"] is None else cents(totals["annual"])
    once = none_ if totals["one_time_buyer"] is None else cents(totals["one_time_buyer"])
    level = data["risk"]["name"] or none_
    missing = len(data["missing"])
    wanted = ngettext("%(n)d document manque", "%(n)d documents manquent", plural(missing)) % {"n": missing}
    return [
        (_("Coût annuel"), annual, papers),
        (_("Travaux à votre charge"), once, _("au jour de la signature")),
        (_("Risque"), level, _("%(n)s points") % {"n": data["risk"]["points"]} if read else ""),
        (_("Contradictions"), number(len(data["contradictions"])) if read else none_, wanted),
    ]


def _appendix(found: Clippings, papers: Iterable[Document]) -> list[Block]:
    blocks = [section(_("D'où vient chaque chiffre"))]
    if not found.places:
        return [*blocks, none(_("Pas de données : aucun chiffre de ce rapport ne vient d'un document."))]
    said = _(
        "Chaque numéro renvoie à un extrait de la page où le chiffre a été lu ; ce qui a été lu y est "
        "marqué. La certitude est celle de la lecture, pas celle du document."
    )
    blocks.append(text(typographic(said)))
    blocks += [clips.block(place) for place in found.places]
    doubtful = [
        (paper, finding)
        for paper in papers
        for finding in (paper.analysis_result or {}).get("findings", [])
        if not finding["grounded"]
    ]
    if doubtful:
        blocks += [heading(_("Non retrouvé sur sa page : dans aucun total")), _doubtful(doubtful)]
        left = len(doubtful) - DOUBTFUL_LISTED
        if left > 0:
            blocks.append(note(ngettext("%(n)d autre valeur.", "%(n)d autres valeurs.", left) % {"n": left}))
    return blocks


def _doubtful(findings: list[tuple[Document, Mapping[str, Any]]]) -> Block:
    rows = [
        [
            cell(paper.filename, small=_("page %(n)s") % {"n": finding["page"] or "–"}),
            clips.values([finding]),
            cell(short(finding["quote"], 120) or "–"),
            clips.how([finding]),
        ]
        for paper, finding in findings[:DOUBTFUL_LISTED]
    ]
    return table(
        [
            column(_("Document"), 1),
            column(_("Valeur"), 0.8),
            column(_("Texte lu"), 1.2),
            column(_("Origine"), 0.8),
        ],
        rows,
    )
