"""What the buyer does, by priority: codes with their reason and, where known, the cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FROM_RISKS = {
    "dpe_class_g": ("negotiate_energy_works", 1),
    "dpe_class_f": ("negotiate_energy_works", 1),
    "dpe_class_inconsistent": ("have_dpe_checked", 2),
    "dpe_may_improve": ("ask_dpe_recomputed", 3),
    "dpe_small_surface_better": ("ask_dpe_recomputed", 3),
    "diagnostic_expired": ("ask_diagnostic_again", 2),
    "lead_degraded": ("price_lead_works", 1),
    "asbestos_present": ("ask_asbestos_file", 2),
    "termites_present": ("have_termites_treated", 1),
    "electric_danger": ("quote_electric_works", 1),
    "electric_anomalies": ("quote_electric_works", 2),
    "gas_danger": ("quote_gas_works", 1),
    "gas_anomalies": ("quote_gas_works", 2),
    "arrears_over_threshold": ("ask_accounts_of_building", 1),
    "arrears_noted": ("ask_accounts_of_building", 3),
    "legal_proceedings": ("ask_about_proceedings", 2),
    "works_plan_missing": ("ask_works_plan", 2),
    "works_fund_low": ("plan_own_reserve", 3),
    "carrez_short": ("negotiate_surface", 1),
}
"""The action that a risk calls for, and its priority: 1 before any offer, 2 before the contract, 3 later."""


def actions(synthesis: Mapping[str, Any]) -> list[dict[str, Any]]:
    """[{code, priority, cost, because [codes], values}] of what `signing.at` gives; each action once."""
    found: dict[tuple[str, str], dict[str, Any]] = {}

    def add(code: str, priority: int, because: str, cost: float | None = None, **values: Any) -> None:
        new = {"code": code, "priority": priority, "cost": cost, "because": [], "values": values}
        entry = found.setdefault((code, str(values.get("type", ""))), new)
        entry["priority"] = min(entry["priority"], priority)
        if because not in entry["because"]:
            entry["because"].append(because)

    for risk in synthesis["risks"]:
        if risk["code"] in FROM_RISKS:
            code, priority = FROM_RISKS[risk["code"]]
            add(code, priority, risk["code"], **{k: v for k, v in risk["values"].items() if k == "type"})
    if cost := synthesis["totals"]["one_time_buyer"]:
        add("settle_who_pays_works", 1, "works_to_come", cost)
    if planned := synthesis["planned"]["lines"]:
        put_off = round(sum(line["amount"] for line in planned), 2)
        add("expect_works_put_off", 2, "works_put_off", put_off)
    if any(left["reason"] == "owed_by_the_seller" for left in synthesis["one_time"]["left_out"]):
        add("have_arrears_paid_at_signing", 2, "seller_arrears")
    if missing := synthesis["missing"]:
        sure = any(paper["effect"] != "to_check" for paper in missing)
        add("ask_missing_papers", 1 if sure else 2, "missing_papers", count=len(missing))
    if contradictions := synthesis["contradictions"]:
        add("clear_up_contradictions", 2, "contradictions", count=len(contradictions))
    if synthesis["share"] is None and synthesis["documents"]["read"]:
        add("give_tantiemes", 2, "share_unknown")
    return sorted(found.values(), key=lambda a: (a["priority"], -(a["cost"] or 0), a["code"]))
