"""Read → classify → extract → check: one file to facts with their evidence.

The core is plain functions on files and pages, without database or services: the command and the worker's
task are two doors to it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from documents.classification import Classification, classify
from documents.extraction import charges, diags, other, pv_ag, taxe_fonciere
from documents.extraction.draft import facts_of
from documents.extraction.grounding import is_grounded
from documents.extraction.page import Finding, Page, Reading
from documents.reading import Document, Limits, read_document

ENGINE = "rules"
EXTRACTORS = {
    "pv_ag": pv_ag.extract,
    "diags": diags.extract,
    "taxe_fonciere": taxe_fonciere.extract,
    "charges": charges.extract,
}
VERSION = "3"  # raise it with every change of the rules that changes what is read


def analyse_file(path: Path, limits: Limits | None = None) -> Reading:
    """Facts of one file with evidence and warnings. Raises ReadingError with a stable code."""
    document = read_document(path, limits)
    _, reading = analyse_document(document)
    return reading


def analyse_document(document: Document) -> tuple[Classification, Reading]:
    """Classification and facts of a document already read."""
    classification = classify(document.pages)
    reading = extract(document.pages, classification.document_type, classification.kind)
    reading.warnings[:0] = document.warnings
    return classification, reading


def extract(pages: Sequence[Page], document_type: str, kind: str | None = None) -> Reading:
    """The facts of pages known to be of `document_type` (also one that a person has set)."""
    extractor = EXTRACTORS.get(document_type)
    return ground(extractor(pages) if extractor else other.extract(pages, kind))


def ground(reading: Reading) -> Reading:
    """Without the values that do not stand in their quote, whoever read them; each is named in a warning."""
    lost = [finding for finding in reading.findings if not is_grounded(finding)]
    if not lost:
        return reading
    kept = [finding for finding in reading.findings if is_grounded(finding)]
    warnings = [
        f"{finding.path} : {finding.value} n’est pas écrit à l’endroit cité, écarté." for finding in lost
    ]
    return Reading(reading.document_type, facts_of(kept), kept, [*reading.warnings, *warnings])


def as_json(reading: Reading) -> dict[str, Any]:
    """`{"document_type", "facts", "findings", "warnings"}` with plain numbers and ISO dates."""
    return {
        "document_type": reading.document_type,
        "facts": plain(reading.facts),
        "findings": [_finding(finding) for finding in reading.findings],
        "warnings": list(reading.warnings),
    }


def dumps(reading: Reading) -> str:
    return json.dumps(as_json(reading), ensure_ascii=False, indent=2)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "path": finding.path,
        "value": plain(finding.value),
        "page": finding.page,
        "quote": finding.quote,
        "boxes": [[round(v, 5) for v in box] for box in finding.boxes],
        "method": finding.method,
        "confidence": finding.confidence,
        "grounded": finding.grounded,
        "rule": finding.rule,
    }


def plain(value: object) -> Any:
    """A value as JSON holds it: plain numbers, ISO dates."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
