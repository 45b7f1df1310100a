"""A document's place among those to check, worked out when something of it changes and stored on its row."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from documents.doubt import doubts, weigh
from documents.models import Document, DocumentSummary
from documents.twins import twin_key

RANKED = ["stake", "review_score", "doubtful_count", "doubt_reasons", "twin_key"]


def type_confidence(document: Document) -> float | None:
    """How sure the kind is; None where a person fixed it."""
    return None if document.type_is_corrected else document.type_confidence


def contradicted_paths(data: Mapping[str, Any], document_id: int) -> list[str]:
    """Paths of a document that a synthesis (`synthesis_data`) found at odds with another paper."""
    return [
        evidence["path"]
        for contradiction in data.get("contradictions", [])
        for said in contradiction["said"]
        for evidence in said["findings"]
        if evidence["document_id"] == document_id
    ]


def rank(document: Document, data: Mapping[str, Any] | None = None) -> None:
    """Set the fields of `RANKED` from `analysis_result`; the caller saves them. `data`: the synthesis, else
    the stored one.
    """
    result = document.analysis_result
    if result is None:
        return
    if data is None:
        stored = DocumentSummary.objects.filter(property_id=document.property_id)
        data = stored.values_list("synthesis_data", flat=True).first() or {}
    cited = contradicted_paths(data, document.pk)
    weight = weigh(doubts(result, cited, type_confidence(document)))
    document.stake = Decimal(str(weight.stake))
    document.review_score = weight.score
    document.doubtful_count = weight.doubtful
    document.doubt_reasons = list(weight.reasons)
    document.twin_key = twin_key(result)


def rank_property(property_id: int, data: Mapping[str, Any]) -> None:
    """Rank a property's documents again by a synthesis just made; writes only rows that change."""
    for document in Document.objects.filter(property_id=property_id, analysis_result__isnull=False):
        before = [getattr(document, name) for name in RANKED]
        rank(document, data)
        if [getattr(document, name) for name in RANKED] != before:
            document.save(update_fields=RANKED)
