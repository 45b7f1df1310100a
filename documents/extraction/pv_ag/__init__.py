"""Minutes of a co-owners' meeting (procès-verbal d'assemblée générale) → facts of the schema's `pv_ag`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from documents.extraction import charges
from documents.extraction.amounts import Amount
from documents.extraction.draft import Draft
from documents.extraction.flow import Flow, Span, fold
from documents.extraction.page import Page, Reading
from documents.extraction.pv_ag.blocks import Block, blocks_of
from documents.extraction.pv_ag.decision import Outcome, majority_of, outcome_of
from documents.extraction.pv_ag.finance import read_finance
from documents.extraction.pv_ag.meeting import read_meeting
from documents.extraction.pv_ag.proceedings import read_proceedings
from documents.extraction.pv_ag.sums import amount_of, rivals, text_span
from documents.extraction.pv_ag.votes import FIELDS, rounds_of
from documents.extraction.pv_ag.works import (
    description,
    is_private,
    is_works,
    opens_with_works,
    payment_of,
    related,
)
from documents.extraction.running_heads import without_running_heads

_CALL = r"appels? (?:de |des )?(?:fonds|provisions?|charges|travaux)|decompte|releve de charges"


def extract(pages: Sequence[Page]) -> Reading:
    """Facts stated in the minutes; other papers in the same file are left aside but for the lot's share."""
    flow = Flow(without_running_heads(pages))
    draft = Draft("pv_ag", flow)
    blocks = blocks_of(flow)
    outcomes, sums = _resolutions(draft, blocks)
    read_meeting(draft, blocks, outcomes)
    _works(draft, blocks, outcomes, sums)
    read_finance(draft, blocks, outcomes)
    read_proceedings(draft, blocks)
    _lot(draft, pages, blocks)
    return draft.reading()


def _lot(draft: Draft, pages: Sequence[Page], blocks: list[Block]) -> None:
    """The lot's share, from a call for funds sent along with the minutes."""
    last = draft.flow.page_of(blocks[-1].body.end - 1) if blocks else 0
    sent = [page for page in pages if page.number > last and re.search(_CALL, fold(page.text))]
    for finding in charges.extract(sent).findings if sent else []:
        if finding.path.startswith("tantiemes."):
            draft.add(finding, finding.path)


def shown(flow: Flow, span: Span) -> str:
    return " ".join(word.text for word in flow.words(span)).strip(" :–-|.")


def _resolutions(draft: Draft, blocks: list[Block]) -> tuple[list[Outcome], list[Amount | None]]:
    flow = draft.flow
    outcomes: list[Outcome] = []
    sums: list[Amount | None] = []
    for number, block in enumerate(blocks):
        path = f"resolutions[{number}]"
        rounds = rounds_of(flow, block)
        outcome = outcome_of(flow, block, rounds)
        draft.put(f"{path}.number", block.number, block.number_span, "pv_ag.number", 0.95)
        topic = shown(flow, block.title)
        if topic:
            draft.put(f"{path}.topic", topic, block.title, "pv_ag.topic", 0.9)
        draft.put(
            f"{path}.status", outcome.status, outcome.span, "pv_ag.status", 0.9 if outcome.stated else 0.6
        )
        amount = None
        if outcome.status in ("adopted", "rejected"):
            majority = majority_of(flow, block, rounds, outcome)
            if majority:
                draft.put(f"{path}.majority", majority[0], majority[1], "pv_ag.majority", 0.9)
            for name in FIELDS:
                count = rounds[-1].counts.get(name) if rounds else None
                if count:
                    draft.put(f"{path}.{name}", count.value, count.span, "pv_ag.votes", 0.9)
        if outcome.status != "no_vote":
            amount = amount_of(flow, block)
            if amount and outcome.status == "deferred" and rivals(flow, block):
                amount = None  # nothing was chosen
            if amount:
                draft.put(f"{path}.amount", amount.value, amount.span, "pv_ag.amount", 0.85)
        outcomes.append(outcome)
        sums.append(amount)
    return outcomes, sums


def _works(draft: Draft, blocks: list[Block], outcomes: list[Outcome], sums: list[Amount | None]) -> None:
    flow = draft.flow
    titles = [shown(flow, block.title) for block in blocks]
    adopted = [outcome.status == "adopted" for outcome in outcomes]
    count = 0
    for place, (block, outcome, amount) in enumerate(zip(blocks, outcomes, sums, strict=True)):
        below = flow.prose[block.title.end : block.body.end]
        named = is_works(titles[place]) or opens_with_works(titles[place], below)
        if outcome.status == "no_vote" or not named or is_private(below):
            continue
        path = f"works[{count}]"
        count += 1
        draft.put(f"{path}.resolution", block.number, block.number_span, "pv_ag.works", 0.9)
        draft.put(f"{path}.description", description(titles[place]), block.title, "pv_ag.works", 0.85)
        draft.put(f"{path}.status", outcome.status, outcome.span, "pv_ag.works", 0.9)
        if amount:
            rule = "pv_ag.works_ht" if amount.tax == "ht" else "pv_ag.works"
            draft.put(f"{path}.amount", amount.value, amount.span, rule, 0.85)
        if outcome.status != "adopted":
            continue
        spans = [text_span(flow, block)]
        spans += [
            text_span(flow, blocks[i])
            for i in related(blocks, titles, adopted, place)
            if outcomes[i].status == "adopted"
        ]
        payment = payment_of(flow, spans, amount)
        if payment.funding:
            draft.put(f"{path}.funding", payment.funding, payment.funding_spans, "pv_ag.funding", 0.8)
        for number, call in enumerate(payment.calls):
            here = f"{path}.calls[{number}]"
            if call.due and call.due_span:
                draft.put(f"{here}.due_date", call.due, call.due_span, "pv_ag.call", 0.85)
            if call.share:
                draft.put(f"{here}.share_pct", call.share[0].normalize(), call.share[1], "pv_ag.call", 0.85)
            if call.amount:
                draft.put(f"{here}.amount", call.amount[0], call.amount[1], "pv_ag.call", 0.85)
