"""The works fund gets less than 5 % of the budget a year, from ten years on (law of 1965, 14-2-1)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from documents.rules.building_arrears import first_budget
from documents.rules.case import Case, Risk
from documents.rules.level import WEIGHTS
from documents.synthesis.papers import Evidence, Paper, money

SOURCE = "Loi n° 65-557 du 10 juillet 1965, art. 14-2-1"
LEAST_PCT = Decimal(5)
YEARS_AFTER_COMPLETION = 10


def check(case: Case) -> Iterator[Risk]:
    year, _evidence = case.building_year()
    for paper in case.minutes():
        found = _percentage(paper)
        if found is None:
            continue
        pct, evidence = found
        recent = year is not None and paper.date.year - year <= YEARS_AFTER_COMPLETION
        if pct < LEAST_PCT and not recent:
            values = {"pct": float(round(pct, 2)), "least_pct": float(LEAST_PCT), "year": paper.date.year}
            yield Risk("works_fund_low", WEIGHTS["works_fund_low"], SOURCE, values, evidence)
        return


def _percentage(paper: Paper) -> tuple[Decimal, tuple[Evidence, ...]] | None:
    stated = money(paper.facts.get("fonds_travaux_pct"))
    if stated is not None and paper.sure("fonds_travaux_pct", stated):
        return stated, (paper.evidence("fonds_travaux_pct"),)
    amount, (budget, path) = money(paper.facts.get("fonds_travaux_annual")), first_budget(paper)
    if amount is None or not budget or not paper.sure("fonds_travaux_annual", amount):
        return None
    return amount * 100 / budget, (paper.evidence("fonds_travaux_annual"), paper.evidence(path))
