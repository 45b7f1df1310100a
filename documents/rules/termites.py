"""Termites found (zones set by order)."""

from __future__ import annotations

from collections.abc import Iterator

from documents.rules.case import Case, Risk
from documents.rules.level import WEIGHTS
from documents.rules.validity import found

SOURCE = "État relatif aux termites, zones fixées par arrêté (article à confirmer)"


def check(case: Case) -> Iterator[Risk]:
    newest = case.newest("termites")
    if newest is not None and found(newest):
        code, evidence = "termites_present", newest.evidence("presence", "outcome")
        yield Risk(code, WEIGHTS[code], SOURCE, {"date": newest.date.isoformat()}, evidence)
