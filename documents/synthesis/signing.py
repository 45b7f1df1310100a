"""A stored synthesis as it stands on a signing date: who pays what, which risks hold, what to do first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from documents.rules.level import level
from documents.synthesis.actions import actions
from documents.synthesis.lines import who_pays
from documents.synthesis.missing import owed_on
from documents.synthesis.papers import day, money


def at(data: Mapping[str, Any], signing: date | None, today: date) -> dict[str, Any]:
    """What `whole.synthesise` made, with `payer` in each one-time line, `totals`, the risks that hold, the
    level and the actions. Without a signing date: as if signed today.
    """
    on = signing or today
    once = [
        {**line, "payer": who_pays(day(line["due_date"]), on, line["payment_status"])}
        for line in data["one_time"]["lines"]
    ]
    risks = [risk for risk in data["risks"] if _holds(risk, on)]
    missing = owed_on(data["missing"], on)
    result = {
        **data,
        "signing_date": signing.isoformat() if signing else None,
        "as_of": on.isoformat(),
        "one_time": {**data["one_time"], "lines": once},
        "totals": _totals(data["annual"]["lines"], once),
        "risks": risks,
        "missing": missing,
        "risk": level(risks) if data["documents"]["read"] else {"level": "", "points": 0, "reasons": []},
    }
    return {**result, "actions": actions(result)}


def _holds(risk: Mapping[str, Any], on: date) -> bool:
    since, until = day(risk["since"]), day(risk["until"])
    return (since is None or since <= on) and (until is None or on < until)


def _totals(annual: list[dict[str, Any]], once: list[dict[str, Any]]) -> dict[str, Any]:
    """Sums to the cent. What has no date is counted with the buyer's, as the more careful of both."""
    by = {payer: _sum(line["amount"] for line in once if line["payer"] == payer)
          for payer in ("buyer", "seller", "unknown", "nobody")}  # fmt: skip
    return {
        "annual": float(_sum(line["amount"] for line in annual)) if annual else None,
        "annual_range": [float(_sum(line["range"][end] for line in annual)) for end in (0, 1)]
        if annual
        else None,
        "one_time": float(_sum(line["amount"] for line in once)) if once else None,
        "one_time_buyer": float(by["buyer"] + by["unknown"]) if once else None,
        "one_time_seller": float(by["seller"]),
        "one_time_without_date": float(by["unknown"]),
        "one_time_paid": float(by["nobody"]),
    }


def _sum(amounts: Iterable[float]) -> Decimal:
    return sum((a for amount in amounts if (a := money(amount)) is not None), Decimal(0))
