"""Asbestos found (permit before 1997-07-01)."""

from __future__ import annotations

from collections.abc import Iterator

from documents.rules.case import Case, Risk
from documents.rules.level import WEIGHTS
from documents.rules.validity import found

SOURCE = "État d'amiante, permis d'avant le 1er juillet 1997 (article à confirmer)"


def check(case: Case) -> Iterator[Risk]:
    newest = case.newest("amiante")
    if newest is not None and found(newest):
        code, evidence = "asbestos_present", newest.evidence("presence", "outcome")
        yield Risk(code, WEIGHTS[code], SOURCE, {"date": newest.date.isoformat()}, evidence)
