"""Where each figure was read: the clippings of the pages, numbered, with the words of their captions.

`Clippings.refs` numbers the places that an amount, a risk or a contradiction rests on; `cut` makes a picture
of each from the pages kept in the store, the places highlighted.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, ImageChops, ImageDraw

from documents.models import Document, DocumentPage
from reports.blocks import Block
from reports.writing import colon, day, number, percent, short

MOST = 150
"""Clippings with a picture; what comes after is listed without."""
MOST_BYTES = 3_200_000
MOST_STRIPS = 3
WIDTH = 1100  # pixels of a page's width: 165 dpi as it is printed
QUALITY = 62
GAP = 0.05  # of the page's height: places farther apart are cut apart
AROUND = 0.018  # of the page's height: about a line, wanted above and below
EDGE = 0.004  # of the page's height: no cut nearer to what is marked
CONTRAST = 40  # of 255, between neighbouring points: the edge of a letter, not the grain of a scan
TALLEST = 0.3
THREADS = 3
FINDINGS_SHOWN = 5
UNTOLD = {"resolution", "number", "majority", "votes_for", "votes_against", "abstentions", "status"}
UNTOLD |= {"share_pct", "funding"}
"""Parts of a fact that are no figure of the report: clippings of a resolution leave them out."""
GROUND, BORDER = (255, 238, 140), (205, 120, 0)

Box = tuple[float, float, float, float]


@dataclass(slots=True)
class Place:
    """One numbered place: a fact of a document with what was read for it."""

    number: int
    what: str
    document: Document
    path: str
    findings: list[Mapping[str, Any]]
    pictures: list[str] = field(default_factory=list)
    missing: str = ""  # why there is no picture: a code

    @property
    def page(self) -> int | None:
        return next((f["page"] for f in self.findings if f["page"] and f["boxes"]), None)


class Clippings:
    """The places that one report rests on, numbered in the order in which they are first named."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = {document.pk: document for document in documents}
        self._places: dict[tuple[int, str], Place] = {}
        self._marked: dict[tuple[int, str], Place] = {}  # the same marks on the same page are one clipping
        self.pictures: dict[str, bytes] = {}

    @property
    def places(self) -> list[Place]:
        return sorted({place.number: place for place in self._places.values()}.values(), key=_number)

    def refs(self, evidence: Iterable[Mapping[str, Any]], what: str) -> list[int]:
        """Numbers of these places ([{document_id, path}]); a document deleted since has none."""
        numbers = []
        for entry in evidence:
            key = (entry["document_id"], entry["path"])
            if key not in self._places:
                document = self._documents.get(key[0])
                if document is None:
                    continue
                self._places[key] = self._place(document, key[1], what)
            numbers.append(self._places[key].number)
        return sorted(set(numbers))

    def _place(self, document: Document, path: str, what: str) -> Place:
        findings = findings_of(document, path)
        marks = str([(f["page"], f["boxes"]) for f in findings])
        same = self._marked.get((document.pk, marks)) if any(f["boxes"] for f in findings) else None
        if same is not None:
            same.findings += [f for f in findings if f not in same.findings]
            return same
        place = Place(len(self.places) + 1, what, document, path, findings)
        self._marked[document.pk, marks] = place
        return place

    def cut(self) -> None:
        """Make the pictures, page by page, within the bounds of number and size."""
        by_page: dict[tuple[int, int], list[Place]] = {}
        for place in self.places:
            if place.page is None:
                place.missing = _without_place(place)
            elif place.number > MOST:
                place.missing = "too_many"
            else:
                by_page.setdefault((place.document.pk, place.page), []).append(place)
        pages = DocumentPage.objects.filter(document__in={pk for pk, _page in by_page}).exclude(image_key="")
        keys = {(page.document_id, page.number): page.image_key for page in pages.defer("content")}
        left = MOST_BYTES
        pages_wanted = [(keys.get(at, ""), places) for at, places in by_page.items()]
        with ThreadPoolExecutor(THREADS) as pool:
            for (_key, places), cuts in zip(pages_wanted, pool.map(_cut_page, pages_wanted), strict=True):
                for place, clips in zip(places, cuts or [[]] * len(places), strict=True):
                    if not clips or left <= 0:
                        place.missing = "no_image" if cuts is None else "too_many" if clips else "no_place"
                        continue
                    for part, clip in enumerate(clips):
                        name = f"clip-{place.number}-{part}.jpg"
                        self.pictures[name] = clip
                        left -= len(clip)
                        place.pictures.append(name)


def _number(place: Place) -> int:
    return place.number


def findings_of(document: Document, path: str) -> list[Mapping[str, Any]]:
    """What was read at a path: that very fact, else its parts (`works[0]` → `works[0].amount`)."""
    findings = (document.analysis_result or {}).get("findings", [])
    exact = [f for f in findings if f["path"] == path]
    below = [
        f
        for f in findings
        if f["path"].startswith((f"{path}.", f"{path}[")) and _leaf(f["path"]) not in UNTOLD
    ]
    nearest = min((_depth(f["path"]) for f in below), default=0)
    return (exact or [f for f in below if _depth(f["path"]) == nearest])[:FINDINGS_SHOWN]


def _depth(path: str) -> int:
    return path.count(".") + path.count("[")


def _leaf(path: str) -> str:
    return path.rpartition(".")[2].partition("[")[0]


def _boxes(place: Place) -> list[Box]:
    found = [box for f in place.findings if f["page"] == place.page for box in f["boxes"]]
    return [tuple(box) for box in found if len(box) == 4 and box[0] < box[2] and box[1] < box[3]]


def strips(boxes: list[Box]) -> list[list[Box]]:
    """Boxes of one page grouped into at most MOST_STRIPS bands of its height, from the top."""
    groups: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: b[1]):
        if groups and box[1] - max(b[3] for b in groups[-1]) < GAP and box[3] - groups[-1][0][1] < TALLEST:
            groups[-1].append(box)
        else:
            groups.append([box])
    return groups[:MOST_STRIPS]


def _cut_page(wanted: tuple[str, list[Place]]) -> list[list[bytes]] | None:
    """The clippings of each of a page's places; None where the page has no picture. Runs in a thread:
    fetching and decoding leave the interpreter free.
    """
    key, places = wanted
    image = _page_image(key)
    return None if image is None else [[_clip(image, strip) for strip in strips(_boxes(p))] for p in places]


def _page_image(key: str) -> Image.Image | None:
    if not key:
        return None
    try:
        with default_storage.open(key) as stored:
            return Image.open(io.BytesIO(stored.read())).convert("RGB")
    except (FileNotFoundError, OSError):  # a page that lost its picture: the caption says so
        return None


def _clip(page: Image.Image, boxes: list[Box]) -> bytes:
    """The whole width of the page around the boxes, which are marked as with a pen."""
    upper, lower = min(b[1] for b in boxes), max(b[3] for b in boxes)
    top = between_lines(page, upper - EDGE, upper - 2 * AROUND)
    bottom = between_lines(page, lower + EDGE, lower + 2 * AROUND)
    strip = page.crop((0, top, page.width, max(bottom, top + 8)))
    scale = min(1.0, WIDTH / page.width)
    if scale < 1:
        strip = strip.resize((WIDTH, max(1, round(strip.height * scale))), Image.Resampling.LANCZOS)
    marks = Image.new("RGB", strip.size, "white")
    pen = ImageDraw.Draw(marks)
    for x0, y0, x1, y1 in boxes:
        left, right = x0 * page.width * scale, x1 * page.width * scale
        upper, lower = (y0 * page.height - top) * scale, (y1 * page.height - top) * scale
        pen.rectangle((left - 3, upper - 2, right + 3, lower + 2), fill=GROUND, outline=BORDER, width=2)
    target = io.BytesIO()
    ImageChops.multiply(strip, marks).save(target, "JPEG", quality=QUALITY, optimize=True)
    return target.getvalue()


def between_lines(page: Image.Image, near: float, far: float) -> int:
    """The row of points between two heights (fractions of the page's) where a cut meets the least print: the
    white space nearest to halfway. Rules down the page and shaded ground do not count as print.
    """
    first, last = sorted(min(max(round(at * page.height), 0), page.height) for at in (near, far))
    if first == 0 or last == page.height or last - first < 2:
        return 0 if first == 0 else page.height if last == page.height else first
    grey = np.asarray(page.crop((0, first, page.width, last)).convert("L"), np.int16)
    edges = (np.abs(np.diff(grey, axis=1)) > CONTRAST).sum(axis=1)
    white = np.flatnonzero(edges <= edges.min() + 2)
    gaps = np.split(white, np.flatnonzero(np.diff(white) > 1) + 1)
    half = (last - first) // 2
    margin = round(EDGE * page.height / 2)  # off the letters, where the gap is wide enough
    places = [
        int(np.clip(half, gap[0] + min(margin, len(gap) // 2), gap[-1] - min(margin, len(gap) // 2)))
        for gap in gaps
    ]
    return first + min(places, key=lambda at: abs(at - half))


def block(place: Place) -> Block:
    """The place with its caption: the document, its page, the values, how they were read and how surely."""
    return {
        "type": "clipping",
        "number": place.number,
        "what": place.what,
        "where": where(place),
        "values": values(place.findings),
        "how": how(place.findings),
        "pictures": place.pictures,
        "missing": _reasons().get(place.missing, ""),
        "alt": _("Extrait : %(what)s") % {"what": place.what},
        "doubtful": any(not f["grounded"] for f in place.findings),
    }


def where(place: Place) -> str:
    if place.page is None:
        return place.document.filename
    return _("%(document)s, page %(page)s") % {"document": place.document.filename, "page": place.page}


def values(findings: Iterable[Mapping[str, Any]]) -> str:
    said = []
    for finding in findings:
        name = _names().get(_leaf(finding["path"]), "")
        value = _enumerated().get(str(finding["value"])) or _value(finding["value"])
        text = colon().join(part for part in (name, value) if part)
        if finding["method"] == "human" and finding.get("read_value") is not None:
            text = _("%(value)s (lu : %(read)s)") % {"value": text, "read": _value(finding["read_value"])}
        if text and text not in said:
            said.append(text)
    return " · ".join(said)


def how(findings: Iterable[Mapping[str, Any]]) -> str:
    """The means, and the least certain of the values."""
    found = list(findings)
    if not found:
        return _("fait déduit du document")
    names = list(dict.fromkeys(_methods().get(f["method"], f["method"]) for f in found))
    least = min(float(f["confidence"]) for f in found)
    return _("%(means)s, certitude %(confidence)s") % {
        "means": ", ".join(names), "confidence": percent(least * 100),
    }  # fmt: skip


def _value(value: Any) -> str:
    if value is None:
        return _("retiré")
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, int):
        return str(value) if 1900 <= value < 2100 else number(value)
    if isinstance(value, float):
        return number(value, 0 if value == int(value) else 2)
    if isinstance(value, list | dict):
        parts = value.values() if isinstance(value, dict) else value
        return short(", ".join(_value(part) for part in parts), 120)
    text = str(value)
    return day(text) if len(text) == 10 and text[4] == text[7] == "-" else short(text, 120)


def _without_place(place: Place) -> str:
    return "typed_in" if any(f["method"] == "human" for f in place.findings) else "no_place"


def _names() -> dict[str, str]:
    """What is said before a value, where the value alone would be a riddle."""
    return {
        "amount": _("montant"),
        "due_date": _("échéance"),
        "date": _("date"),
        "valid_until": _("valable jusqu'au"),
        "lot": _("lot"),
        "total": _("total"),
        "anomalies_count": _("anomalies"),
        "lead_class_1": _("classe 1"),
        "lead_class_2": _("classe 2"),
        "lead_class_3": _("classe 3"),
        "energy_class": _("classe énergie"),
        "ges_class": _("classe climat"),
        "surface_m2": _("surface (m²)"),
        "energy_kwh_m2": _("kWh/m²/an"),
        "ges_kg_m2": _("kg CO₂/m²/an"),
        "lot_numbers": _("lots"),
        "number_of_lots": _("lots de l'immeuble"),
        "energy_cost_min": _("au moins"),
        "energy_cost_max": _("au plus"),
    }


def _enumerated() -> dict[str, str]:
    """Words of the facts' vocabulary."""
    return {
        "clear": _("rien à signaler"),
        "issues": _("à signaler"),
        "danger": _("danger"),
        "adopted": _("adopté"),
        "rejected": _("rejeté"),
        "deferred": _("reporté"),
    }


def _methods() -> dict[str, str]:
    return {
        "text": _("texte du PDF"),
        "ocr": _("reconnaissance de caractères"),
        "rule": _("règle"),
        "model": _("modèle"),
        "human": _("corrigé par une personne"),
    }


def _reasons() -> dict[str, str]:
    return {
        "typed_in": _("Saisi par une personne : il n'y a pas d'extrait."),
        "no_place": _("Sa place sur la page n'est pas connue : il n'y a pas d'extrait."),
        "no_image": _("L'image de la page n'est plus là : il n'y a pas d'extrait."),
        "too_many": _("Extrait omis pour que le fichier reste léger : voyez la page du document."),
    }
