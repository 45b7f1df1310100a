"""Papers owed to the buyer before the preliminary contract that are not in the dossier (CCH art. L.721-2).

The buyer's ten days to withdraw do not begin before they are given (art. L.721-3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from documents.rules.case import Case
from documents.synthesis.papers import day

FLAT_SOURCE = "Code de la construction et de l'habitation, art. L.721-2 et L.721-3"
CARREZ_SOURCE = "Loi n° 65-557 du 10 juillet 1965, art. 46"
DIAGNOSTICS_SOURCE = "Diagnostics à fournir à la vente (article à confirmer)"
MINUTES_YEARS, CHARGES_YEARS = 3, 2
PLAN_AFTER_YEARS = 15


@dataclass(frozen=True, slots=True)
class Missing:
    """A paper to ask for. `effect`: "withdrawal_not_started", "price_action", "to_provide", or "to_check"
    (owed in some cases only, and the dossier does not settle it).

    `years`: those at hand, of a paper owed for the last `wanted` years; `since`: owed from that day on.
    """

    code: str
    effect: str
    source: str
    years: tuple[int, ...] | None = None
    wanted: int = 1
    since: date | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "effect": self.effect,
            "source": self.source,
            "years": None if self.years is None else list(self.years),
            "wanted": self.wanted,
            "since": self.since.isoformat() if self.since else None,
            "values": dict(self.values),
        }


def missing_papers(case: Case) -> list[Missing]:
    """Everything that could be wanting; `owed_on` says what is on a day."""
    return [*(_co_ownership(case) if case.in_co_ownership else ()), *_diagnostics(case)]


def _co_ownership(case: Case) -> Iterator[Missing]:
    kinds = {paper.kind for paper in case.dossier.papers}
    effect = "withdrawal_not_started"
    for code in ("reglement_copropriete", "fiche_synthetique", "carnet_entretien"):
        if code not in kinds:
            yield Missing(code, effect, FLAT_SOURCE)
    if not kinds & {"pre_etat_date", "etat_date"}:
        yield Missing("pre_etat_date", effect, FLAT_SOURCE)
    meetings = {held.year for p in case.minutes() if (held := day(p.facts.get("meeting_date")))}
    yield Missing("pv_ag", effect, FLAT_SOURCE, tuple(sorted(meetings)), MINUTES_YEARS)
    statements = {
        end.year
        for p in case.dossier.of("charges")
        if p.kind == "decompte_annuel" and (end := day(p.facts.get("period_end")))
    }
    yield Missing("decompte_annuel", effect, FLAT_SOURCE, tuple(sorted(statements)), CHARGES_YEARS)
    if not kinds & {"ppt", "dtg"}:
        year, _evidence = case.building_year()
        since = None if year is None else date(year + PLAN_AFTER_YEARS + 1, 1, 1)
        yield Missing("ppt", "to_check", FLAT_SOURCE, since=since)
    if case.newest("carrez") is None:
        yield Missing("carrez", "price_action", CARREZ_SOURCE)


def _diagnostics(case: Case) -> Iterator[Missing]:
    year, _evidence = case.building_year()
    by_age = "to_check" if year is None else "to_provide"
    owed = {"dpe": "to_provide", "erp": "to_provide"}
    if year is None or year < 1949:
        owed["plomb"] = by_age
    if year is None or year <= 1997:
        owed["amiante"] = by_age
    owed |= dict.fromkeys(("electricite", "gaz", "termites"), "to_check")
    dpe = case.newest("dpe")
    if not case.in_co_ownership and dpe and dpe.facts.get("energy_class") in ("E", "F", "G"):
        owed["audit_energetique"] = "to_provide"
    for kind, effect in owed.items():
        if case.newest(kind) is None:
            yield Missing(kind, effect, DIAGNOSTICS_SOURCE)


def owed_on(listed: Iterable[Mapping[str, Any]], on: date) -> list[dict[str, Any]]:
    """What is wanting on a day: of papers owed for several years, how many of the last ones.

    The accounts of a year are approved within months of its end: one more year is looked back.
    """
    found = []
    for paper in listed:
        since = day(paper["since"])
        if since is not None and on < since:
            continue
        if paper["years"] is None:
            found.append(dict(paper))
            continue
        recent = [year for year in paper["years"] if on.year - paper["wanted"] <= year <= on.year]
        if (lacking := paper["wanted"] - len(recent)) > 0:
            found.append({**paper, "values": {"lacking": lacking, "at_hand": recent}})
    return found
