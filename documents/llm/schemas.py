"""The facts schema (`documents/document_facts.schema.json`) as Pydantic types: what a model may answer.

Made from the file, so that the two cannot part. Strings and lists are bounded: an answer of a megabyte is no
answer.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from documents.fact_schema import schema

MAX_TEXT = 600
MAX_ITEMS = 400
MAX_EVIDENCE = 4000
_SIMPLE: dict[str, Any] = {"string": str, "integer": int, "number": float, "boolean": bool}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class QuoteAnswer(_Strict):
    """The words of the document that state one value."""

    path: Annotated[str, Field(max_length=120, description="As resolutions[3].amount, counted from 0.")]
    page: Annotated[int, Field(ge=1, le=10_000)]
    quote: Annotated[str, Field(max_length=MAX_TEXT, description="Copied from the page, word for word.")]


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """The node with its `$ref` followed; its own words win."""
    if "$ref" not in node:
        return node
    name = node["$ref"].rpartition("/")[2]
    named: dict[str, Any] = schema()["$defs"][name]
    return {**named, **{key: value for key, value in node.items() if key != "$ref"}}


@cache
def answer_type(document_type: str) -> type[BaseModel]:
    """What a model answers about a document of this type: `facts`, and `evidence` for each value in them.

    Raises KeyError for a type that the schema does not know.
    """
    facts = _model(document_type, schema()["$defs"][document_type])
    evidence = Annotated[list[QuoteAnswer], Field(max_length=MAX_EVIDENCE)]
    fields: dict[str, Any] = {"facts": (facts, ...), "evidence": (evidence, ...)}
    return create_model(f"{document_type}_answer", __base__=_Strict, **fields)


def _model(name: str, node: dict[str, Any]) -> type[BaseModel]:
    required = set(node.get("required", ()))
    fields: dict[str, Any] = {}
    for key, raw in node["properties"].items():
        inner = resolved(raw)
        made, described = _type(f"{name}_{key}", inner), Field(description=inner.get("description"))
        needed = key in required
        fields[key] = (Annotated[made if needed else made | None, described], ... if needed else None)
    return create_model(name, __base__=_Strict, **fields)


def _type(name: str, node: dict[str, Any]) -> Any:
    """The Python type of a schema node. `null` is allowed where the schema allows it."""
    if "enum" in node:
        choices = tuple(value for value in node["enum"] if value is not None)
        return Literal[choices] | None if None in node["enum"] else Literal[choices]
    kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
    (kind,) = [k for k in kinds if k != "null"]
    made: Any
    if kind == "object":
        made = _model(name, node)
    elif kind == "array":
        made = Annotated[list[_type(name, resolved(node["items"]))], Field(max_length=MAX_ITEMS)]  # type: ignore[misc]
    elif kind == "string":
        made = Annotated[str, Field(max_length=MAX_TEXT, pattern=node.get("pattern"))]
    else:
        made = Annotated[_SIMPLE[kind], Field(ge=node.get("minimum"), le=node.get("maximum"))]
    return made | None if "null" in kinds else made


def leaf(document_type: str, steps: list[str | int]) -> dict[str, Any]:
    """The schema of the value at a path of facts, given as its steps. Raises KeyError for no such place."""
    node: dict[str, Any] = schema()["$defs"][document_type]
    for step in steps:
        node = resolved(node["items"] if isinstance(step, int) else node["properties"][step])
    return node
