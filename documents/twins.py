"""Which papers say the same thing: a letter sent twice, a scan of a file that came by mail. Pure: no Django.

The bytes differ, so a hash of the file does not tell. What a document is about does: its kind, its day or
period, and its total. Two quarterly calls share their layout and all their words but these.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

_NAMING = {
    "pv_ag": (("meeting_date",), ("meeting_type",)),
    "taxe_fonciere": (("tax_year", "total_amount"), ()),
    "charges": (("kind", "period_start", "total_amount"), ("period_end",)),
    "other": (("kind", "document_date"), ()),
}
"""By type: the facts that must be known, and those that count beside them."""


def twin_key(result: Mapping[str, Any]) -> str:
    """Equal for two readings of the same paper; "" where too little is known to tell."""
    document_type, facts = result["document_type"], result["facts"]
    if document_type == "diags":
        parts = sorted(
            [str(part.get("type")), str(part["date"])]
            for part in facts.get("diagnostics") or []
            if isinstance(part, Mapping) and part.get("date")
        )
        return _hash([document_type, *parts]) if parts else ""
    needed, beside = _NAMING.get(document_type, ((), ()))
    if not needed or any(facts.get(name) in (None, "", "other") for name in needed):
        return ""
    return _hash([document_type, *(facts.get(name) for name in (*needed, *beside))])


def _hash(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
