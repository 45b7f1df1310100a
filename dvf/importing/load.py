"""Files of sales to the served tables: read, normalise, COPY, index, check, swap; every run recorded as
a DVFImport.
"""

from __future__ import annotations

import contextlib
import datetime
import getpass
import hashlib
import resource
import shutil
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from dvf.importing import copying, figures, releases, swap, synthetic
from dvf.importing.normalise import Normaliser, Reading
from dvf.importing.reading import Source, UnreadableFile, examine, find_files
from dvf.importing.refusals import ImportRefused, kept, refusal
from dvf.importing.swap import NEXT, Connection
from dvf.models import DVFImport
from dvf.signals import release_served

logger = structlog.get_logger(__name__)

REJECTED_LINES_KEPT = 1000
REJECTED_SHARE = 0.5
"""A file of which more than this share of lines is rejected is not what it says."""


@dataclass(frozen=True)
class Options:
    add: bool = False
    dry_run: bool = False
    force: bool = False
    keep_previous: bool = False
    departments: tuple[str, ...] = ()
    since: datetime.date | None = None
    release_label: str = ""
    requested_by_id: int | None = None

    def filters(self) -> dict[str, Any]:
        """What takes part in the result, besides the files."""
        return {
            "departments": sorted(self.departments),
            "since": self.since.isoformat() if self.since else None,
        }


@dataclass
class Outcome:
    """What an import did. ``status``: served, unchanged (nothing to do) or dry_run."""

    status: str
    run: DVFImport
    readings: list[tuple[Source, Reading]] = field(default_factory=list)
    already_served: int = 0


class Watch:
    """Tells how far the work is (``step(name, total)``, then ``advance(n)``) and keeps the seconds of
    each step.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._name = ""
        self._start = 0.0

    def step(self, name: str, total: int = 0) -> None:
        self.stop()
        self._name, self._start = name, time.monotonic()

    def advance(self, amount: int) -> None:
        """``amount`` more of the step's ``total`` is done."""

    def stop(self) -> None:
        if self._name:
            spent = time.monotonic() - self._start
            self.seconds[self._name] = round(self.seconds.get(self._name, 0.0) + spent, 2)
            self._name = ""


def import_files(paths: list[Path], options: Options, watch: Watch | None = None) -> Outcome:
    """Make the files the served release, or add them to it.

    Raises UnreadableFile or ImportRefused: what was served is untouched, and the run is recorded as failed.
    """
    try:
        return _import_files(paths, options, watch or Watch())
    except (Exception, KeyboardInterrupt) as error:
        refused = refusal(error)
        if refused is None:
            raise
        raise refused from error


def _import_files(paths: list[Path], options: Options, watch: Watch) -> Outcome:
    files = find_files(paths)
    watch.step("examine", sum(path.stat().st_size for path in files))
    sources = [examine(path, watch.advance, name) for path, name in files.items()]
    with swap.only_import() as alone:
        if not alone:
            raise ImportRefused(
                "busy", gettext_noop("Un autre import est en cours ; celui-ci n'a rien changé.")
            )
        _bury_interrupted()
        unchanged = None if options.force or options.dry_run else _already_served(sources, options)
        if unchanged is not None:
            return Outcome("unchanged", unchanged)
        run = DVFImport(
            mode=DVFImport.Mode.ADD if options.add else DVFImport.Mode.REPLACE,
            release_label=options.release_label,
            files=[_described(source) for source in sources],
            options=options.filters(),
            requested_by_id=options.requested_by_id,
            requested_from=f"{getpass.getuser()}@{socket.gethostname()}"[:200],
        )
        if not options.dry_run:
            run.save()
        try:
            return _import(sources, options, run, watch)
        except BaseException as error:
            _fail(run, error)
            raise


def _described(source: Source) -> dict[str, Any]:
    return {
        "name": source.name,
        "size": source.size,
        "sha256": source.sha256,
        "format": source.layout.name,
        "rows": source.lines,
    }


def _bury_interrupted() -> None:
    """Under the lock nobody else runs: a run still marked as running was killed."""
    DVFImport.objects.filter(status=DVFImport.Status.RUNNING).update(
        status=DVFImport.Status.FAILED,
        error_code="interrupted",
        error=gettext_noop("Interrompu avant la fin."),
        finished_at=timezone.now(),
    )


def _already_served(sources: list[Source], options: Options) -> DVFImport | None:
    """The import that already serves just these files (or, to add, at least these), read with the same
    filters.
    """
    served = list(DVFImport.objects.served().defer(None))
    wanted = {source.sha256 for source in sources}
    same = [run for run in served if run.options == options.filters()]
    hashes = {file["sha256"] for run in same for file in run.files}
    if options.add:
        return same[0] if same and wanted <= hashes else None
    return same[0] if same and len(same) == len(served) and wanted == hashes else None


def _fail(run: DVFImport, error: BaseException) -> None:
    if run.pk:
        code, text, parameters = kept(error)
        DVFImport.objects.filter(pk=run.pk, status=DVFImport.Status.RUNNING).update(
            status=DVFImport.Status.FAILED,
            error_code=code,
            error=text,
            error_parameters=parameters,
            finished_at=timezone.now(),
        )


@contextlib.contextmanager
def _workspace() -> Iterator[Path]:
    """A folder for the engine's file, cleared of what killed runs left. Under the lock only one is in use."""
    parent = Path(settings.DVF_WORK_DIR or tempfile.gettempdir())
    # Other databases have imports, and locks, of their own.
    settings_dict = connection.settings_dict
    database = "|".join(str(settings_dict[name]) for name in ("HOST", "PORT", "NAME"))
    prefix = f"dvf-import-{hashlib.sha256(database.encode()).hexdigest()[:12]}-"
    for left in parent.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _import(sources: list[Source], options: Options, run: DVFImport, watch: Watch) -> Outcome:
    outcome = Outcome("dry_run" if options.dry_run else "served", run)
    conditions = ["true"]
    if options.departments:
        codes = ", ".join(f"'{code}'" for code in options.departments)
        conditions.append(f"department IN ({codes})")
    if options.since:
        conditions.append(f"day >= DATE '{options.since.isoformat()}'")
    memory = settings.DVF_IMPORT_MEMORY_MB
    with (
        _workspace() as folder,
        contextlib.closing(Normaliser(folder, memory, where=" AND ".join(conditions))) as engine,
    ):
        watch.step("read", sum(source.size for source in sources))
        for source in sources:
            outcome.readings.append((source, _read(engine, source, watch)))
        _account(run, outcome.readings)
        if options.dry_run:
            for _sales, _lots in _batches(engine, run, folder, 1, watch):
                pass
            _check_sales(run, options)
        else:
            with swap.connect() as own:
                swap.prepare(own)
                try:
                    outcome.already_served = _build(own, engine, run, options, folder, watch)
                except BaseException:
                    swap.clear(own)
                    raise
    if not options.dry_run:
        with swap.connect() as own:
            _serve(own, run, options, watch)
    watch.stop()
    return outcome


def _read(engine: Normaliser, source: Source, watch: Watch) -> Reading:
    reading = engine.read(source, watch.advance, REJECTED_LINES_KEPT)
    rejected = sum(reading.rejected.values())
    if reading.lines == 0:
        raise UnreadableFile("empty_file", source, gettext_noop("aucune ligne après l'en-tête."))
    if rejected > reading.lines * REJECTED_SHARE:
        number, reason, _text = reading.rejected_lines[0]
        raise UnreadableFile(
            "rejected",
            source,
            gettext_noop("%(rejected)d lignes sur %(lines)d rejetées, celle-ci la première (%(reason)s)."),
            line=number,
            rejected=rejected,
            lines=reading.lines,
            reason=reason,
        )
    return reading


def _account(run: DVFImport, readings: list[tuple[Source, Reading]]) -> None:
    """Write on the run what was read."""
    run.files = [_described(source) for source, _reading in readings]
    run.rows = sum(reading.lines for _source, reading in readings)
    rejected: Counter[str] = Counter()
    restored: Counter[str] = Counter()
    for source, reading in readings:
        rejected.update(reading.rejected)
        restored.update(reading.restored)
        run.rejected_lines += [
            {"file": source.name, "line": number, "reason": reason, "text": text}
            for number, reason, text in reading.rejected_lines[
                : REJECTED_LINES_KEPT - len(run.rejected_lines)
            ]
        ]
    run.rejected, run.restored = dict(rejected), dict(restored)


def _batches(
    engine: Normaliser, run: DVFImport, folder: Path, first_id: int, watch: Watch
) -> Iterator[tuple[Path, Path]]:
    """The sales and lots, as pairs of CSV files; the counts of the run grow as they come."""
    watch.step("normalise", run.rows)
    flagged: Counter[str] = Counter()
    for bucket in engine.worked_out():
        yield engine.write(folder, first_id + run.sales, run.pk or 0)
        run.mutations += bucket.mutations
        run.sales += bucket.sales
        run.lots += bucket.lots
        run.is_synthetic |= bucket.invented
        flagged.update(bucket.flagged)
        if bucket.first_date and bucket.last_date:
            run.first_date = min(run.first_date or bucket.first_date, bucket.first_date)
            run.last_date = max(run.last_date or bucket.last_date, bucket.last_date)
        watch.advance(bucket.lines)
    run.flagged = dict(flagged)
    run.left_out = {"no_dwelling": run.mutations - run.sales}


def _check_sales(run: DVFImport, options: Options) -> None:
    if not run.sales:
        raise ImportRefused("no_sale", gettext_noop("Aucune vente de logement dans ces fichiers."))
    if options.add and DVFImport.objects.served().exclude(is_synthetic=run.is_synthetic).exists():
        message = gettext_noop("Des ventes inventées et des ventes réelles ne peuvent être mêlées.")
        raise ImportRefused("mixed_synthetic", message)


def _build(
    own: Connection, engine: Normaliser, run: DVFImport, options: Options, folder: Path, watch: Watch
) -> int:
    """Make the whole of the new tables. Gives the number of sales of the files that were served already."""
    first_id = copying.count(own, "SELECT coalesce(max(id), 0) + 1 FROM dvf_sales") if options.add else 1
    served = copying.count(own, "SELECT count(*) FROM dvf_sales") if options.add else 0
    copying.copy_in(_batches(engine, run, folder, first_id, watch), "new_" if options.add else "")
    _check_sales(run, options)
    if options.add:
        watch.step("join")
        copying.join_served(own)
        copying.read_back(own, folder / "sold.csv")
        figures.reload_sold(engine.db, folder / "sold.csv")
    watch.step("index")
    copying.complete(own, engine.db, folder)
    run.total_sales = copying.count(own, f"SELECT count(*) FROM {NEXT}.dvf_sales")
    return run.sales - (run.total_sales - served)


SERVE = """
UPDATE dvf_imports SET
    status = CASE WHEN id = %(id)s THEN 'served' ELSE 'superseded' END,
    finished_at = CASE WHEN id = %(id)s THEN now() ELSE finished_at END
WHERE id = %(id)s OR (status = 'served' AND NOT %(add)s)
"""


def _serve(own: Connection, run: DVFImport, options: Options, watch: Watch) -> None:
    watch.step("swap")
    if not run.release_label:
        run.release_label = _("ventes du %(first)s au %(last)s") % {
            "first": run.first_date,
            "last": run.last_date,
        }
    run.durations = watch.seconds
    run.peak_memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (
        1 << (20 if sys.platform == "darwin" else 10)
    )
    run.save()
    swap.swap(own, SERVE, {"id": run.pk, "add": options.add})
    watch.step("compare")
    run.refresh_from_db()
    try:
        run.changes = releases.changes(own)
    except psycopg.Error as error:  # the release is served all the same
        logger.warning("releases_not_compared", error=type(error).__name__)
    else:
        watch.stop()  # its time says that it was done
    if not options.keep_previous:
        swap.drop_previous(own)
    run.durations = watch.seconds
    run.save(update_fields=["changes", "durations"])
    release_served.send(sender=DVFImport, run=run)


def load_synthetic(sales: int = 12_000, watch: Watch | None = None) -> Outcome:
    """Make invented sales of a few invented towns the served release, labelled as such: for the
    demonstration.
    """
    until = synthetic.last_release_end(timezone.localdate())
    with tempfile.TemporaryDirectory(prefix="dvf-synthetic-") as folder:
        path = Path(folder) / "synthetic.csv.gz"
        synthetic.write_sales(path, round(sales / synthetic.SALES_PER_MUTATION), until=until)
        return import_files([path], Options(release_label=f"synthetic-{until:%Y-%m}"), watch)
