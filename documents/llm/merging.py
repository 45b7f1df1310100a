"""Rules and model side by side: what the model may add, and what waits for a person.

Nothing that a rule read changes. A model's value that stands on its page enters where the rules are silent;
one that differs from a rule's, an item of a list that the rules read otherwise, and all that stands nowhere
are kept apart as proposals: shown, in no sum, until somebody decides.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from documents.extraction.flow import fold
from documents.extraction.page import Box, Finding, Reading, Value

from .evidence import Read, steps
from .schemas import leaf

KEYS = {
    "resolutions": ("number",),
    "works": ("resolution", "amount"),
    "budgets": ("year_end", "amount"),
    "calls": ("due_date", "amount"),
    "diagnostics": ("type",),
    "breakdown": ("category", "amount"),
    "obligations": ("amount", "description"),
}
"""By which facts an item of a list is known again: the first that both state and that is equal."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A model's value that is not in force. reason: "disagrees" with the rules' value at `path`,
    "not_read_by_rules" (an item of a list the rules read without it), "counted_already" (the printed figure
    is another fact already), or why it is not grounded: "no_quote", "not_on_its_page", "speaks_to_machines",
    "incomplete" (a fact its item needs is not grounded).
    """

    path: str
    value: Value
    page: int | None
    quote: str
    boxes: tuple[Box, ...]
    reason: str


def merge(rules: Reading, read: Sequence[Read]) -> tuple[list[Finding], list[Proposal]]:
    """(findings to add to the rules' own, proposals)."""
    merging = _Merging(rules)
    merging.scalars(read, "", "")
    return merging.added, merging.proposals


class _Merging:
    def __init__(self, rules: Reading) -> None:
        self.document_type = rules.document_type
        self.known = {finding.path: finding for finding in rules.findings}
        self.added: list[Finding] = []
        self.proposals: list[Proposal] = []

    def scalars(self, read: Iterable[Read], prefix: str, target: str) -> None:
        """Values below `prefix` of the answer go below `target` of the facts; lists by their items."""
        lists: dict[str, dict[int, list[Read]]] = defaultdict(lambda: defaultdict(list))
        for item in read:
            rest = item.path[len(prefix) :]
            found = re.match(r"\.?([a-z_0-9.]+)\[(\d+)\]", rest)
            if found:
                lists[found[1]][int(found[2])].append(item)
            else:
                self._value(item, target + rest)
        for name, items in lists.items():
            dot = "." if prefix else ""
            self._list(items, f"{prefix}{dot}{name}", f"{target}{dot}{name}")

    def _value(self, item: Read, path: str) -> None:
        rule = self.known.get(path)
        if rule is None:
            if item.finding is None:
                self._propose(item, path, item.reason)
            elif self._counted(item.finding):
                self._propose(item, path, "counted_already")
            else:
                self._add(item, path)
        elif not same(rule.value, item.value) and not self._is_free_text(path):
            self._propose(item, path, "disagrees" if item.finding else item.reason)

    def _list(self, items: dict[int, list[Read]], prefix: str, target: str) -> None:
        item_of = re.compile(re.escape(target) + r"\[(\d+)\]")
        known = sorted({int(found[1]) for path in self.known if (found := item_of.match(path))})
        taken, places = set[int](), list[Finding]()
        following = max(known, default=-1) + 1
        for index, read in sorted(items.items()):
            old = f"{prefix}[{index}]"
            if len(read) == 1 and read[0].path == old:  # a list of plain values
                if known:
                    continue
                if read[0].finding is not None:
                    self._add(read[0], f"{target}[{following}]")
                    following += 1
                else:
                    self._propose(read[0], f"{target}[{index}]", read[0].reason)
                continue
            match = self._twin(prefix.rpartition(".")[2], read, old, target, known, taken)
            if match is not None:
                taken.add(match)
                self.scalars(read, old, f"{target}[{match}]")
                continue
            reason = "not_read_by_rules" if known else self._unfit(read, old, places)
            new = f"{target}[{following}]"
            if reason:
                for item in read:
                    self._propose(item, new + item.path[len(old) :], item.reason or reason)
            else:
                places += [i.finding for i in read if i.finding is not None and isinstance(i.value, Decimal)]
                self.scalars(read, old, new)
            following += 1 if not reason else 0

    def _twin(
        self, name: str, read: list[Read], old: str, target: str, known: list[int], taken: set[int]
    ) -> int | None:
        """The rules' item that the model's is, by the facts that name it."""
        stated = {item.path[len(old) + 1 :]: item.value for item in read}
        for key in KEYS.get(name.partition("[")[0], ()):
            for index in known:
                rule = self.known.get(f"{target}[{index}].{key}")
                if (
                    index not in taken
                    and rule is not None
                    and key in stated
                    and same(rule.value, stated[key])
                ):
                    return index
        return None

    def _unfit(self, read: list[Read], old: str, places: list[Finding]) -> str:
        """Why a new item cannot enter; "" where it can."""
        where = steps(read[0].path)[: len(steps(old)) - 1]
        needed = leaf(self.document_type, [*where, 0]).get("required", [])
        sure = {item.path[len(old) + 1 :] for item in read if item.finding is not None}
        if not set(needed) <= sure:
            return "incomplete"
        printed = [i.finding for i in read if i.finding is not None and isinstance(i.value, Decimal)]
        twice = any(p.page == q.page and p.boxes == q.boxes for p in places for q in printed)
        if twice or any(self._counted(q) for q in printed):
            return "counted_already"
        return ""

    def _counted(self, finding: Finding) -> bool:
        """Whether the rules read the very figure as another fact: one printed sum is not two debts."""
        return isinstance(finding.value, Decimal) and any(
            rule.page == finding.page
            and same(rule.value, finding.value)
            and _overlap(rule.boxes, finding.boxes)
            for rule in self.known.values()
            if isinstance(rule.value, Decimal)
        )

    def _add(self, item: Read, path: str) -> None:
        assert item.finding is not None
        self.added.append(replace(item.finding, path=path))

    def _propose(self, item: Read, path: str, reason: str) -> None:
        boxes = item.finding.boxes if item.finding else ()
        self.proposals.append(Proposal(path, item.value, item.page, item.quote, boxes, reason))

    def _is_free_text(self, path: str) -> bool:
        node = leaf(self.document_type, steps(path))
        return "string" in (node.get("type") or ()) and not {"enum", "pattern"} & set(node)


def _overlap(ones: Sequence[Box], others: Sequence[Box]) -> bool:
    return any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for a in ones for b in others)


def same(one: Any, other: Any) -> bool:
    """Whether two readings say the same: to the half cent, whatever the spelling."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | Decimal) and isinstance(other, int | Decimal):
        return abs(Decimal(one) - Decimal(other)) < Decimal("0.005")
    if isinstance(one, str) and isinstance(other, str):
        return re.sub(r"\W", "", fold(one)).lstrip("0") == re.sub(r"\W", "", fold(other)).lstrip("0")
    return bool(one == other)
