"""What a report concludes: the ticked statement of a form, or the gravest one written without a box."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from documents.extraction.diags import ticks
from documents.extraction.diags.parts import Part
from documents.extraction.flow import Span

GRAVITY = ("not_performed", "clear", "issues", "danger")
_SUPPOSED = re.compile(
    r"\b(?:si|lorsqu\w*|en\s+cas|dans\s+le\s+cas|au\s+cas|quand|afin|des\s+lors)\b[^.;\n]{0,60}$"
)
NUMBERS_IN_WORDS = {
    "zero": 0, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8,
    "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16,
}  # fmt: skip
NOT_PERFORMED = re.compile(
    r"(?:diagnostic|controle|mission|etat|constat|visite|reperage|examen|mesurage|installation)[^.;\t]{0,70}?"
    r"n'(?:a|ont)\s+(?:donc\s+)?(?:pas\s+(?:pu\s+)?|pu\s+)(?:etre|ete)\s+(?:\w+\s+)?(?:realise|effectue|execute|controle|verifie)\w*"
    r"|(?:\t|:\s|^)non\s+(?:realise|effectue)\w*|\bdiagnostic\s+(?:non\s+realise|impossible)"
)


@dataclass(frozen=True, slots=True)
class Conclusion:
    outcome: str
    span: Span
    ticked: bool


def statements(part: Part, patterns: Sequence[tuple[str, str]]) -> list[Conclusion]:
    """All statements met in the report, or in the summary where the report has none. Empty boxes are left out."""
    for summary in (False, True):
        found: list[Conclusion] = []
        spans = part.summary if summary else part.own
        for pattern, outcome in patterns:
            for span in spans:
                for match in part.flow.finditer(pattern, span):
                    start = match.start() + len(match[0]) - len(match[0].lstrip())
                    if _SUPPOSED.search(part.before(start, 80)):
                        continue
                    state = _ticked(part, start)
                    if state is not False:
                        found.append(Conclusion(outcome, Span(start, match.end()), state is True))
        if found:
            return _without_parts(found)
    return []


def _without_parts(found: list[Conclusion]) -> list[Conclusion]:
    """ "la présence de … plomb" inside "n'a pas révélé la présence de … plomb" states nothing."""
    clear = [one.span for one in found if one.outcome == "clear"]
    return [
        one
        for one in found
        if one.outcome == "clear"
        or not any(c.start <= one.span.start and one.span.end <= c.end for c in clear)
    ]


def _ticked(part: Part, start: int) -> bool | None:
    """State of the box that opens the statement: in its row, or in the row above where the sentence began."""
    index = part.flow.row_index(start)
    row = part.flow.rows[index]
    before = re.split(r"\.\s|;\s", part.flow.text[row.start : start])[-1]
    state = ticks.last(before)
    if state is None and index and len(before) == start - row.start:
        above = part.flow.rows[index - 1]
        if above.page == row.page and not above.text.rstrip().endswith((".", ";", ":")):
            opening = re.split(r"\.\s|;\s", above.text)[-1]
            if ticks.before(opening, len(opening) - len(opening.lstrip()) + 4) is not None:
                state = ticks.last(opening)
    return state


def decide(found: Sequence[Conclusion]) -> Conclusion | None:
    """A ticked statement before any other; the gravest of equals."""
    pool = [one for one in found if one.ticked] or list(found)
    return max(pool, key=lambda one: GRAVITY.index(one.outcome), default=None)


def conclude(part: Part, patterns: Sequence[tuple[str, str]]) -> Conclusion | None:
    chosen = decide(statements(part, patterns))
    if chosen:
        part.put("outcome", chosen.outcome, chosen.span, "outcome", 0.95 if chosen.ticked else 0.9)
    return chosen


def not_performed(part: Part) -> None:
    """The diagnostic could not be done; only where nothing else is concluded."""
    if part.value("outcome") is None:
        found = part.search(NOT_PERFORMED)
        if found:
            part.put("outcome", "not_performed", Span(*found.span()), "not_performed", 0.85)


def stated_count(part: Part, noun: str) -> tuple[int, Span] | None:
    """`4 anomalies`, `nombre d'anomalies : 8`, `trois anomalies`."""
    words = "|".join(NUMBERS_IN_WORDS)
    for pattern in (
        rf"nombre\s+(?:total\s+)?d(?:e\s+|')(?:l'ensemble\s+des\s+)?{noun}\w*(?:\s+\w+){{0,3}}\s*[:=\t]?\s*(\d{{1,2}})\b(?![.,/]\d)",
        rf"(?<![\d.,/])(\d{{1,2}})\s+{noun}s?\b",
        rf"\b({words})\s+(?:\([0-9]+\)\s+)?{noun}s\b",
    ):
        for match in part.finditer(pattern):
            if re.search(r"\b(?:une?|plusieurs)\s+ou\s*$", part.before(match.start(), 20)):
                continue
            value = int(match[1]) if match[1].isdigit() else NUMBERS_IN_WORDS[match[1]]
            return value, Span(*match.span())
    return None
