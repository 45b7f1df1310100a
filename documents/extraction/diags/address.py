"""The address of the property: the one that its labels name and that the reports repeat."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from __future__ import annotations

import re
from collections import Counter

from documents.extraction.diags.parts import Bundle
from documents.extraction.draft import Draft
from documents.extraction.flow import Span

WAYS = (
    r"rue|avenue|av\.?|boulevard|bd\.?|bvd|place|pl\.?|chemin|che\.?|impasse|imp\.?|allees?|quai|cours|square|passage|route|rte\.?"
    r"|montee|traverse|venelle|sente|sentier|ruelle|villa|cite|residence|faubourg|fbg?\.?|hameau|lotissement|lieu[ -]dit|esplanade"
    r"|promenade|rond[ -]point|voie|mail|parvis|galerie|clos|domaine|cote|rampe|escalier|digue|levee|port|zac|za|parc"
)
ADDRESS = re.compile(
    rf"(?<![\d-])\d{{1,4}}(?:\s?(?:bis|ter|quater|[a-d]\b))?(?:\s?(?:a|-|/|et)\s?\d{{1,4}}(?:\s?(?:bis|ter))?)?\s?,?\s+(?:{WAYS})\s(?:[^\d\t]|(?:etage|bat\w*\.?|porte|appt?\.?|lot|n°)\s?\d+|\d+\s?(?:er|e|eme)\s+etage){{2,70}}?[\s,(-]*\b(?P<code>\d{{5}})\b\s+(?P<town>[a-z][a-z'. -]{{1,40}}?)(?=\s*(?:[,;()\t\n.:]|\s-\s|\d|$))"
)
_LABEL = re.compile(
    r"(?:adresse(?:\s+(?:du\s+bien|de\s+l'immeuble|du\s+logement))?|localisation|situation|designation\s+du\s+bien|immeuble|\bbien\b|bien\s+immobilier\s+concerne|lieu|situe\w*)[^\n]{0,90}$"
)
_OTHERS = re.compile(
    r"(?:proprietaire|vendeur|operateur|diagnostiqueur|cabinet|societe|sarl|\bsas\b|siege|assurance|donneur|mandataire|notaire|laboratoire|certifi\w*|expertise\w*|diagnostics?\b(?!\s+de)|agence)[^\n]{0,80}$"
)


def read_address(draft: Draft, bundle: Bundle) -> None:
    flow = bundle.flow
    scores: Counter[str] = Counter()
    places: dict[str, Span] = {}
    for rank, match in enumerate(flow.finditer(ADDRESS)):
        key = re.sub(r"\W+", " ", match[0])
        before = flow.text[max(0, match.start() - 100) : match.start()]
        line = before.rsplit("\n", 1)[-1]
        scores[key] += 2
        if _LABEL.search(line) or _LABEL.search(before.replace("\n", " ")[-60:]):
            scores[key] += 3
        if _OTHERS.search(line):
            scores[key] -= 4
        if rank == 0:
            scores[key] += 1
        if key not in places:
            places[key] = Span(*match.span())
    if scores:
        best, score = scores.most_common(1)[0]
        if score > 0:
            span = places[best]
            text = " ".join(word.text for word in flow.words(span)).rstrip(" ,;.(–-")
            draft.put("property_address", text, span, "diags.property_address", 0.8)
