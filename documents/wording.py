"""A synthesis in words: codes and numbers become sentences in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, override

from documents import wording_texts as texts

_MONEY = {"arrears", "budget", "cost", "annual", "one_time_buyer"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def sentence(table: Mapping[str, Any], code: str, values: Mapping[str, Any] | None = None) -> str:
    """The text of a code with its values; "" for a code without one."""
    text = str(table.get(code, ""))
    return text % {name: _written(name, value) for name, value in (values or {}).items()} if text else ""


def headed(head: Any, rest: Any) -> str:
    """ "Travaux : Ravalement", with the colon as the reader's language writes it."""
    return str(gettext("%(head)s : %(rest)s") % {"head": head, "rest": rest})


def euros(amount: float | Decimal) -> str:
    return f"{number_format(amount, 2, force_grouping=True)} €"


def _written(name: str, value: Any) -> str:
    if name == "type":
        return sentence(texts.PAPERS, str(value)) or str(value)
    if name in _MONEY and isinstance(value, int | float):
        return euros(value)
    if isinstance(value, float):
        rounded = round(value, 2)
        return number_format(rounded, 0 if rounded.is_integer() else None)
    if isinstance(value, str) and _DAY.fullmatch(value):
        return date_format(date.fromisoformat(value), "SHORT_DATE_FORMAT")
    if isinstance(value, list):
        return " ; ".join(str(item) for item in value)
    return str(value)


def _said(contradiction: Mapping[str, Any]) -> str:
    parts = []
    for said in contradiction["said"]:
        tables = (texts.BY, texts.KINDS, texts.PAPERS)
        by = next((words for table in tables if (words := sentence(table, said["by"]))), said["by"])
        parts.append(f"{_written('value', said['value'])} ({by})")
    return ", ".join(parts)


def _source(item: Mapping[str, Any]) -> str:
    """Laws are named as they are; what only describes a source is said in the reader's language."""
    return gettext(item["source"]) if item["source"] else ""


def in_words(data: Mapping[str, Any]) -> dict[str, Any]:
    """What `signing.at` gives, with a `sentence` (or `name`) beside each code, in the active language."""

    def costs(part: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "lines": [{**line, "name": sentence(texts.LINES, line["code"])} for line in part["lines"]],
            "left_out": [
                {
                    **left,
                    "name": sentence(texts.LINES, left["code"]),
                    "sentence": sentence(texts.LEFT_OUT, left["reason"]),
                }
                for left in part["left_out"]
            ],
        }

    def spoken(table: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
        words = {"sentence": sentence(table, item["code"], item.get("values"))}
        return {**item, **words, **({"source": _source(item)} if "source" in item else {})}

    return {
        **data,
        "annual": costs(data["annual"]),
        "one_time": costs(data["one_time"]),
        "planned": costs(data["planned"]),
        "risks": [spoken(texts.RISKS, risk) for risk in data["risks"]],
        "risk": {
            **data["risk"],
            "name": sentence(texts.LEVELS, data["risk"]["level"]),
            "reasons": [spoken(texts.RISKS, reason) for reason in data["risk"]["reasons"]],
        },
        "contradictions": [
            {
                **found,
                "sentence": sentence(
                    texts.CONTRADICTIONS, found["code"], {**found["values"], "said": _said(found)}
                ),
            }
            for found in data["contradictions"]
        ],
        "missing": [
            {
                **paper,
                "name": sentence(texts.PAPERS, paper["code"]),
                "sentence": sentence(texts.EFFECTS, paper["effect"]),
                "source": _source(paper),
            }
            for paper in data["missing"]
        ],
        "missing_request": request_for_papers(data),
        "themes": [
            {
                **theme,
                "name": sentence(texts.THEMES, theme["theme"]),
                "sentence": sentence(texts.PATTERNS, theme["pattern"]),
            }
            for theme in data["themes"]
        ],
        "actions": [
            {
                **action,
                "sentence": sentence(
                    texts.ACTIONS, action["code"], {**action["values"], "cost": action["cost"]}
                ),
            }
            for action in data["actions"]
        ],
        "confidence": {
            **data["confidence"],
            "reasons": [
                {**reason, "sentence": sentence(texts.CONFIDENCE, reason["code"], {"count": reason["count"]})}
                for reason in data["confidence"]["reasons"]
            ],
        },
        "key_findings": [spoken(texts.RISKS, found) for found in data["key_findings"]],
    }


def request_for_papers(data: Mapping[str, Any]) -> str:
    """A list ready to send to the seller or the agency; "" when nothing is wanting."""
    if not data["missing"]:
        return ""
    where = ", ".join(part for part in (data["subject"]["address"], data["subject"]["postal_code"]) if part)
    names = [f"– {sentence(texts.PAPERS, paper['code'])}" for paper in data["missing"]]
    return "\n".join([sentence(texts.SENTENCES, "letter", {"address": where}), *names])


def overall_summary(data: Mapping[str, Any], language: str | None = None) -> str:
    """The synthesis in a few sentences, in `language` (the active one where None)."""
    if language is not None:
        with override(language):
            return overall_summary(data)
    if not data["documents"]["read"]:
        return sentence(texts.SENTENCES, "nothing_read")
    risk, totals = data["risk"], data["totals"]
    level = {"level": sentence(texts.LEVELS, risk["level"]), "points": risk["points"]}
    found = [sentence(texts.SENTENCES, "risk", level)]
    found += [sentence(texts.RISKS, r["code"], r["values"]) for r in risk["reasons"][:3]]
    if totals["annual"] is not None:
        found.append(sentence(texts.SENTENCES, "annual", totals))
    if totals["one_time_buyer"]:
        found.append(sentence(texts.SENTENCES, "one_time", totals))
    if data["missing"]:
        found.append(sentence(texts.SENTENCES, "missing", {"count": len(data["missing"])}))
    return " ".join(found)


def error_sentence(code: str) -> str:
    return gettext(str(texts.SENTENCES.get(code, ""))) if code else ""
