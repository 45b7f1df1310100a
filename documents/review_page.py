"""What the page of a review shows, put together from stored rows: as many queries for one fact as for all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models.fields.json import KeyTransform
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from documents import fact_labels
from documents.doubt import SURE, Doubt, doubts, touches, weigh
from documents.fact_schema import choices_of, sort_of
from documents.models import Analysis, Correction, Document, DocumentSummary
from documents.ranking import contradicted_paths, type_confidence
from documents.serializers import error_text
from documents.wording import headed

MOST_ROWS = 400
"""Facts shown at once; a document that states more is filtered."""
MOST_RUNS = 10
MOST_COPIES = 10
PAGE_HEIGHT = 1000
DEFAULT_ASPECT = 0.7071
MARGIN = 2
"""Between the words and the line drawn around them."""

REASONS = {
    "ungrounded": _("non retrouvé sur la page"),
    "disagreement": _("lectures en désaccord"),
    "contradicted": _("contredit par un autre document"),
    "low_confidence": _("certitude faible"),
    "type_unsure": _("sorte de document incertaine"),
}
PROPOSED = {
    "disagrees": _("le modèle lit autre chose que la règle"),
    "not_read_by_rules": _("aucune règle ne l’a lu"),
    "counted_already": _("ce montant est déjà lu comme un autre fait"),
    "no_quote": _("le modèle ne cite aucun texte"),
    "not_on_its_page": _("non retrouvé sur la page citée"),
    "speaks_to_machines": _("le passage s’adresse à une machine"),
    "incomplete": _("il y manque un fait de la même ligne"),
}
METHODS = {
    "text": _("texte du fichier"),
    "ocr": _("OCR"),
    "rule": _("règle"),
    "model": _("modèle"),
    "human": _("une personne"),
}


@dataclass(slots=True)
class Row:
    """One fact: what holds, what was read, and how much it is doubted."""

    id: int | None
    path: str
    theme: str
    label: str
    value: str
    raw: Any
    read: str
    quote: str
    method: str
    percent: int
    page: int | None
    doubt: Doubt
    reasons: list[str]
    boxes: list[list[float]]
    correction: Correction | None = None
    selected: bool = False

    @property
    def state(self) -> str:
        if self.correction is not None:
            return self.correction.verdict
        return "sure" if self.doubt.is_sure else "doubtful"


@dataclass(slots=True)
class Box:
    """A place on the page, in the drawing's units."""

    row: Row
    x: float
    y: float
    width: float
    height: float

    @property
    def words(self) -> str:
        return headed(self.row.label, self.row.value)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A value that a model read and that does not hold, beside the one that does ("" where none does)."""

    id: int
    path: str
    label: str
    value: str
    holds: str
    page: int | None
    quote: str
    why: str


@dataclass(slots=True)
class Theme:
    title: str
    rows: list[Row] = field(default_factory=list)


def rows_of(document: Document, contradicted: Iterable[str]) -> list[Row]:
    """The document's facts in reading order, each with the decision taken on it."""
    result = document.analysis_result
    if result is None:
        return []
    decided = {c.path: c for c in document.corrections.select_related("user")}
    found = doubts(result, contradicted, type_confidence(document))
    kind = result["document_type"]
    rows = []
    for entry, doubt in zip(result["findings"], found, strict=True):
        path = entry["path"]
        correction = decided.get(path)
        confidence = entry["confidence"]
        method = entry["method"]
        if correction is not None and correction.confidence is not None:
            confidence, method = correction.confidence, correction.method
        rows.append(
            Row(
                id=entry["id"],
                path=path,
                theme=fact_labels.theme_key(kind, path),
                label=fact_labels.label(path),
                value=fact_labels.written(kind, path, entry["value"]),
                raw=entry["value"],
                read=fact_labels.written(kind, path, entry.get("read_value", entry["value"])),
                quote=entry["quote"],
                method=str(METHODS.get(method, method)),
                percent=round(100 * confidence),
                page=entry["page"],
                doubt=doubt,
                reasons=[str(REASONS[reason]) for reason in doubt.reasons],
                boxes=entry["boxes"],
                correction=correction,
            )
        )
    return rows


def chosen(rows: list[Row], query: Mapping[str, str]) -> Row | None:
    """The row that the address names (by number or by path), else the undecided one that weighs most; None
    where the address names a page, or nothing is left.
    """
    number, path = query.get("finding", ""), query.get("path", "")
    for row in rows:
        if number and str(row.id) == number:
            return row
    if path:
        return next((row for row in rows if touches(path, row.path)), None)
    if query.get("page"):
        return None
    open_rows = [row for row in rows if row.correction is None and row.id is not None]
    return max(open_rows, key=lambda r: (not r.doubt.is_sure, r.doubt.doubt * r.doubt.stake), default=None)


def themes_of(rows: Iterable[Row], facts: Mapping[str, Any]) -> list[Theme]:
    """Rows under what they speak of; the whole document first, its lists after."""
    found: dict[str, Theme] = {}
    for row in rows:
        if row.theme not in found:
            found[row.theme] = Theme(fact_labels.theme_name(row.theme, facts))
        found[row.theme].rows.append(row)
    first = [key for key in ("money", "shares", "document") if key in found]
    return [found[key] for key in [*first, *(key for key in found if key not in first)]]


def boxes_on(rows: Iterable[Row], page: int, width: float) -> list[Box]:
    """Places of the facts of one page; the selected one last, so that it is drawn over the others."""
    drawn = [
        Box(
            row,
            x0 * width - MARGIN,
            y0 * PAGE_HEIGHT - MARGIN,
            (x1 - x0) * width + 2 * MARGIN,
            (y1 - y0) * PAGE_HEIGHT + 2 * MARGIN,
        )
        for row in rows
        if row.page == page
        for x0, y0, x1, y1 in row.boxes
    ]
    return sorted(drawn, key=lambda box: box.row.selected)


def proposed(document: Document, rows: Iterable[Row]) -> list[Proposed]:
    """What a model proposes and nobody decided, in its order."""
    result = document.analysis_result or {}
    kind, holds = document.document_type, {row.path: row.value for row in rows}
    facts = result.get("facts", {})
    return [
        Proposed(
            id=entry["id"],
            path=entry["path"],
            label=fact_labels.label_in_full(kind, entry["path"], facts),
            value=fact_labels.written(kind, entry["path"], entry["value"]),
            holds=holds.get(entry["path"], ""),
            page=entry["page"],
            quote=entry["quote"],
            why=str(PROPOSED.get(entry["reason"], entry["reason"])),
        )
        for entry in result.get("proposals", [])
        if not entry["decision"]
    ][:MOST_ROWS]


def copies(document: Document) -> dict[str, list[Document]]:
    """The same bytes in another property, and other files of this one that say the same."""
    others = Document.objects.exclude(pk=document.pk).filter(property__is_deleted=False)
    shown = others.select_related("property").only("pk", "filename", "created_at", "property__address")
    twins = (
        list(shown.filter(property=document.property_id, twin_key=document.twin_key)[:MOST_COPIES])
        if document.twin_key
        else []
    )
    return {"same_bytes": list(shown.filter(file_hash=document.file_hash)[:MOST_COPIES]), "twins": twins}


def summary_of(document: Document) -> DocumentSummary | None:
    """The synthesis of the property, without its long parts."""
    rows = DocumentSummary.objects.filter(property=document.property_id)
    return rows.defer("recommendations").first()


def context(document: Document, query: Mapping[str, str]) -> dict[str, Any]:
    """The template's context. `query`: `finding`, `path`, `page`, `show` (doubtful or all)."""
    summary = summary_of(document)
    data = summary.synthesis_data if summary else {}
    rows = rows_of(document, contradicted_paths(data, document.pk))
    selected = chosen(rows, query)
    if selected is not None:
        selected.selected = True
    pages = list(
        document.pages.annotate(aspect=KeyTransform("aspect", "content"))
        .values("number", "source", "error_code", "image_key", "aspect")
        .order_by("number")
    )
    wanted = _number(query.get("page")) or (selected.page if selected else None) or 1
    page = next((p for p in pages if p["number"] == wanted), pages[0] if pages else None)
    undecided = [row for row in rows if row.state == "doubtful"]
    show = query.get("show") or ("doubtful" if undecided else "all")
    listed = [row for row in rows if show == "all" or row.state == "doubtful" or row.selected][:MOST_ROWS]
    width = (page["aspect"] if page and page["aspect"] else DEFAULT_ASPECT) * PAGE_HEIGHT
    number = page["number"] if page else 1
    facts = (document.analysis_result or {}).get("facts", {})
    kind = document.document_type
    themes = themes_of(listed, facts)
    # The next fact is the next one on the page, as for the keys j and k: themes order what reading did not.
    following = _after([row for theme in themes for row in theme.rows], selected)
    return {
        "document": document,
        "rows": rows,
        "listed": listed,
        "themes": themes,
        "proposals": proposed(document, rows),
        "selected": selected,
        "next_row": following,
        "show": show,
        "counts": {
            "all": len(rows),
            "doubtful": len(undecided),
            "sure": sum(row.state == "sure" and row.id is not None for row in rows),
            "hidden": max(0, (len(rows) if show == "all" else len(undecided)) - len(listed)),
        },
        "weight": weigh([row.doubt for row in rows]),
        "edit_value": typed_in(selected.raw) if selected else "",
        "sort": sort_of(kind, selected.path) if selected else "",
        "choices": [(code, fact_labels.CHOICES.get(code, code)) for code in choices_of(kind, selected.path)]
        if selected
        else [],
        "page": page,
        "pages": pages,
        "page_number": number,
        "page_before": max((p["number"] for p in pages if p["number"] < number), default=None),
        "page_after": min((p["number"] for p in pages if p["number"] > number), default=None),
        "width": round(width, 2),
        "height": PAGE_HEIGHT,
        "boxes": boxes_on(rows, number, width),
        "error_sentence": error_text(document.error_code),
        "warnings": (document.analysis_result or {}).get("warnings", []),
        "runs": list(
            Analysis.objects.filter(document=document.pk).only(
                "pk", "engine", "version", "created_at", "is_current"
            )[:MOST_RUNS]
        ),
        "summary": summary,
        "sure_percent": round(100 * (1 - SURE)),
        "reason_words": [str(REASONS[code]) for code in document.doubt_reasons if code in REASONS],
        **copies(document),
    }


def typed_in(value: Any) -> str:
    """A value as one would type it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_format(value, use_l10n=True)
    return "" if value is None else str(value)


def _after(rows: list[Row], selected: Row | None) -> Row | None:
    """The next row of the list that nobody decided, after the selected one, else from the top."""
    if selected is None:
        return next((row for row in rows if row.correction is None), None)
    place = next((n for n, row in enumerate(rows) if row is selected), -1)
    around = [*rows[place + 1 :], *rows[: max(place, 0)]]
    return next((row for row in around if row.correction is None and row.id is not None), None)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 7 else None


def place_url(document_id: int, path: str) -> str:
    """Where a fact of a document is shown on its page."""
    url = reverse("admin:documents_documentreview_change", args=[document_id])
    return f"{url}?{urlencode({'path': path})}"
