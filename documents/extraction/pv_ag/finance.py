"""Budgets, works fund, syndic's fee and arrears, from the resolutions that state them."""

# ruff: noqa: E501  # patterns of words are read whole, on one line
from __future__ import annotations

import re
from itertools import zip_longest

from documents.extraction.amounts import Amount, amounts, percents
from documents.extraction.dates import Period, periods
from documents.extraction.draft import Draft
from documents.extraction.flow import Flow, Span
from documents.extraction.pv_ag.blocks import Block
from documents.extraction.pv_ag.decision import Outcome
from documents.extraction.pv_ag.sums import amount_of, text_span
from documents.extraction.pv_ag.syndic import MADE
from documents.extraction.pv_ag.works import WORKS

_BUDGET = re.compile(r"budget")
_NOT_BUDGET = re.compile(r"travaux|conseil syndical|fonds|execution du budget|compte[- ]rendu|point sur")
_FUND = re.compile(r"fonds (?:de )?(?:travaux|alur)|loi alur|14-2")
_SYNDIC = re.compile(r"syndic\b|(?:renouvellement|approbation|reconduction) du (?:mandat|contrat) d")
_ON_WORKS = re.compile(
    r"montant (?:h\.?t\.?|ttc|hors taxes?)?[^.\n]{0,20}(?:des|du) (?:travaux|marche)|(?:suivi|gestion) (?:des|du) (?:travaux|chantier)"
)
_YEARLY = re.compile(r"annuel|par an\b|l'an\b|gestion courante|mandat|contrat")
_NOT_SYNDIC = re.compile(
    r"conseil|quitus|travaux|ravalement|suivi|delegation|compte (?:bancaire|separe)|honoraires (?:sur|pour|de suivi)|secretaire"
)
_ARREARS = re.compile(
    r"(?:impayes?|arrieres?|sommes? (?:restant )?dues? (?:par|au syndicat)|sommes restant dues|coproprietaires debiteurs|debiteurs|charges dues)"
)


def read_finance(draft: Draft, blocks: list[Block], outcomes: list[Outcome]) -> None:
    flow = draft.flow
    budgets = 0
    stated = _all_periods(flow)
    for block, outcome in zip(blocks, outcomes, strict=True):
        title = flow.text[block.title.start : block.title.end]
        body = text_span(flow, block)
        # In a table the title is but the first line of its cell.
        row = flow.row_at(block.title.start)
        cell = next((c for c in row.cells if c.start <= block.title.start < c.end), row.cells[0])
        named = (
            title if block.cells is None else flow.text[block.title.start : max(cell.end, block.title.end)]
        )
        if outcome.status == "adopted":
            if _BUDGET.search(title) and not _NOT_BUDGET.search(title):
                budgets += _budget(draft, block, body, stated, budgets)
            elif _FUND.search(title) and not re.search(
                r"utilisation|placement|compte|prelevement|deblocage|affectation", title
            ):
                _fund(draft, block, body)
            elif (
                _SYNDIC.search(named) or MADE.search(flow.text, block.title.end, block.body.end)
            ) and not _NOT_SYNDIC.search(named):
                _fee(draft, block, body)
    _arrears(draft, blocks)


def _all_periods(flow: Flow) -> list[Period]:
    return list(periods(flow))


def _budget(draft: Draft, block: Block, body: Span, stated: list[Period], number: int) -> int:
    flow = draft.flow
    several = _several(flow, body, stated)
    for place, (year, voted) in enumerate(several, start=number):
        _put_budget(draft, place, year, voted)
    if several:
        return len(several)
    amount = amount_of(flow, block)
    if amount is None:
        return 0
    inside = [p for p in stated if block.title.start <= p.span.start < body.end]
    inside = [p for p in inside if p.span.end <= block.title.end] or inside  # the title's own year
    period = min(inside, key=lambda p: _apart(p.span, amount.span)) if inside else None
    if period is None:
        # `exercice 2023/2024` or `budget 2025`: the days of that year where the minutes print them elsewhere.
        named = flow.search(
            r"\b(20\d\d) ?[/-] ?(?:20)?(\d\d)\b|\b(20\d\d)\b", Span(block.title.start, body.end)
        )
        if named:
            first = int(named[1] or named[3])
            last = (first // 100) * 100 + int(named[2]) if named[2] else first
            period = next((p for p in stated if p.start.year == first and p.end.year == last), None)
    _put_budget(draft, number, period, amount)
    return 1


def _several(flow: Flow, body: Span, stated: list[Period]) -> list[tuple[Period, Amount]]:
    """Two years voted in one resolution: each period with the one sum that follows it."""
    inside = [p for p in stated if body.start <= p.span.start < body.end]
    found = []
    for period, following in zip_longest(inside, inside[1:]):
        until = following.span.start if following else body.end
        before = flow.prose[max(period.span.start - 90, body.start) : period.span.start]
        if re.search(
            r"rappel|en cours|precedent|memoire|\bvote[es]? (?:lors|par l'assemblee)", before.rsplit(". ")[-1]
        ):
            continue
        sums = list(amounts(flow, Span(period.span.end, min(until, period.span.end + 120)), marked_only=True))
        if len(sums) == 1:
            found.append((period, sums[0]))
    distinct = len({period.start for period, _ in found}) == len(found)
    return found if len(found) > 1 and distinct else []


def _put_budget(draft: Draft, number: int, period: Period | None, amount: Amount) -> None:
    path = f"budgets[{number}]"
    if period is not None:
        draft.put(f"{path}.year_start", period.start, period.span, "pv_ag.budget", 0.9)
        draft.put(f"{path}.year_end", period.end, period.span, "pv_ag.budget", 0.9)
    draft.put(f"{path}.amount", amount.value, amount.span, "pv_ag.budget", 0.9)


def _apart(a: Span, b: Span) -> int:
    return max(a.start - b.end, b.start - a.end, 0)


def _fund(draft: Draft, block: Block, body: Span) -> None:
    flow = draft.flow
    amount = amount_of(flow, block)
    if amount is not None:
        draft.put("fonds_travaux_annual", amount.value, amount.span, "pv_ag.fonds_travaux", 0.9)
    shares = [
        (value, span)
        for value, span in percents(flow, body)
        if not re.search(
            r"minimum|au moins|minimal|legal|ne peut|inferieur|hausse|precedent",
            flow.text[max(span.start - 45, 0) : span.start],
        )
    ] or list(percents(flow, body))
    if len({value for value, _ in shares}) >= 1:
        decided = [
            s
            for s in shares
            if re.search(
                r"fix|cotisation|taux|hauteur|soit|montant|porte|a\s*$",
                flow.text[max(s[1].start - 60, 0) : s[1].start],
            )
        ]
        value, span = (decided or shares)[0]
        raised = [
            s
            for s in shares
            if re.search(
                r"(?:porte|passe)\w*\b[^.]{0,20} de [^.]{1,12} a\s*$",
                flow.text[max(s[1].start - 60, 0) : s[1].start],
            )
        ]
        if raised:
            value, span = raised[0]
        draft.put("fonds_travaux_pct", value.normalize(), span, "pv_ag.fonds_travaux", 0.85)


def _fee(draft: Draft, block: Block, body: Span) -> None:
    text = draft.flow.text[block.title.start : block.body.end]
    title = draft.flow.text[block.title.start : block.title.end]
    if _ON_WORKS.search(text) or WORKS.search(title) or ("honoraires" in title and not _YEARLY.search(text)):
        return  # a fee for works
    amount = amount_of(draft.flow, block)
    if amount is not None and amount.tax != "ht":
        draft.put("syndic_fee_annual", amount.value, amount.span, "pv_ag.syndic_fee", 0.85)


def _arrears(draft: Draft, blocks: list[Block]) -> None:
    flow = draft.flow
    for block in blocks:
        for match in flow.finditer(_ARREARS, Span(block.title.end, block.body.end)):
            begin = max(flow.text.rfind(". ", 0, match.start()), block.title.end)
            for amount in amounts(flow, Span(match.start(), min(match.end() + 170, block.body.end))):
                between = flow.text[match.end() : amount.span.start]
                before = flow.text[begin : match.start()]
                if re.search(r"[.;]\s", between) or re.search(
                    r"\b(?:dont|lot n|procedure|superieur|seuil|plus de)\b", between
                ):
                    break
                if re.search(r"\b(?:dont|m\.|mme|monsieur|madame|sci)\b[^.]{0,40}$", before):
                    break
                draft.put("arrears", amount.value, amount.span, "pv_ag.arrears", 0.85)
                return
