"""Unpaid charges of the whole building against the thresholds of an ad hoc trustee (law of 1965, 29-1 A).

The law counts against the sums due of the year; the budget voted stands for them, as minutes state no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from documents.rules.case import Case, Risk
from documents.rules.level import WEIGHTS
from documents.synthesis.papers import Paper, money

SOURCE = "Loi n° 65-557 du 10 juillet 1965, art. 29-1 A"
THRESHOLD, LARGE_THRESHOLD, LARGE_LOTS = Decimal("0.25"), Decimal("0.15"), 200
NOTED = Decimal("0.10")


def check(case: Case) -> Iterator[Risk]:
    lots, lots_evidence = case.fact("number_of_lots")
    for paper in case.minutes():
        arrears = money(paper.facts.get("arrears"))
        if arrears is None or not paper.sure("arrears", arrears):
            continue
        budget, path = first_budget(paper)
        if budget:
            ratio = arrears / budget
            threshold = LARGE_THRESHOLD if lots is not None and lots > LARGE_LOTS else THRESHOLD
            code = (
                "arrears_over_threshold" if ratio >= threshold else "arrears_noted" if ratio >= NOTED else ""
            )
            if code:
                values = {
                    "arrears": float(arrears),
                    "budget": float(budget),
                    "ratio_pct": float(round(ratio * 100, 1)),
                    "threshold_pct": float(threshold * 100),
                }
                evidence = (paper.evidence("arrears"), paper.evidence(path), *lots_evidence)
                yield Risk(code, WEIGHTS[code], SOURCE, values, evidence)
        return


def first_budget(paper: Paper) -> tuple[Decimal | None, str]:
    """The earliest budget of the minutes: of the year to which the arrears belong."""
    stated = [
        (b.get("year_end") or "", f"budgets[{i}].amount", money(b.get("amount")))
        for i, b in enumerate(paper.facts.get("budgets") or [])
    ]
    sure = [(end, path, amount) for end, path, amount in stated if amount and paper.sure(path, amount)]
    return (min(sure)[2], min(sure)[1]) if sure else (None, "")
