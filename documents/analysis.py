"""Read → classify → extract → check: one file to facts with their evidence.

The core is plain functions on files and pages, without database or services: the command and the worker's
task are two doors to it.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from documents.classification import Classification, classify
from documents.extraction.page import Finding, Page, Reading
from documents.reading import Document, Limits, read_document

ENGINE = "rules"
VERSION = "1"  # raise it with every change of the rules that changes what is read


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
    module = importlib.import_module(f"documents.extraction.{document_type}")
    reading: Reading = module.extract(pages, kind) if document_type == "other" else module.extract(pages)
    return reading


def as_json(reading: Reading) -> dict[str, Any]:
    """`{"document_type", "facts", "findings", "warnings"}` with plain numbers and ISO dates."""
    return {
        "document_type": reading.document_type,
        "facts": _plain(reading.facts),
        "findings": [_finding(finding) for finding in reading.findings],
        "warnings": list(reading.warnings),
    }


def dumps(reading: Reading) -> str:
    return json.dumps(as_json(reading), ensure_ascii=False, indent=2)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "path": finding.path,
        "value": _plain(finding.value),
        "page": finding.page,
        "quote": finding.quote,
        "boxes": [[round(v, 5) for v in box] for box in finding.boxes],
        "method": finding.method,
        "confidence": finding.confidence,
        "grounded": finding.grounded,
        "rule": finding.rule,
    }


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
