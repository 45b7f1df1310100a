"""What owning costs each year: charges, works fund, property tax, energy. The newest document wins."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from documents.synthesis.lines import Costs, LeftOut, Line, lot_line, overridden
from documents.synthesis.papers import Dossier, Paper, day, money

LONGEST_PERIOD_DAYS = 380
"""A longer period is not a financial year: it cannot be brought to one."""


def annual_costs(dossier: Dossier) -> Costs:
    costs = Costs([], [])
    for part in (_charges, _works_fund, _property_tax, _energy):
        part(dossier, costs)
    costs.lines = overridden(dossier, costs.lines)
    return costs


def _add(dossier: Dossier, costs: Costs, line: Line) -> bool:
    """Add a line as the lot's; False when its share is unknown and it was left out."""
    found = lot_line(dossier, line)
    if isinstance(found, LeftOut):
        costs.left_out.append(found)
        return False
    costs.lines.append(found)
    return True


def _line(paper: Paper, path: str, code: str, amount: Decimal, **values: Any) -> Line:
    defaults: dict[str, Any] = {
        "key": f"annual:{code}",
        "low": amount,
        "high": amount,
        "whose": "lot",
        "stated": amount,
        "status": "actual",
        "evidence": (paper.evidence(path),),
        "year": paper.date.year if paper.date.year > 1 else None,
    }
    return Line(code=code, **{**defaults, **values})


def _doubt(costs: Costs, paper: Paper, path: str, code: str, amount: Decimal | None) -> bool:
    """Whether the value stands nowhere on its page; it is then listed as left out."""
    if amount is not None and path in paper.doubtful:
        costs.left_out.append(LeftOut(code, "not_on_its_page", amount, (paper.evidence(path),)))
        return True
    return amount is None


def _yearly(paper: Paper, amount: Decimal) -> Decimal | None:
    """An amount of the paper's period brought to twelve months, by whole months; None where it cannot be."""
    start, end = day(paper.facts.get("period_start")), day(paper.facts.get("period_end"))
    if start is None or end is None or not 0 < (end - start).days < LONGEST_PERIOD_DAYS:
        return None
    months = max(1, round(((end - start).days + 1) / 30.4375))
    return (amount * 12 / months).quantize(Decimal("0.01"))


def _charges(dossier: Dossier, costs: Costs) -> None:
    """The lot's charges of a year: by the newest statement, else the pre-sale statement, else the newest call
    brought to a year, else the building's budget by the lot's share. Works and works fund apart.
    """
    for paper in dossier.of("charges"):
        amount = money(paper.facts.get("total_amount"))
        if paper.kind != "decompte_annuel" or _doubt(costs, paper, "total_amount", "charges", amount):
            continue
        assert amount is not None
        yearly = _yearly(paper, amount)
        _add(dossier, costs, _line(paper, "total_amount", "charges", amount if yearly is None else yearly))
        return
    for paper in dossier.of("other"):
        amount = money(paper.facts.get("annual_charges"))
        if paper.kind not in ("pre_etat_date", "etat_date") or _doubt(
            costs, paper, "annual_charges", "charges", amount
        ):
            continue
        assert amount is not None
        _add(dossier, costs, _line(paper, "annual_charges", "charges", amount))
        return
    for paper in dossier.of("charges"):
        amount = money(paper.facts.get("total_amount"))
        if paper.kind != "appel_de_fonds" or _doubt(costs, paper, "total_amount", "charges", amount):
            continue
        assert amount is not None
        current = (
            amount
            - (money(paper.facts.get("fonds_travaux")) or 0)
            - (money(paper.facts.get("works_calls")) or 0)
        )
        yearly = _yearly(paper, current)
        if yearly is None or current < 0:
            costs.left_out.append(
                LeftOut("charges", "period_unknown", amount, (paper.evidence("total_amount"),))
            )
            continue
        _add(
            dossier, costs, _line(paper, "total_amount", "charges", yearly, stated=amount, status="estimated")
        )
        return
    for paper in dossier.of("pv_ag"):
        budgets = [
            (day(b.get("year_end")), index, money(b.get("amount")))
            for index, b in enumerate(paper.facts.get("budgets") or [])
        ]
        dated = [(end, index, amount) for end, index, amount in budgets if end and amount is not None]
        if dated:
            end, index, amount = max(dated)
            path = f"budgets[{index}].amount"
            if not _doubt(costs, paper, path, "charges", amount):
                line = _line(paper, path, "charges", amount, whose="building", status="voted", year=end.year)
                _add(dossier, costs, line)
                return


def _works_fund(dossier: Dossier, costs: Costs) -> None:
    """The yearly payment to the works fund: of the newest of the lot's calls, else the building's."""
    for paper in dossier.of("charges"):
        amount = money(paper.facts.get("fonds_travaux"))
        if _doubt(costs, paper, "fonds_travaux", "works_fund", amount):
            continue
        assert amount is not None
        yearly = amount if paper.kind == "decompte_annuel" else _yearly(paper, amount)
        if yearly is not None:
            _add(dossier, costs, _line(paper, "fonds_travaux", "works_fund", yearly, stated=amount))
            return
    for paper in dossier.of("pv_ag"):
        amount = money(paper.facts.get("fonds_travaux_annual"))
        if _doubt(costs, paper, "fonds_travaux_annual", "works_fund", amount):
            continue
        assert amount is not None
        line = _line(paper, "fonds_travaux_annual", "works_fund", amount, whose="building", status="voted")
        _add(dossier, costs, line)
        return


def _property_tax(dossier: Dossier, costs: Costs) -> None:
    for paper in dossier.of("taxe_fonciere"):
        amount = money(paper.facts.get("total_amount"))
        if _doubt(costs, paper, "total_amount", "property_tax", amount):
            continue
        assert amount is not None
        _add(
            dossier,
            costs,
            _line(paper, "total_amount", "property_tax", amount, year=paper.facts.get("tax_year")),
        )
        return


def _energy(dossier: Dossier, costs: Costs) -> None:
    """The DPE's yearly estimate, a range where it gives one."""
    for paper in dossier.of("diags"):
        for index, diagnostic in enumerate(paper.facts.get("diagnostics") or []):
            low, high = money(diagnostic.get("energy_cost_min")), money(diagnostic.get("energy_cost_max"))
            if diagnostic.get("type") != "dpe" or (low is None and high is None):
                continue
            low, high = (low if low is not None else high), (high if high is not None else low)
            assert low is not None and high is not None
            paths = [f"diagnostics[{index}].energy_cost_{end}" for end in ("min", "max")]
            if any(_doubt(costs, paper, path, "energy", low) for path in paths):
                continue
            evidence = tuple(paper.evidence(path) for path in paths)
            line = _line(
                paper, paths[0], "energy", low, low=min(low, high), high=max(low, high), stated=high,
                status="estimated", evidence=evidence,
            )  # fmt: skip
            _add(dossier, costs, line)
            return
