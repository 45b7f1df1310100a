"""Rules on a dossier: one rule one file, dated, with its source. Pure: no Django, no words (codes only).

A rule is a module with `check(case) -> Iterator[Risk]`, listed in `RULES`; its weight stands in `level`, its
sentences in `documents.wording`.
"""

from __future__ import annotations

from documents.rules import (
    asbestos,
    building_arrears,
    carrez_surface,
    diagnostics_expired,
    dpe_class,
    dpe_electricity_factor,
    dpe_small_surface,
    electricity,
    gas,
    lead,
    legal_proceedings,
    letting_ban,
    rent_freeze,
    termites,
    works_fund,
    works_plan,
)
from documents.rules.case import Case, Risk

RULES = (
    dpe_class,
    dpe_electricity_factor,
    dpe_small_surface,
    letting_ban,
    rent_freeze,
    diagnostics_expired,
    lead,
    asbestos,
    termites,
    electricity,
    gas,
    carrez_surface,
    building_arrears,
    legal_proceedings,
    works_plan,
    works_fund,
)


def risks_of(case: Case) -> list[Risk]:
    """What every rule finds, in the order of the rules."""
    return [risk for rule in RULES for risk in rule.check(case)]
