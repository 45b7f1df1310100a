"""What the arithmetic stands on: documents with their facts, and the lot's shares of the building."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any


def money(value: object) -> Decimal | None:
    """A stored number as Decimal euros; None stays None."""
    return None if value is None or isinstance(value, bool) else Decimal(str(value))


YEARS = range(1900, 2200)


def day(value: object) -> date | None:
    """A stored ISO date; None for what is no day of the calendar or of our times (a slip in the document)."""
    try:
        found = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.year in YEARS else None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an amount was read: a fact of a document."""

    document_id: int
    path: str

    def as_json(self) -> dict[str, Any]:
        return {"document_id": self.document_id, "path": self.path}


@dataclass(frozen=True, slots=True)
class Paper:
    """One document as it is known now: corrections applied, values not found on their page left out.

    `doubtful` holds the paths of values that stand nowhere on their page: shown, never summed.
    """

    document_id: int
    document_type: str
    facts: Mapping[str, Any]
    doubtful: frozenset[str] = frozenset()
    disputed: Mapping[str, Any] = field(default_factory=dict)
    """Path → what a model read there otherwise than the rules, undecided; the rules' value counts."""
    before_tax: frozenset[str] = frozenset()
    """Paths of sums that are printed before tax only."""

    def sure(self, path: str, value: object) -> bool:
        return value is not None and path not in self.doubtful

    def evidence(self, path: str) -> Evidence:
        return Evidence(self.document_id, path)

    @property
    def kind(self) -> str:
        return str(self.facts.get("kind") or "")

    @property
    def date(self) -> date:
        """The day the document speaks of, by which the latest is known; `date.min` where it states none."""
        facts = self.facts
        for name in ("meeting_date", "document_date", "period_end", "due_date", "period_start"):
            if found := day(facts.get(name)):
                return found
        if self.document_type == "taxe_fonciere" and facts.get("tax_year") in YEARS:
            return date(facts["tax_year"], 12, 31)
        if self.document_type == "diags":
            return max(
                (d for x in facts.get("diagnostics", []) if (d := day(x.get("date")))), default=date.min
            )
        return date.min


@dataclass(frozen=True, slots=True)
class Subject:
    """What its owner says of the property itself."""

    property_type: str = "apartment"
    surface: Decimal | None = None  # m², as advertised
    building_year: int | None = None
    address: str = ""
    postal_code: str = ""
    department: str = ""

    def as_json(self) -> dict[str, Any]:
        surface = None if self.surface is None else float(self.surface)
        return {
            "property_type": self.property_type,
            "surface": surface,
            "building_year": self.building_year,
            "address": self.address,
            "postal_code": self.postal_code,
            "department": self.department,
        }


@dataclass(frozen=True, slots=True)
class Share:
    """The lot's tantièmes in one key: `lot` of `total`."""

    lot: int
    total: int
    evidence: tuple[Evidence, ...] = ()
    overridden: bool = False

    def of(self, amount: Decimal) -> Decimal:
        """The lot's part of a building's amount, to the cent."""
        return (amount * self.lot / self.total).quantize(Decimal("0.01"))


@dataclass(slots=True)
class Dossier:
    """The papers of one property, newest first, and what people overrode.

    `overrides`: {"tantiemes": {"general": {"lot": 125, "total": 10000}}, "amounts": {line key: "1234.56" or
    null}, "statuses": {line key: "paid" | "unpaid" | "unknown"}}.
    """

    papers: list[Paper]
    overrides: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # The order in which documents came changes nothing: by their own date, then by what they hold.
        self.papers = sorted(self.papers, key=lambda p: (p.date, p.document_id), reverse=True)

    def of(self, *document_types: str) -> Iterator[Paper]:
        return (paper for paper in self.papers if paper.document_type in document_types)

    def share(self, key: str = "general") -> Share | None:
        """The lot's share in a key: what a person set, else the newest document that states it.

        Only the general key is read from documents; another is used where a person gave it (0 of it: the lot
        pays nothing in that key).
        """
        given = self.overrides.get("tantiemes", {}).get(key)
        if given:
            return Share(int(given["lot"]), int(given["total"]), overridden=True)
        if key != "general":
            return None
        for paper in self.papers:
            stated = paper.facts.get("tantiemes") or {}
            lot, total = stated.get("lot"), stated.get("total")
            if (
                lot
                and total
                and 0 < lot <= total
                and paper.sure("tantiemes.lot", lot)
                and paper.sure("tantiemes.total", total)
            ):
                return Share(int(lot), int(total), (paper.evidence("tantiemes"),))
        return None


def _disputed(result: Mapping[str, Any]) -> dict[str, Any]:
    open_to_doubt = {f["path"] for f in result["findings"] if f.get("disagrees")}
    return {
        p["path"]: p["value"]
        for p in result.get("proposals", ())
        if p["path"] in open_to_doubt and p["reason"] == "disagrees" and not p["decision"]
    }


def papers_from(results: Iterable[tuple[int, Mapping[str, Any]]]) -> list[Paper]:
    """From (document id, `Document.analysis_result`)."""
    return [
        Paper(
            identifier,
            result["document_type"],
            result["facts"],
            frozenset(f["path"] for f in result["findings"] if not f["grounded"] and f["method"] != "human"),
            _disputed(result),
            frozenset(
                f["path"]
                for f in result["findings"]
                if str(f.get("rule") or "").endswith("_ht") and f["method"] != "human"
            ),
        )
        for identifier, result in results
    ]
