"""Where two papers, or a paper and the advertisement, say different things of one fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from typing import Any

from documents.rules.case import Case
from documents.synthesis.lines import Costs
from documents.synthesis.papers import Dossier, Evidence, day, money
from documents.synthesis.works import sum_of
from dvf.addresses import parse_address, same_street

SURFACE_TOLERANCE = Decimal("0.05")
"""The same twentieth as the law's: methods of measuring differ by less."""
BUDGET_TOLERANCE = Decimal("0.20")
CALLS_TOLERANCE = Decimal("0.01")
SAME_DAYS = 20
SAME_YEARS = 5
"""Years of construction are often given by decade."""


@dataclass(frozen=True, slots=True)
class Said:
    """One of the values, and where it stands; without a document it is the owner's own word."""

    value: Any
    by: str
    evidence: tuple[Evidence, ...] = ()

    def as_json(self) -> dict[str, Any]:
        value = float(self.value) if isinstance(self.value, Decimal) else self.value
        return {"value": value, "by": self.by, "findings": [e.as_json() for e in self.evidence]}


@dataclass(frozen=True, slots=True)
class Contradiction:
    code: str
    said: tuple[Said, ...]
    values: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "said": [s.as_json() for s in self.said], "values": self.values}


def contradictions(case: Case, once: Costs) -> list[Contradiction]:
    dossier = case.dossier
    return [
        *_surfaces(case),
        *_addresses(case),
        *_tantiemes(dossier),
        *_lots(dossier),
        *_building_years(case),
        *_instalments(dossier),
        *_called_otherwise(once),
        *_budget_and_charges(dossier),
        *_two_values(case),
        *_dates(dossier),
        *_read_otherwise(dossier),
    ]


def _surfaces(case: Case) -> Iterator[Contradiction]:
    said = [] if case.subject.surface is None else [Said(case.subject.surface, "advertised")]
    for kind in ("carrez", "boutin", "dpe"):
        newest = case.newest(kind)
        surface = money(newest.facts.get("surface_m2")) if newest else None
        if newest and surface:
            said.append(Said(surface, kind, newest.evidence("surface_m2")))
    if said:
        low, high = min(s.value for s in said), max(s.value for s in said)
        if high - low > high * SURFACE_TOLERANCE:
            yield Contradiction("surfaces_differ", tuple(said), {"gap_m2": float(high - low)})


def _addresses(case: Case) -> Iterator[Contradiction]:
    own_text = f"{case.subject.address}, {case.subject.postal_code}"
    own = parse_address(own_text)
    for paper in case.dossier.of("diags", "taxe_fonciere"):
        text = paper.facts.get("property_address")
        stated = parse_address(text or "")
        if not stated.key or not own.key or not paper.sure("property_address", text):
            continue
        other_place = bool(stated.postal_code and own.postal_code) and stated.postal_code != own.postal_code
        other_number = bool(stated.numbers and own.numbers) and not set(stated.numbers) & set(own.numbers)
        if other_place or other_number or not same_street(stated.key, own.key):
            here = Said(text, paper.document_type, (paper.evidence("property_address"),))
            yield Contradiction("addresses_differ", (Said(own_text, "advertised"), here))


def _tantiemes(dossier: Dossier) -> Iterator[Contradiction]:
    """Two lots' shares, or two totals of the general key."""
    shares: dict[tuple[int, int], Said] = {}
    totals: dict[int, Said] = {}
    for paper in dossier.papers:
        stated = paper.facts.get("tantiemes") or {}
        lot, total = stated.get("lot"), stated.get("total")
        if lot and total and paper.sure("tantiemes.lot", lot) and paper.sure("tantiemes.total", total):
            said = Said(f"{lot}/{total}", paper.document_type, (paper.evidence("tantiemes"),))
            shares.setdefault((lot, total), said)
            totals.setdefault(total, said)
        whole = paper.facts.get("total_tantiemes")
        if whole and paper.sure("total_tantiemes", whole):
            totals.setdefault(whole, Said(whole, "pv_ag", (paper.evidence("total_tantiemes"),)))
    if len(shares) > 1:
        yield Contradiction("shares_differ", tuple(shares.values()))
    elif len(totals) > 1:
        yield Contradiction("totals_differ", tuple(totals.values()))


def _lots(dossier: Dossier) -> Iterator[Contradiction]:
    listed = [
        (frozenset(lots), paper)
        for paper in dossier.of("charges", "other")
        if (lots := [str(n).lstrip("0") for n in paper.facts.get("lot_numbers") or []])
        and not any(path.startswith("lot_numbers") for path in paper.doubtful)
    ]
    for pair in combinations(listed, 2):
        if not pair[0][0] & pair[1][0]:
            said = tuple(
                Said(", ".join(sorted(lots)), p.kind or p.document_type, (p.evidence("lot_numbers"),))
                for lots, p in pair
            )
            yield Contradiction("lots_differ", said)
            return


def _building_years(case: Case) -> Iterator[Contradiction]:
    stated, evidence = case.fact("construction_year")
    own = case.subject.building_year
    if stated and own and abs(stated - own) > SAME_YEARS:
        said = (Said(own, "advertised"), Said(stated, "document", evidence))
        yield Contradiction("building_years_differ", said)


def _instalments(dossier: Dossier) -> Iterator[Contradiction]:
    """The instalments of a voted work do not add up to what was voted."""
    for paper in dossier.of("pv_ag"):
        for index, work in enumerate(paper.facts.get("works") or []):
            total, calls = sum_of(paper, index, work), work.get("calls") or []
            if work.get("status") != "adopted" or not total or not calls or work.get("funding") == "mixed":
                continue
            amounts = [money(call.get("amount")) for call in calls]
            parts = [money(call.get("share_pct")) for call in calls]
            if None not in amounts:
                called = sum((a for a in amounts if a is not None), Decimal(0))
            elif None not in parts:
                called = total * sum((p for p in parts if p is not None), Decimal(0)) / 100
            else:
                continue
            if abs(called - total) > max(total * CALLS_TOLERANCE, Decimal(5)):
                path = f"works[{index}]"
                said = (
                    Said(total, "voted", (paper.evidence(f"{path}.amount"),)),
                    Said(called.quantize(Decimal("0.01")), "called", (paper.evidence(f"{path}.calls"),)),
                )
                yield Contradiction("instalments_differ", said, {"label": work.get("description") or ""})


def _called_otherwise(once: Costs) -> Iterator[Contradiction]:
    """A lot's call about the day of a voted instalment, of another amount than its share (an equal one was
    matched with it and is one line).
    """
    voted = [(line.due, line) for line in once.lines if line.code == "works" and line.due]
    called = [(line.due, line) for line in once.lines if line.code == "works_call" and line.due]
    for due, own in called:
        near = [line for day_voted, line in voted if abs((due - day_voted).days) <= SAME_DAYS]
        for line in near:
            said = (Said(line.amount, "voted", line.evidence), Said(own.amount, "called", own.evidence))
            yield Contradiction("call_differs_from_vote", said, {"label": line.label})


def _budget_and_charges(dossier: Dossier) -> Iterator[Contradiction]:
    """The lot's charges of a year against its share of the budget voted for that year."""
    share = dossier.share()
    if share is None:
        return
    budgets: dict[str, tuple[Decimal, Evidence]] = {}
    for paper in dossier.of("pv_ag"):
        for index, budget in enumerate(paper.facts.get("budgets") or []):
            amount, path = money(budget.get("amount")), f"budgets[{index}].amount"
            if amount and day(budget.get("year_end")) and paper.sure(path, amount):
                budgets.setdefault(budget["year_end"], (amount, paper.evidence(path)))
    for paper in dossier.of("charges"):
        spent, end = money(paper.facts.get("total_amount")), paper.facts.get("period_end")
        if paper.kind != "decompte_annuel" or spent is None or end not in budgets:
            continue
        amount, evidence = budgets[end]
        expected = share.of(amount)
        if paper.sure("total_amount", spent) and abs(spent - expected) > expected * BUDGET_TOLERANCE:
            said = (
                Said(expected, "budget_share", (evidence, *share.evidence)),
                Said(spent, "charges", (paper.evidence("total_amount"),)),
            )
            yield Contradiction("charges_differ_from_budget", said, {"year": int(end[:4])})


COMPARED = {
    "pv_ag": ("meeting_date", ("total_tantiemes", "present_tantiemes", "fonds_travaux_annual", "arrears")),
    "taxe_fonciere": ("tax_year", ("total_amount",)),
}
"""Facts that two papers of one day (or year) must share."""


def _two_values(case: Case) -> Iterator[Contradiction]:
    """Two papers of one kind and one day (or year) that do not say the same."""
    for document_type, (same, names) in COMPARED.items():
        for pair in combinations(list(case.dossier.of(document_type)), 2):
            of = pair[0].facts.get(same)
            if of is None or of != pair[1].facts.get(same):
                continue
            for name in names:
                sure = all(p.sure(name, p.facts.get(name)) for p in pair)
                if sure and pair[0].facts[name] != pair[1].facts[name]:
                    said = tuple(Said(p.facts[name], document_type, (p.evidence(name),)) for p in pair)
                    yield Contradiction("two_values", said, {"fact": name, "of": of})
    dpes = [d for d in case.diagnostics("dpe") if d.facts.get("energy_class")]
    newest = [d for d in dpes if d.date == dpes[0].date]
    if len({d.facts["energy_class"] for d in newest}) > 1:
        said = tuple(Said(d.facts["energy_class"], "dpe", d.evidence("energy_class")) for d in newest)
        yield Contradiction("two_values", said, {"fact": "energy_class", "of": newest[0].date.isoformat()})


def _read_otherwise(dossier: Dossier) -> Iterator[Contradiction]:
    """A model read another value than the rules, whose value counts until a person decides."""
    for paper in dossier.papers:
        for path, value in paper.disputed.items():
            ours = next((f for p, f in _stated(paper.facts) if p == path), None)
            said = (
                Said(ours, "rules", (paper.evidence(path),)),
                Said(value, "model", (paper.evidence(path),)),
            )
            yield Contradiction("readings_differ", said, {"fact": path})


def _stated(facts: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(facts, Mapping):
        for name, inner in facts.items():
            yield from _stated(inner, f"{path}.{name}" if path else name)
    elif isinstance(facts, list):
        for index, inner in enumerate(facts):
            yield from _stated(inner, f"{path}[{index}]")
    else:
        yield path, facts


def _dates(dossier: Dossier) -> Iterator[Contradiction]:
    """A period that ends before it begins; an instalment due before it was voted."""
    for paper in dossier.papers:
        start, end = day(paper.facts.get("period_start")), day(paper.facts.get("period_end"))
        if start and end and end < start:
            names = ("period_start", "period_end")
            said = tuple(Said(paper.facts[n], paper.document_type, (paper.evidence(n),)) for n in names)
            yield Contradiction("dates_backwards", said)
        held = day(paper.facts.get("meeting_date"))
        for index, work in enumerate(paper.facts.get("works") or []):
            for number, call in enumerate(work.get("calls") or []):
                due = day(call.get("due_date"))
                if held and due and due < held:
                    path = f"works[{index}].calls[{number}].due_date"
                    voted = Said(held.isoformat(), "voted", (paper.evidence("meeting_date"),))
                    called = Said(due.isoformat(), "called", (paper.evidence(path),))
                    yield Contradiction("due_before_vote", (voted, called))
