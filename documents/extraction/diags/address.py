"""The address of the property: the one that its labels name and that the reports repeat."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from documents.extraction.diags.parts import Bundle
from documents.extraction.draft import Draft
from documents.extraction.flow import Cell, Flow, Span

WAYS = (
    r"rue|avenue|av\.?|boulevard|bd\.?|bvd|place|pl\.?|chemin|che\.?|impasse|imp\.?|allees?|quai|cours|square|passage|route|rte\.?"
    r"|montee|traverse|venelle|sente|sentier|ruelle|villa|cite|residence|faubourg|fbg?\.?|hameau|lotissement|lieu[ -]dit|esplanade"
    r"|promenade|rond[ -]point|voie|mail|parvis|galerie|clos|domaine|cote|rampe|escalier|digue|levee|port|zac|za|parc|plan|terrasse|chaussee|corniche|carrefour|calade|cale|ile|grand[ -]?rue|grande[ -]rue|pont|vallon|cour|cours"
)
ADDRESS = re.compile(
    rf"(?<![\d-])\d{{1,4}}(?:\s?(?:bis|ter|quater|[a-d]\b))?(?:\s?(?:a|-|/|et)\s?\d{{1,4}}(?:\s?(?:bis|ter))?)?\s?,?\s+(?:{WAYS})\s(?:[^\d\t]|(?:etage|bat\w*\.?|porte|appt?\.?|lot|n°)\s?\d+|\d+\s?(?:er|e|eme)\s+etage){{2,70}}?[\s,(-]*\b(?P<code>\d{{5}})\b\s+(?P<town>[a-z][a-z'. -]{{1,40}}?)(?=\s*(?:[,;()\t\n.:]|\s-\s|\d|$))"
)
_STREET = re.compile(rf"\d{{1,4}}(?:\s?(?:bis|ter|quater))?\s?,?\s+(?:{WAYS})\s[^\d\t]{{2,60}}")
_TOWN = re.compile(r"\d{5}\s+[a-z][a-z' -]{1,40}")
# `Commune : BREST (29200)` or `Commune : 45000 ORLÉANS` beside `Adresse : 5 rue …`
_LABELLED_TOWN = re.compile(
    r"(?:commune|ville|localite)\s*:[ .]*(?:\d{5}\s+[a-z][a-z' -]+|[a-z][a-z' -]+\(\d{5}\))$"
)
_LABEL = re.compile(
    r"(?:adresse(?:\s+(?:du\s+bien|de\s+l'immeuble|du\s+logement))?|localisation|situation|designation\s+du\s+bien|immeuble|\bbien\b|bien\s+(?:immobilier\s+concerne|expertise|visite|concerne)|lieu|situe\w*)[^\n]{0,90}$"
)
_OTHERS = re.compile(
    r"(?:(?:etabli|realise|edite|redige)e?s?\s+par|proprietaire|vendeur|operateur|diagnostiqueur|cabinet|societe|sarl|\bsas\b|siege|assurance|donneur|mandataire|notaire|laboratoire|certifi\w*|expertise\w*|diagnostics?\b(?!\s+de)|agence)[^\n]{0,80}$"
)


def read_address(draft: Draft, bundle: Bundle) -> None:
    flow = bundle.flow
    scores: Counter[str] = Counter()
    places: dict[str, Span] = {}
    towns: dict[str, list[Span]] = {}
    found = [(Span(*match.span()), match[0]) for match in flow.finditer(ADDRESS)] + list(
        _in_two_cells(flow, towns)
    )
    for rank, (span, address) in enumerate(found):
        key = re.sub(r"\W+", " ", address)
        before = flow.text[max(0, span.start - 100) : span.start]
        line = before.rsplit("\n", 1)[-1]
        box = flow.box(span)
        scores[key] += 2 if box[1] > 0.07 and box[3] < 0.94 else -4  # heads and feet name the office
        if _LABEL.search(line) or _LABEL.search(before.replace("\n", " ")[-60:]):
            scores[key] += 3
        if _OTHERS.search(line):
            scores[key] -= 4
        if rank == 0:
            scores[key] += 1
        places.setdefault(key, span)
    if scores:
        best, score = scores.most_common(1)[0]
        if score > 0:
            span = places[best]
            spans = [span, *towns.get(best, [])]
            text = " ".join(word.text for part in spans for word in flow.words(part)).rstrip(" ,;.(–-")
            draft.put("property_address", text, spans, "diags.property_address", 0.8)


def _in_two_cells(flow: Flow, towns: dict[str, list[Span]]) -> Iterator[tuple[Span, str]]:
    """A street in one cell and the town in the cell under it, other columns standing between in reading order."""
    for index, row in enumerate(flow.rows):
        for cell in row.cells:
            street = re.fullmatch(
                rf"(?:(?P<label>[a-z' ]{{3,40}}:)[ .]*)?(?P<street>{_STREET.pattern}?)\s*,?", cell.text
            )
            if street is None or (len(row.cells) == 1 and not street["label"]):
                continue
            span = Span(cell.start + street.start("street"), cell.start + street.end("street"))
            for near in flow.rows[max(0, index - 3) : index + 4]:
                for town in near.cells if near.page == row.page and near is not row else ():
                    if abs(town.box[0] - cell.box[0]) > 0.02:
                        continue
                    below = near.start > row.start and _TOWN.fullmatch(town.text)
                    if below or (street["label"] and _LABELLED_TOWN.match(town.text)):
                        address = f"{street['street']} {town.text}"
                        towns[re.sub(r"\W+", " ", address)] = [_after_label(town)]
                        yield span, address


def _after_label(cell: Cell) -> Span:
    label = re.match(r"[a-z ]+:[ .]*", cell.text)
    return Span(cell.start + (label.end() if label else 0), cell.end)
