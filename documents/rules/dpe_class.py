"""The energy class, and whether it fits its own two figures (arrêté of 31 March 2021: the worse of both)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from documents.rules.case import Case, Diagnostic, Risk
from documents.rules.dpe_tables import SMALL_SINCE, classes
from documents.rules.level import WEIGHTS
from documents.synthesis.papers import Evidence, money

SOURCE = "Arrêté du 31 mars 2021 relatif au DPE"


def check(case: Case) -> Iterator[Risk]:
    dpe = case.certificate()
    if dpe is None:
        return
    stated = dpe.facts.get("energy_class")
    if stated in ("E", "F", "G"):
        code = f"dpe_class_{stated.lower()}"
        yield Risk(code, WEIGHTS[code], SOURCE, {"class": stated, "date": _date(dpe)}, _evidence(dpe))
    computed = computed_classes(case, dpe)
    if stated and computed and stated not in computed:
        yield Risk(
            "dpe_class_inconsistent",
            WEIGHTS["dpe_class_inconsistent"],
            SOURCE,
            {"class": stated, "computed": computed[0], "energy": dpe.facts["energy_kwh_m2"],
             "climate": dpe.facts["ges_kg_m2"]},
            _evidence(dpe),
        )  # fmt: skip


def computed_classes(case: Case, dpe: Diagnostic) -> tuple[str, ...]:
    """The class that the certificate's figures give, by the bounds of its day; () without both figures."""
    energy, climate = money(dpe.facts.get("energy_kwh_m2")), money(dpe.facts.get("ges_kg_m2"))
    if energy is None or climate is None or dpe.date.year < 2021:
        return ()
    return classes(energy, climate, case.subject.department, bounds_surface(case, dpe))


def bounds_surface(case: Case, dpe: Diagnostic) -> Decimal | None:
    """The surface by which small homes have bounds of their own; None before there were any."""
    stated = money(dpe.facts.get("surface_m2")) or case.subject.surface
    return stated if dpe.date >= SMALL_SINCE else None


def _date(dpe: Diagnostic) -> str | None:
    return dpe.date.isoformat() if dpe.date.year > 1 else None


def _evidence(dpe: Diagnostic) -> tuple[Evidence, ...]:
    return dpe.evidence("energy_class", "energy_kwh_m2", "ges_kg_m2")
