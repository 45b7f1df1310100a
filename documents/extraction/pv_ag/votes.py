"""The counted votes of a resolution, in tantièmes: for, against, abstentions, and a second vote apart.

Heads (number of co-owners) stand beside shares in most minutes; shares are told by their unit, by `X / Y`,
by the column they stand in, or as the larger of two bare numbers. Nothing is added up: `Contre : M. A (12),
Mme B (30)` states no total.
"""

# ruff: noqa: E501  # patterns of words are read whole, on one line
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from documents.extraction.amounts import whole
from documents.extraction.dates import MONTHS
from documents.extraction.flow import Cell, Flow, Row, Span
from documents.extraction.pv_ag.blocks import Block

FIELDS = ("votes_for", "votes_against", "abstentions")
_FIELD = {
    "pour": FIELDS[0], "oui": FIELDS[0], "favorable": FIELDS[0],
    "contre": FIELDS[1], "non": FIELDS[1], "defavorable": FIELDS[1],
}  # fmt: skip
_COUNT = r"\d{1,3}(?:[ .']\d{3})+(?![\d])|\d+"
_NUMBER = re.compile(rf"(?<![\d,.\w])(?P<n>{_COUNT})(?:[,.]0{{1,2}}(?!\d))?(?![\d]*[,.]\d|\d)")
SHARES = r"(?:(?:dix[ -]*\n?)?(?:\d+ ?)?(?:tantiemes?|milliemes?|emes?\b|iemes?\b|ieme)|tant\b|mill\b|t\.|voix|parts?\b|quotes?[ -]parts?)"
_HEADS = r"(?:co-?proprietaires?|copro\b|coprop\b|personnes?|votants?|presents?|mandats?|tetes?|membres?)"
# The label of a count; in prose `pour` and `contre` are prepositions, so a sign of counting must stand by.
_LABEL = re.compile(
    r"(?P<label>"
    r"(?:(?:ont|a|ayant) vote (?:\(?e?s?\)? ?)?|(?:nombre de )?(?:votes?|voix|suffrages?|tantiemes?|votants?) |(?<=[\s\t|;,(])|(?<=^))"
    r"(?P<side>pour|contre|(?:de)?favorables?|oui|non(?= ?[:\t])|abst(?:entions?|\.)?(?:\(s\))?)"
    r"|(?P<abst>(?:s'(?:est|etant|abstien(?:t|nent))|se sont) ?(?:abstenue?s?)?(?: \(?s?\)?)?|abstenus?|abstentionnistes?)"
    r"|(?P<op>opposants?|defaillants?)"
    r")(?P<sign>[ \t]*(?:\(s\))?[ \t]*(?:[:=\t]|\.{3,})|[ \t]*\n(?=[:=] ?\d)|(?=[ \n][\d@ø]))"
)
# `pour 7 415 ; contre 0 ; abstentions 0`
_LISTED = re.compile(
    rf"(?:pour|oui)[ \n](?:{_COUNT})\b(?:[^.\n]|\.(?=\d| contre)){{0,50}}[ ;,(\t\n](?:contre|non)(?:[ \n]?:?[ \n]?[\do@ø]|\s*-\s*abst)"
)
_AFTER_FOR = re.compile(
    rf"\b(?:pour|oui)[ \n](?:{_COUNT})\b(?:[^.]|\.(?=\d| contre| abst|\s*$)){{0,80}}[ ;,(\t\n]$"
)
_STROKE = re.compile(rf"[ ]?(?:\(s\))?[ ]?/[ ]?({_COUNT})(?![\d.,]*\d)")
_CARRIED = re.compile(
    rf"\b(adopte|approuve|accepte|votee|rejete|refuse|repousse)e?s? par\s+(?P<n>{_COUNT})\s?(?:{SHARES}|(?:/|sur)\s?(?:{_COUNT}))"
)
_STOP = r"(?<!\bm)(?<!\bmm)(?<!\bmme)(?<!\bmlle)(?<!\b[a-z])\.(?=\s|$)"
_ONE_VOTER = re.compile(rf"[^,;()\d]*(?:,\s?|\(|\[)(?P<n>{_COUNT})\s?(?:{SHARES})?[)\]]?")
_ALONE = re.compile(r"^[\s\t|;,(]*$")
_NAMES = re.compile(
    r"\b(?:m\.|mr\b|mrs\b|mme\b|mmes\b|mlle\b|m et mme|monsieur|madame|s\.?c\.?i\b|sarl\b|sas\b|indivision|succession|"
    r"consorts|societe|epoux|opposants?|liste|dont\b|resolution|decision|cette|en consequence|majorite|article)"
)
_NOTHING = re.compile(
    r"[\s:=\t]*(?:neant|aucune?|nulle?|zero|personne|[o0]{1,2}\b|[@ø](?!\w))"
)  # OCR: @ for a zero with a stroke
_DAY = re.compile(rf"(?:{'|'.join(MONTHS)})\.? $")
_BEHIND = re.compile(
    rf"(?P<n>{_COUNT}|\baucune?(?= ))(?: ?(?:/|sur) ?(?:{_COUNT}))?[ ]?(?:{SHARES})?(?: \([^)]*\))? ?(?:ont vote |votes? |voix )?"
    r"(?P<side>pour|contre|(?:d')?abstentions?|s'abst\w+)\b"
)


@dataclass(frozen=True, slots=True)
class Count:
    value: int
    span: Span


@dataclass(slots=True)
class Round:
    """One vote."""

    start: int
    counts: dict[str, Count] = field(default_factory=dict)


def rounds_of(flow: Flow, block: Block) -> list[Round]:
    """Votes in order; the last one counts."""
    if block.cells is not None:
        counts = {}
        for name, key in zip(("for", "against", "abstention"), FIELDS, strict=True):
            cell = block.cells.get(name)
            found = _bare(cell) if cell else None
            if found:
                counts[key] = found
        if counts:
            return [Round(block.number_span.start, counts)]
    rounds = _by_columns(flow, block) or _by_labels(flow, block)
    carried = _carried(flow, block)
    if carried and not any(carried[0] in r.counts for r in rounds):
        rounds = rounds or [Round(carried[1].span.start)]
        rounds[-1].counts[carried[0]] = carried[1]
    if not rounds or not any("votes_for" in r.counts for r in rounds):
        rounds = _unanimous(flow, block) or _behind(flow, block) or rounds
    return rounds


def _bare(cell: Cell) -> Count | None:
    ratio = re.search(rf"(?:second|deuxieme|2 ?(?:nde?|d|eme|e)) (?:vote|tour)[ :]+({_COUNT})", cell.text)
    ratio = ratio or re.match(rf"[^\d]*({_COUNT})", cell.text)
    if ratio is None or re.match(rf"[^\d]*(?:{_COUNT}) ?%", cell.text):
        return None
    value = whole(ratio[1])
    return (
        Count(value, Span(cell.start + ratio.start(1), cell.start + ratio.end(1)))
        if value is not None
        else None
    )


def _rows(flow: Flow, span: Span) -> Iterator[Row]:
    for index in range(flow.row_index(span.start), len(flow.rows)):
        row = flow.rows[index]
        if row.start >= span.end:
            return
        if row.end > span.start:
            yield row


def _by_columns(flow: Flow, block: Block) -> list[Round]:
    """`POUR | CONTRE | ABSTENTION` above a row of numbers."""
    rounds: list[Round] = []
    header: dict[str, Cell] = {}
    best: tuple[int, Round] | None = None
    for row in _rows(flow, block.body):
        names = {}
        for cell in row.cells:
            side = re.match(r"(?:votes? |voix )?(pour|contre|abst|oui$|non$)[a-z.()]*\s*:?$", cell.text)
            if side:
                names[
                    {
                        "pour": FIELDS[0],
                        "contre": FIELDS[1],
                        "abst": FIELDS[2],
                        "oui": FIELDS[0],
                        "non": FIELDS[1],
                    }[side[1]]
                ] = cell
        if FIELDS[0] in names and FIELDS[1] in names:
            if best:
                rounds.append(best[1])
            header, best = names, None
            continue
        if not header or not any(c.isdigit() for c in row.text):
            continue
        if len(row.cells) == 1 and row.text[:1].isalpha():  # names below the table
            continue
        if row.page != flow.page_of(next(iter(header.values())).start) and (
            row.top > 0.2 or best or len(row.cells) < len(header)
        ):
            continue  # on the next page only the row that the break parted from its head
        label = row.cells[0].text if not row.cells[0].text[:1].isdigit() else ""
        if re.search(rf"tete|{_HEADS}|nombre", label):
            continue
        counts = {}
        for name, head in header.items():
            cell = min(row.cells, key=lambda c, head=head: abs(c.centre - head.centre))  # type: ignore[misc]
            own = min(header.values(), key=lambda h, cell=cell: abs(cell.centre - h.centre))  # type: ignore[misc]
            count = _bare(cell) if own is head and abs(cell.centre - head.centre) < 0.09 else None
            if count:
                counts[name] = count
        if FIELDS[0] not in counts:
            continue
        weight = (10**9 if re.search(SHARES, label) else 0) + counts[FIELDS[0]].value
        if best is None or weight > best[0]:
            best = (weight, Round(min(c.start for c in header.values()), counts))
    if best:
        rounds.append(best[1])
    return rounds


def _by_labels(flow: Flow, block: Block) -> list[Round]:
    text = flow.text
    labels = [m for m in _LABEL.finditer(text, block.body.start, block.body.end) if _is_label(flow, m, block)]
    rounds: list[Round] = []
    seconds: dict[Span, Count] = {}  # what stands behind a stroke, by the count before it
    for place, match in enumerate(labels):
        if match["op"]:
            continue
        until = labels[place + 1].start() if place + 1 < len(labels) else block.body.end
        count = _count(flow, match.end(), min(until, match.end() + 400), block)
        if count is None:
            continue
        side = match["side"] or "abst"
        name = _FIELD.get(side.removesuffix("s"), FIELDS[2])
        told = rounds[-1].counts if rounds else {}
        if not rounds or (
            name in told and (name == FIELDS[0] or (FIELDS[0] in told and name == next(iter(told))))
        ):
            rounds.append(Round(match.start(), {}))
        rounds[-1].counts.setdefault(name, count)
        stroke = _STROKE.match(text, count.span.end)
        second = whole(stroke[1]) if stroke else None
        if stroke and second is not None:
            seconds[count.span] = Count(second, Span(stroke.start(1), stroke.end(1)))
    for earlier, later in pairwise(list(rounds)):
        if FIELDS[0] not in later.counts:  # opponents told before the count, not a second vote
            earlier.counts = {**later.counts, **earlier.counts}
            rounds.remove(later)
    for r in rounds:
        # `Pour : 39 / 4 790, contre : 1 / 108`: heads, then their shares. Else the whole stands behind each:
        # of the votes cast or of all shares, but the same behind two of them, or a round number.
        wholes = [seconds[count.span].value for count in r.counts.values() if count.span in seconds]
        shares = [value for value in wholes if value]
        apart = len(set(shares)) == len(shares) and not any(value % 1000 == 0 for value in shares)
        if len(wholes) > 1 and apart:
            r.counts = {name: seconds.get(count.span, count) for name, count in r.counts.items()}
    return [r for r in rounds if r.counts.keys() & {FIELDS[0], FIELDS[1]} or _carried(flow, block)]


def _carried(flow: Flow, block: Block) -> tuple[str, Count] | None:
    """`est adoptée par 6 102/6 408èmes`, `rejetée par 4 266 voix`: the side that won."""
    match = _CARRIED.search(flow.prose, block.body.start, block.body.end)
    value = whole(match["n"]) if match else None
    if match is None or value is None:
        return None
    name = FIELDS[0] if match[1].startswith(("a", "v")) else FIELDS[1]
    return name, Count(value, Span(match.start("n"), match.end("n")))


def _is_label(flow: Flow, match: re.Match[str], block: Block) -> bool:
    text = flow.text
    sign = match["sign"]
    if sign.strip(" ") or match["abst"] or match["op"]:
        return True
    # `pour 19 …` without a colon: only where the line opens with it, and no sum of money follows.
    line = text.rfind("\n", 0, match.start("label")) + 1
    tab = text.rfind("\t", 0, match.start("label")) + 1
    opens = _ALONE.match(text, max(line, tab, block.body.start), match.start("label")) is not None
    said = match["label"].startswith(("ont", "a ", "vot", "voix", "nombre", "suff"))
    money = re.match(
        r"[ \n]\d[\d .]*(?:,\d\d)? ?(?:€|eur|%|mois|ans?\b|annee|jours?|heures?)", text[match.end() :]
    )
    listed = _LISTED.match(flow.prose, match.start("side")) or _AFTER_FOR.search(
        text[max(match.start() - 120, 0) : match.start()]
    )
    of_all = re.match(rf"[ \n](?:{_COUNT})\s?(?:{SHARES})?\s?(?:/|sur)\s?\d", text[match.end() :])
    return bool(opens or said or listed or of_all or (match["side"] or "").startswith("abst")) and not money


def _count(flow: Flow, start: int, end: int, block: Block) -> Count | None:
    """The shares among the numbers between two labels."""
    text = flow.text[start:end]
    nothing = _NOTHING.match(text)
    if nothing and not re.match(r"[^\n]*\d", text[nothing.end() :]):
        return Count(0, Span(start + nothing.start(), start + nothing.end()))
    names = _NAMES.search(text)
    if names:
        said = re.search(r"\d", text[: names.start()])
        together = re.search(r"\b(?:soit|total\w*|representant|ensemble)\b[^\d]{0,25}\d", text)
        if not said and not together:
            alone = _one_voter(text)
            if alone is not None:
                return Count(alone[0], Span(start + alone[1].start, start + alone[1].end))
            text = ""  # the shares of each, never added up here
        elif said:
            text = text[: names.start()]
        elif together:
            start, text = start + together.start(), text[together.start() :]
    best: tuple[float, Count] | None = None
    numbers = list(_NUMBER.finditer(text))
    for match in numbers:
        before, after = text[: match.start()], text[match.end() :]
        if re.search(r"(?:/|\bsur|\bn°|\bart\w*\.?|\blots?)\s*$", before) or re.match(
            r"\s?(?:%|€|euros?|h\d|h\b)", after
        ):
            continue
        if re.search(r"\t\s*:", before):
            break  # another cell, whose label was not read
        if (
            "\n" in before
            and re.search(r"\d", before.split("\n")[0])
            and (re.search(r"\.\s", before) or (best and best[0] > -4))
        ):
            break
        score = 0.0
        if re.match(rf"[ \t]?(?:{SHARES})?[ \t]?(?:/|sur)[ \t]?(?:{_COUNT})", after):
            score += 5
        if re.match(rf"[ \t]?(?:/ ?\d+)?[ \t]?{SHARES}", after):
            score += 4
        if re.search(r"(?:totalisant|representant|soit|pour un total de|totalise)\s*$", before):
            score += 3
        if re.match(rf"[ \t\n]?(?:\(s\))?{_HEADS}", after) or re.match(r"[ \t]?(?:\(s\) )?copro", after):
            score -= 6
        if re.match(rf"[ \t]?voix[ \t]?[(\[](?:{_COUNT})\s?(?:tanti|milli)", after):
            score -= 10  # `15 voix (4 120 tantièmes)`: heads
        if before.count("(") + before.count("[") > before.count(")") + before.count("]"):
            score -= 2
        score += _column_score(flow, block, start + match.start())
        value = whole(match["n"])
        if value is None:
            continue
        score += min(value, 10**6) / 10**7  # of two bare numbers the larger is shares
        if best is None or score > best[0]:
            best = (score, Count(value, Span(start + match.start("n"), start + match.end("n"))))
    if best and best[0] > -4:
        return best[1]
    if nothing:
        return Count(0, Span(start + nothing.start(), start + nothing.end()))
    return None


def _one_voter(text: str) -> tuple[int, Span] | None:
    """`Contre : Mme GUERNIC (165)`: one name with its shares, and no other."""
    text = re.split(rf"{_STOP}|;", text.replace("\n", " "))[0]
    match = _ONE_VOTER.match(text)
    value = whole(match["n"]) if match else None
    if match is None or value is None or re.search(r"\d|,", text[match.end() :]):
        return None
    return value, Span(match.start("n"), match.end("n"))


def _column_score(flow: Flow, block: Block, offset: int) -> float:
    """Whether the number stands under `Tantièmes` or under `Copropriétaires` of a table in this resolution."""
    row_index = flow.row_index(offset)
    row = flow.rows[row_index]
    cell = next((c for c in row.cells if c.start <= offset < c.end), None)
    if cell is None or len(row.cells) < 2:
        return 0.0
    for above in reversed(flow.rows[max(row_index - 6, 0) : row_index]):
        if above.end < block.number_span.start:
            break
        if any(c.isdigit() for c in above.text) or len(above.cells) < 3:
            continue
        near = min(above.cells, key=lambda c: abs(c.centre - cell.centre))
        if re.search(SHARES, near.text):
            return 3.0
        if re.search(rf"{_HEADS}|nombre|nb", near.text):
            return -6.0 if len(row.cells) == 2 else -3.0  # alone in its row: the shares were not read
    return 0.0


def _unanimous(flow: Flow, block: Block) -> list[Round]:
    """`Adoptée à l'unanimité des votants, soit 5 470 voix`."""
    match = flow.search_prose(
        rf"unanimite[^.\n]{{0,80}}(?:soit|representant|totalisant|:|\bdes)\s+({_COUNT})[ ]?(?:(?:/ ?\d[\d .]*)?\s?{SHARES}|/ ?\d)",
        block.body,
    ) or flow.search_prose(
        rf"unanimite[^.\n\d]{{0,70}}?[( ]({_COUNT})\s?(?:(?:{SHARES})?\s?(?:/|sur)\s?(?:{_COUNT})|(?:{SHARES}|pour|voix pour)\))",
        block.body,
    )
    value = whole(match[1]) if match else None
    if match is None or value is None:
        return []
    return [Round(match.start(), {FIELDS[0]: Count(value, Span(match.start(1), match.end(1)))})]


def _behind(flow: Flow, block: Block) -> list[Round]:
    """`6 520 voix pour, 320 contre, 120 abstentions`."""
    rounds: list[Round] = []
    for match in _BEHIND.finditer(flow.prose, block.body.start, block.body.end):
        value = 0 if match["n"].startswith("a") else whole(match["n"])
        if value is None or _DAY.search(flow.prose[max(match.start() - 12, 0) : match.start()]):
            continue  # the year of a law, the votes opening the next line
        side = match["side"]
        name = FIELDS[0] if side == "pour" else FIELDS[1] if side == "contre" else FIELDS[2]
        if not rounds or (name in rounds[-1].counts and name == FIELDS[0]):
            rounds.append(Round(match.start(), {}))
        rounds[-1].counts.setdefault(name, Count(value, Span(match.start("n"), match.end("n"))))
    return [r for r in rounds if {FIELDS[0], FIELDS[1]} <= r.counts.keys()]
