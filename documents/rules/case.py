"""What a rule looks at, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from documents.synthesis.papers import Dossier, Evidence, Paper, Subject, day


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One diagnostic of a bundle, with only what stands on its page."""

    paper: Paper
    index: int
    facts: Mapping[str, Any]

    @property
    def date(self) -> date:
        return day(self.facts.get("date")) or self.paper.date

    def evidence(self, *names: str) -> tuple[Evidence, ...]:
        return tuple(
            self.paper.evidence(f"diagnostics[{self.index}].{name}")
            for name in names
            if self.facts.get(name) is not None
        )


@dataclass(frozen=True, slots=True)
class Case:
    """The papers of a property and what its owner says of it."""

    dossier: Dossier
    subject: Subject

    @property
    def in_co_ownership(self) -> bool:
        """A flat; a house only when its papers are those of a co-ownership."""
        return self.subject.property_type == "apartment" or any(self.dossier.of("pv_ag", "charges"))

    def diagnostics(self, kind: str) -> list[Diagnostic]:
        """Of one kind, newest first."""
        found = []
        for paper in self.dossier.of("diags"):
            for index, stated in enumerate(paper.facts.get("diagnostics") or []):
                if stated.get("type") == kind and stated.get("outcome") != "not_performed":
                    prefix = f"diagnostics[{index}]."
                    sure = {k: v for k, v in stated.items() if paper.sure(prefix + k, v)}
                    found.append(Diagnostic(paper, index, sure))
        return sorted(found, key=lambda d: (d.date, d.paper.document_id, -d.index), reverse=True)

    def newest(self, kind: str) -> Diagnostic | None:
        return next(iter(self.diagnostics(kind)), None)

    def certificate(self) -> Diagnostic | None:
        """The newest energy certificate that states a class."""
        return next((d for d in self.diagnostics("dpe") if d.facts.get("energy_class")), None)

    def minutes(self) -> Iterator[Paper]:
        """Minutes of the co-owners' meetings, newest first."""
        return self.dossier.of("pv_ag")

    def fact(self, name: str, *kinds: str) -> tuple[Any, tuple[Evidence, ...]]:
        """A fact of the newest paper of these kinds that states it, and where; (None, ()) if none does."""
        for paper in self.dossier.papers:
            if (not kinds or paper.kind in kinds) and paper.sure(name, value := paper.facts.get(name)):
                return value, (paper.evidence(name),)
        return None, ()

    def building_year(self) -> tuple[int | None, tuple[Evidence, ...]]:
        """As its owner says, else as a paper says."""
        if self.subject.building_year is not None:
            return self.subject.building_year, ()
        year, evidence = self.fact("construction_year")
        return (year, evidence) if year in range(1000, 2200) else (None, ())


@dataclass(frozen=True, slots=True)
class Risk:
    """What a rule found. It holds for signing dates from `since` (included) to `until` (not included)."""

    code: str
    weight: int
    source: str
    values: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    since: date | None = None
    until: date | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "weight": self.weight,
            "source": self.source,
            "values": dict(self.values),
            "findings": [e.as_json() for e in self.evidence],
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
        }
