"""Head of minutes: day and kind of the meeting, shares present at the opening; the syndic (syndic.py)."""

# ruff: noqa: E501  # patterns of words are read whole, on one line
from __future__ import annotations

import re
from datetime import date

from documents.extraction.amounts import IN_WORDS, number_in_words, whole
from documents.extraction.dates import MONTHS, dates
from documents.extraction.draft import Draft
from documents.extraction.flow import Cell, Flow, Row, Span
from documents.extraction.pv_ag.blocks import Block
from documents.extraction.pv_ag.decision import Outcome
from documents.extraction.pv_ag.syndic import read_syndic
from documents.extraction.pv_ag.votes import SHARES

_ALL_PRESENT = (
    r"total.{0,12}presents?|presents?.{1,12}representes?|"
    r"total(?: general)?(?: des)? (?:exprime|votants?|participa|voix presentes|represente)"
)
# score, place and value of the shares present, place and value of all shares
_Present = tuple[float, Span, int, Span | None, int | None]
_COUNT = r"\d{1,3}(?:[ .']\d{3})+(?!\d)|\d+"
_YEAR_FIRST = re.compile(
    rf"\bl'an\s+(?P<y>\d{{4}}|{IN_WORDS})\s*,?\s*(?:et )?\s*le\s+(?:(?:lun|mar|mercre|jeu|vendre|same)di |dimanche )?"
    rf"(?P<d>1er|premier|\d{{1,2}}|{IN_WORDS})\s+(?:du mois (?:de |d'))?(?P<m>{'|'.join(MONTHS)})"
)
_MEETING = (
    r"assemblee|seance|reunion|\breuni|tenue?\b|\bdu (?:lun|mar|mercre|jeu|vendre|same)di|\bag[oems]?\b"
)
_NOT_MEETING = r"convocation|convoque|expedie|adresse|arrete|exercice|comptes|loi\b|decret|ordonnance|notifi|envoy|modifie|mandat|jusqu'au|prochaine|etabli|dresse|redige|imprime|edit[eio]"


def read_meeting(draft: Draft, blocks: list[Block], outcomes: list[Outcome]) -> None:
    flow = draft.flow
    head = Span(0, blocks[0].number_span.start if blocks else min(len(flow.text), 4000))
    head = Span(_own_start(flow, head), head.end)
    _day(draft, head)
    _kind(draft, head)
    _present(draft, head, blocks)
    adopted = [block for block, outcome in zip(blocks, outcomes, strict=True) if outcome.status == "adopted"]
    read_syndic(draft, head, adopted)


def _own_start(flow: Flow, head: Span) -> int:
    """Where the page with the title of the minutes begins, behind a letter or a notice of the meeting."""
    own = 0
    page = flow.rows[0].page if flow.rows else 1
    first = page
    for row in flow.rows:
        if row.start >= head.end:
            break
        if row.page != page:
            page, start = row.page, row.start
        if page != first and len(row.text) < 120 and re.match(r"(?:projet de )?proces[- ]verbal\b", row.text):
            own = start
    return own


def _day(draft: Draft, head: Span) -> None:
    flow = draft.flow
    stated = flow.search(_YEAR_FIRST, head)
    if stated:
        year = int(stated["y"]) if stated["y"].isdigit() else number_in_words(stated["y"])
        number = (
            1
            if stated["d"] in ("1er", "premier")
            else int(stated["d"])
            if stated["d"].isdigit()
            else number_in_words(stated["d"])
        )
        try:
            value = date(year or 0, MONTHS[stated["m"]], number or 0)
        except ValueError:
            value = None
        if value:
            draft.put("meeting_date", value, Span(stated.start(), stated.end()), "pv_ag.meeting_date", 0.95)
            return
    best: tuple[float, date, Span] | None = None
    wider = Span(head.start, max(head.end, min(len(flow.text), 1500)))
    for order, (value, span) in enumerate(dates(flow, wider)):
        before = flow.text[max(span.start - 110, 0) : span.start]
        line = flow.row_at(span.start)
        score = -0.15 * order
        if re.search(_MEETING, before[-70:] + flow.text[span.start : span.start + 1]):
            score += 2
        if re.search(_MEETING, line.text):
            score += 1
        if re.search(rf"(?:{_NOT_MEETING})[^.\d]{{0,60}}$", before) or re.search(
            r"\d\s+(?:au|a|-)\s*$", before
        ):
            score -= 3  # its own word, not one that an earlier date has; the end of a period
        if re.search(r"\bdate\s*:?\s*$", before):
            score += 1
        if re.search(r"proces[- ]?verbal|assemblee", before):
            score += 1
        if re.match(r"\s*(?:a|,|-)?\s*(?:a )?\d{1,2} ?(?:h|:|heures)", flow.text[span.end : span.end + 12]):
            score += 2
        if re.search(r"[a-z]{3,}, le\s*$", before):  # place and day of a letter
            score -= 1.5
        if best is None or score > best[0]:
            best = (score, value, span)
    if best and best[0] > -1.5:
        draft.put("meeting_date", best[1], best[2], "pv_ag.meeting_date", 0.9 if best[0] > 1 else 0.6)


def _kind(draft: Draft, head: Span) -> None:
    flow = draft.flow
    wider = Span(0, max(head.end, min(len(flow.text), 1500)))
    patterns = (
        ("mixte", r"assemblee generale mixte|\bagm\b|ordinaire\s+(?:et|&|/)\s+extraordinaire|extraordinaire\s+et\s+ordinaire"),
        ("extraordinaire", r"assemblee generale(?: des coproprietaires)?[ \n\t]+(?:extraordinaire|speciale)|\bage\b|assemblee extraordinaire"),
        ("ordinaire", r"assemblee generale(?: des coproprietaires)?[ \n\t]+(?:annuelle )?ordinaire|\bago\b|assemblee ordinaire"),
        ("ordinaire", r"assemblee generale annuelle"),
    )  # fmt: skip
    for kind, pattern in patterns:
        found = flow.search_prose(pattern, wider)
        if found:
            draft.put("meeting_type", kind, Span(found.start(), found.end()), "pv_ag.meeting_type", 0.9)
            return


def _present(draft: Draft, head: Span, blocks: list[Block]) -> None:
    """`Total présents et représentés … 6 902 / 10 000`; the whole also from the counts (`… / 10 000`)."""
    flow = draft.flow
    best: _Present | None = None
    pair = re.compile(
        rf"(?<![\d,./])(?P<n>{_COUNT})(?:[,.]00?(?!\d))?\s?(?:{SHARES})?[ \t]*(?:/|sur(?: un total de| les| un ensemble de)?|\bdes)\s*"
        rf"(?P<t>{_COUNT})(?!\d)(?!/\d)"
        rf"|\b(?:presents?|representes?|correspondance) ?\((?P<a>{_COUNT})\s?{SHARES}\) sur (?:les )?\d+ (?:coproprietaires )?\((?P<z>{_COUNT})\s?{SHARES}"
        rf"|(?<![\d,./])(?P<m>{_COUNT})\s?{SHARES}\s(?:sont )?(?:presents?|representes?)\b[^.]{{0,70}}?\bsur\s(?:les )?(?P<w>{_COUNT})(?!\d)"
    )
    for match in pair.finditer(flow.prose, head.start, head.end):
        n, t = ("n", "t") if match["n"] else ("a", "z") if match["a"] else ("m", "w")
        present, total = whole(match[n]), whole(match[t])
        if present is None or total is None or not 0 < present <= total or total < 50:
            continue
        if re.match(
            rf"[ \n]?co-?propr|[ ,]*(?:totalis|represent|posse|deten|detien|reuni|dispos)[a-z]+ (?:{_COUNT})\s?{SHARES}",
            flow.prose[match.end() : match.end() + 45],
        ):  # heads
            continue
        before = flow.prose[max(match.start() - 160, head.start) : match.start()]
        tail = before[-90:]
        score = 0.0
        if re.search(
            r"\b(?:total|totalisant|ensemble|soit|reunit|reunissant|possedant|detenant|disposant|forment|representant|represente|totalisent)\b",
            tail,
        ):
            score += 2
        if re.search(r"presents?[^.\n]{0,30}(?:et|,|ou)[^.\n]{0,10} representes?", before):
            score += 1.5
        last = max(
            (m.end() for m in re.finditer(r"\b(?:absents?|non representes?|defaillants?)\b", before)),
            default=0,
        )
        closer = max(
            (
                m.end()
                for m in re.finditer(
                    r"\b(?:total|ensemble|(?:presents?|(?<!non )representes?)(?!\W+absents))\b", before
                )
            ),
            default=0,
        )
        if last > closer:
            score -= 4
        single = re.search(r"\b(?:presents?|representes?|correspondance)\b[^.;\n]{0,25}$", tail)
        if single and not re.search(r"presents?[^.;]{0,40}representes?|total|ensemble|soit", tail[-60:]):
            score -= 1
        score += present / total * 0.9  # the whole attendance is the largest
        if n != "n":
            score += 2
        span = Span(match.start(n), match.end(n))
        if best is None or score > best[0]:
            best = (score, span, present, Span(match.start(t), match.end(t)), total)
    if best is None or best[0] < 1:
        best = (
            _present_summed(flow, head)
            or _present_in_rows(flow, head)
            or _present_in_table(flow, head)
            or _present_apart(flow, head)
            or best
        )
    if best is not None:
        draft.put("present_tantiemes", best[2], best[1], "pv_ag.present", 0.85)
        if best[3] is not None and best[4] is not None:
            draft.put("total_tantiemes", best[4], best[3], "pv_ag.present", 0.9)
    if not draft.has("total_tantiemes"):
        _total(draft, head, blocks)


def _present_apart(flow: Flow, head: Span) -> _Present | None:
    """`soit au total 725 millièmes`, the whole said elsewhere."""
    match = flow.search_prose(
        rf"\bpresents?\b[^.]{{0,60}}(?:representes?|correspondance)(?:(?!voix|tantiemes|milliemes)[^.]){{0,90}}?"
        rf"(?:detien\w+|soit|detenant|disposant de|possed\w+|reuniss\w+|totalis\w+|representant|:)\s+(?:ensemble |au total )?(?P<n>{_COUNT})\s?(?:{SHARES})(?P<t>)(?!\s?(?:/|sur))",
        head,
    ) or flow.search(
        rf"(?:total|soit|ensemble|totalisant|representant|reunit)[^.\n]{{0,60}}?(?<![\d,.])(?P<n>{_COUNT})\s?(?:{SHARES})"
        rf"(?:[^.]{{0,40}}?(?:sur|/)\s*(?:un total de )?(?P<t>{_COUNT}))?",
        head,
    )
    if match is None:
        return None
    present = whole(match["n"])
    total = whole(match["t"]) if match["t"] else None
    if not present:
        return None
    if total is not None and total < present:
        total = None  # heads
    return (
        2.0,
        Span(match.start("n"), match.end("n")),
        present,
        Span(match.start("t"), match.end("t")) if total else None,
        total,
    )


def _present_in_rows(flow: Flow, head: Span) -> _Present | None:
    """Rows `Total présents et représentés | 40 | 53 271` and `Total copropriété | 78 | 100 000`."""
    present: tuple[int, Span] | None = None
    total: tuple[int, Span] | None = None
    for row in flow.rows:
        if row.start >= head.end:
            break
        numbers = [
            (value, Span(cell.start + m.start(), cell.start + m.end()))
            for cell in row.cells[1:]
            for m in re.finditer(rf"^(?:{_COUNT})(?=\D*$)", cell.text)
            if (value := whole(m[0])) is not None
        ]
        if not numbers:
            continue
        label = row.cells[0].text
        most = max(numbers, key=lambda number: number[0])
        if re.search(_ALL_PRESENT, label) and "absent" not in label:
            present = present or most
        elif re.match(r"(?:total|ensemble|totaux)\b(?!.{0,15}absent)", label):
            total = most if present else total
    if present is None or (total is not None and total[0] < present[0]):
        return None
    return (2.0, present[1], present[0], total[1] if total else None, total[0] if total else None)


def _present_summed(flow: Flow, head: Span) -> _Present | None:
    """Rows `Présents`, `Représentés`, `Total` (their sum), then `Absents` and the whole."""
    parts: list[int] = []
    present: tuple[int, Span] | None = None
    absent = 0
    for row in flow.rows:
        if row.start >= head.end:
            break
        label, found = row.cells[0].text, _last_number(row)
        if found is None or len(row.cells) < 2:
            continue
        if re.match(r"(?:copropr\w* )?(?:absents?|non representes?|defaillants?)\b", label):
            absent = found[0]
        elif re.match(
            r"(?:copropr\w* )?(?:presents?|representes?|vot(?:es?|ants?|ant)\b|mandats|pouvoirs|correspondance|distan)",
            label,
        ):
            parts.append(found[0])
        elif re.match(r"(?:sous-)?(?:total|ensemble|soit)\b", label):
            if present is None and len(parts) >= 2 and found[0] == sum(parts):
                present = found
            elif present and found[0] == present[0] + absent:
                return (2.0, present[1], present[0], found[1], found[0])
    return (2.0, present[1], present[0], None, None) if present else None


def _last_number(row: Row) -> tuple[int, Span] | None:
    for cell in reversed(row.cells[1:]):
        match = re.match(rf"(?:{_COUNT})(?=\D*$)", cell.text)
        value = whole(match[0]) if match and "%" not in cell.text else None
        if match and value is not None:
            return value, Span(cell.start, cell.start + match.end())
    return None


def _present_in_table(flow: Flow, head: Span) -> _Present | None:
    """Columns `Présents … | TOTAL | Absents` or `Présents ou représentés | Absents | Total` over shares."""
    for index, row in enumerate(flow.rows):
        if row.start >= head.end:
            break
        names = {}
        for cell in row.cells:
            if re.search(r"absent", cell.text):
                names["absent"] = cell
            elif re.search(r"presents?.{1,12}representes?", cell.text):
                names["present"] = cell
            elif re.fullmatch(r"(?:total|ensemble|totaux)[^\d]*", cell.text):
                names["total"] = cell
        if len(row.cells) < 3 or not ({"present", "total"} & names.keys()):
            continue
        for below in flow.rows[index + 1 : index + 4]:
            if not re.search(SHARES, below.text) and sum(c.text[-1:].isdigit() for c in below.cells) < 3:
                continue
            # Several `a / b` in the row are heads and their shares, one is shares of the whole.
            strokes = sum("/" in c.text for c in below.cells)
            both = _pair_under(below, names.get("present") or names.get("total")) if strokes == 1 else None
            if both:
                return both

            present, total = _under(below, names.get("present")), _under(below, names.get("total"))
            if present and total and present[0] <= total[0]:
                return (2.0, present[1], present[0], total[1], total[0])
            if present is None and total:
                return (2.0, total[1], total[0], None, None)
    return None


def _pair_under(row: Row, head: Cell | None) -> _Present | None:
    """`4 607 / 6 500` below the head."""
    if head is None:
        return None
    cell = min(row.cells, key=lambda c: abs(c.centre - head.centre))
    match = re.search(rf"({_COUNT})\s?(?:{SHARES})?\s?(?:/|sur)\s?({_COUNT})", cell.text)
    present, total = (whole(match[1]), whole(match[2])) if match else (None, None)
    if match is None or not present or not total or present > total or total < 50:
        return None
    spans = [Span(cell.start + match.start(g), cell.start + match.end(g)) for g in (1, 2)]
    return 2.0, spans[0], present, spans[1], total


def _under(row: Row, head: Cell | None) -> tuple[int, Span] | None:
    """The shares in the cell below `head`."""
    if head is None:
        return None
    cell = min(row.cells, key=lambda c: abs(c.centre - head.centre))
    numbers = list(re.finditer(_COUNT, cell.text))
    shares = [m for m in numbers if re.match(rf"\s?{SHARES}", cell.text[m.end() :])] or numbers[-1:]
    value = whole(shares[-1][0]) if shares else None
    if value is None:
        return None
    return value, Span(cell.start + shares[-1].start(), cell.start + shares[-1].end())


def _total(draft: Draft, head: Span, blocks: list[Block]) -> None:
    flow = draft.flow
    present = draft.value("present_tantiemes")
    pattern = rf"(?:coproprietaires (?:totalisant|detenant|representant|possedant)|total (?:de la copropriete|des voix|des tantiemes)[^.:\d]{{0,20}}:|\bsur \d+ (?:coproprietaires )?\() ?(?P<c>{_COUNT}) ?(?:{SHARES}|\.)|(?:tantiemes|milliemes)(?: generaux| de l'immeuble| de la copropriete)? ?: ?(?P<g>{_COUNT})|(?:total(?:isant| de| :)?|sur|/|base de)\s*(?P<t>{_COUNT})\s?(?:/\d+)?(?:{SHARES})|\b(?P<m>{_COUNT})(?=emes\b)"
    for match in re.finditer(pattern, flow.prose[: head.end]):
        if match.start() < head.start:
            continue
        printed = match["t"] or match["m"] or match["g"] or match["c"]
        total = whole(printed)
        if total and total >= 100 and (not isinstance(present, int) or total > present):
            start = match.start(next(name for name in "tmgc" if match[name]))
            draft.put("total_tantiemes", total, Span(start, start + len(printed)), "pv_ag.total", 0.75)
            return
    found: dict[int, list[Span]] = {}
    for block in blocks:
        for match in flow.finditer(rf"(?:{_COUNT})\s?/\s?(?P<t>{_COUNT})(?![\d/])", block.body):
            total = whole(match["t"])
            if total and total % 100 == 0 and (not isinstance(present, int) or total > present):
                found.setdefault(total, []).append(Span(match.start("t"), match.end("t")))
    if found:
        total = max(found, key=lambda t: (len(found[t]), t))
        draft.put("total_tantiemes", total, found[total][0], "pv_ag.total", 0.6)
