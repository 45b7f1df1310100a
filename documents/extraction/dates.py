"""Days and periods in folded text (see flow.py): `12/03/2024`, `1er mars 2024`, `douze mars deux mille …`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from documents.extraction.amounts import IN_WORDS, number_in_words
from documents.extraction.flow import Flow, Span

MONTHS = {
    "janvier": 1, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7, "aout": 8,
    "septembre": 9, "octobre": 10, "novembre": 11, "decembre": 12,
    "janv": 1, "fevr": 2, "fev": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
OLDEST, NEWEST = 1850, 2100  # deeds of the nineteenth century to long calls for funds

_MONTH = "|".join(MONTHS)
_NUMERIC = r"(?<![\d,.])(?P<d>\d{1,2}) ?(?P<s>[./-]) ?(?P<m>\d{1,2}) ?(?P=s) ?(?P<y>\d{4}|\d{2})(?![\d])"
_ISO = r"(?<!\d)(?P<iy>\d{4})-(?P<im>\d{2})-(?P<id>\d{2})(?!\d)"
_DAY = r"(?P<td>1 ?er|ler|ier|1°|\d{1,2})"
_TEXTUAL = rf"\b{_DAY}\s+(?P<tm>{_MONTH})\b\.?(?:\s+(?P<ty>\d{{4}})(?!\d))?"
_WORDS = rf"\b(?P<wd>premier|{IN_WORDS})\s+(?P<wm>{_MONTH})\b(?:\s+(?P<wy>{IN_WORDS}|\d{{4}}(?!\d)))?"
_ANY = re.compile(f"{_ISO}|{_NUMERIC}|{_TEXTUAL}|{_WORDS}")
# A date for rules that look for one at a certain place; value by `day`.
_LISTED = re.compile(r"\s*(?:,|et|;|, ?et|puis)\s+(?:le |du |au )?")
# Between the first and the last day of a period, blanks made one.
_TO = re.compile(
    r"[ ,]*(?:inclus )?(?:au|-|/|→|>|a|jusqu'au|et le|"
    r"(?:et |pour )?(?:clos|fini|(?:se |s')(?:clotur|termin|acheva|finiss))\w*(?: le)?) ?"
)
DATE = (
    r"(?:(?<![\d,.])\d{1,2} ?[./-] ?\d{1,2} ?[./-] ?(?:\d{4}|\d{2})(?!\d)"
    rf"|(?:1 ?er|ler|ier|1°|\d{{1,2}})\s+(?:{_MONTH})\b\.?\s+\d{{4}}(?!\d)"
    rf"|(?:premier|{IN_WORDS})\s+(?:{_MONTH})\s+(?:{IN_WORDS}|\d{{4}}(?!\d)))"
)


@dataclass(frozen=True, slots=True)
class Period:
    start: date
    end: date
    span: Span


@dataclass(frozen=True, slots=True)
class _Stated:
    day: int
    month: int
    year: int | None
    span: Span


def day(text: str) -> date | None:
    """The day that a folded text states in full, or None."""
    match = _ANY.search(text)
    stated = _stated(match) if match else None
    return _date(stated) if stated else None


def dates(flow: Flow, within: Span | None = None) -> Iterator[tuple[date, Span]]:
    """Days stated with their year, in reading order. Days that no calendar has are left out."""
    found = [stated for match in flow.finditer(_ANY, within) if (stated := _stated(match))]
    for place in range(len(found) - 2, -1, -1):
        first, second = found[place], found[place + 1]
        between = flow.text[first.span.end : second.span.start]
        if first.year is None and second.year and _LISTED.fullmatch(between):
            # `les 1er septembre et 1er novembre 2024`: the year stands with the last day.
            found[place] = _Stated(
                first.day, first.month, second.year, Span(first.span.start, second.span.end)
            )
    for stated in found:
        value = _date(stated)
        if value:
            yield value, stated.span


def periods(flow: Flow, within: Span | None = None) -> Iterator[Period]:
    """`du 1er janvier au 31 décembre 2024`: a first day without year has the year of the second."""
    found = [stated for match in flow.finditer(_ANY, within) if (stated := _stated(match))]
    for first, second in pairwise(found):
        between = flow.text[first.span.end : second.span.start]
        before = flow.text[max(first.span.start - 22, 0) : first.span.start]
        # OCR may lose the dash of `Exercice 01/01/2022 – 31/12/2022`.
        year = not between.strip() and re.search(r"\bexercice\W*$", before)
        if not (year or _TO.fullmatch(re.sub(r"\s+", " ", between))):
            continue
        if (between.strip() in ("", ",") and not year) or (
            between.strip() in ("et le",) and "entre" not in before
        ):
            continue
        last = _date(second)
        opening = _date(first) or (
            _date(_Stated(first.day, first.month, second.year, first.span)) if second.year else None
        )
        if opening and last and opening < last:
            yield Period(opening, last, Span(first.span.start, second.span.end))


def _stated(match: re.Match[str]) -> _Stated | None:
    span = Span(match.start(), match.end())
    if match["iy"]:
        return _Stated(int(match["id"]), int(match["im"]), int(match["iy"]), span)
    if match["d"]:
        printed = int(match["y"])
        if len(match["y"]) == 2:
            printed += 2000 if printed < 70 else 1900
        return _Stated(int(match["d"]), int(match["m"]), printed, span)
    if match["td"]:
        first = match["td"].endswith(("er", "°"))
        return _Stated(
            1 if first else int(match["td"]),
            MONTHS[match["tm"]],
            int(match["ty"]) if match["ty"] else None,
            span,
        )
    number = 1 if match["wd"] == "premier" else number_in_words(match["wd"])
    if number is None:
        return None
    year_text = match["wy"]
    year: int | None = None
    if year_text:
        year = int(year_text) if year_text.isdigit() else number_in_words(year_text)
    return _Stated(number, MONTHS[match["wm"]], year, span)


def _date(stated: _Stated) -> date | None:
    if stated.year is None or not OLDEST <= stated.year <= NEWEST:
        return None
    try:
        return date(stated.year, stated.month, stated.day)
    except ValueError:
        return None
