"""What the documents of many properties say, in the query that lists them.

The documents and the photos are apps above this one: their rows are reached by related name
(`document_summary`, `documents`, `photos.redesigns`) and count as none where those apps are not installed.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet

from accounts.statistics import count_of
from properties.models import Property

SUMMARY = "document_summary"


def with_synthesis(properties: QuerySet[Property]) -> QuerySet[Property]:
    """The same properties with `document_count`, `redesign_count` and their summary: still one query."""
    counted = properties.annotate(
        document_count=count_of(Property, "documents"),
        redesign_count=count_of(Property, "photos.redesigns", status="completed"),
    )
    try:
        Property._meta.get_field(SUMMARY)
    except FieldDoesNotExist:
        return counted
    return counted.select_related(SUMMARY)


def synthesis(subject: Any) -> dict[str, Any] | None:
    """{risk_level, total_annual_cost, total_one_time_cost, key_findings, document_count, redesign_count} of a
    property from `with_synthesis`; None when nobody has summed up its documents and there is nothing to
    count.
    """
    summary = getattr(subject, SUMMARY, None)
    if summary is None and not subject.document_count and not subject.redesign_count:
        return None
    data = getattr(summary, "synthesis_data", None) or {}
    return {
        "risk_level": getattr(summary, "risk_level", None) or None,
        "total_annual_cost": getattr(summary, "total_annual_cost", None),
        "total_one_time_cost": getattr(summary, "total_one_time_cost", None),
        "key_findings": data.get("key_findings", []),
        "document_count": subject.document_count,
        "redesign_count": subject.redesign_count,
    }
