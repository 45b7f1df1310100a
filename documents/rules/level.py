"""From risks to a level: points by stated weights, added up.

A weight says what a risk usually costs or forbids: 50 and more changes the purchase by itself (a home that
cannot be let), 20 to 49 is worth a negotiation, 5 to 19 is to be settled before signing, 0 is good to know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MEDIUM, HIGH = 20, 50

WEIGHTS = {
    "dpe_class_g": 50,  # cannot be let; insulation and heating to be redone
    "dpe_class_f": 35,
    "dpe_class_e": 12,
    "dpe_class_inconsistent": 8,
    "dpe_may_improve": 0,
    "dpe_small_surface_better": 0,
    "letting_banned": 15,
    "letting_ban_coming": 5,
    "rent_frozen": 0,
    "diagnostic_expired": 6,  # to be redone by the seller: delays more than it costs
    "lead_degraded": 20,
    "lead_present": 8,
    "asbestos_present": 12,
    "termites_present": 25,
    "electric_anomalies": 10,
    "electric_danger": 25,
    "gas_anomalies": 8,
    "gas_danger": 30,
    "arrears_over_threshold": 30,  # others' unpaid charges stop works and can end in a trustee
    "arrears_noted": 10,
    "legal_proceedings": 12,
    "works_plan_missing": 8,
    "works_fund_low": 8,
    "carrez_short": 25,  # more than a twentieth of the surface paid for is not there
}


def level(risks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """{level low|medium|high, points, reasons [{code, points}]} of the risks that hold."""
    points = sum(risk["weight"] for risk in risks)
    name = "high" if points >= HIGH else "medium" if points >= MEDIUM else "low"
    weighty = sorted((risk for risk in risks if risk["weight"]), key=lambda r: (-r["weight"], r["code"]))
    reasons = [{"code": risk["code"], "points": risk["weight"], "values": risk["values"]} for risk in weighty]
    return {
        "level": name,
        "points": points,
        "thresholds": {"medium": MEDIUM, "high": HIGH},
        "reasons": reasons,
    }
