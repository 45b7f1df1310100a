"""No ten-year works plan in a building that must have one (law of 1965, art. 14-2).

Buildings over 15 years: with more than 200 lots since 2023, 51 to 200 since 2024, up to 50 since 2025.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from documents.rules.case import Case, Risk
from documents.rules.level import WEIGHTS

SOURCE = "Loi n° 65-557 du 10 juillet 1965, art. 14-2 ; loi n° 2021-1104, art. 171"
YEARS = 15
SPOKEN_OF = re.compile(r"plan pluriannuel|\bPPPT\b|\bPPT\b", re.IGNORECASE)


def check(case: Case) -> Iterator[Risk]:
    year, evidence = case.building_year()
    if not case.in_co_ownership or year is None or not case.dossier.papers:
        return
    if any(paper.kind in ("ppt", "dtg") for paper in case.dossier.papers):
        return
    for paper in case.minutes():
        for resolution in paper.facts.get("resolutions") or []:
            if resolution.get("status") == "adopted" and SPOKEN_OF.search(resolution.get("topic") or ""):
                return
    lots, lots_evidence = case.fact("number_of_lots")
    since = max(_obliged_since(lots), date(year + YEARS + 1, 1, 1))
    yield Risk(
        "works_plan_missing",
        WEIGHTS["works_plan_missing"],
        SOURCE,
        {"year": year, "lots": lots, "from": since.isoformat()},
        (*evidence, *lots_evidence),
        since=since,
    )


def _obliged_since(lots: int | None) -> date:
    if lots is not None and lots > 200:
        return date(2023, 1, 1)
    return date(2024, 1, 1) if lots is not None and lots > 50 else date(2025, 1, 1)
