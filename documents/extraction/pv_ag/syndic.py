"""The syndic of minutes: the one elected at the meeting, else the one in office, else the letterhead."""

# ruff: noqa: E501  # patterns of words are read whole, on one line
from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from documents.extraction.draft import Draft
from documents.extraction.flow import Flow, Row, Span, fold
from documents.extraction.pv_ag.blocks import Block

# Patterns run on the printed words (`_shown`): a bar between cells, a new line where a paragraph ends.
_WORD = r"(?:(?:[A-ZÀ-Ý]\.)+(?!\w)|[A-ZÀ-ÝŒ][\w&'’\-]*(?:\.\w[\w&'’\-]*){0,4}|&)"
_LINK = r"(?:d(?:e|u|es) (?:l[ae]s? )?|d['’](?=[A-ZÀ-Ý])|(?:et|en|sur|aux?) )"
# `le cabinet DURAND` is Durand's; in `le cabinet du Parc` the word is part of the name.
_KIND = r"(?:cabinet|agence|régie|étude|groupe)"
_NAME = rf"(?:{_KIND} )?(?P<n>(?:(?<= ){_KIND} {_LINK})?{_WORD}(?: {_LINK}?{_WORD}){{0,7}})"
_FORM = r"(?:(?:[Ll]a |[Ll]e |[Ll]['’])?(?:(?:société|sté|Société|S\.?A\.?R\.?L\.?|S\.?A\.?S\.?U?\.?|S\.?A\.?|E\.?U\.?R\.?L\.?) )?)"
_WHAT = r"(?: (?i:bénévole|en exercice|en place|actuel|professionnel|non professionnel|provisoire|de la copropriété|de l['’]immeuble|de la résidence))*"
_CHOSEN = r"(?:désign|nomm|élit|élu|réél|renouvel|recondui|confirm|confi|choisi|approuve)"
_AS = r"(?:en (?:sa |leur )?qualité de|comme|dans (?:ses|leurs|les) fonctions de|pour|à la fonction de|aux fonctions de)"

_ELECTED = (
    rf"(?i:{_CHOSEN})\w*\b[^.¦]{{0,80}}?\b(?i:syndic){_WHAT}(?: (?:à|de|:|,))? {_FORM}{_NAME}",
    rf"(?i:{_CHOSEN})\w*\b[^.¦]{{0,30}}? {_FORM}{_NAME}[^.¦]{{0,60}}? {_AS} (?i:syndic)",
    rf"{_FORM}{_NAME}(?: ?,[^,.]{{3,60}},)? (?:est|a été) (?:{_CHOSEN})\w*(?! +(?:président|secrétaire|scrutat|membre))",
    rf"(?i:syndic){_WHAT} ?(?:[:¦–-] ?)?(?:[Cc]andidature (?:de |du )?)?{_FORM}{_NAME}",
)
_RENEWED = rf"(?i:{_CHOSEN})\w* (?:le |son )?(?i:mandat|contrat|mission)(?: (?:du|de la|de l['’]|d['’]|de))+ ?{_FORM}{_NAME}"
_IN_OFFICE = (
    rf"(?i:syndic){_WHAT} ?[:¦] ?{_FORM}{_NAME}",
    rf"(?:\b[Ll]e|\b[Dd]u|\b[Ss]on|\b[Nn]otre|\b[Vv]otre) (?i:syndic){_WHAT} ?,? {_FORM}{_NAME}",
    rf"\b{_FORM}{_NAME} ?, ?(?:agissant )?(?:{_AS} )?(?i:syndic)\b(?! ?:)",
    rf"(?i:syndic){_WHAT} ?:?\n ?{_FORM}{_NAME}",
    rf"[Cc]onvocation (?:de |du |d['’]){_FORM}{_NAME}",
)
MADE = re.compile(
    r"\b(?:elue?|nommee?|designee?|confirmee?)\s+(?:en qualite de |comme |aux fonctions de )?syndic\b(?! de seance)"
)
_OFFICE = re.compile(
    r"gestion|syndics?\b|immobili|administrat|cabinet|agence|regie|foncia|nexity|citya|loiselet|lamy|oralia|sergic|immo|"
    r"copropriet|habitat|patrimoine|conseils?\b|associes"
)
_TRADE = re.compile(r"(?:administrat|syndics? de|gestion (?:-|d'immeuble|de copro)|transactions?\b|location)")
_OTHER_ROW = re.compile(
    r"syndicat|assemblee|proces|residence|presents?\b|represent|convo|totalisant|tantiemes|reunis"
)
_NO_NAMES = {
    "assemblee", "l'assemblee", "le", "la", "les", "article", "votes", "vote", "pour", "contre", "syndic", "conseil", "ag",
    "resolution", "majorite", "edite", "edition", "date", "reference", "ref", "dossier", "tel", "copropriete", "residence",
    "immeuble", "gestionnaire", "proces-verbal", "contrat", "en", "l'ag", "elle", "il", "election", "designation", "du", "de",
    "art", "apres", "presents", "sont", "ce", "cette", "ordre", "objet", "un", "une", "projet", "candidat", "candidats",
    "duree", "adresse", "lieu", "honoraires", "mandat", "quitus", "budget", "convocation", "president", "secretaire", "a",
}  # fmt: skip
_NEVER_INSIDE = {
    "assemblee", "l'assemblee", "duree", "vote", "votes", "article", "art", "resolution", "majorite", "honoraires", "mandat",
    "cette", "elle", "pour", "contre", "son", "sa", "monsieur", "madame", "m.", "mme",
}  # fmt: skip
_LONE = {"monsieur", "madame", "mme", "m.", "cabinet", "agence", "regie", "etude", "groupe", "societe"}


def read_syndic(draft: Draft, head: Span, adopted: list[Block]) -> None:
    """`adopted`: the resolutions that passed."""
    flow = draft.flow
    for block in adopted:
        title = flow.text[block.title.start : block.title.end]
        named = "syndic" in title and re.search(
            r"designation|election|renouvellement|mandat|contrat|reconduction|^syndic", title
        )
        if (named or MADE.search(flow.text, block.title.end, block.body.end)) and "conseil" not in title:
            patterns = (*_ELECTED, _RENEWED) if "mandat" in title or "syndic" in title else _ELECTED
            found = _named(flow, Span(block.title.start, block.body.end), patterns)
            if found:
                draft.put("syndic", found[0], found[1], "pv_ag.syndic_elected", 0.8)
                return
    found = _named(flow, head, _IN_OFFICE)
    if found:
        draft.put("syndic", found[0], found[1], "pv_ag.syndic_named", 0.7)
        return
    found = _letterhead(flow, head)
    if found:
        draft.put("syndic", found[0], found[1], "pv_ag.syndic_head", 0.6)


def _letterhead(flow: Flow, head: Span) -> tuple[str, Span] | None:
    """A line at the top that sounds like an office; where it only says the trade, the name stands above it."""
    rows = [row for row in flow.rows[:8] if row.start < head.end and row.top < 0.2]
    for place, row in enumerate(rows):
        if not _OFFICE.search(row.text) or _OTHER_ROW.search(row.text):
            continue
        cell = next((c for c in row.cells if _OFFICE.search(c.text)), row.cells[0])
        if _TRADE.match(cell.text) and place and not _OTHER_ROW.search(rows[place - 1].text):
            cell = rows[place - 1].cells[0]
        text = " ".join(w.text for w in flow.words(cell.span))
        name = re.split(
            r"\s[–—·•*-]\s|,|\s\d{1,3}\s(?:bis )?(?:rue|avenue|place|cours|quai|boulevard)\b|\bSyndic de\b",
            text,
        )[0].strip(" –—-")
        if name and len(name) <= 60 and not name.endswith("."):  # longer, or with a full stop: a sentence
            return name, cell.span
    return None


def _named(flow: Flow, span: Span, patterns: tuple[str, ...]) -> tuple[str, Span] | None:
    shown, places = _shown(flow, span)
    for pattern in patterns:
        for match in re.finditer(pattern, shown):
            if re.search(
                r"\b(?!Le |Du |Au |Par |Votre |Notre |Son |Un )[A-ZÀ-Ý]\w+ Syndic\W*$",
                shown[: match.start("n")],
            ):
                continue  # the word is part of a name: `Mon Syndic Clair`
            name = _until_other(match["n"]).rstrip(" ,-–&")
            words = fold(name).split()
            if len(name) < 4 or words[0].rstrip(".") in _NO_NAMES or (len(words) == 1 and words[0] in _LONE):
                continue
            if "\n" in match[0] and not (_OFFICE.search(fold(name)) or name.isupper()):
                continue
            begin = places[match.start("n")]
            end = places[min(match.start("n") + len(name) - 1, len(places) - 1)] + 1
            return name, Span(begin, end)
    return None


def _until_other(name: str) -> str:
    """The name without a sentence or label that opens behind it: `CALANQUES GESTION L'assemblée`."""
    words = name.split(" ")
    stop = next((i for i, word in enumerate(words) if i and fold(word) in _NEVER_INSIDE), len(words))
    return " ".join(words[:stop])


def _shown(flow: Flow, span: Span) -> tuple[str, list[int]]:
    """Printed words joined by blanks (cells by a bar, paragraphs by a new line), and the flow's offset of each
    character.
    """
    ends = set(_paragraph_ends(flow, span))
    parts: list[str] = []
    places: list[int] = []
    for piece in re.finditer(r"[^ \t\n]+", flow.text[span.start : span.end]):
        offset = span.start + piece.start()
        words = flow.words(Span(offset, offset + 1))
        text = words[0].text if words else piece[0]
        if parts:
            apart = " ¦ " if "\t" in flow.text[max(offset - 1, 0) : offset] else " "
            apart = "\n" if offset - 1 in ends else apart
            parts.append(apart)
            places += [offset] * len(apart)
        parts.append(text)
        places += [offset + min(i, len(piece[0]) - 1) for i in range(len(text))]
    return "".join(parts), places


def _paragraph_ends(flow: Flow, span: Span) -> Iterator[int]:
    """Where a row is not carried on by the next: it stops short of the margin, is a table's, or a gap follows."""
    rows = [row for row in flow.rows if row.start < span.end and row.end > span.start]
    margin: dict[int, float] = {}
    for row in flow.rows:
        margin[row.page] = max(margin.get(row.page, 0.0), _right(row))
    for above, below in pairwise(rows):
        short = _right(above) < margin[above.page] * 0.8
        gap = above.page != below.page or below.top - above.bottom > above.height * 0.9
        if short or gap or len(above.cells) > 1 or len(below.cells) > 1:
            yield above.end


def _right(row: Row) -> float:
    return max(cell.box[2] for cell in row.cells)
