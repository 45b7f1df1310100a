"""Facts being gathered for one document: every value enters with its evidence, at its path in the schema."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from documents.extraction.flow import Flow, Span
from documents.extraction.page import Finding, Reading, Value

_STEP = re.compile(r"([a-z0-9_]+)(?:\[(\d+)\])?")


@dataclass(slots=True)
class Draft:
    document_type: str
    flow: Flow
    findings: list[Finding] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def put(
        self, path: str, value: Value, spans: Span | Sequence[Span], rule: str, confidence: float = 0.9
    ) -> None:
        """State `value` at `path`; the first statement of a path stands."""
        if not self.has(path):
            self.findings.append(self.flow.finding(path, value, spans, rule, confidence))

    def has(self, path: str) -> bool:
        return any(finding.path == path for finding in self.findings)

    def value(self, path: str) -> Value | None:
        return next((finding.value for finding in self.findings if finding.path == path), None)

    def add(self, finding: Finding, path: str) -> None:
        self.findings.append(replace(finding, path=path))

    def reading(self) -> Reading:
        return Reading(self.document_type, facts_of(self.findings), self.findings, self.warnings)


def facts_of(findings: Sequence[Finding]) -> dict[str, object]:
    """The nested facts that findings state, each at its path."""
    facts: dict[str, object] = {}
    for finding in findings:
        _set(facts, finding.path, finding.value)
    return facts


def _set(facts: dict[str, object], path: str, value: Value) -> None:
    """Write into nested dicts and lists; `a[0].b` and `a[1]` grow the list `a`."""
    steps = [(m[1], m[2]) for m in _STEP.finditer(path)]
    here: dict[str, object] = facts
    for depth, (name, index) in enumerate(steps):
        last = depth == len(steps) - 1
        if index is None:
            if last:
                here[name] = value
                return
            below = here.setdefault(name, {})
        else:
            items = here.setdefault(name, [])
            assert isinstance(items, list)  # a path names either a list or a value
            while len(items) <= int(index):
                items.append(value if last else {})
            if last:
                items[int(index)] = value
                return
            below = items[int(index)]
        assert isinstance(below, dict)
        here = below
