"""The three parts of an état daté (décret of 17 March 1967, art. 5): of the seller, of the syndicate, of the buyer."""

# ruff: noqa: E501  # patterns of words are read whole, on one line
from __future__ import annotations

import re

from documents.extraction.amounts import Amount
from documents.extraction.flow import Flow, Span
from documents.extraction.other.labelled import labelled

_PARTS = (r"(?:\b1\s?(?:ere|re)|premiere)\s+partie\b", r"(?:\b2\s?(?:e|eme|nde)|deuxieme|seconde)\s+partie\b", r"(?:\b3\s?(?:e|eme)|troisieme)\s+partie\b")  # fmt: skip


def _part(flow: Flow, number: int) -> Span | None:
    """One of the three parts of an état daté (décret of 1967, art. 5): from its title to the next."""
    titles = [flow.search(rf"(?m)^\W*{pattern}") for pattern in _PARTS]
    own = titles[number]
    if own is None:
        return None
    later = [title.start() for title in titles if title and title.start() > own.start()]
    annex = flow.search(r"(?m)^\W*annexe", Span(own.end(), len(flow.text)))
    ends = [*later, *([annex.start()] if annex else []), len(flow.text)]
    return Span(own.start(), min(ends))


def total_of_part(flow: Flow) -> Amount | None:
    """What the seller owes: the total of the first part."""
    part = _part(flow, 0)
    if part is None or not flow.search(r"cedant|vendeur", Span(part.start, min(part.end, part.start + 200))):
        return None
    return labelled(flow, r"(?m)^\W*total\b", within=part, refuse=r"sous")


def works_of_buyer(flow: Flow) -> Amount | None:
    """The third part: what is outside the budget and not yet due; one sum, or none is the whole."""
    part = _part(flow, 2)
    label = r"(?:depenses|provisions)[^.\n\t]{0,30} (?:non comprises?|hors) (?:dans le )?budget|travaux votes"
    found = flow.search(label, part) if part else None
    if part is None or found is None:
        return None
    one = labelled(flow, label, within=part)
    row = flow.row_index(one.span.start) if one else 0
    following = flow.rows[row + 1] if row + 1 < len(flow.rows) else None
    if (
        one
        and following
        and following.start < part.end
        and re.match(r"\W*(?:exigible|appel|le)\b", following.text)
    ):
        return None
    return one
