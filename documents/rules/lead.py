"""Lead in coatings (CREP, built before 1949): classes 1 and 2 are kept, class 3 is degraded."""

from __future__ import annotations

from collections.abc import Iterator

from documents.rules.case import Case, Risk
from documents.rules.level import WEIGHTS
from documents.rules.validity import lead_found

SOURCE = "Constat de risque d'exposition au plomb, immeubles d'avant 1949 (article à confirmer)"


def check(case: Case) -> Iterator[Risk]:
    newest = case.newest("plomb")
    if newest is None or not lead_found(newest):
        return
    degraded = newest.facts.get("lead_class_3") or 0
    code = "lead_degraded" if degraded or newest.facts.get("outcome") == "danger" else "lead_present"
    names = ("presence", "outcome", "lead_class_1", "lead_class_2", "lead_class_3")
    yield Risk(code, WEIGHTS[code], SOURCE, {"degraded": degraded}, newest.evidence(*names))
