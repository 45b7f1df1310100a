"""A synthesis as the back-office shows it: each line with its facts, and a link to the place of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from documents import fact_labels
from documents.models import Document, DocumentSummary
from documents.review_page import place_url
from documents.synthesis.signing import at
from documents.wording import euros, headed, in_words

PAYERS = {
    "buyer": _("l'acheteur"),
    "seller": _("le vendeur"),
    "unknown": _("à fixer"),
    "nobody": _("déjà payé"),
}


def panels(summary: DocumentSummary) -> dict[str, Any]:
    """The context of `admin/documents/documentsummary/panels.html`; one query, for the documents' names."""
    stored = summary.synthesis_data
    if not stored:
        return {"parts": [], "synthesis": None}
    data = in_words(at(stored, None, timezone.localdate()))
    names = dict(Document.all_objects.filter(property=summary.property_id).values_list("pk", "filename"))

    def places(findings: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [
            {
                "words": headed(
                    names.get(found["document_id"], found["document_id"]), fact_labels.label(found["path"])
                ),
                "url": place_url(found["document_id"], found["path"]),
            }
            for found in findings
        ]

    parts = []
    for title, part in (
        (_("Chaque année"), data["annual"]),
        (_("Une fois"), data["one_time"]),
        (_("Reporté par l'assemblée"), data["planned"]),
    ):
        lines = [
            {
                **line,
                "title": headed(line["name"], line["label"]) if line["label"] else line["name"],
                "amount": euros(line["amount"]),
                "stated": euros(line["stated_amount"]) if line["whose"] == "building" else "",
                "due": date.fromisoformat(line["due_date"]) if line["due_date"] else None,
                "payer": PAYERS.get(line.get("payer", ""), ""),
                "places": places(line["findings"]),
            }
            for line in part["lines"]
        ]
        left_out = [
            {
                **left,
                "title": headed(left["name"], left["label"]) if left["label"] else left["name"],
                "amount": "–" if left["amount"] is None else euros(left["amount"]),
                "places": places(left["findings"]),
            }
            for left in part["left_out"]
        ]
        parts.append({"title": title, "lines": lines, "left_out": left_out})
    contradictions = [
        {
            "sentence": found["sentence"],
            "places": [place for said in found["said"] for place in places(said["findings"])],
        }
        for found in data["contradictions"]
    ]
    return {
        "synthesis": data,
        "parts": parts,
        "contradictions": contradictions,
        "risks": data["risks"],
        "share": {**data["share"], "places": places(data["share"]["findings"])} if data["share"] else None,
    }
