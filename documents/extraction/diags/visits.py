"""Dates of a diagnostic: the visit, the report, the end of validity. Three different days of one report."""

# one rule, one line: patterns are read across
from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from documents.extraction.dates import DATE, day
from documents.extraction.diags.parts import Bundle, Part
from documents.extraction.flow import Flow, Span

_DONE = r"(?:effectue|realise|execute|mene)e?s?"
# What names the day on which somebody was there.
VISIT = re.compile(
    r"\bdates?\s*(?:\(s\))?\s+(?:et\s+heure\s+)?(?:de\s+(?:la\s+|votre\s+|notre\s+|l'|sa\s+)?visite|\(visite\)|d'intervention"
    r"|d[eu]s?\s+(?:la\s+|l')?(?:reperages?|mesurages?|releves?|examen|controle|investigations?|intervention|visites?))"
    rf"|\bvisites?\s+(?:du\s+bien\s*|des\s+lieux\s*|sur\s+(?:place|site)\s*)?(?:{_DONE}|du\b|le\b|:)"
    rf"|\b(?:reperages?|mesurages?|intervention|controle|investigations?|examen|releve)\s+(?:in\s+situ\s+)?(?:{_DONE}\s+)?(?:du|le|en\s+date\s+du|:)"
    rf"|\b(?:reperages?|mesurages?|intervention|controle|investigations?|examen|releve|operations?|prestations?|mission|expertise)\s+{_DONE}"
    r"|\bavoir\s+(?:procede|visite|mesure|effectue|realise)[^.\n\d]{0,40}?\ble\b|\bprocede\s+le\b"
    r"|\bvisite\s+du\s+bien\b|(?m:^)visites?(?=\t)|\bsur\s+place\s+le\b|\(visite\)"
)
# What may name it, or the day of the report.
DIAGNOSTIC = re.compile(
    r"\bdate\s+(?:d[eu]s?\s+(?:la\s+|l')?|d')(?:constat|diagnostic|etat|audit|dpe|consultation|realisation|execution)\b"
    rf"|\b(?:constat|diagnostic|audit|etat|dpe|mission)\s+{_DONE}\s+le|\bconsultation\s+(?:du|le)|\b{_DONE}\s+(?:en\s+date\s+du|le)\b"
)
ISSUE = re.compile(
    r"\bdate\s+(?:d[eu]s?\s+(?:la\s+|l')?|d')(?:rapport|etablissement|edition|emission|redaction|document|creation|delivrance|dossier|commande\s+du\s+rapport)\b"
    r"|\b(?:etabli|edite|redige|delivre|emis|genere|imprime|commande)e?s?\s+(?:a\s+[^\d\n]{2,30},?\s+)?(?:le|en\s+date\s+du|:)"
    r"|\b(?:document|rapport|etat|constat|certificat|attestation|edition)\s+(?:realise\s+|etabli\s+|edite\s+|date\s+)?(?:du|le)\b"
    r"|\bedition\s+d[eu]\s+(?:dossier|rapport)|\bfait\s+(?:a\s+)?[^\d\n]{0,45}?\ble\b|\ben\s+date\s+du\b|\brealisee?\s+(?:en\s+ligne\s+)?le\b"
    r"|\bdate\s*:|\bdate\s*(?:/|et)\s*lieu\b|\blieu\s*(?:/|et)\s*date\b"
)
VALID = re.compile(
    r"valable|valide\b|validite|echeance|expir\w+|\bjusqu'(?:au|a)\b|a\s+renouveler\s+avant|date\s+limite"
)
# A date near these words is that of something else.
_FOREIGN = re.compile(
    r"certifi\w*|assurance|\brcp?\b|police|accredit\w*|habilit\w*|arrete|norme|permis|constructi\w*|commande"
    r"|prix|index\w*|charge\w*ment|source|approuve|prescrit|mis\w*\s+a\s+jour|decret|loi\b|facture|acquisition"
    r"|methode|version|laboratoire|proces-verbal|analys\w+|location|traitement|diplome|formation|ordonnance"
)
_OF_PEOPLE = re.compile(r"certifi(?!e\s*$)\w*|assurance|police|accredit\w*|competence|arrete|permis")
_OWN = re.compile(
    r"duree|validite|\betat\b|constat|\bdiagnostic\b|\bdpe\b|\brapport|visite|etabli|document|dossier|edite|audit|vente"
)
REACH = 70  # characters between a label and its date
BELOW = 0.05  # share of the page under a label in which its date may stand
BY_ISSUE = ("erp", "bruit")  # made from registers, without a visit


def read_dates(part: Part, bundle: Bundle) -> None:
    """`date` and `valid_until` of a part; the summary and the cover serve where the part is silent."""
    cover_visit = _first(bundle.flow, bundle.cover, (VISIT,))
    own = part.own
    if part.type in BY_ISSUE:
        choices = [(own, (ISSUE, DIAGNOSTIC, VISIT)), (bundle.cover, (ISSUE, VISIT))]
    else:
        choices = [(own, (VISIT, DIAGNOSTIC)), (bundle.cover, (VISIT,))]
    found = next((hit for spans, labels in choices if (hit := _first(part.flow, spans, labels))), None)
    if found is None and part.type not in BY_ISSUE:
        others = [
            other.own for kind, other in bundle.parts.items() if kind not in BY_ISSUE and other is not part
        ]
        visits = {
            hit[0]: hit
            for spans in others
            for label in (VISIT,)
            if (hit := _first(part.flow, spans, (label,)))
        }
        found = (
            cover_visit
            or _first(part.flow, own, (ISSUE,))
            or (next(iter(visits.values())) if len(visits) == 1 else None)
            or _first(part.flow, bundle.cover, (DIAGNOSTIC, ISSUE))
        )
    if found:
        part.put("date", found[0], found[1], "date", 0.9)
    _read_validity(part, found[0] if found else None)


def _first(
    flow: Flow, spans: Sequence[Span], labels: Sequence[re.Pattern[str]]
) -> tuple[date, tuple[Span, ...]] | None:
    for pattern in labels:
        for span in spans:
            for label in flow.finditer(pattern, span):
                before = re.split(r"[.;\n\t]|\s-\s", flow.text[max(0, label.start() - 50) : label.start()])[
                    -1
                ]
                if _FOREIGN.search(label[0]) or VALID.search(label[0]) or _OF_PEOPLE.search(before):
                    continue
                hit = _date_at(flow, label, span)
                if hit:
                    return hit[0], (Span(*label.span()), hit[1])
    return None


def _date_at(flow: Flow, label: re.Match[str], within: Span) -> tuple[date, Span] | None:
    """The date after a label in the running text, else the one under it in a table."""
    reach = Span(label.end(), min(within.end, label.end() + REACH))
    found = flow.search(DATE, Span(reach.start, min(within.end, reach.end + 20)))
    if found and found.start() <= reach.end:
        between = flow.text[label.end() : found.start()]
        foreign = _FOREIGN.search(between) or VALID.search(between) or ISSUE.search(between + " ")
        # On the next row of a table the date of this label stands under it, not first in the row.
        table = "\n" in between and len(flow.row_at(label.start()).cells) > 1
        if not foreign and not table and between.count("\n") <= 1:
            value = day(found[0])
            if value and not ("\n" in between and _other_label(between)):
                return value, Span(*found.span())
    box = flow.box(Span(*label.span()))
    row = flow.row_at(label.start())
    for other in flow.rows[flow.row_index(label.start()) + 1 :][:4]:
        if other.page != row.page or other.top - box[3] > BELOW:
            break
        for cell in other.cells:
            if cell.box[0] < box[2] and cell.box[2] > box[0]:
                below = re.match(rf"\W*(?:[a-z][a-z' -]{{1,30}},\s+)?(?:le\s+)?({DATE})", cell.text)
                value = day(below[1]) if below else None
                if below and value:
                    return value, Span(cell.start + below.start(1), cell.start + below.end(1))
    return None


def _other_label(between: str) -> bool:
    """Whether another label stands between: the date belongs to that one."""
    return bool(re.search(r"[a-z]{3,}.*\n|\n.*[a-z]{4,}", between))


def _read_validity(part: Part, after: date | None) -> None:
    for label in part.finditer(VALID, summary=False):
        if _is_foreign(part, label):
            continue
        for found in part.flow.finditer(DATE, Span(label.end(), min(len(part.flow.text), label.end() + 110))):
            between = part.flow.text[label.end() : found.start()]
            if between.count("\n") > 2 or re.search(
                r"certifi|assurance|visite|rapport\s+(?:du|edite)|fait\s+(?:a|le|en)\b|\.\s+(?!\W*(?:soit|jusqu|date|valable|fin))",
                between,
            ):
                break
            value = day(found[0])
            # Validity counts from the visit or the report: not before, and for ten years at most (DPE).
            if value and (after is None or 0 < (value - after).days < 3800):
                part.put("valid_until", value, [Span(*label.span()), Span(*found.span())], "valid_until", 0.9)
                return
        below = _date_at(part.flow, label, Span(label.start(), label.end()))
        if below and (after is None or 0 < (below[0] - after).days < 3800):
            part.put("valid_until", below[0], [Span(*label.span()), below[1]], "valid_until", 0.8)
            return
    for span in part.summary:
        for row in part.rows(summary=True):
            if not span.start <= row.start < span.end:
                continue
            for cell in reversed(row.cells[1:]):
                found_in = re.match(rf"(?:[^\d\n]{{0,40}})?({DATE})\W*$", cell.text)
                value = day(found_in[1]) if found_in else None
                if found_in and value and after and 0 < (value - after).days < 3800:
                    place = Span(cell.start + found_in.start(1), cell.start + found_in.end(1))
                    part.put("valid_until", value, place, "valid_until_summary", 0.8)
                    return


def _is_foreign(part: Part, label: re.Match[str]) -> bool:
    """Validity of a certification or an insurance: their word stands nearer than the report's own."""
    before = part.before(label.start(), 110)
    foreign = max(
        (
            m.end()
            for m in re.finditer(r"certifi\w*|assur\w+|\brcp?\b|police|accredit\w*|piece d'identite", before)
        ),
        default=-1,
    )
    own = max((m.end() for m in _OWN.finditer(before)), default=-1)
    inside = _OWN.search(label[0])
    close = foreign >= 0 and len(before) - foreign < 60
    return foreign > own and (close or not inside)
