"""Lawsuits that the minutes tell of: one sentence or list item each."""

# ruff: noqa: E501  # patterns of words are read whole, on one line
from __future__ import annotations

import re

from documents.extraction.draft import Draft
from documents.extraction.flow import Span
from documents.extraction.pv_ag.blocks import Block

_SUIT = re.compile(
    r"assignation|assigne[res]*\b|\brefere|tribunal|cour d'appel|cour de cassation|jugement|commandement de payer|saisie|"
    r"expertise judiciaire|mise en demeure (?:d'avocat|par avocat)|injonction de payer|instance (?:en cours|est)|ester en justice|agir en justice"
)
_GENERAL = re.compile(
    r"actions? (?:en contestation|qui ont pour objet)|a peine de decheance|article 42|deux mois a compter|mandat|en cas de"
)
_TOPIC = re.compile(
    r"procedure|contentieux|saisie|litige|assignation|ester|action en justice|autorisation d'agir"
)


def read_proceedings(draft: Draft, blocks: list[Block]) -> None:
    flow = draft.flow
    count = 0
    for block in blocks:
        title = flow.text[block.title.start : block.title.end]
        found = [
            span
            for span in _sentences(flow.text, block.body)
            if _SUIT.search(flow.text, span.start, span.end)
            and not _GENERAL.search(flow.text, span.start, span.end)
        ]
        if _TOPIC.search(title) and re.search(r"saisie|a l'encontre", title) and not found[1:]:
            found = [block.title]
        elif not _TOPIC.search(title) and "impaye" not in title and len(found) > 1:
            found = found[:1]
        for span in found:
            text = " ".join(word.text for word in flow.words(span)).strip(" .;:")
            text = re.sub(r"^(?:[a-z0-9][).]|[-–•])\s*", "", text)
            draft.put(f"legal_proceedings[{count}]", text[:300], span, "pv_ag.proceedings", 0.6)
            count += 1


def _sentences(text: str, span: Span) -> list[Span]:
    found = []
    start = span.start
    for match in re.finditer(
        r"(?<!\bm)(?<!mme)[.;](?=\s)|\n(?=[a-h0-9]\)\s|\d\.\s|[-•]\s)|:(?=\s*\n)", text[span.start : span.end]
    ):
        end = span.start + match.end()
        if end - start > 12:
            found.append(Span(start, end - 1 if text[end - 1] in ".;:\n" else end))
        start = end
    if span.end - start > 12:
        found.append(Span(start, span.end - 1))
    return [_trimmed(text, item) for item in found]


def _trimmed(text: str, span: Span) -> Span:
    start, end = span.start, span.end
    while start < end and text[start] in " \n\t.;:":
        start += 1
    while end > start and text[end - 1] in " \n\t":
        end -= 1
    return Span(start, max(end, start + 1))
