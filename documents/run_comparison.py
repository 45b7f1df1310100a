"""Two runs over one document: what only one of them read, and where they differ. Pure: no Django."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Fact:
    """One finding of a run, as far as a comparison needs it."""

    path: str
    value: Any
    page: int
    confidence: float
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A path that the two runs do not read alike; `before` or `after` None: that run is silent on it."""

    path: str
    change: Literal["added", "removed", "changed"]
    before: Fact | None
    after: Fact | None


@dataclass(frozen=True, slots=True)
class Comparison:
    differences: list[Difference]
    same: int


def compare(before: Iterable[Fact], after: Iterable[Fact]) -> Comparison:
    """Differences in the order of the later run, then what it lost. A path read twice is compared in turn."""
    older: dict[str, list[Fact]] = defaultdict(list)
    for fact in before:
        older[fact.path].append(fact)
    differences: list[Difference] = []
    same = 0
    for fact in after:
        waiting = older.get(fact.path)
        if not waiting:
            differences.append(Difference(fact.path, "added", None, fact))
            continue
        other = waiting.pop(0)
        if other.value == fact.value:
            same += 1
        else:
            differences.append(Difference(fact.path, "changed", other, fact))
    lost = [fact for facts in older.values() for fact in facts]
    differences += [Difference(fact.path, "removed", fact, None) for fact in lost]
    return Comparison(differences, same)
