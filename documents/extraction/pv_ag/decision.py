"""What became of a resolution, and under which article its vote was finally counted.

"L'assemblée approuve…" proves nothing: the stated result does, or else the count. A vote that misses the
majority of article 25 or 26 may be followed by a second one (law of 10 July 1965, art. 25-1 and 26-1).
"""

# ruff: noqa: E501  # patterns of words are read whole, on one line
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from documents.extraction.flow import Flow, Span
from documents.extraction.pv_ag.blocks import Block
from documents.extraction.pv_ag.votes import FIELDS, Round

Status = Literal["adopted", "rejected", "deferred", "no_vote"]

_THING = r"(?:resolutions?|decisions?|propositions?|questions?|points?|projets?|motions?|demandes?|deliberations?|candidatures?|budget|comptes|quitus|sujet|devis|vote|elle|il)"
_ADOPTED = r"(?:(?:adopte|approuve|accepte|acquis|ratifie|valide)e?s?|votees?)"
_REJECTED = r"(?:rejete|refuse|repousse|ecarte|desapprouve)e?s?"
_DEFERRED = r"(?:(?:reporte|ajourne|renvoye|differe|suspendu)e?s?|mise? en attente|remise? a|retiree? (?:d[ue]|a la demande))"
_NOT = (
    r"(?:n'(?:est|a|ont|etant|etait) (?:donc |par consequent |ainsi )?(?:pas|point)(?: ete)?|non|pas) ?-? ?"
)
_END = r"(?=\s*(?:$|[.,;:!)\n\t(\-|]|a l'|a la|au\b|par\b|dans\b|en vertu|sous|avec|conformement|art\b|article|suivant|selon|sans\b|en\b))"

_PATTERNS: tuple[tuple[Status, str], ...] = (
        ("rejected", rf"{_NOT}{_ADOPTED}\b"),
        ("rejected", rf"\b{_THING}\b[^.;\n]{{0,90}}?\b{_REJECTED}{_END}"),
        ("rejected", rf"(?:^|[.\n\t:]\s*|\s-\s|(?:pour|contre|abst\w*) \d[\d ]* )(?:[^\w\s]+\s*)?{_REJECTED}{_END}"),
        ("rejected", r"\bassemblee(?: generale)?\b[^.;\n]{0,60}?\b(?:rejette|refuse|repousse|n'adopte pas|n'approuve pas)\b"),
        ("adopted", rf"\b{_THING}\b[^.;\n]{{0,110}}?\b(?:est|sont|a ete|ont ete|:)?\s*{_ADOPTED}{_END}"),
        ("adopted", rf"(?:^|[.\n\t:]\s*|\s-\s|(?:pour|contre|abst\w*) \d[\d ]* )(?:[^\w\s]+\s*)?{_ADOPTED}{_END}"),
        ("adopted", r"\bassemblee(?: generale)?\b[^.;\n]{0,30}?\badopte (?:cette|la|ladite) (?:resolution|proposition)"),
        ("adopted", rf"\b{_THING} (?:est |a ete )?prise a (?:l'unanimite|la majorite)\b"),
        ("deferred", rf"\b{_THING}\b[^.;\n]{{0,90}}?\b{_DEFERRED}"),
        ("deferred", rf"(?:^|[.,\n\t:]\s*)(?:[^\w\s]+\s*)?{_DEFERRED}{_END}"),
        ("deferred", r"\bdecide[^.;\n]{0,30}? (?:de |d')(?:reporter|ajourner|differer|surseoir|renvoyer)\b"),
        ("deferred", r"\bassemblee(?: generale)?\b[^.;\n]{0,30}?\b(?:reporte|ajourne|renvoie)\b"),
        ("no_vote", r"sans objet"),
        ("no_vote", r"(?:sans|pas (?:de|lieu a)|aucun|hors)(?: un)? vote\b|(?:pas|non|ni) (?:mise?|soumise?) (?:aux voix|au(?:x)? votes?)"),
        ("no_vote", r"(?:ne (?:donne|donnant)|n'a donne|n'ayant donne)[^.\n]{0,20} lieu a[^.\n]{0,10} vote|n(?:e|')[^.\n]{0,20}(?:requiert|necessite|appelle|comporte)[^.\n]{0,12} vote"),
        ("no_vote", r"(?:point|simple|titre|pour)[ d']{1,3}information|ne fait (?:pas )?l'objet d'(?:un|aucun) vote|non soumise? (?:a|au) vote"),
)  # fmt: skip
_STATEMENTS = [(status, re.compile(pattern)) for status, pattern in _PATTERNS]
_PAST = re.compile(
    r"precedent|dernier|l'an passe|anterieur|assemblee du \d|lors de|initialement|deja|pour memoire"
)
_HEARSAY = re.compile(
    r"\b(?:si|sous reserve|dans le cas|au cas ou|ne (?:peut|pourra|pourrait)|pourra|sera|seront|serait)\b"
)

_ARTICLE = re.compile(
    r"(?:\bart(?:icles?|\.)?[ \n]?|majorite (?:simple |absolue |double |renforcee )?(?:: ?|de l'|des? |\()?(?:art(?:icle|\.)? ?)?|\bl'art(?:icle|\.)? ?|passerelle )"
    r"(?:n° ?)?(?P<a>2[456])(?: ?(?:-|\.| alinea ) ?(?P<b>1)\b)?(?! ?[a-z]?\d|[.,]\d)"
)
_UNANIMITY = re.compile(
    r"(?:\b(?:majorite|regle)\b|\bvote requis)[^.\n]{0,40}unanimite(?! des (?:voix|votants|presents|suffrages|exprime|\w+ (?:presents|votants)))|(?:requiert|requise?|necessite|exige|devait etre votee a|relevant de|statuant a)[^.\n]{0,20} l'unanimite"
    r"|unanimite (?:de tous les|requise|des coproprietaires composant|des membres composant)"
)
# The majorities by their names in the law, where no article is printed.
_NAMED = (
    ("26", re.compile(r"double majorite|majorite des (?:deux tiers|2/3)")),
    ("25", re.compile(r"majorite absolue|majorite des voix de tous les coproprietaires")),
    ("24", re.compile(r"majorite simple|majorite (?:des voix|des suffrages) (?:exprimee?s|des (?:coproprietaires )?presents)")),
)  # fmt: skip
_SECOND = re.compile(
    r"(?:second|deuxieme|2(?:eme|nd|e)|nouveau|nouvelle) (?:vote|tour|lecture|scrutin)|immediatement[^.\n]{0,40}(?:vote|voix)|seconde lecture|passerelle"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    status: Status
    span: Span
    stated: bool  # False where it follows from the count or from silence


def outcome_of(flow: Flow, block: Block, rounds: list[Round]) -> Outcome:
    """The last statement of a result; without one, the count; without count, no vote."""
    cell = block.cells.get("status") if block.cells else None
    spans = ([Span(max(cell.start - 1, 0), cell.end)] if cell else []) + [block.body]
    for span in spans:
        found = _statements(flow, span)
        voted = bool(rounds)
        if not voted:
            deferred = [s for s in found if s.status == "deferred"]
            if deferred:
                return deferred[-1]
        decided = [s for s in found if s.status in ("adopted", "rejected")]
        if voted and decided:
            return decided[-1]
        if found:
            return found[-1]
    if rounds:
        counts = rounds[-1].counts
        if FIELDS[0] in counts and FIELDS[1] in counts:
            won = counts[FIELDS[0]].value > counts[FIELDS[1]].value
            return Outcome("adopted" if won else "rejected", counts[FIELDS[0]].span, False)
        unanimous = flow.search_prose(r"\ba l'unanimite|:\s+unanimite", block.body)
        if unanimous and FIELDS[0] in counts:
            return Outcome("adopted", Span(unanimous.start(), unanimous.end()), False)
    return Outcome("no_vote", block.title, False)


def _statements(flow: Flow, span: Span) -> list[Outcome]:
    found: list[tuple[int, int, Outcome]] = []
    for rank, (status, pattern) in enumerate(_STATEMENTS):
        text = flow.prose if r"\b(?:resolutions?" in pattern.pattern else flow.text
        for match in pattern.finditer(text, span.start, span.end):
            begin = max(flow.text.rfind("\n", 0, match.start()), flow.text.rfind(". ", 0, match.start())) + 1
            before = flow.text[max(begin, span.start) : match.start()]
            said = match[0]
            if status in ("adopted", "rejected") and (_PAST.search(said) or _PAST.search(before[-40:])):
                continue
            if _HEARSAY.search(before[-30:]) or (status != "no_vote" and _HEARSAY.search(said)):
                continue
            words = re.search(rf"(?:{_ADOPTED}|{_REJECTED}|{_DEFERRED})$", said)
            start = match.start() if words is None or status == "rejected" else match.start() + words.start()
            place = match.end()
            found.append(
                (
                    place,
                    -rank,
                    Outcome(status, Span(start, place), True),
                )
            )
    # A refusal reads as an approval with a negation before it: the negation wins.
    refusals = {place for place, _, outcome in found if outcome.status == "rejected"}
    kept = [item for item in found if not (item[2].status == "adopted" and item[0] in refusals)]
    kept.sort(key=lambda item: (item[0], item[1]))
    return [outcome for _, _, outcome in kept]


def majority_of(flow: Flow, block: Block, rounds: list[Round], outcome: Outcome) -> tuple[str, Span] | None:
    """`24`, `25`, `25-1`, `26`, `26-1` or `unanimite`, with the words that say so."""
    if block.cells and "majority" in block.cells:
        cell = block.cells["majority"]
        found = _articles(flow, cell.span) or _figures(cell.text, cell.span)
        if found:
            return _after_second(flow, block, rounds, found, found[0])
        if "unanim" in cell.text:
            return "unanimite", cell.span
    row = flow.row_at(block.title.start)
    title_row = Span(block.title.end, max(row.end, block.title.end))
    span = Span(block.title.end, block.body.end)
    mentions = [m for m in _articles(flow, span) if not _is_subject(flow, m[1])]
    unanimity = flow.search(_UNANIMITY, Span(block.title.start, block.body.end))
    if unanimity and not any(m[0].endswith("-1") for m in mentions):
        stated = [m for m in mentions if m[1].start < unanimity.start()]
        if not stated:
            return "unanimite", Span(unanimity.start(), unanimity.end())
    lead = _articles(flow, Span(block.number_span.end, max(block.title.start, block.number_span.end)))
    if lead:  # `DÉLIBÉRATION N° 3 (article 24)` above the title
        return _after_second(flow, block, rounds, [*lead, *mentions], lead[0])
    if not mentions:
        inside = [
            m
            for m in _articles(flow, block.title)
            if "majorite" in flow.text[block.title.start : block.title.end]
        ]
        return _after_second(flow, block, rounds, inside, inside[0]) if inside else _by_name(flow, span)
    in_row = [m for m in mentions if title_row.start <= m[1].start < title_row.end]
    titled = [
        m
        for m in mentions
        if re.search(r"majorite[^.\n]{0,25}$", flow.text[max(m[1].start - 40, span.start) : m[1].start])
        or flow.text[m[1].start : m[1].end].startswith("majorite")
        or flow.row_at(m[1].start).start == m[1].start
    ]
    first = (in_row or titled or mentions)[0]
    return _after_second(flow, block, rounds, mentions, first)


def _by_name(flow: Flow, span: Span) -> tuple[str, Span] | None:
    """`Adoptée à la majorité absolue` without an article; none where two majorities are named."""
    found = [(article, m) for article, name in _NAMED if (m := flow.search_prose(name, span))]
    return (found[0][0], Span(found[0][1].start(), found[0][1].end())) if len(found) == 1 else None


def _after_second(
    flow: Flow, block: Block, rounds: list[Round], mentions: list[tuple[str, Span]], first: tuple[str, Span]
) -> tuple[str, Span]:
    """The passerelle's article where a second vote took place, else the one first named."""
    second = next((m for m in reversed(mentions) if m[0].endswith("-1")), None)
    announced = flow.search(_SECOND, block.body) is not None
    two = len(rounds) >= 2
    if two and first[0] in ("25", "26"):
        base = first[0] + "-1"
        named = next((m for m in reversed(mentions) if m[0] == base), None)
        if named:
            return named
        if announced:
            found = flow.search(_SECOND, block.body)
            word = re.search(r"[a-z]{3,}", found[0]) if found else None
            if found is not None and word:  # without the figure of `2e tour`, which is no article
                return base, Span(found.start() + word.start(), found.end())
        return first
    if (
        second
        and first[0] in ("25", "26")
        and second[0] == first[0] + "-1"
        and second[1].start > first[1].start
    ):
        # One count printed, but its result is said to be by the passerelle.
        line = flow.text[max(second[1].start - 90, block.body.start) : second[1].end]
        if re.search(r"(?:adopte|approuve|vote|rejete)e?", line) and not re.search(
            r"tiers|pourra|possib", line
        ):
            return second
    return first


def _articles(flow: Flow, span: Span) -> list[tuple[str, Span]]:
    return [
        (match["a"] + ("-1" if match["b"] and match["a"] != "24" else ""), Span(match.start(), match.end()))
        for match in flow.finditer(_ARTICLE, span)
    ]


def _figures(text: str, span: Span) -> list[tuple[str, Span]]:
    found = re.findall(r"\b(2[456])(?: ?[-.] ?(1))?\b", text)
    articles = [(article + ("-1" if second else ""), span) for article, second in found]
    return articles[::-1] if "puis" in text else articles  # `25 puis 25-1`: the one that was counted last


def _is_subject(flow: Flow, span: Span) -> bool:
    """`en application de l'article 24 III de la loi`, `l'article 25 du règlement`: not how votes are counted."""
    after = flow.text[span.end : span.end + 30]
    return re.match(r"\s?(?:du (?:reglement|decret|contrat|bail)|de l'ordonnance|du code)", after) is not None
