"""How much each fact of a document may be wrong, and how many euros hang on it. Pure: no Django.

The doubt of a fact is one minus the certainty it was read with, raised where something speaks against it; a
fact that a person decided has none. A document's place in the queue of those to check is the sum over its
facts of euros × doubt: an uncertain amount of 40 000 € comes before a certain one, and before an uncertain
date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from documents.fact_schema import sort_of, without_indices

SURE = 0.2
"""Up to this doubt a fact is accepted with all the sure ones."""
TYPE_UNSURE = 0.5
"""From this doubt of the kind every fact of the document is doubted: another kind would read others."""
FLOORS = {"ungrounded": 0.9, "disagreement": 0.7, "contradicted": 0.6}
"""The least doubt that each reason leaves: in the order in which they weigh."""
TYPICAL_SHARE = 0.01
"""A lot's share of its building where the document does not state it: one in a hundred."""
NOMINAL_EUR = {
    "choice": 500.0,
    "boolean": 500.0,
    "date": 100.0,
    "integer": 50.0,
    "number": 100.0,
    "text": 10.0,
}
"""What hangs on a fact that is no amount: enough to be looked at among its like, never above a real sum."""
OF_BUILDING = {"pv_ag"}
KINDS_OF_BUILDING = {"fiche_synthetique", "carnet_entretien", "ppt", "dtg", "contrat_syndic", "assurance"}
MOST_EUR = 1e8


@dataclass(frozen=True, slots=True)
class Doubt:
    """Of one fact: 0 (sure) to 1, what hangs on it in euros, and the codes of the reasons."""

    doubt: float
    stake: float
    reasons: tuple[str, ...] = ()

    @property
    def is_sure(self) -> bool:
        return self.doubt <= SURE and not self.reasons


@dataclass(frozen=True, slots=True)
class Weight:
    """Of a document: euros that hang on it, euros in doubt, how many facts are not sure, and why."""

    stake: float = 0.0
    score: float = 0.0
    doubtful: int = 0
    reasons: tuple[str, ...] = field(default=())


def touches(evidence: str, path: str) -> bool:
    """Whether a fact stands at or below a path that is cited as evidence."""
    return path == evidence or path.startswith((f"{evidence}.", f"{evidence}["))


def doubts(
    result: Mapping[str, Any], contradicted: Iterable[str] = (), type_confidence: float | None = None
) -> list[Doubt]:
    """One for each finding of an `analysis_result`, in its order.

    `contradicted`: paths that the synthesis found at odds with another paper; `type_confidence`: of the kind
    of document, None once a person has fixed it.
    """
    findings: Sequence[Mapping[str, Any]] = result["findings"]
    document_type = result["document_type"]
    said: dict[str, set[str]] = defaultdict(set)
    for finding in findings:
        said[finding["path"]].add(repr(finding["value"]))
    cited = list(contradicted)
    share = _share(result)
    type_doubt = 0.0 if type_confidence is None else 1 - type_confidence
    answer = []
    for finding in findings:
        path = finding["path"]
        stake = _stake(document_type, finding, share)
        if finding["method"] == "human":
            answer.append(Doubt(0.0, stake))
            continue
        against = {
            "ungrounded": not finding["grounded"],
            "disagreement": len(said[path]) > 1 or bool(finding.get("disagrees")),
            "contradicted": any(touches(evidence, path) for evidence in cited),
        }
        reasons = [reason for reason, holds in against.items() if holds]
        doubt = max([1 - finding["confidence"], *(FLOORS[reason] for reason in reasons)])
        if 1 - finding["confidence"] > SURE:
            reasons.append("low_confidence")
        if type_doubt > max(doubt, TYPE_UNSURE):
            doubt = type_doubt
            reasons.append("type_unsure")
        answer.append(Doubt(round(min(1.0, max(0.0, doubt)), 4), stake, tuple(reasons)))
    return answer


def weigh(found: Sequence[Doubt]) -> Weight:
    """The document's whole, from the doubts of its facts."""
    reasons = {reason for one in found for reason in one.reasons}
    order = [*FLOORS, "low_confidence", "type_unsure"]
    return Weight(
        stake=round(min(MOST_EUR, sum(one.stake for one in found)), 2),
        score=round(min(MOST_EUR, sum(one.stake * one.doubt for one in found)), 2),
        doubtful=sum(not one.is_sure for one in found),
        reasons=tuple(reason for reason in order if reason in reasons),
    )


def _share(result: Mapping[str, Any]) -> float:
    """The part of the stated amounts that is the lot's."""
    facts = result["facts"]
    if result["document_type"] not in OF_BUILDING and facts.get("kind") not in KINDS_OF_BUILDING:
        return 1.0
    stated = facts.get("tantiemes") or {}
    lot, total = stated.get("lot"), stated.get("total")
    return min(1.0, lot / total) if lot and total and lot > 0 and total > 0 else TYPICAL_SHARE


def _stake(document_type: str, finding: Mapping[str, Any], share: float) -> float:
    sort, value = sort_of(document_type, finding["path"]), finding["value"]
    if sort == "amount" and isinstance(value, int | float) and not isinstance(value, bool):
        return round(min(MOST_EUR, abs(value) * share), 2)
    if without_indices(finding["path"]) in ("tantiemes.lot", "tantiemes.total", "total_tantiemes"):
        return NOMINAL_EUR["choice"]  # every sum of the building becomes the buyer's by it
    return NOMINAL_EUR.get(sort, 0.0)
