"""Homes of the worst classes may not be let any more (law 2021-1104): new and renewed leases, metropolitan
France."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from documents.rules.case import Case, Risk
from documents.rules.level import WEIGHTS

SOURCE = "Loi n° 2021-1104 du 22 août 2021"
BANNED_FROM = {"G": date(2025, 1, 1), "F": date(2028, 1, 1), "E": date(2034, 1, 1)}


def check(case: Case) -> Iterator[Risk]:
    dpe = case.certificate()
    stated = dpe.facts.get("energy_class") if dpe else None
    if dpe is None or stated not in BANNED_FROM or case.subject.department.startswith(("97", "98")):
        return
    since = BANNED_FROM[stated]
    values, evidence = {"class": stated, "from": since.isoformat()}, dpe.evidence("energy_class")
    yield Risk("letting_ban_coming", WEIGHTS["letting_ban_coming"], SOURCE, values, evidence, until=since)
    yield Risk("letting_banned", WEIGHTS["letting_banned"], SOURCE, values, evidence, since=since)
