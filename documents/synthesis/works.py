"""What falls due once: voted works not yet called, calls already sent, and who owes each at a signing date.

A work voted by the building stands in the minutes as the building's amount; the lot's own call for the same
work is already its share. Both tell of one debt: it is counted once, by the lot's paper where there is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from documents.synthesis.lines import Costs, LeftOut, Line, lot_line, overridden
from documents.synthesis.papers import Dossier, Evidence, Paper, day, money
from documents.synthesis.themes import plain, themes_of
from documents.synthesis.vat import with_tax

SAME_CALL = timedelta(days=20)
"""A lot's call and the minutes' date for it differ by less: calls are sent around the day that was voted."""
SAME_AMOUNT = Decimal("0.05")
"""And by less than this share: fees and roundings come on top of the voted sum."""


@dataclass(frozen=True, slots=True)
class Call:
    """One instalment of a voted work, as the building's amount."""

    paper: Paper
    work: int
    index: int | None
    amount: Decimal
    due: date | None
    label: str

    @property
    def path(self) -> str:
        part = f"works[{self.work}]"
        return f"{part}.amount" if self.index is None else f"{part}.calls[{self.index}]"

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return (self.paper.evidence(self.path),)

    @property
    def key(self) -> str:
        when = self.due.isoformat() if self.due else "undated"
        resolution = self.paper.facts["works"][self.work].get("resolution") or self.work
        return f"works:{self.paper.facts.get('meeting_date')}:{resolution}:{self.index}:{when}"


def sum_of(paper: Paper, number: int, work: Mapping[str, Any]) -> Decimal | None:
    """The sum voted for a work, with tax: added where the minutes print it without."""
    amount = money(work.get("amount"))
    if amount is not None and f"works[{number}].amount" in paper.before_tax:
        return with_tax(amount, str(work.get("description") or ""))
    return amount


def one_time_costs(dossier: Dossier) -> Costs:
    costs = Costs([], [])
    own = list(_own_calls(dossier, costs))
    statement = _statement(dossier, costs)
    matched: set[str] = set()
    seen: set[str] = set()
    for call in _voted_calls(dossier, costs):
        line = _line(dossier, call)
        if call.key in seen:  # the same minutes twice, scanned and as a file: one debt
            costs.left_out.append(LeftOut("works", "counted_already", call.amount, call.evidence, call.label))
            continue
        seen.add(call.key)
        twin = next((o for o in own if o.key not in matched and _same(dossier, line, o)), None)
        if twin is not None:
            matched.add(twin.key)
            costs.left_out.append(
                LeftOut("works", "called_from_the_lot", call.amount, call.evidence, call.label)
            )
        elif statement and call.paper.date <= statement[0] and (call.due is None or call.due > statement[0]):
            # The statement made for the sale holds every work voted before it and not called yet.
            costs.left_out.append(
                LeftOut("works", "in_the_statement", call.amount, call.evidence, call.label)
            )
        else:
            found = lot_line(dossier, line)
            if isinstance(found, LeftOut):
                costs.left_out.append(found)
            else:
                costs.lines.append(found)
    costs.lines += own
    if statement:
        costs.lines.append(statement[1])
    _arrears(dossier, costs)
    costs.lines = overridden(dossier, costs.lines)
    costs.lines.sort(key=lambda line: (line.due or date.max, line.key))
    return costs


def put_off_works(dossier: Dossier) -> Costs:
    """Works put off by the newest minutes that speak of them: they may come, nobody owes them, they are in no
    total. The lot's share of the sum that was put to the vote.
    """
    costs = Costs([], [])
    settled: set[str] = set()
    for paper in dossier.of("pv_ag"):
        spoken: set[str] = set()
        for number, work in enumerate(paper.facts.get("works") or []):
            label, path = str(work.get("description") or ""), f"works[{number}].amount"
            subjects = themes_of(label) or {label.casefold()}
            spoken |= subjects
            amount, evidence = sum_of(paper, number, work), (paper.evidence(path),)
            if work.get("status") != "deferred" or subjects & settled:
                continue
            if amount is None or path in paper.doubtful:
                reason = "no_amount" if amount is None else "not_on_its_page"
                costs.left_out.append(LeftOut("works_put_off", reason, amount, evidence, label))
                continue
            allocation, expected = key_of(dossier, label)
            line = Line(
                key=f"put-off:{paper.facts.get('meeting_date')}:{work.get('resolution') or number}",
                code="works_put_off",
                low=amount,
                high=amount,
                whose="building",
                stated=amount,
                status="estimated",
                evidence=evidence,
                year=paper.date.year if paper.date.year > 1 else None,
                label=label,
                allocation=allocation,
                expected=expected,
            )
            found = lot_line(dossier, line)
            (costs.left_out if isinstance(found, LeftOut) else costs.lines).append(found)  # type: ignore[arg-type]
        settled |= spoken
    costs.lines = overridden(dossier, costs.lines)
    return costs


KEYS = {
    "lift": re.compile(r"ascenseur|elevateur"),
    "heating": re.compile(r"chauff|chaudiere|sous-?station"),
    "stairs": re.compile(r"escalier"),
    # `bâtiment B`, but not `bâtiment à reprendre`
    "building": re.compile(r"\bbat(?:iment|\.) ?(?:[b-z0-9]\b|a\b(?=\s*(?:$|[,;:.()-])))"),
}
"""By which words a work is shared out in a key of its own (law of 10 July 1965, art. 10): equipment by its
use to each lot, one building's works among its lots."""


def key_of(dossier: Dossier, label: str) -> tuple[str, str]:
    """The key that a work's words call for, where the lot's share in it is known; else the general one, and
    which was expected.
    """
    said = plain(label)
    key = next((key for key, words in KEYS.items() if words.search(said)), "")
    known = bool(key) and dossier.share(key) is not None
    return (key, "") if known else ("general", key)


def _line(dossier: Dossier, call: Call) -> Line:
    allocation, expected = key_of(dossier, call.label)
    return Line(
        key=call.key,
        code="works",
        low=call.amount,
        high=call.amount,
        whose="building",
        stated=call.amount,
        status="voted",
        evidence=call.evidence,
        year=call.due.year if call.due else call.paper.date.year,
        due=call.due,
        label=call.label,
        allocation=allocation,
        expected=expected,
    )


def _voted_calls(dossier: Dossier, costs: Costs) -> Iterator[Call]:
    """The instalments of each adopted work; what the works fund or a loan pays is not called: left out."""
    for paper in dossier.of("pv_ag"):
        for number, work in enumerate(paper.facts.get("works") or []):
            if work.get("status") != "adopted":
                continue
            label, total = str(work.get("description") or ""), sum_of(paper, number, work)
            evidence = (paper.evidence(f"works[{number}].amount"),)
            if total is not None and f"works[{number}].amount" in paper.doubtful:
                costs.left_out.append(LeftOut("works", "not_on_its_page", total, evidence, label))
                continue
            calls = list(_instalments(paper, number, work, total, label, costs))
            if calls:
                yield from calls
            elif total is None:
                costs.left_out.append(LeftOut("works", "no_amount", None, evidence, label))
            elif work.get("funding") in ("fonds_travaux", "loan"):
                costs.left_out.append(LeftOut("works", f"paid_by_{work['funding']}", total, evidence, label))
            else:
                yield Call(paper, number, None, total, None, label)


def _instalments(
    paper: Paper, number: int, work: dict[str, Any], total: Decimal | None, label: str, costs: Costs
) -> Iterator[Call]:
    """Those whose sum stands on its page, or follows from a share that does; the others are listed."""
    for index, call in enumerate(work.get("calls") or []):
        amount, pct = money(call.get("amount")), money(call.get("share_pct"))
        if amount is None and pct is not None and total is not None:
            amount = (total * pct / 100).quantize(Decimal("0.01"))
        part = f"works[{number}].calls[{index}]"
        if amount is None or paper.doubtful & {f"{part}.amount", f"{part}.share_pct"}:
            reason = "no_amount" if amount is None else "not_on_its_page"
            costs.left_out.append(LeftOut("works", reason, amount, (paper.evidence(part),), label))
        else:
            yield Call(paper, number, index, amount, day(call.get("due_date")), label)


def _own_calls(dossier: Dossier, costs: Costs) -> Iterator[Line]:
    """Works called from the lot itself, in a call of their own or beside the current charges."""
    seen: set[str] = set()
    for paper in dossier.of("charges"):
        amount = money(paper.facts.get("works_calls"))
        if amount is None or paper.kind == "decompte_annuel":
            continue
        evidence = (paper.evidence("works_calls"),)
        if "works_calls" in paper.doubtful:
            costs.left_out.append(LeftOut("works", "not_on_its_page", amount, evidence))
            continue
        due = day(paper.facts.get("due_date")) or day(paper.facts.get("period_start"))
        lots = "+".join(sorted(str(number) for number in paper.facts.get("lot_numbers") or []))
        key = f"works-call:{due.isoformat() if due else 'undated'}:{amount}:{lots}"
        if key in seen:
            costs.left_out.append(LeftOut("works_call", "counted_already", amount, evidence))
            continue
        seen.add(key)
        yield Line(
            key=key,
            code="works_call",
            low=amount,
            high=amount,
            whose="lot",
            stated=amount,
            status="upcoming",
            evidence=evidence,
            year=due.year if due else None,
            due=due,
        )


def _statement(dossier: Dossier, costs: Costs) -> tuple[date, Line] | None:
    """Works voted and not yet called, from the newest (pré-)état daté, with its day."""
    for paper in dossier.of("other"):
        amount = money(paper.facts.get("works_remaining_calls"))
        if paper.kind not in ("pre_etat_date", "etat_date") or amount is None or paper.date == date.min:
            continue
        evidence = (paper.evidence("works_remaining_calls"),)
        if "works_remaining_calls" in paper.doubtful:
            costs.left_out.append(LeftOut("works", "not_on_its_page", amount, evidence))
            continue
        line = Line(
            key=f"works-remaining:{paper.date.isoformat()}",
            code="works_remaining",
            low=amount,
            high=amount,
            whose="lot",
            stated=amount,
            status="voted",
            evidence=evidence,
            year=paper.date.year,
        )
        return paper.date, line
    return None


def _arrears(dossier: Dossier, costs: Costs) -> None:
    """What the seller owes the co-ownership is the seller's: named, never summed into the buyer's costs."""
    for paper in dossier.of("other"):
        amount = money(paper.facts.get("seller_arrears"))
        if amount:
            evidence = (paper.evidence("seller_arrears"),)
            costs.left_out.append(LeftOut("seller_arrears", "owed_by_the_seller", amount, evidence))
            return


def _same(dossier: Dossier, voted: Line, own: Line) -> bool:
    """Whether a lot's call is its part of a voted instalment: about the same day, about its share."""
    if voted.due is None or own.due is None or abs(voted.due - own.due) > SAME_CALL:
        return False
    share = dossier.share(voted.allocation)
    if share is None:
        return True  # nothing tells them apart, and the building's amount could not be summed anyway
    expected = share.of(voted.stated)
    return abs(own.stated - expected) <= max(expected * SAME_AMOUNT, Decimal(5))
