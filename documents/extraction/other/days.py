"""The day a paper was made: signed, issued or brought up to date; not the days it speaks of."""

# ruff: noqa: E501  # patterns of words are read whole, on one line
from __future__ import annotations

import re
from datetime import date

from documents.extraction.amounts import IN_WORDS, number_in_words
from documents.extraction.dates import MONTHS, dates
from documents.extraction.draft import Draft
from documents.extraction.flow import Flow, Span

_YEAR_FIRST = re.compile(
    rf"\bl'an\s+(?P<y>\d{{4}}|{IN_WORDS})\s*,?\s*(?:et )?\s*le\s+(?:(?:lun|mar|mercre|jeu|vendre|same)di )?"
    rf"(?P<d>1er|premier|\d{{1,2}}|{IN_WORDS})\s+(?P<m>{'|'.join(MONTHS)})"
)
_CUES = (
    (r"(?:etabli[es]{0,2}|edition|dresse|redige|edite|genere[es]{0,2}|delivre[es]{0,2}|emise?|imprime)\b[^.\n]{0,80}$", 4),
    (r"(?:mise? a jour|actualise[es]{0,2}|donnees mises a jour|a jour)[^.\n]{0,15}$", 4),
    (r"\bfaite?\b[^.\n]{0,60}\ble\s*(?:(?:lun|mar|mercre|jeu|vendre|same)di\s*)?$", 5),
    (r"signe[es]{0,2}\b[^.\n]{0,60}$", 3),
    (r"(?:date|en date)(?: (?:du|de|d'))?(?: ?(?:document|rapport|l'acte|l'etat(?: date)?|la fiche|signature|etablissement|redaction|edition|emission|realisation|delivrance))[^.\n]{0,12}$", 5),
    (r"rapport (?:definitif |final |provisoire )?(?:n° ?[\w./-]+ )?(?:du|en date du|etabli le)\s*$", 5),
    (r"(?:recu|acte|reglement)[^.\n]{0,90}(?:en date du|le|du)\s*$", 2),
    (r"(?:^|[\n\t])\s*[a-z' -]{3,40},? le\s*(?:(?:lun|mar|mercre|jeu|vendre|same)di\s*)?$", 3),
    (r"\bdate\s*:?\s*$", 2),
)  # fmt: skip
_OTHER_DAYS = re.compile(
    r"visite|demande|exigible|echeance|assemblee|\bag\b|comptes|arrete[es]{0,2} au|exercice|du\s*\d[\d/ ]*au\s*$|\bloi\b|decret|ordonnance|arrete du|"
    r"modifie|mandat|valable|a effet|effet le|jusqu'au|au plus tard|fin le|prend|ne[es]? le|naissance|approuve|reglement de copropriete (?:en )?(?:date )?du|"
    r"date du reglement|immatricul|publie|construction|travaux|prochaine"
)
_CUES_COMPILED = [(re.compile(pattern), weight) for pattern, weight in _CUES]


def read_document_date(draft: Draft) -> None:
    flow = draft.flow
    stated = _YEAR_FIRST.search(flow.prose[:6000])
    if stated:
        year = int(stated["y"]) if stated["y"].isdigit() else number_in_words(stated["y"])
        printed = stated["d"]
        number = (
            1
            if printed in ("1er", "premier")
            else int(printed)
            if printed.isdigit()
            else number_in_words(printed)
        )
        try:
            value = date(year or 0, MONTHS[stated["m"]], number or 0)
        except ValueError:
            value = None
        if value:
            draft.put("document_date", value, Span(stated.start(), stated.end()), "other.document_date", 0.95)
            return
    best: tuple[float, date, Span] | None = None
    taken = 0
    for order, (value, span) in enumerate(dates(flow)):
        # A word before the last day spoke of that one.
        before = flow.prose[max(span.start - 90, taken) : span.start]
        taken = span.end
        score = -0.02 * order + max(
            (w for pattern, w in _CUES_COMPILED if pattern.search(before)), default=0.0
        )
        near = re.split(r"[.;(]", before)[-1]
        if _OTHER_DAYS.search(near[-45:]):
            score -= 3
        if _opens_its_cell(flow, span):
            score = max(score, 2.0 - 0.02 * order)
        if flow.row_at(span.start).top < 0.2 and flow.page_of(span.start) == 1 and score > -1:
            score += 0.5
        if best is None or score > best[0]:
            best = (score, value, span)
    if best and best[0] >= 1.5:
        draft.put("document_date", best[1], best[2], "other.document_date", 0.85 if best[0] > 3 else 0.6)


def _opens_its_cell(flow: Flow, span: Span) -> bool:
    """A letter's day: `Le 2 décembre 2024` alone at the head of the first page."""
    cell = next((c for c in flow.row_at(span.start).cells if c.start <= span.start < c.end), None)
    return (
        cell is not None
        and flow.page_of(span.start) == 1
        and cell.box[1] < 0.35
        and re.fullmatch(r"le\s+", flow.text[cell.start : span.start]) is not None
        and cell.end - span.end < 3
    )
