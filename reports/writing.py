"""Numbers, dates and sentences as the reader's language prints them (the active one)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language

NO_BREAK, THIN = "\u00a0", "\u202f"
LONGEST_WORD = 28
"""Longer runs without a space may be broken: an address or a file name must not leave its column."""
_LONG = re.compile(rf"\S{{{LONGEST_WORD},}}")
Number = int | float | Decimal


def number(value: Number, decimals: int = 0) -> str:
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = number_format(exact, decimals, force_grouping=True)
    return text.replace(NO_BREAK, THIN).replace("-", "−")


def signed(value: Number, decimals: int = 0) -> str:
    text = number(value, decimals)
    return text if text.startswith("−") or not any(c in "123456789" for c in text) else f"+{text}"


def euros(value: Number | None, decimals: int = 0, *, sign: bool = False) -> str:
    """`1 234 €`; a dash for none."""
    return "–" if value is None else f"{(signed if sign else number)(value, decimals)}{NO_BREAK}€"


def cents(value: Number | None) -> str:
    """`1 234,50 €`; a dash for none."""
    return euros(value, 2)


def per_m2(value: Number | None) -> str:
    return "–" if value is None else f"{number(value)}{NO_BREAK}€/m²"


def percent(value: Number, decimals: int = 0, *, sign: bool = False) -> str:
    text = (signed if sign else number)(value, decimals)
    return f"{text}{NO_BREAK}%" if get_language() == "fr" else f"{text}%"


def unit(value: Number, name: str) -> str:
    """`53 m²`, `62,47 m²`: no more decimals than there are."""
    exact = Decimal(str(value)).normalize()
    exponent = exact.as_tuple().exponent
    return f"{number(exact, max(0, -exponent if isinstance(exponent, int) else 0))}{NO_BREAK}{name}"


def day(value: date | datetime | str | None) -> str:
    """A day in figures; what is no day is given back as it stands, "" for none."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value[:10])
        except ValueError:
            return str(value)
    return date_format(value, "SHORT_DATE_FORMAT") if value else ""


def long_day(value: date) -> str:
    return date_format(value, "j F Y")


def typographic(text: str) -> str:
    """Our own sentences with the spaces and apostrophes of French printing; English ones as they are."""
    if get_language() != "fr":
        return text
    text = text.replace("'", "’")
    text = re.sub(r"(?<=\S) (?=[;!?%])", THIN, text)
    text = re.sub(r"(?<=\S) (?=[:€»])", NO_BREAK, text)
    return re.sub(r"« ", f"«{NO_BREAK}", text)


def colon() -> str:
    """What stands between a label and its value."""
    return f"{NO_BREAK}: " if get_language() == "fr" else ": "


def printable(value: Any) -> Any:
    """All strings in `value` without control characters and with breaks allowed in endless words."""
    if isinstance(value, str):
        kept = "".join(
            c if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"} else " "
            for c in unicodedata.normalize("NFC", value)
        )
        return _LONG.sub(_breakable, kept)
    if isinstance(value, dict):
        return {key: printable(item) for key, item in value.items()}
    return [printable(item) for item in value] if isinstance(value, list | tuple) else value


def _breakable(found: re.Match[str]) -> str:
    word = found.group()
    return "\u200b".join(word[n : n + LONGEST_WORD // 2] for n in range(0, len(word), LONGEST_WORD // 2))


def plural(count: int) -> int:
    """The number by which words are inflected: none is singular in French."""
    return 1 if count == 0 and get_language() == "fr" else count


def short(text: str, length: int = 280) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"
