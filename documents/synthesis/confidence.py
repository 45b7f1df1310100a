"""How far the synthesis can be relied on, with the reasons, as codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from documents.synthesis.lines import LeftOut, Line
from documents.synthesis.papers import Dossier

HIGH, MODERATE = 85, 60
"""Out of 100, from which each reason takes its part, once."""
PENALTIES = {
    "no_documents": 100,
    "no_share": 25,
    "no_minutes": 20,
    "no_charges": 20,
    "unread_documents": 15,
    "no_energy_certificate": 10,
    "values_not_on_their_page": 10,
    "key_share_unknown": 5,
}


def confidence(
    dossier: Dossier, lines: Sequence[Line], left_out: Sequence[LeftOut], unread: Mapping[str, int]
) -> dict[str, Any]:
    """{level high|moderate|low, score 0–100, reasons [{code, count}]}."""
    kinds = {paper.document_type for paper in dossier.papers}
    some = bool(kinds)
    counts = {
        "no_documents": int(not some),
        "no_share": int(some and dossier.share() is None),
        "no_minutes": int(some and "pv_ag" not in kinds),
        "no_charges": int(some and "charges" not in kinds),
        "unread_documents": sum(unread.values()),
        "no_energy_certificate": int(some and "diags" not in kinds),
        "values_not_on_their_page": sum(left.reason == "not_on_its_page" for left in left_out),
        "key_share_unknown": sum(bool(line.expected) for line in lines),
    }
    reasons = [{"code": code, "count": count} for code, count in counts.items() if count]
    score = max(0, 100 - sum(PENALTIES[code] for code, count in counts.items() if count))
    level = "high" if score >= HIGH else "moderate" if score >= MODERATE else "low"
    return {"level": level, "score": score, "reasons": reasons}
