"""Where a resolution may open: its number as printed and the key that orders it.

Offices number in many ways: `Résolution n° 12 – …`, `QUESTION N°04`, `POINT 5 – …`, `TROISIEME RESOLUTION : …`,
`7ème résolution`, `5A - …`, `12.4 …`, `3°) …`, `IV - …`, `B.2 – …`, `R3 – …`, or a table whose first column is
the number.
"""

# ruff: noqa: E501  # patterns of words are read whole, on one line
from __future__ import annotations

import re
from dataclasses import dataclass

from documents.extraction.amounts import number_in_words
from documents.extraction.flow import Flow, Row, Span

_TAIL = r"(?:[ .\-]?(?:bis|ter|quater|[a-h]))?"
N = rf"(?P<n>\d{{1,3}}(?:[.\-]\d{{1,2}}){{0,2}}(?! ?%){_TAIL})(?![\w,€%]|/(?! ))"
WORD = r"(?:resolutions?|questions?|decisions?|points?|deliberations?|vote(?= n°)|projet de resolution|ordre du jour)"
_AFTER = r"[\s\t]*(?:de l'ordre du jour\b)?[\s\t]*(?:[:.)\-/|*]+|°\)?)*[\s\t]*"
_SIGN = r"[ \t]*(?:°\)|[.)/:°]|-(?=[ \t]))+[ \t]*-?[ \t]*(?=[^\W\d_\"(])"
_ROMAN = r"(?P<n>[ivxl][ivxl!]{0,6}(?:[.\-]\d{1,2})?)"
_LETTER = r"(?P<n>[a-z](?:[. -]?\d{1,2}(?:\.\d{1,2})?)?)"
# `Résolution n° 12 – titre`
_NAMED = re.compile(rf"{WORD}[ \t]*(?:n[°o.]{{0,2}}|numero|#)?[ \t]*{N}{_AFTER}")
_NAMED_LETTERS = re.compile(
    rf"(?:resolution|question|decision|point)[ \t]*(?:n[°o.]{{0,2}}|numero)?[ \t]+(?:{_ROMAN}|{_LETTER.replace('<n>', '<l>')})(?=[ \t]*(?:[:.)\-/]|$)){_AFTER}",
    re.MULTILINE,
)
_ORDINALS = {
    "premiere": 1, "premier": 1, "deuxieme": 2, "seconde": 2, "second": 2, "troisieme": 3, "quatrieme": 4,
    "cinquieme": 5, "sixieme": 6, "septieme": 7, "huitieme": 8, "neuvieme": 9, "dixieme": 10, "onzieme": 11,
    "douzieme": 12, "treizieme": 13, "quatorzieme": 14, "quinzieme": 15, "seizieme": 16, "vingtieme": 20,
    "trentieme": 30, "quarantieme": 40, "cinquantieme": 50,
}  # fmt: skip
# `TROISIEME RESOLUTION : titre`, `3ème résolution`, `vingt-deuxième résolution`
_ORDINAL = re.compile(
    rf"(?P<n>(?:(?:\d{{1,3}} ?(?:ere|er|eme|e|re|nde|nd)|[li]ere)\b)|(?:[a-z]+[ -](?:et[ -])?){{0,3}}(?:{'|'.join(_ORDINALS)}|unieme))"
    rf"[ \t]+{WORD}\b{_AFTER}"
)
_NAMED_ORDINAL = re.compile(rf"(?:resolution|question|point)[ \t]+(?P<n>{'|'.join(_ORDINALS)})\b{_AFTER}")
# `12. titre`, `5A - titre`, `3°) titre`, `07 / titre`
_BARE = re.compile(rf"(?:n[°o] ?|# ?)?{N}{_SIGN}|(?:n[°o] ?|#){N.replace('<n>', '<m>')}[ \t]+(?=[^\W\d_])")
_BARE_SUB = re.compile(r"(?P<n>\d{1,2}(?:\.\d{1,2}(?:\.\d{1,2})?|-\d{1,2}))(?![\w,/€%.])[ \t]+(?=[^\W\d_])")
_BARE_ALONE = re.compile(r"(?P<n>\d{1,2})[ \t]+(?=[^\W\d_]{3})")  # beside `12.4 titre`
_BARE_ROMAN = re.compile(rf"{_ROMAN}{_SIGN}")
_BARE_LETTER = re.compile(rf"(?!m\.)(?:{_LETTER}{_SIGN}|(?P<s>[a-z][.-]\d{{1,2}})[ \t]+(?=[^\W\d_]{{2}}))")
_HEARSAY = re.compile(r"[^\n]{0,12}\b(?:est|sont|a ete|precedente?|ci-)\b")
_ROMANS = {"i": 1, "v": 5, "x": 10, "l": 50}


@dataclass(frozen=True, slots=True)
class Start:
    row: int
    number: str
    key: tuple[int, ...]
    span: Span
    title: int  # offset
    named: bool


def families(flow: Flow, left_out: set[int]) -> list[list[Start]]:
    """Candidates by way of numbering: figures (with or without a word before), roman figures, letters, figures
    without any sign behind, which also open lines of lists and addresses.
    """
    named: list[Start] = []
    bare: list[Start] = []
    plain: list[Start] = []
    romans: list[Start] = []
    letters: list[Start] = []
    subs = 0
    for index, row in enumerate(flow.rows):
        if index in left_out:
            continue
        text = flow.text[row.start : row.end]
        begin = len(text) - len(text.lstrip("[]{}_ "))  # what OCR makes of the border of a box
        found = _named(text, begin)
        if found:
            _add(named, flow, index, found, True)
            continue
        match = _BARE.match(text, begin) or _BARE_SUB.match(text, begin)
        subs += _BARE_SUB.match(text, begin) is not None
        if match is None and len(row.cells) > 1:
            match = _in_first_cell(row)
        if match:
            title = row.cells[1].start - row.start if match.re is _ALONE else match.end()
            group = "m" if match.re is _BARE and match["n"] is None else "n"
            _add(bare, flow, index, (match[group], match.start(group), title), False)
            continue
        for pattern, starts in ((_BARE_ALONE, plain), (_BARE_ROMAN, romans), (_BARE_LETTER, letters)):
            match = pattern.match(text, begin)
            if match and _capital(flow, row.start + (match.end() if starts is plain else begin)):
                group = "n" if match["n"] else "s"
                _add(starts, flow, index, (match[group], match.start(group), match.end()), False, pattern)
    both = sorted(bare + plain, key=lambda start: start.row)
    if subs >= 3:
        bare, both = both, []
    # An office that writes "Résolution" before its numbers numbers its chapters without it.
    distinct = len({start.key for start in bare})
    return [named if len(named) >= 2 and len(named) * 2 >= distinct else bare, romans, letters, both]


_ALONE = re.compile(rf"{N}[.)°:\-]*")


def _in_first_cell(row: Row) -> re.Match[str] | None:
    alone = _ALONE.fullmatch(row.cells[0].text)
    return alone if alone and re.match(r"[^\W\d_]", row.cells[1].text) else None


def _named(text: str, begin: int) -> tuple[str, int, int] | None:
    """Number, its place and the title's, of a row that opens with the word."""
    for pattern in (_NAMED, _ORDINAL, _NAMED_ORDINAL, _NAMED_LETTERS):
        match = pattern.match(text, begin)
        if match:
            unsigned = text[: match.end()].rstrip()[-1:].isalnum()
            if unsigned and _HEARSAY.match(text, match.end()):
                return None
            group = "n" if match["n"] is not None else "l"
            return match[group], match.start(group), match.end()
    return None


def _add(
    starts: list[Start],
    flow: Flow,
    index: int,
    found: tuple[str, int, int],
    named: bool,
    pattern: re.Pattern[str] | None = None,
) -> None:
    number, place, title = found
    key = _letter_key(number) if pattern is _BARE_LETTER else key_of(number)
    if key and (named or key[0] <= 120):
        begin = flow.rows[index].start
        span = Span(begin + place, begin + place + len(number))
        starts.append(Start(index, number, key, span, begin + title, named))


def _capital(flow: Flow, offset: int) -> bool:
    words = flow.words(Span(offset, offset + 1))
    return bool(words) and words[0].text[:1].isupper()


def key_of(printed: str) -> tuple[int, ...] | None:
    """`12.4` → (12, 4), `5A` → (5, 1), `VII` → (7,), `B.2` → (2, 2), `troisieme` → (3,)."""
    printed = printed.strip()
    digits = re.match(r"(\d+)((?:[.\-]\d+)*)[ .\-]?(bis|ter|quater|[a-h])?(?![a-z])", printed)
    if digits and not re.match(r"\d+ ?(?:ere|er|eme|re|nde?|e\b)", printed):
        parts = [int(digits[1]), *(int(p) for p in re.findall(r"\d+", digits[2]))]
        letter = digits[3]
        if letter:
            parts.append({"bis": 2, "ter": 3, "quater": 4}.get(letter, ord(letter[0]) - 96))
        return tuple(parts)
    value = ordinal(printed)
    return (value,) if value else _roman_key(printed) or _letter_key(printed)


def _roman_key(printed: str) -> tuple[int, ...] | None:
    printed = _figures(printed)
    match = re.fullmatch(r"(x{0,3}l?x{0,3})(ix|iv|v?i{0,3})(?:[.\-](\d{1,2}))?", printed)
    if match is None or not (match[1] or match[2]):
        return None
    values = [_ROMANS[sign] for sign in match[1] + match[2]]
    total = sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))
    return (total, int(match[3])) if match[3] else (total,)


def _figures(roman: str) -> str:
    """OCR reads I as l or !; fifty resolutions are not numbered so."""
    return roman if "x" in roman else roman.replace("l", "i").replace("!", "i")


def _letter_key(printed: str) -> tuple[int, ...] | None:
    if not re.fullmatch(r"[a-z](?:[. -]?\d+(?:\.\d+)?)?", printed):
        return None
    return (ord(printed[0]) - 96, *(int(p) for p in re.findall(r"\d+", printed)))


def ordinal(printed: str) -> int | None:
    """`troisieme` → 3, `vingt-deuxieme` → 22, `7eme` → 7."""
    figures = re.match(r"(\d{1,3}|[li](?=ere)) ?(?:ere|er|eme|re|nde|nd|e)\b", printed)  # OCR: `lère`
    if figures:
        return int(figures[1]) if figures[1].isdigit() else 1
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


def printed(flow: Flow, start: Start) -> str:
    """The number as printed; ordinals in words as figures."""
    if start.number[0].isdigit() and not re.match(r"\d+ ?(?:ere|er|eme|re|nde?|e\b)", start.number):
        shown = " ".join(word.text for word in flow.words(start.span))
        found = re.search(
            r"\d{1,3}(?:[.\-]\d{1,2}){0,2}(?:[ .\-]?(?:bis|ter|quater|[a-h])(?![\wÀ-ÿ]))?",
            shown,
            re.IGNORECASE,
        )
        return found[0].strip(" .-") if found else start.number.upper()
    if ordinal(start.number) is not None:
        return str(start.key[0])
    return (_figures(start.number) if _roman_key(start.number) == start.key else start.number).upper()
