"""Proceedings under way of which the newest minutes speak."""

from __future__ import annotations

from collections.abc import Iterator

from documents.rules.case import Case, Risk
from documents.rules.level import WEIGHTS

SOURCE = "Code de la construction et de l'habitation, art. L721-2 (information de l'acquéreur)"


def check(case: Case) -> Iterator[Risk]:
    paper = next(iter(case.minutes()), None)
    named = [
        (index, text)
        for index, text in enumerate((paper.facts.get("legal_proceedings") or []) if paper else [])
        if paper is not None and paper.sure(f"legal_proceedings[{index}]", text)
    ]
    if paper is not None and named:
        values = {"count": len(named), "named": [text[:200] for _index, text in named[:10]]}
        evidence = tuple(paper.evidence(f"legal_proceedings[{index}]") for index, _text in named)
        yield Risk("legal_proceedings", WEIGHTS["legal_proceedings"], SOURCE, values, evidence)
