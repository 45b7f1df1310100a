"""Made-up dossiers for the tests of rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from types import ModuleType
from typing import Any

from documents.rules.case import Case, Risk
from documents.synthesis.papers import Dossier, Paper, Subject


def case(*papers: Paper, overrides: Any = None, **subject: Any) -> Case:
    if "surface" in subject:
        subject["surface"] = Decimal(str(subject["surface"]))
    return Case(Dossier(list(papers), overrides or {}), Subject(**{"department": "83", **subject}))


def diagnostic(kind: str, doubtful: frozenset[str] = frozenset(), **facts: Any) -> Paper:
    return Paper(1, "diags", {"diagnostics": [{"type": kind, **facts}]}, doubtful)


def minutes(identifier: int = 2, **facts: Any) -> Paper:
    return Paper(identifier, "pv_ag", {"meeting_date": "2025-06-10", **facts})


def found(rule: ModuleType, of: Case) -> dict[str, Risk]:
    """Code → risk."""
    risks: Iterator[Risk] = rule.check(of)
    return {risk.code: risk for risk in risks}


def holds(risk: Risk, on: str) -> bool:
    day = date.fromisoformat(on)
    return (risk.since is None or risk.since <= day) and (risk.until is None or day < risk.until)
