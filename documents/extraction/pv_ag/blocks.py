"""Minutes cut into numbered resolutions: where each begins and ends, and its title.

The numbers are told by numbering.py. Minutes may also be one table, or end with a table of the votes.
"""

# ruff: noqa: E501  # patterns of words are read whole, on one line
from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from documents.extraction.flow import Cell, Flow, Row, Span
from documents.extraction.pv_ag.numbering import WORD, N, Start, families, key_of, printed

_TITLE_END = re.compile(
    r"[\s\t(\[:,.\-|*]*(?:"
    r"(?:a la |vote a la |regle de )?majorites?\b[^\n]*(?:art|24|25|26|simple|absolue|unanim|requise|necessaire)"
    r"|(?:- |\(|\t|^)?\(?(?:majorite )?(?:de l')?art(?:icle|\.)? ?2[456](?!\d)(?:[ .\-]?1\b)?(?: (?:de la loi|al)[^\n]*)?(?:[ \-–(]{1,4}majorite[^\n]*)?\)?\s*$"
    r"|[(\[]\s*art(?:icle|\.)? ?2[456]\b(?! [a-z]\b)[^)\]\n]{0,40}[)\]]\s*$|(?:de l')?art(?:icle|\.)?\s*$"
    r"|double majorite ?:|unanimite\b\)?\s*$|sans vote\b|pas de vote\b|(?:point )?non soumis|information(?: sans vote)?\s*$"
    r"|\t(?:resolution )?(?:non )?(?:adopte|approuve|rejete|refuse|reporte|ajourne)e?\b"
    r"|(?:- |\t)?(?:non )?(?:adopte|rejete|reporte|ajourne|refuse)e?\s*$)"
)
_DANGLING = re.compile(
    r"(?:\b(?:a|au|aux|d|d'|de|des|du|en|et|la|le|les|l'|par|pour|sur|ou|un|une|avec|dans)|[,(\-:/])$"
)
VOTE_SIGN = re.compile(
    r"\b(?:pour|contre|abst(?:entions?|\.)?|adopte|adoptee|rejetee?|approuvee?|unanimite|sans vote)\b"
)


_RUN_IN = re.compile(r"(?<=[a-z\d)]) (l'assemblee|le syndic|les coproprietaires|le president|le conseil)\b")
_NO_TITLE = re.compile(rf"{VOTE_SIGN.pattern}|\d ?(?:€|eur)")
_CLOSE = re.compile(
    r"seance (?:est )?levee|levee de (?:la )?seance|leve la seance|plus rien n'etant a l'ordre du jour|plus aucune question|"
    r"ordre du jour (?:etant|est) epuise|de tout ce que dessus|fin de (?:la )?seance|dont proces[- ]verbal|cloture de la seance"
)


# A result, for telling a heading from a resolution.
_RESULT = re.compile(
    r"\b(?:non )?(?:adopte|approuve|accepte|rejete|refuse|reporte|ajourne|repousse)e?s?\b|sans (?:vote|objet)|\b(?:pour|contre) ?[:=\t]"
)
# Where the title of a resolution told in one paragraph ends: a full stop, or a colon before what was decided.
_SENTENCE = re.compile(
    r"(?<!\bm)(?<!\bmm)(?<!\bmme)(?<!\bmlle)(?<!\bart)(?<!\bme)(?<!\bst)(?<!\bn)(?<!\bcf)(?<!\bav)(?<!\bbd)(?<!\b[a-z])\.(?= [^\W_])"
    r"| ?:(?= (?:m\.|mm\.|mme|monsieur|madame)[^.:]{0,80}\b(?:est|sont)\b)"
)
# `Porte du garage : le devis … est accepté`, `Éclairage : devis Watt'elec, 1 254 € TTC`
_TOLD = re.compile(
    r" ?:(?= (?:mmes |mm\. )?(?:[^.:\n]|\.(?=\d)){0,120}(?:\b(?:est|sont|a ete|adoptee?|rejetee?|reportee?|ajournee?)\b|\d ?(?:€|(?:euros?|eur)\b)))"
)


@dataclass(slots=True)
class Block:
    """One resolution: spans of the flow. `cells` where it is one row of a table, by the header's words."""

    number: str
    number_span: Span
    title: Span
    body: Span
    cells: dict[str, Cell] | None = None

    @property
    def whole(self) -> Span:
        return Span(self.number_span.start, self.body.end)


def blocks_of(flow: Flow) -> list[Block]:
    """Resolutions in order. Where numbers come twice (agenda, then minutes), those with votes are kept."""
    table = _table_blocks(flow)
    rows = {flow.row_index(block.number_span.start) for block in table}
    starts = _best(flow, rows)
    if len(table) >= 3:
        before = [start for start in starts if start.row < min(rows)]
        known = {start.key for start in before} & {_block_key(block) for block in table}
        if len(known) >= 3 and len(known) >= 0.6 * len(table):
            return _with_votes(_cut_at(flow, before, min(rows)), table)
        starts = _best(flow, set())
        voted = sum(1 for a, b in zip_longest(starts, starts[1:]) if _voted(flow, a, b))
        if len(table) >= voted:
            return table
    return _cut_at(flow, starts, len(flow.rows))


def _best(flow: Flow, left_out: set[int]) -> list[Start]:
    """The heaviest run among the ways of numbering; figures where they weigh as much."""
    close = _closing_row(flow)
    *chains, loose = [_chain(flow, _before(flow, starts, close)) for starts in families(flow, left_out)]
    best = max(chains, key=lambda chain: chain[0])
    return loose[1] if loose[0] > 1.5 * best[0] and len(loose[1]) >= 4 else best[1]


def _closing_row(flow: Flow) -> int:
    """The row where the meeting is closed for the last time, or one past the end."""
    places = [index for index, row in enumerate(flow.rows) if _CLOSE.search(row.text)]
    return places[-1] if places else len(flow.rows)


def _before(flow: Flow, starts: list[Start], close: int) -> list[Start]:
    """Without the numbered lines behind the close: of attendance sheets, voting forms and papers sent along."""
    behind = [start for start in starts if start.row > close]
    ahead = [start for start in starts if start.row <= close]
    told = sum(1 for a, b in zip_longest(ahead, ahead[1:]) if a and _voted(flow, a, b))
    voted = sum(1 for a, b in pairwise(behind) if _RESULT.search(flow.text, a.title, flow.rows[b.row].start))
    return ahead if told >= 2 and voted < 0.5 * len(behind) else starts


def _cut_at(flow: Flow, starts: list[Start], last_row: int) -> list[Block]:
    blocks: list[Block] = []
    for start, following in zip_longest(starts, starts[1:]):
        if start is None:
            break
        end = flow.rows[following.row].start if following else _close(flow, start)
        if last_row < len(flow.rows):
            end = min(end, flow.rows[last_row].start)
        title = _title(flow, start, end)
        chapter = following is not None and following.key[: len(start.key)] == start.key
        if chapter and following.key != start.key and not _RESULT.search(flow.text, title.end, end):
            continue  # a heading: `12 – Ascenseurs` above 12.1
        blocks.append(Block(printed(flow, start), start.span, title, Span(title.end, max(end, title.end))))
    return blocks


def _with_votes(blocks: list[Block], table: list[Block]) -> list[Block]:
    """Resolutions told one by one, their votes listed at the end."""
    votes = {_block_key(row): row for row in table}
    for block in blocks:
        row = votes.get(_block_key(block))
        if row is not None:
            block.cells = row.cells
    return blocks


def _block_key(block: Block) -> tuple[int, ...] | None:
    return key_of(block.number.lower())


def _close(flow: Flow, start: Start) -> int:
    """Where the last resolution ends: at the close of the meeting, if it is told, before what is annexed."""
    row = next((r for r in flow.rows[start.row + 1 :] if _CLOSE.search(r.text)), None)
    return row.start if row else len(flow.text)


def _chain(flow: Flow, starts: list[Start]) -> tuple[float, list[Start]]:
    """The heaviest run of growing numbers: lists inside a text, agendas and page numbers fall out."""
    if not starts:
        return 0.0, []
    weights = []
    for place, start in enumerate(starts):
        end = starts[place + 1].row if place + 1 < len(starts) else len(flow.rows)
        text = flow.text[start.span.start : flow.rows[end - 1].end]
        weights.append(1.0 + 2.0 * min(len(VOTE_SIGN.findall(text)), 2) + (0.5 if start.named else 0.0))
    best = list(weights)
    previous = [-1] * len(starts)
    for i, start in enumerate(starts):
        if start.key[0] > 3:
            best[i] -= 0.4 * min(start.key[0] - 1, 12)
        for j in range(i):
            other = starts[j]
            if other.key < start.key and other.row < start.row:
                gap = max(start.key[0] - other.key[0] - 1, 0)
                value = best[j] + weights[i] - 0.8 * min(gap, 12)
                if value > best[i]:
                    best[i], previous[i] = value, j
    place = max(range(len(starts)), key=lambda i: best[i])
    weight, chain = best[place], []
    while place >= 0:
        chain.append(starts[place])
        place = previous[place]
    return weight, chain[::-1]


def _voted(flow: Flow, start: Start, following: Start | None) -> bool:
    end = flow.rows[following.row].start if following else len(flow.text)
    return VOTE_SIGN.search(flow.text, start.title, end) is not None


def _title(flow: Flow, start: Start, end: int) -> Span:
    """The words after the number; over a second line where the first is full or breaks off."""
    row = flow.rows[start.row]
    index = start.row
    begin = start.title
    cell = next((c for c in row.cells if c.start <= begin < c.end), row.cells[0])
    if any(len(_line_ends(flow, c)) > 1 for c in row.cells):  # a ruled row of several lines
        stop = _title_end(flow, cell, begin)
        return Span(begin, _cut(flow, begin, stop))
    stop = row.end
    if (
        begin >= row.end - 1
        or not re.search(r"[^\W\d_]{2}", flow.text[begin : row.end])
        or _cut(flow, begin, stop) <= begin
    ):
        if index + 1 >= len(flow.rows) or flow.rows[index + 1].start >= end:
            return Span(row.start, row.end)
        index += 1
        row = flow.rows[index]
        begin, stop = row.start, row.end
    cut = _cut(flow, begin, stop)
    paragraph = _paragraph_title(flow, begin, cut)
    if paragraph:
        return paragraph
    if cut < stop:
        return Span(begin, max(cut, begin + 1))
    while index + 1 < len(flow.rows) and flow.rows[index + 1].start < end and stop - begin < 220:
        following = flow.rows[index + 1]
        if not _continues(flow, row, following, begin, stop):
            break
        index += 1
        row, stop = following, following.end
        cut = _cut(flow, following.start, stop)
        if cut < stop:
            stop = max(cut, begin + 1)
            break
    sentence = _SENTENCE.search(flow.prose, flow.rows[start.row].end - 1, stop)
    if sentence:
        stop = sentence.start()
    found = _TITLE_END.search(flow.prose[begin:stop])  # an article in brackets cut by the end of a line
    return Span(begin, begin + found.start() if found and found.start() > 3 else stop)


def _paragraph_title(flow: Flow, begin: int, end: int) -> Span | None:
    """`Fonds travaux` of `Fonds travaux. La cotisation annuelle est de 250 €. Pour : …`."""
    colon = _TOLD.search(flow.text, begin + 4, end)
    end = colon.start() if colon else end
    for match in _RUN_IN.finditer(flow.text, begin + 4, end):  # a bold title without a stop
        first = flow.words(Span(match.start(1), match.start(1) + 1))[0].text
        if first[:1].isupper() and not first.isupper():
            return Span(begin, match.start())
    for match in _SENTENCE.finditer(flow.text, begin + 4, end):
        words = flow.words(Span(match.end() + 1, match.end() + 2))
        if words and not words[0].text[:1].islower():
            return Span(begin, match.start())
    return Span(begin, end) if colon else None


def _cut(flow: Flow, begin: int, stop: int) -> int:
    found = _TITLE_END.search(flow.text[begin:stop])
    return begin + found.start() if found else stop


def _continues(flow: Flow, row: Row, following: Row, begin: int, stop: int) -> bool:
    if following.page != row.page or following.top - row.bottom > 0.9 * row.height:
        return False
    text = flow.text[begin:stop].rstrip()
    words = flow.words(Span(following.start, following.end))
    first = words[0].text if words else ""
    shown = " ".join(w.text for w in flow.words(Span(begin, stop)))
    below = " ".join(w.text for w in words)
    if text.count("(") > text.count(")") and ")" in following.text[:40]:
        return True
    if text.endswith((".", ";", "!")):
        return False
    if _shouts(shown) and not _shouts(below):
        return False
    if _shouts(shown) and _shouts(below):
        return following.text.count("\t") == 0 and not _NO_TITLE.search(following.text)
    full = row.cells[-1].box[2] > 0.8
    return bool((full or _DANGLING.search(text)) and first[:1].islower())


def _shouts(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return len(letters) >= 4 and sum(c.isupper() for c in letters) > 0.85 * len(letters)


_HEADER = {
    "number": r"^n(?:°|o|um)?\b|^resol\w*\.?$|^point$|^question$",
    "text": r"resolution|libelle|objet|intitule|texte|question|decision",
    "majority": r"majorite|^maj\b|^art",
    "for": r"^(?:votes? |voix )?pour\b",
    "against": r"^(?:votes? |voix )?contre\b",
    "abstention": r"^abst",
    "body": r"decision|texte|propos",
    "status": r"resultat|sens|issue|adopt",
}


def _table_blocks(flow: Flow) -> list[Block]:
    """Minutes in one table: a header with Pour, Contre, Abstention and a row for each resolution."""
    blocks: list[Block] = []
    header: dict[str, Cell] = {}
    columns: list[Cell] = []
    for row in flow.rows:
        names: dict[str, Cell] = {}
        for cell in row.cells:
            for name, pattern in _HEADER.items():
                if name not in names and re.search(pattern, cell.text):
                    names[name] = cell
                    break
        if "status" not in names and "body" in names:  # `Décision` with adoptée or rejetée below it
            names["status"] = names.pop("body")
        if {"for", "against"} <= names.keys() and len(row.cells) >= 4 and row.cells[0] is not names["for"]:
            header, columns = names, list(row.cells)
            continue
        number = re.fullmatch(
            rf"(?:{WORD} ?)?(?:n° ?)?(?:{N}|(?P<l>[a-z][. ]?\d{{1,2}}|[a-z]|[ivxl]{{1,7}}))\.?",
            row.cells[0].text,
        )
        if blocks and number is None and _goes_on(row, blocks[-1], flow):
            blocks[-1].body = Span(blocks[-1].body.start, row.end)
        if not header or number is None or len(row.cells) < 4:
            continue
        group = "n" if number["n"] else "l"
        if key_of(number[group]) is None:
            continue
        cells = {
            name: cell for name, cell in _aligned(row, header, columns).items() if cell is not row.cells[0]
        }
        text = cells.pop("text", None) or row.cells[1]
        told = cells.pop("body", text)
        span = Span(row.cells[0].start + number.start(group), row.cells[0].start + number.end(group))
        title = Span(text.start, _title_end(flow, text, text.start))
        shown = re.search(r"\d[\w.\-]*", " ".join(w.text for w in flow.words(span)))
        name = shown[0].strip(".-") if shown and group == "n" else number[group].upper()
        blocks.append(Block(name, span, title, Span(title.end, max(text.end, told.end)), cells))
    return blocks


def _goes_on(row: Row, block: Block, flow: Flow) -> bool:
    """Whether a row is the rest of a table's text cell, parted from its row by the end of the page."""
    cell = flow.row_at(block.title.start).cells
    text = next((c for c in cell if c.start <= block.title.start < c.end), None)
    return text is not None and len(row.cells) == 1 and abs(row.cells[0].box[0] - text.box[0]) < 0.01


def _aligned(row: Row, header: dict[str, Cell], columns: list[Cell]) -> dict[str, Cell]:
    """Cells of a row by the header that stands above each."""
    if len(row.cells) == len(columns):
        return {name: row.cells[columns.index(head)] for name, head in header.items()}
    found: dict[str, Cell] = {}
    for name, head in header.items():
        near = min(row.cells, key=lambda cell: _distance(cell, head))
        own = min(columns, key=lambda other: _distance(near, other))  # an empty cell leaves none for its head
        if _distance(near, head) < 0.06 and own is head:
            found[name] = near
    return found


def _distance(cell: Cell, head: Cell) -> float:
    apart = max(cell.box[0] - head.box[2], head.box[0] - cell.box[2])
    return max(apart, 0.0) + 0.1 * abs(cell.centre - head.centre)


def _title_end(flow: Flow, cell: Cell, begin: int) -> int:
    """The first line of a cell, with the next ones where it breaks off or they go on in lower case for want of room."""
    ends = [offset for offset in _line_ends(flow, cell) if offset > begin + 3] or [cell.end]
    margin = cell.box[2]
    place = 0
    while place + 1 < len(ends):
        line, after = flow.words(Span(begin, ends[place])), flow.words(Span(ends[place] + 1, ends[place + 1]))
        full = bool(line and after) and line[-1].box[2] + 1.05 * (after[0].box[2] - after[0].box[0]) > margin
        if not _DANGLING.search(flow.text[begin : ends[place]]) and not (
            full and after[0].text[:1].islower()
        ):
            break
        place += 1
    return ends[place]


def _line_ends(flow: Flow, cell: Cell) -> list[int]:
    """Where each line of a cell ends."""
    ends: list[int] = []
    last, bottom = cell.start, -1.0
    pieces = re.finditer(r"[^ \t\n]+", flow.text[cell.start : cell.end])
    for word, piece in zip(flow.words(cell.span), pieces, strict=False):
        if bottom >= 0 and word.box[1] > bottom - 0.3 * (word.box[3] - word.box[1]):
            ends.append(last)
        last, bottom = cell.start + piece.end(), word.box[3]
    return [*ends, cell.end]
