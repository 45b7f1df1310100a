"""Anomalies of the gas installation (over 15 years old); DGI is immediate danger."""

from __future__ import annotations

from collections.abc import Iterator

from documents.rules.case import Case, Risk
from documents.rules.level import WEIGHTS

SOURCE = "État de l'installation de gaz de plus de 15 ans (article à confirmer)"


def check(case: Case) -> Iterator[Risk]:
    newest = case.newest("gaz")
    if newest is None:
        return
    count, outcome = newest.facts.get("anomalies_count"), newest.facts.get("outcome")
    if outcome not in ("issues", "danger") and not count:
        return
    code = "gas_danger" if outcome == "danger" else "gas_anomalies"
    values = {"count": count, "date": newest.date.isoformat()}
    yield Risk(code, WEIGHTS[code], SOURCE, values, newest.evidence("anomalies_count", "outcome"))
