"""What is sent of a document, and whether what came back stands on its page.

A model's value counts for nothing until its quote is found on the page it names and states it: the check of
`documents.extraction.grounding`, with the boxes of the words found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from documents.extraction.flow import Flow, Span, fold
from documents.extraction.grounding import is_grounded
from documents.extraction.page import Finding, Page, Value

from .masking import Mask
from .protocol import Answer, PageText
from .schemas import leaf

MAX_CHARACTERS = 240_000
"""About 80 pages of dense text; what is beyond is not sent, and a warning says so."""
SHORTEST_QUOTE, LONGEST_QUOTE = 3, 400
WORDS_IN_QUOTE = 0.6
"""The share of a text's words that its quote must hold: a title is shortened, not made up."""
CONFIDENCE = 0.6
"""Below the rules' own: a quote that stands on the page may still be of another thing."""
ORDERS = re.compile(
    r"(?:ignor|oubli|neglig|disregard|forget)\w*[^.]{0,60}(?:instruction|consigne|prompt|regle|order)"
    r"|(?:system|assistant|user)\s*(?:prompt|message)?\s*:"
    r"|intelligence artificielle|language model|modele de langage|\bprompts?\b|\bllm\b|chat-?gpt"
    r"|(?:repond|answer|report|output|return)\w*[^.]{0,30}\bjson\b"
)
"""Words that speak to whoever reads by machine: no fact of a co-ownership stands beside them."""


@dataclass(frozen=True, slots=True)
class Read:
    """One value of an answer. `finding` where it stands on its page; else the reason why it does not:
    "no_quote", "not_on_its_page", "speaks_to_machines".
    """

    path: str
    value: Value
    page: int | None
    quote: str
    finding: Finding | None
    reason: str = ""


def speaks_to_machines(text: str) -> bool:
    return ORDERS.search(fold(text)) is not None


def sent(pages: Sequence[Page], mask: Mask | None) -> tuple[tuple[PageText, ...], list[str]]:
    """The pages as they leave, and warnings about what does not."""
    texts: list[PageText] = []
    warnings: list[str] = []
    left = MAX_CHARACTERS
    for page in pages:
        lines = [line.text for line in page.lines]
        kept = [line for line in lines if not speaks_to_machines(line)]
        if len(kept) < len(lines):
            warnings.append(f"Page {page.number} : des mots adressés à une machine n’ont pas été transmis.")
        text = "\n".join(kept)
        if len(text) > left:
            warnings.append(f"Document trop long pour le modèle : non transmis dès la page {page.number}.")
            break
        left -= len(text)
        texts.append(PageText(page.number, mask.hide(text) if mask else text))
    return tuple(texts), warnings


def check(answer: Answer, pages: Sequence[Page], document_type: str, mask: Mask | None) -> list[Read]:
    """Every value of the answer, typed by the schema, with its place on the page where there is one."""
    flows = {page.number: Flow([page]) for page in pages}
    evidence = {_normal(entry.path): entry for entry in answer.evidence}
    found = []
    for path, raw in leaves(answer.facts):
        entry = evidence.get(path)
        shown = mask.show(raw) if mask and isinstance(raw, str) else raw
        value = _typed(document_type, path, shown)
        if value is None:
            continue
        if entry is None:
            found.append(Read(path, value, None, "", None, "no_quote"))
            continue
        quote = mask.show(entry.quote) if mask else entry.quote
        flow = flows.get(entry.page)
        finding = None if flow is None else locate(flow, path, value, quote)
        reason = "" if finding else "not_on_its_page"
        if speaks_to_machines(quote) or (finding and speaks_to_machines(_around(flow, finding))):
            finding, reason = None, "speaks_to_machines"
        found.append(Read(path, value, entry.page, quote[:LONGEST_QUOTE], finding, reason))
    return found


def locate(flow: Flow, path: str, value: Value, quote: str) -> Finding | None:
    """The finding whose words are the quote, if the page has them and they state the value."""
    words = fold(quote).split()
    if not words or not SHORTEST_QUOTE <= len(quote) <= LONGEST_QUOTE:
        return None
    match = flow.search(r"(?<!\S)" + r"\s+".join(re.escape(word) for word in words) + r"(?!\S)")
    match = match or flow.search(r"\s+".join(re.escape(word) for word in words))
    if match is None:
        return None
    finding = flow.finding(path, value, Span(match.start(), match.end()), "model", CONFIDENCE)
    if not is_grounded(finding) or not _in_words(finding):
        return None
    return replace(finding, method="model")


def _in_words(finding: Finding) -> bool:
    """Free text is of the quote's own words, and plain; a word of a fixed list cannot be compared."""
    if not isinstance(finding.value, str) or re.fullmatch(r"[\w-]*", finding.value):
        return True
    if re.search(r"[<>]", finding.value):
        return False
    said, printed = re.findall(r"\w+", fold(finding.value)), set(re.findall(r"\w+", fold(finding.quote)))
    return sum(word in printed for word in said) >= WORDS_IN_QUOTE * len(said)


def _around(flow: Flow | None, finding: Finding) -> str:
    """The lines the quote stands on, and those beside them."""
    if flow is None:
        return ""
    tops, bottoms = [box[1] for box in finding.boxes], [box[3] for box in finding.boxes]
    height = max(b - t for t, b in zip(tops, bottoms, strict=True))
    first, last = min(tops) - 2 * height, max(bottoms) + 2 * height
    near = [row.text for row in flow.rows if first < (row.top + row.bottom) / 2 < last]
    return " ".join(near)


def leaves(facts: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, value) of every value that is stated, in the order of the facts."""
    if isinstance(facts, dict):
        for name, inner in facts.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(facts, list):
        for index, inner in enumerate(facts):
            yield from leaves(inner, f"{path}[{index}]")
    elif facts is not None:
        yield path, facts


def _normal(path: str) -> str:
    """`$.facts.works[0].amount`, `works.0.amount`, `/works/0/amount` → `works[0].amount`."""
    bare = re.sub(r"^[$/.]*(?:facts[./])?", "", path.strip()).replace("/", ".")
    return re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", bare)


def steps(path: str) -> list[str | int]:
    """`works[0].amount` → ["works", 0, "amount"]."""
    return [int(index) if index else name for name, index in re.findall(r"([a-z_0-9]+)|\[(\d+)\]", path)]


def _typed(document_type: str, path: str, raw: Any) -> Value | None:
    """The value as findings hold it; None for a date that is no day."""
    node = leaf(document_type, steps(path))
    if isinstance(raw, bool | int):
        return Decimal(raw) if not isinstance(raw, bool) and "number" in _kinds(node) else raw
    if isinstance(raw, float):
        return Decimal(str(raw))
    if "pattern" in node:
        try:
            return date.fromisoformat(str(raw))
        except ValueError:
            return None
    return str(raw)


def _kinds(node: dict[str, Any]) -> Iterable[str]:
    kinds = node.get("type", ())
    return [kinds] if isinstance(kinds, str) else kinds
