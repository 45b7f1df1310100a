"""Minutes cut into numbered resolutions: where each begins, its number as printed and its title.

Offices number in many ways: `Résolution n° 12 – …`, `QUESTION N°04`, `POINT 5 – …`, `TROISIEME RESOLUTION : …`,
`7ème résolution`, `5A - …`, `12.4 …`, `3°) …`, or a table whose first column is the number.
"""

# ruff: noqa: E501  # patterns of words are read whole, on one line
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from documents.extraction.amounts import number_in_words
from documents.extraction.flow import Cell, Flow, Row, Span

_N = r"(?P<n>\d{1,3}(?:[.\-]\d{1,2}){0,2}(?! ?%)(?:[ .\-]?(?:bis|ter|quater|[a-h]))?)(?![\w,/€%])"
_WORD = r"(?:resolutions?|questions?|decisions?|points?|deliberations?|vote(?= n°)|projet de resolution|ordre du jour)"
_AFTER = r"[\s\t]*(?:[:.)\-/|*]+|°\)?)*[\s\t]*"
# `Résolution n° 12 – titre`
_NAMED = re.compile(rf"{_WORD}[ \t]*(?:n[°o.]{{0,2}}|numero|#)?[ \t]*{_N}{_AFTER}")
_ORDINALS = {
    "premiere": 1, "premier": 1, "deuxieme": 2, "seconde": 2, "second": 2, "troisieme": 3, "quatrieme": 4,
    "cinquieme": 5, "sixieme": 6, "septieme": 7, "huitieme": 8, "neuvieme": 9, "dixieme": 10, "onzieme": 11,
    "douzieme": 12, "treizieme": 13, "quatorzieme": 14, "quinzieme": 15, "seizieme": 16, "vingtieme": 20,
    "trentieme": 30, "quarantieme": 40, "cinquantieme": 50,
}  # fmt: skip
# `TROISIEME RESOLUTION : titre`, `3ème résolution`, `vingt-deuxième résolution`
_ORDINAL = re.compile(
    rf"(?P<n>(?:\d{{1,3}} ?(?:ere|er|eme|e|re|nde|nd)\b)|(?:[a-z]+[ -](?:et[ -])?){{0,3}}(?:{'|'.join(_ORDINALS)}|unieme))"
    rf"[ \t]+{_WORD}\b{_AFTER}"
)
_NAMED_ORDINAL = re.compile(rf"(?:resolution|question|point)[ \t]+(?P<n>{'|'.join(_ORDINALS)})\b{_AFTER}")
# `12. titre`, `5A - titre`, `3°) titre`, `07 / titre`
_BARE = re.compile(rf"{_N}[ \t]*(?:°\)|[.)/:°]|-(?=[ \t]))+[ \t]*-?[ \t]*(?=[^\W\d_\"(])")
_BARE_SUB = re.compile(r"(?P<n>\d{1,2}\.\d{1,2}(?:\.\d{1,2})?)(?![\w,/€%.])[ \t]+(?=[^\W\d_])")
_TITLE_END = re.compile(
    r"[\s\t(\[:,.\-|*]*(?:"
    r"(?:a la |vote a la |regle de )?majorites?\b[^\n]*(?:art|24|25|26|simple|absolue|unanim|requise|necessaire)"
    r"|(?:- |\(|\t|^)?\(?(?:majorite )?(?:de l')?art(?:icle|\.)? ?2[456](?!\d)(?:[ .\-]?1\b)?(?: (?:de la loi|al)[^\n]*)?(?:[ \-–(]{1,4}majorite[^\n]*)?\)?\s*$"
    r"|unanimite\b\)?\s*$|sans vote\b|pas de vote\b|(?:point )?non soumis|information(?: sans vote)?\s*$"
    r"|\t(?:resolution )?(?:non )?(?:adopte|approuve|rejete|refuse|reporte|ajourne)e?\b"
    r"|(?:- |\t)?(?:non )?(?:adopte|rejete|reporte|ajourne|refuse)e?\s*$)"
)
_DANGLING = re.compile(
    r"(?:\b(?:a|au|aux|d|d'|de|des|du|en|et|la|le|les|l'|par|pour|sur|ou|un|une|avec|dans)|[,(\-:/])$"
)
VOTE_SIGN = re.compile(
    r"\b(?:pour|contre|abst(?:entions?|\.)?|adopte|adoptee|rejetee?|approuvee?|unanimite|sans vote)\b"
)


_CLOSE = re.compile(
    r"seance (?:est )?levee|levee de (?:la )?seance|leve la seance|plus rien n'etant a l'ordre du jour|plus aucune question|"
    r"ordre du jour (?:etant|est) epuise|de tout ce que dessus|fin de (?:la )?seance|dont proces[- ]verbal|cloture de la seance"
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


@dataclass(frozen=True, slots=True)
class _Start:
    row: int
    number: str
    key: tuple[int, ...]
    span: Span
    title: int  # offset
    named: bool


def blocks_of(flow: Flow) -> list[Block]:
    """Resolutions in order. Where numbers come twice (agenda, then minutes), those with votes are kept."""
    table = _table_blocks(flow)
    starts = _chain(flow, list(_starts(flow)))
    voted = sum(1 for a, b in zip_longest(starts, starts[1:]) if _voted(flow, a, b))
    if len(table) >= 3 and len(table) >= voted:
        return table
    blocks = []
    for start, following in zip_longest(starts, starts[1:]):
        end = flow.rows[following.row].start if following else _close(flow, start)
        title = _title(flow, start, end)
        body_start = title.end
        blocks.append(Block(_printed(flow, start), start.span, title, Span(body_start, max(end, body_start))))
    return blocks


def _close(flow: Flow, start: _Start) -> int:
    """Where the last resolution ends: at the close of the meeting, if it is told, before what is annexed."""
    row = next((r for r in flow.rows[start.row + 1 :] if _CLOSE.search(r.text)), None)
    return row.start if row else len(flow.text)


def _starts(flow: Flow) -> Iterator[_Start]:
    named: list[_Start] = []
    bare: list[_Start] = []
    for index, row in enumerate(flow.rows):
        cell = row.cells[0]
        text = flow.text[row.start : row.end]
        for pattern in (_NAMED, _ORDINAL, _NAMED_ORDINAL):
            match = pattern.match(text)
            if match and not re.match(
                r"[^\n]{0,12}\b(?:est|sont|a ete|precedente?|ci-)\b", text[match.end() :]
            ):
                key = _key(match["n"])
                if key:
                    span = Span(row.start + match.start("n"), row.start + match.end("n"))
                    named.append(_Start(index, match["n"], key, span, row.start + match.end(), True))
                break
        else:
            match = _BARE.match(text) or _BARE_SUB.match(text)
            alone = re.fullmatch(rf"{_N}[.)°:\-]*", cell.text) if len(row.cells) > 1 else None
            if match is None and alone is not None and re.match(r"[^\W\d_]", row.cells[1].text):
                match = alone
            if match:
                key = _key(match["n"])
                if key and key[0] <= 120:
                    span = Span(row.start + match.start("n"), row.start + match.end("n"))
                    title = row.cells[1].start if match is alone else row.start + match.end()
                    bare.append(_Start(index, match["n"], key, span, title, False))
    # An office that writes "Résolution" before its numbers numbers its chapters without it.
    yield from (named if len(named) >= 2 and len(named) * 2 >= _best_length(bare) else bare)


def _best_length(starts: list[_Start]) -> int:
    return len({start.key for start in starts})


def _chain(flow: Flow, starts: list[_Start]) -> list[_Start]:
    """The heaviest run of growing numbers: lists inside a text, agendas and page numbers fall out."""
    if not starts:
        return []
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
    chain = []
    while place >= 0:
        chain.append(starts[place])
        place = previous[place]
    return chain[::-1]


def _voted(flow: Flow, start: _Start, following: _Start | None) -> bool:
    end = flow.rows[following.row].start if following else len(flow.text)
    return VOTE_SIGN.search(flow.text, start.title, end) is not None


def _key(printed: str) -> tuple[int, ...] | None:
    printed = printed.strip()
    digits = re.match(r"(\d+)((?:[.\-]\d+)*)[ .\-]?(bis|ter|quater|[a-h])?(?![a-z])", printed)
    if digits and not re.match(r"\d+ ?(?:ere|er|eme|re|nde?|e\b)", printed):
        parts = [int(digits[1]), *(int(p) for p in re.findall(r"\d+", digits[2]))]
        letter = digits[3]
        if letter:
            parts.append({"bis": 2, "ter": 3, "quater": 4}.get(letter, ord(letter[0]) - 96))
        return tuple(parts)
    value = ordinal(printed)
    return (value,) if value else None


def ordinal(printed: str) -> int | None:
    """`troisieme` → 3, `vingt-deuxieme` → 22, `7eme` → 7."""
    figures = re.match(r"(\d{1,3}) ?(?:ere|er|eme|re|nde|nd|e)\b", printed)
    if figures:
        return int(figures[1])
    words = re.split(r"[ -]+", printed.strip())
    last = 1 if words[-1] == "unieme" else _ORDINALS.get(words[-1])
    if last is None:
        if not words[-1].endswith("ieme"):
            return None
        stem = words[-1].removesuffix("ieme")
        last = next((v for tail in ("", "e", "s") if (v := number_in_words(stem + tail)) is not None), None)
    tens = [word for word in words[:-1] if word != "et"]
    if last is None:
        return None
    if not tens:
        return last
    before = number_in_words(" ".join(tens))
    return before + last if before is not None else (last if last else None)


def _printed(flow: Flow, start: _Start) -> str:
    """The number as printed; ordinals in words as figures."""
    if start.number[0].isdigit() and not re.match(r"\d+ ?(?:ere|er|eme|re|nde?|e\b)", start.number):
        shown = " ".join(word.text for word in flow.words(start.span))
        found = re.search(
            r"\d{1,3}(?:[.\-]\d{1,2}){0,2}(?:[ .\-]?(?:bis|ter|quater|[A-Ha-h])(?![\wÀ-ÿ]))?", shown
        )
        return found[0].strip(" .-") if found else start.number.upper()
    return str(start.key[0])


def _title(flow: Flow, start: _Start, end: int) -> Span:
    """The words after the number; over a second line where the first is full or breaks off."""
    row = flow.rows[start.row]
    index = start.row
    begin = start.title
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
    found = _TITLE_END.search(flow.prose[begin:stop])  # an article in brackets cut by the end of a line
    return Span(begin, begin + found.start() if found and found.start() > 3 else stop)


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
        return following.text.count("\t") == 0 and not VOTE_SIGN.search(following.text)
    full = row.cells[-1].box[2] > 0.8
    return bool((full or _DANGLING.search(text)) and first[:1].islower())


def _shouts(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return len(letters) >= 4 and sum(c.isupper() for c in letters) > 0.85 * len(letters)


_HEADER = {
    "number": r"^n(?:°|o|um)?\b|^resol\w*\.?$|^point$|^question$",
    "text": r"resolution|libelle|objet|intitule|texte|question|decision",
    "majority": r"majorite|^art",
    "for": r"^(?:votes? |voix )?pour\b",
    "against": r"^(?:votes? |voix )?contre\b",
    "abstention": r"^abst",
    "status": r"resultat|decision|sens|issue|adopt",
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
        if {"for", "against"} <= names.keys() and len(row.cells) >= 4 and row.cells[0] is not names["for"]:
            header, columns = names, list(row.cells)
            continue
        number = re.fullmatch(rf"(?:{_WORD} ?)?(?:n° ?)?{_N}\.?", row.cells[0].text)
        if not header or number is None or len(row.cells) < 4:
            continue
        key = _key(number["n"])
        if key is None:
            continue
        cells = {
            name: cell for name, cell in _aligned(row, header, columns).items() if cell is not row.cells[0]
        }
        text = cells.pop("text", None) or row.cells[1]
        span = Span(row.cells[0].start + number.start("n"), row.cells[0].start + number.end("n"))
        title = _first_line(flow, text)
        shown = re.search(r"\d[\w.\-]*", " ".join(w.text for w in flow.words(span)))
        printed = shown[0].strip(".-") if shown else number["n"]
        blocks.append(Block(printed, span, title, Span(title.end, text.end), cells))
    return blocks


def _aligned(row: Row, header: dict[str, Cell], columns: list[Cell]) -> dict[str, Cell]:
    """Cells of a row by the header that stands above each."""
    if len(row.cells) == len(columns):
        return {name: row.cells[columns.index(head)] for name, head in header.items()}
    found: dict[str, Cell] = {}
    for name, head in header.items():
        near = min(row.cells, key=lambda cell: _distance(cell, head))
        if _distance(near, head) < 0.06:
            found[name] = near
    return found


def _distance(cell: Cell, head: Cell) -> float:
    apart = max(cell.box[0] - head.box[2], head.box[0] - cell.box[2])
    return max(apart, 0.0) + 0.1 * abs(cell.centre - head.centre)


def _first_line(flow: Flow, cell: Cell) -> Span:
    words = flow.words(cell.span)
    if not words:
        return cell.span
    first = words[0].box
    count = 0
    for word in words:
        if word.box[1] > first[3] - 0.3 * (first[3] - first[1]):
            break
        count += 1
    offset = cell.start
    pieces = re.finditer(r"[^ \t\n]+", flow.text[cell.start : cell.end])
    for number, piece in enumerate(pieces, start=1):
        offset = cell.start + piece.end()
        if number == count:
            break
    return Span(cell.start, offset)
