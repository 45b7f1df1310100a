"""What the schema says of each fact: which sort of value it takes, to show it, type it in and weigh it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, Literal

SCHEMA = Path(__file__).parent / "document_facts.schema.json"
Sort = Literal["amount", "date", "integer", "number", "boolean", "choice", "text"]

_INDEX = re.compile(r"\[\d+\]")
_MOST_DIGITS = 15


def without_indices(path: str) -> str:
    """`works[2].calls[0].amount` → `works[].calls[].amount`."""
    return _INDEX.sub("[]", path)


@cache
def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return found


@cache
def _facts(document_type: str) -> Mapping[str, Mapping[str, Any]]:
    start = schema()["$defs"].get(document_type, {})
    return dict(_walk("", start))


def _walk(path: str, node: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        node = {"definition": name, **schema()["$defs"][name]}
    if "properties" in node:
        for name, child in node["properties"].items():
            yield from _walk(f"{path}.{name}" if path else name, child)
    elif "items" in node:
        yield from _walk(f"{path}[]", node["items"])
    else:
        yield path, node


def sort_of(document_type: str, path: str) -> Sort:
    """The sort of value at a path; "text" where the schema knows no such place."""
    node = _facts(document_type).get(without_indices(path), {})
    if node.get("definition") in ("amount", "date"):
        return "amount" if node["definition"] == "amount" else "date"
    if "enum" in node:
        return "choice"
    types = node.get("type", "string")
    types = types if isinstance(types, list) else [types]
    for sort in ("integer", "number", "boolean"):
        if sort in types:
            return sort
    return "text"


def choices_of(document_type: str, path: str) -> list[str]:
    """What a fact of sort "choice" may be."""
    node = _facts(document_type).get(without_indices(path), {})
    return [value for value in node.get("enum", []) if value is not None]


class NotAValue(ValueError):
    """What was typed is no value of that sort; `sort` says which was expected."""

    def __init__(self, sort: Sort) -> None:
        super().__init__(sort)
        self.sort = sort


def parse(document_type: str, path: str, text: str) -> Any:
    """What a person typed as the JSON value of a fact: `1 234,56 €` → 1234.56. Raises NotAValue."""
    sort, typed = sort_of(document_type, path), text.strip()
    if sort == "text":
        if not typed:
            raise NotAValue(sort)
        return typed
    if sort == "choice":
        if typed not in choices_of(document_type, path):
            raise NotAValue(sort)
        return typed
    if sort == "boolean":
        if typed not in ("true", "false"):
            raise NotAValue(sort)
        return typed == "true"
    if sort == "date":
        try:
            return date.fromisoformat(typed).isoformat()
        except ValueError as error:
            raise NotAValue(sort) from error
    figures = re.sub(r"[\s\u00a0\u202f']|€|m²|%", "", typed).replace(",", ".")
    if not re.fullmatch(r"[-+]?\d+(\.\d+)?", figures) or len(figures) > _MOST_DIGITS:
        raise NotAValue(sort)
    try:
        number = Decimal(figures)
    except InvalidOperation as error:
        raise NotAValue(sort) from error
    if number == number.to_integral_value():
        return int(number)
    if sort == "integer":
        raise NotAValue(sort)
    return float(number)
