"""Sums, shares and whole numbers in folded text (see flow.py): in figures or in letters, before or after tax.

Reads what French offices print: `1 234,56 €`, `1.234,56`, `12 500 euros TTC`, `12500 EUR`, `3 K€` (not read:
it is rounded), `deux cent quarante-huit mille euros`. Nothing is computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from documents.extraction.flow import Flow, Span

_GROUPS = r"\d{1,3}(?:[ .'][0-9o]{3})+(?![\do])"
NUMBER = rf"(?:{_GROUPS}|\d+)(?:[,.] ?\d{{1,2}}(?!\d))?"
CENTS = rf"(?:{_GROUPS}|\d+)[,.] ?\d{{2}}(?![\d%]|\.\d)"
EUROS = r"(?:€|e(?=\s*(?:ttc|ht)\b)|eur\b|euros?\b)"

_UNITS = {
    "zero": 0, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7,
    "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15,
    "seize": 16,
    "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70,
    "huitante": 80, "octante": 80, "nonante": 90,
}  # fmt: skip
_SCALES = {"cent": 100, "cents": 100, "mille": 1000, "mil": 1000, "million": 10**6, "millions": 10**6,
           "milliard": 10**9, "milliards": 10**9}  # fmt: skip
_NUMERAL = "|".join(sorted({**_UNITS, **_SCALES}, key=len, reverse=True))
IN_WORDS = rf"(?:{_NUMERAL})(?:[ \n-]+(?:et[ \n-]+)?(?:{_NUMERAL}))*\b"
_IN_WORDS_ALONE = re.compile(rf"\b{IN_WORDS}")

_TAX_AFTER = re.compile(r"[\s(]*(t[tli]c\b|ttc|t\.t\.c|toutes taxes|ht\b|h\.t|hors taxes?|hors tva)")
_TAX_BEFORE = re.compile(
    r"\b(ttc|t\.t\.c\.?|ht|h\.t\.?|toutes taxes comprises|hors taxes?)\)?\s*(?::|de|=|\t)?\s*$"
)
_SUM = re.compile(
    rf"(?<![\d,.])(?P<sign>-\s?)?(?P<number>{NUMBER})\s?(?P<mark>{EUROS})"
    rf"|(?:€|\beur(?=\s?(?:{_GROUPS}|\d+,\d\d)))\s?(?P<behind>{NUMBER})"
    rf"|(?<![\d,./])(?P<bare_sign>-\s?)?(?P<bare>{CENTS})(?!\s?(?:f\b|frs?\b|francs?\b|%|m2|m²))"
    rf"|\b(?P<words>{IN_WORDS})[ \n]+(?:d')?euros?\b(?:[ \n]+et[ \n]+(?P<cents>{IN_WORDS})[ \n]+centimes?)?"
)
# `68 402 € 15`: the figures behind the unit, where a clause ends or goes on as behind a sum.
BEHIND = re.compile(
    r" ?(\d\d)"
    r"(?=[ (]*(?:t[tli]c\b|t\.t|ht\b|h\.t|toutes|hors)|[.,;:)]?(?:[\s;]|$)"
    r"(?!\s?(?:%|\d|mois|ans?\b|jours?|heures?|lots?|copro|tanti|mill|janv|fev|mars|avr|mai\b|juin|juil|aou|sept|oct|nov|dec)))"
)
_SPLIT = re.compile(rf"(?<![\d,.])(\d{{1,3}})\n(\d{{3}}(?:[ .]\d{{3}})*(?:,\d{{2}})?)(?=\s?{EUROS}|,)")
_PERCENT = re.compile(r"(?<![\d,.])(\d{1,3}(?:[.,] ?\d{1,4})?)\s?%")


@dataclass(frozen=True, slots=True)
class Amount:
    """One sum in euros as printed. `tax` is what stands beside it; None where nothing does."""

    value: Decimal
    span: Span
    tax: Literal["ttc", "ht", None] = None
    marked: bool = True  # a currency stands with it
    in_words: bool = False


def decimal(text: str) -> Decimal | None:
    """The value of printed figures; three figures after a lone point or blank are thousands."""
    found = re.search(NUMBER, text)
    if found is None:
        return None
    digits = re.sub(r"[ ']", "", found[0]).replace("o", "0")
    if "," in digits:
        digits = digits.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3})+", digits):
        digits = digits.replace(".", "")
    elif digits.count(".") > 1:
        whole, _, rest = digits.rpartition(".")
        digits = whole.replace(".", "") + "." + rest
    return Decimal(digits)


def number_in_words(text: str) -> int | None:
    """`deux cent quarante-huit mille` → 248000; None for anything else."""
    total = current = 0
    numerals = [word for word in re.split(r"[ \n-]+", text.strip()) if word and word != "et"]
    if not numerals:
        return None
    for word in numerals:
        if word in _UNITS:
            unit = _UNITS[word]
            if unit == 20 and current % 100 == 4:  # quatre-vingt
                current += 76
            else:
                current += unit
        elif word in _SCALES:
            scale = _SCALES[word]
            if scale == 100:
                hundreds = current % 100
                current += (hundreds * 99) if hundreds else 100
            else:
                total += max(current, 1) * scale
                current = 0
        else:
            return None
    return total + current


def amounts(flow: Flow, within: Span | None = None, *, marked_only: bool = False) -> Iterator[Amount]:
    """Sums in reading order. Figures with cents and no currency count unless `marked_only`."""
    span = within or Span(0, len(flow.text))
    split = {m.start(): m for m in _SPLIT.finditer(flow.text, span.start, span.end) if _is_prose(flow, m)}
    taken = -1
    for match in _SUM.finditer(flow.text, span.start, span.end):
        if match.start() < taken:
            continue
        broken = next((m for start, m in split.items() if m.start(2) <= match.start() < m.end(2)), None)
        start, end = match.start(), match.end()
        in_words = match["words"] is not None
        if in_words:
            whole = number_in_words(match["words"])
            cents = number_in_words(match["cents"]) if match["cents"] else 0
            value = Decimal(whole) + Decimal(cents or 0) / 100 if whole is not None else None
        else:
            printed = match["number"] or match["behind"] or match["bare"]
            if broken is not None:
                printed, start = broken[1] + " " + printed, broken.start()
            value = decimal(printed)
            behind = BEHIND.match(flow.text, end) if match["mark"] and value and value % 1 == 0 else None
            if value is not None and behind and not re.search(r"[,.]\d\d?$", printed):
                value, end = value + Decimal(behind[1]) / 100, behind.end()
            if (
                value is not None
                and (match["sign"] or match["bare_sign"])
                and _stands_alone(flow.text, start)
            ):
                value = -value
        marked = bool(match["mark"] or match["behind"] or in_words)
        if value is None or (marked_only and not marked):
            continue
        taken = end
        yield Amount(value, Span(start, end), _tax(flow.text, start, end), marked, in_words)


def percents(flow: Flow, within: Span | None = None) -> Iterator[tuple[Decimal, Span]]:
    """`7,5 %` → 7.5."""
    for match in flow.finditer(_PERCENT, within):
        yield Decimal(match[1].replace(" ", "").replace(",", ".")), Span(match.start(), match.end())


def whole(text: str) -> int | None:
    """Tantièmes and counts: `6 902`, `6.902`, `6902,00` (a few offices print shares so)."""
    value = decimal(text)
    return int(value) if value is not None and value == value.to_integral_value() else None


def _tax(text: str, start: int, end: int) -> Literal["ttc", "ht", None]:
    after = _TAX_AFTER.match(text, end)
    found = after[1] if after else None
    if found is None:
        before = _TAX_BEFORE.search(text, max(start - 40, 0), start)
        found = before[1] if before else None
    if found is None:
        return None
    return "ttc" if found.startswith(("t", "toutes")) else "ht"


def _stands_alone(text: str, start: int) -> bool:
    """A minus sign, not the dash after a label: it opens its cell, or follows a colon."""
    before = text[max(start - 3, 0) : start].rstrip(" ")
    return not before or before[-1] in "\t\n:(="


def _is_prose(flow: Flow, match: re.Match[str]) -> bool:
    """A number cut at the end of a line of prose, not two rows of a table."""
    return all(len(flow.row_at(place).cells) == 1 for place in (match.start(1), match.start(2)))
