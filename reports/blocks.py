"""The blocks that a report is made of. The layout (`layout/blocks.typ`) knows one function for each `type`.

Texts are plain strings: nothing in them is markup. Places in drawings are fractions of their width or height,
from the left and from the top.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

Block = dict[str, Any]
Tone = Literal["good", "warning", "bad", "muted", ""]


def section(title: str) -> Block:
    return {"type": "section", "title": title}


def heading(title: str) -> Block:
    return {"type": "heading", "title": title}


def text(body: str, tone: Tone = "", refs: Sequence[int] = ()) -> Block:
    return {"type": "text", "body": body, "tone": tone, "refs": list(refs)}


def note(body: str) -> Block:
    """Small print: where figures come from, what a drawing shows."""
    return {"type": "note", "body": body}


def none(body: str) -> Block:
    """That there is nothing, and why."""
    return {"type": "none", "body": body}


def cell(body: str, refs: Sequence[int] = (), *, tone: Tone = "", small: str = "") -> dict[str, Any]:
    """One cell of a table: `refs` are numbers of clippings, `small` a second line."""
    return {"body": body, "refs": list(refs), "tone": tone, "small": small}


def column(label: str, width: float | None = None, align: Literal["left", "right"] = "left") -> Block:
    """`width`: a share of what is left by the columns without one."""
    return {"label": label, "width": width, "align": align}


def table(
    columns: Sequence[Block],
    rows: Iterable[Sequence[Any]],
    totals: Iterable[Sequence[Any]] = (),
) -> Block:
    """Cells are `cell(…)` or plain strings."""

    def cells(lines: Iterable[Sequence[Any]]) -> list[list[dict[str, Any]]]:
        return [[item if isinstance(item, dict) else cell(item) for item in line] for line in lines]

    return {"type": "table", "columns": list(columns), "rows": cells(rows), "totals": cells(totals)}


def facts(pairs: Iterable[tuple[str, str]]) -> Block:
    """Labels with their values, two pairs a line."""
    return {"type": "facts", "pairs": [list(pair) for pair in pairs]}


def cards(items: Iterable[tuple[str, str, str]]) -> Block:
    """Key figures: (label, figure, small print)."""
    return {"type": "cards", "items": [list(item) for item in items]}


def item(
    title: str, lines: Sequence[str] = (), *, mark: str = "", tone: Tone = "", refs: Sequence[int] = ()
) -> Block:
    """An entry of a list with a coloured mark, which is a word too."""
    return {
        "type": "item",
        "title": title,
        "lines": [line for line in lines if line],
        "mark": mark,
        "tone": tone,
        "refs": list(refs),
    }


def quoted(body: str) -> Block:
    """A text ready to be copied."""
    return {"type": "quoted", "body": body}


def pair(left: str, right: str, labels: tuple[str, str], caption: str) -> Block:
    """Two pictures side by side: file names."""
    return {"type": "pair", "left": left, "right": right, "labels": list(labels), "caption": caption}
