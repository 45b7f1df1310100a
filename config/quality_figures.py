"""The figures of `manage.py quality_report`: how far off valuation and reading are, and how fast. Each with
the number of cases that it comes from; what has none is said to have none.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from documents.analysis import analyse_file, as_json
from documents.models import Analysis, Correction, Document, DocumentType, Finding
from documents.reading import ReadingError
from dvf.models import DVFImport
from dvf.valuation.backtest import OWN
from dvf.valuation_models import ValuationBacktest, ValuationMeasure, ValuationModel
from photos.models import PhotoRedesign

LEVELS = (50, 80, 95)


@dataclass(frozen=True, slots=True)
class Area:
    """One type in one département: errors in %, on `n` sales that the model had not seen."""

    department: str
    type: str
    n: int
    error: float
    reference: float
    neighbours: float
    ratio: float
    coverage: float
    abstained: float
    split_date: Any
    made_at: datetime

    @property
    def margin(self) -> float:
        """Half the 95 % interval of `coverage`, in points: what chance alone does with n sales."""
        share = self.coverage / 100
        return 196 * math.sqrt(max(share * (1 - share), 0.01) / self.n)


@dataclass(slots=True)
class Valuation:
    """errors: by method, mean of the areas' median errors weighted by their sales; coverage, strata:
    (name, n, value)."""

    areas: list[Area] = field(default_factory=list)
    tested: int = 0
    errors: dict[str, float] = field(default_factory=dict)
    coverage: list[tuple[int, int, float]] = field(default_factory=list)
    strata: list[tuple[str, int, float]] = field(default_factory=list)


def valuation() -> Valuation:
    """The latest backtest of each area, largest first."""
    rows = list(ValuationBacktest.objects.filter(tested__gt=0).order_by("-tested", "code_departement"))
    found = Valuation(tested=sum(row.tested for row in rows))
    inside = dict.fromkeys(LEVELS, 0.0)
    counted = dict.fromkeys(LEVELS, 0)
    strata: dict[str, tuple[int, float]] = {}
    for row in rows:
        found.areas.append(
            Area(
                row.code_departement, row.type_principal, row.tested, row.mdape, row.reference_mdape,
                row.neighbours_mdape, row.median_ratio, row.coverage_80, row.abstained_percent,
                row.split_date, row.made_at,
            )
        )  # fmt: skip
        for stratum in row.report.get("strata", []):
            own = stratum["methods"].get(OWN, {})
            name, n = stratum["stratum"], own.get("n", 0)
            if not n or own.get("mdape") is None or name.startswith("area "):
                continue
            if name == "all":
                for level in LEVELS:
                    if own.get(f"coverage_{level}") is not None:
                        inside[level] += own[f"coverage_{level}"] * n
                        counted[level] += n
                continue
            before, total = strata.get(name, (0, 0.0))
            strata[name] = before + n, total + own["mdape"] * n
    for method in ("error", "reference", "neighbours"):
        if found.tested:
            weighted = sum(getattr(area, method) * area.n for area in found.areas)
            found.errors[method] = weighted / found.tested
    found.coverage = [
        (level, counted[level], inside[level] / counted[level]) for level in LEVELS if counted[level]
    ]
    found.strata = [(name, n, total / n) for name, (n, total) in sorted(strata.items(), key=_size)]
    return found


@dataclass(frozen=True, slots=True)
class Past:
    """What was measured on one release: errors and coverage in %, means of its areas weighted by their `n`
    sales. change: of the error in points, of the `common` sales in areas that the release before had too;
    None where there are none.
    """

    release: str
    measured: datetime
    areas: int
    n: int
    error: float
    ratio: float
    coverage: float
    common: int
    change: float | None


def history(most: int = 12) -> list[Past]:
    """By release, the latest first."""
    by_release: dict[int, list[ValuationMeasure]] = {}
    rows = ValuationMeasure.objects.by_release().filter(tested__gt=0).select_related("release")
    for row in sorted(rows, key=lambda row: (row.made_at, row.pk)):
        by_release.setdefault(row.release_id, []).append(row)
    found: list[Past] = []
    before: dict[tuple[str, str], float] = {}
    for measured in by_release.values():
        n = sum(row.tested for row in measured)
        both = [row for row in measured if _place(row) in before]
        common = sum(row.tested for row in both)
        change = sum((row.mdape - before[_place(row)]) * row.tested for row in both)
        found.append(
            Past(
                release=measured[0].release.release_label,
                measured=measured[-1].made_at,
                areas=len(measured),
                n=n,
                error=sum(row.mdape * row.tested for row in measured) / n,
                ratio=sum(row.median_ratio * row.tested for row in measured) / n,
                coverage=sum(row.coverage_80 * row.tested for row in measured) / n,
                common=common,
                change=change / common if common else None,
            )
        )
        before = {_place(row): row.mdape for row in measured}
    return found[::-1][:most]


def _place(row: ValuationMeasure) -> tuple[str, str]:
    return row.code_departement, row.type_principal


def _size(item: tuple[str, Any]) -> tuple[str, float]:
    """By what is told apart, then from small to large."""
    words = item[0].replace("–", " ").split()
    return words[0], next((float(word) for word in words if word.isdigit()), 0.0)


@dataclass(frozen=True, slots=True)
class Reading:
    """Documents of one type. decided: facts that a person has judged; the others stand as they were read."""

    type: str
    documents: int
    failed: int
    facts: int
    grounded: int
    accepted: int
    corrected: int
    rejected: int

    @property
    def decided(self) -> int:
        return self.accepted + self.corrected + self.rejected

    @property
    def changed_percent(self) -> float | None:
        """Of the facts read, those that a person had to change."""
        return 100 * (self.corrected + self.rejected) / self.facts if self.facts else None

    @property
    def right_percent(self) -> float | None:
        """Of the facts that a person judged, those that were right."""
        return 100 * self.accepted / self.decided if self.decided else None


def readings(since: datetime) -> list[Reading]:
    """By type, of documents received since then that still exist."""
    documents = {
        kind: (done, failed)
        for kind, done, failed in Document.objects.filter(created_at__gte=since)
        .order_by()
        .values_list("document_type")
        .annotate(
            done=Count("pk", filter=Q(status="analyzed")), failed=Count("pk", filter=Q(status="failed"))
        )
    }
    of_document = {"document__is_deleted": False, "document__created_at__gte": since}
    facts = {
        kind: (n, grounded)
        for kind, n, grounded in Finding.objects.filter(
            analysis__is_current=True, **{f"analysis__{name}": value for name, value in of_document.items()}
        )
        .order_by()
        .values_list("analysis__document__document_type")
        .annotate(n=Count("pk"), grounded=Count("pk", filter=Q(grounded=True)))
    }
    verdicts = Counter(
        {
            (kind, verdict): n
            for kind, verdict, n in Correction.objects.filter(**of_document)
            .order_by()
            .values_list("document__document_type", "verdict")
            .annotate(n=Count("pk"))
        }
    )
    return [
        Reading(
            kind,
            *documents[kind],
            *facts.get(kind, (0, 0)),
            *(verdicts[kind, verdict] for verdict in ("accepted", "corrected", "rejected")),
        )
        for kind in DocumentType.values
        if kind in documents
    ]


@dataclass(slots=True)
class Score:
    """Against truth files: documents, types recognised, and facts; text of several words is left out."""

    type: str
    documents: int = 0
    recognised: int = 0
    true: int = 0
    found: int = 0
    right: int = 0

    @property
    def precision(self) -> float | None:
        return 100 * self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        return 100 * self.right / self.true if self.true else None

    @property
    def f1(self) -> float | None:
        return 200 * self.right / (self.true + self.found) if self.true + self.found else None


def scores(truth: Path, files: Path, progress: Any = iter) -> list[Score]:
    """Read every file of `files` that has `<name>.json` in `truth` (`{"document_type", "facts"}`): compare.

    A value counts once wherever it stands in its list; one that is wrong is both false and missed.
    """
    pairs = [
        (path, truth / f"{path.stem}.json")
        for path in sorted(files.iterdir())
        if (truth / f"{path.stem}.json").is_file()
    ]
    by_type: dict[str, Score] = {}
    with ThreadPoolExecutor(2) as pool:  # each reading runs in a child process of its own
        read = pool.map(lambda pair: _read(pair[0]), pairs)
        for (_path, told), (kind, facts) in zip(pairs, progress(read), strict=True):
            wanted = json.loads(told.read_text(encoding="utf-8"))
            score = by_type.setdefault(wanted["document_type"], Score(wanted["document_type"]))
            score.documents += 1
            score.recognised += kind == wanted["document_type"]
            true, found = Counter(_values(wanted["facts"])), Counter(_values(facts))
            score.true += true.total()
            score.found += found.total()
            score.right += (true & found).total() if kind == wanted["document_type"] else 0
    return [by_type[kind] for kind in sorted(by_type)]


def _read(path: Path) -> tuple[str | None, Any]:
    try:
        result = as_json(analyse_file(path))
    except ReadingError:
        return None, {}
    return result["document_type"], result["facts"]


def _values(part: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        for name, item in part.items():
            yield from _values(item, f"{place}.{name}")
    elif isinstance(part, list):
        for item in part:
            yield from _values(item, f"{place}[]")
    elif isinstance(part, str):
        if part and not any(letter.isspace() for letter in part):
            yield place, part.casefold()
    elif part is not None:
        yield place, f"{part}" if isinstance(part, bool) else f"{part:.2f}"


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds of `n` runs of one kind of work."""

    work: str
    detail: str
    n: int
    median: float
    p95: float


def speeds(since: datetime) -> list[Speed]:
    """What the rows of finished work say of their own times."""
    found = [
        Speed("reading", *row)
        for row in _percentiles(
            f"SELECT document_type, (SELECT sum(value::float) FROM jsonb_each_text(durations)) AS seconds "
            f"FROM {Analysis._meta.db_table} WHERE created_at >= %s",
            since,
        )
    ]
    found += [
        Speed("redesign", *row)
        for row in _percentiles(
            "SELECT engine, extract(epoch FROM finished_at - started_at)::float AS seconds "
            f"FROM {PhotoRedesign._meta.db_table} WHERE status = 'completed' AND created_at >= %s",
            since,
        )
    ]
    found += [
        Speed("fit", *row)
        for row in _percentiles(
            f"SELECT type_principal, seconds FROM {ValuationModel._meta.db_table} WHERE made_at >= %s", since
        )
    ]
    found += [
        Speed("import", *row)
        for row in _percentiles(
            "SELECT mode, extract(epoch FROM finished_at - started_at)::float AS seconds "
            f"FROM {DVFImport._meta.db_table} WHERE status IN ('served', 'superseded') AND started_at >= %s",
            since,
        )
    ]
    return found


def _percentiles(query: str, since: datetime) -> list[tuple[str, int, float, float]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT kind, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds), "
            f"percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) "
            f"FROM ({query}) AS work (kind, seconds) WHERE seconds IS NOT NULL GROUP BY kind ORDER BY kind",
            [since],
        )
        return list(cursor.fetchall())
