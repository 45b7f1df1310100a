"""What a document says now: the current run, with people's corrections over it.

`Document.analysis_result` = {"document_type", "facts", "findings": [{"id", "path", "value", "page", "quote",
"boxes", "method", "confidence", "grounded", "rule", "read_value"?, "reason"?, "disagrees"?}], "warnings",
"proposals": [{"id", "path", "value", "page", "quote", "boxes", "reason", "decision"}]}. Proposals are what a
model read and that is not in force; a finding is `disagrees` while one of them says otherwise, undecided.
"""

from __future__ import annotations

import copy
import re
from functools import cache
from typing import Any

import jsonschema

from documents.fact_schema import schema
from documents.models import Correction, Document
from documents.ranking import RANKED, rank

_STEP = re.compile(r"([a-z_0-9]+)|\[(\d+)\]")


def steps(path: str) -> list[str | int]:
    """`resolutions[3].amount` → ["resolutions", 3, "amount"]."""
    return [int(index) if index else name for name, index in _STEP.findall(path)]


def put(facts: dict[str, Any], path: str, value: Any) -> bool:
    """Set (or with None take out) the value at a path; False when the facts have no such place."""
    *parents, last = steps(path)
    here: Any = facts
    for step in parents:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return False
    if isinstance(last, int):
        if not isinstance(here, list) or last >= len(here):
            return False
        here[last] = value
    elif not isinstance(here, dict):
        return False
    elif value is None:
        here.pop(last, None)
    else:
        here[last] = value
    return True


def read_value(facts: dict[str, Any], path: str) -> Any:
    """The value at a path; None where the facts have none."""
    here: Any = facts
    for step in steps(path):
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return None
    return here


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema())


def violation(document_type: str, facts: dict[str, Any]) -> str | None:
    """The first way in which facts break their schema, or None."""
    error = next(_validator().iter_errors({"document_type": document_type, "facts": facts}), None)
    return None if error is None else error.message


def refresh_result(document: Document) -> None:
    """Write `analysis_result` from the current run and the corrections."""
    run = document.analyses.filter(is_current=True).first()
    if run is None:
        return
    facts: dict[str, Any] = copy.deepcopy(run.facts)
    corrections: dict[str, Correction] = {c.path: c for c in document.corrections.all()}
    proposals = list(
        run.proposals.values("id", "path", "value", "page", "quote", "boxes", "reason", "decision")
    )
    disputed = {p["path"] for p in proposals if p["reason"] == "disagrees" and not p["decision"]}
    findings = []
    for finding in run.findings.all():
        entry = {
            "id": finding.pk,
            "path": finding.path,
            "value": finding.value,
            "page": finding.page,
            "quote": finding.quote,
            "boxes": finding.boxes,
            "method": finding.method,
            "confidence": finding.confidence,
            "grounded": finding.grounded,
            "rule": finding.rule,
        }
        if correction := corrections.pop(finding.path, None):
            entry |= {
                "value": correction.value,
                "method": "human",
                "confidence": 1.0,
                "read_value": finding.value,
                "reason": correction.reason,
            }
            put(facts, finding.path, correction.value)
        elif finding.path in disputed:
            entry["disagrees"] = True
        findings.append(entry)
    for path, correction in corrections.items():
        # The new run did not read this fact: what the person said of it stands all the same.
        if put(facts, path, correction.value):
            findings.append(
                {
                    "id": None,
                    "path": path,
                    "value": correction.value,
                    "page": None,
                    "quote": "",
                    "boxes": [],
                    "method": "human",
                    "confidence": 1.0,
                    "grounded": True,
                    "rule": "",
                    "read_value": None,
                    "reason": correction.reason,
                }
            )
    document.analysis_result = {
        "document_type": run.document_type,
        "facts": facts,
        "findings": findings,
        "warnings": run.warnings,
        "proposals": proposals,
    }
    rank(document)
    document.save(update_fields=["analysis_result", "updated_at", *RANKED])
