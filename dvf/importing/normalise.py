"""Lines of DVF files to sales and lots: the reading rules of the notice, on an engine beside the database.

Pure: files in, relations out, no Django. The rules need every line of a mutation together, while files are
larger than memory and need not keep a mutation's lines adjacent: DuckDB reads, sorts out and groups them
within a fixed memory limit, spilling to ``folder``.

Sources: notice of the DGFiP (one line per local and per nature of cultivation of its parcel; the price is
that of the disposition and stands on every line), and the documentation of geo-DVF (Etalab).
"""

from __future__ import annotations

import datetime
import re
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dvf.importing import figures
from dvf.importing.columns import MARK, gettext_noop
from dvf.importing.lines import (
    LINE_TABLE,
    MACROS,
    MENDED,
    RAW_LINES,
    REASONS,
    csv_lines,
    number_mutations,
    rejected_lines,
    typed_lines,
)
from dvf.importing.mutations import (
    BUCKET,
    COUNTS,
    KEPT,
    KEPT_OF_SEVERAL_FILES,
    LOT_COLUMNS,
    LOTS_OF_SALES,
    MIXED,
    SALE_COLUMNS,
    SALES,
    SEVERAL_FILES,
)
from dvf.importing.reading import Pipes, Source, UnreadableFile

LINES_PER_BUCKET = 125_000
"""Mutations are worked out by buckets of about so many lines, of which three fit in memory."""

SMALLEST_BUCKET = 10_000
"""A bucket that does not fit is halved, down to so many lines."""


class MixedReleases(ValueError):
    """One ``id_mutation`` stands for different sales: files of two releases were given together."""


@dataclass(frozen=True)
class Reading:
    """What was read of one file."""

    lines: int
    rejected: dict[str, int]
    rejected_lines: list[tuple[int, str, str]]  # line number, reason, beginning of the line
    restored: dict[str, int]


@dataclass(frozen=True)
class Bucket:
    """Counts of the mutations worked out together."""

    lines: int
    mutations: int
    sales: int
    lots: int
    first_date: datetime.date | None
    last_date: datetime.date | None
    flagged: dict[str, int]
    invented: bool  # some of it bears the mark of synthetic.py


class Normaliser:
    """Reads files one after the other, then yields their sales and lots bucket by bucket.

    ``folder``: an empty folder of ours on a disk with room for about half the size of the unpacked files.
    ``where``: a condition on the sales to keep, on columns of ``sale`` below.
    """

    def __init__(self, folder: Path, memory_mb: int = 400, threads: int = 2, where: str = "true") -> None:
        self.folder = folder
        self.db = duckdb.connect(str(folder / "lines.duckdb"))
        self.db.execute(
            f"SET memory_limit = '{memory_mb}MB'; SET threads = 1; SET temp_directory = '{folder}';"
            "SET preserve_insertion_order = false; SET enable_progress_bar = false;"
            "PRAGMA disable_checkpoint_on_shutdown"  # its file is thrown away
        )
        # Each of our threads works out its own queries: shared out among the engine's they cost a fifth more.
        self.threads = threads
        self.db.execute(MACROS)
        self.db.execute(LINE_TABLE)
        self.db.execute(figures.TABLE)
        self.made = self.db  # where the bucket last worked out is
        self.names: list[str] = []  # of the files read; a line has its place among them, from 1
        self.where = where

    def close(self) -> None:
        self.db.close()

    def read(
        self, source: Source, progress: Callable[[int], object] = lambda n: None, keep_rejected: int = 1000
    ) -> Reading:
        """Add the lines of a file. Raises UnreadableFile where its structure is broken: nothing of it
        can be trusted.
        """
        self.names.append(source.name)
        if source.layout.kind == "raw":
            with Pipes(self.folder, source, 1, progress) as (pipe,):
                self.db.execute(f"SET threads = {self.threads}")  # one stream, which the engine shares out
                self._run(number_mutations(source.layout, csv_lines(source.layout, str(pipe))), source)
                lines = typed_lines(source.layout, RAW_LINES, len(self.names))
                self._run(f"INSERT INTO line {lines}", source)
                self.db.execute("SET threads = 1")
        else:
            self._read_abreast(source, progress)
        rejected = {
            REASONS[reason]: count
            for reason, count in self.db.execute(
                f"SELECT reason, count(*) FROM line WHERE file = {len(self.names)} AND reason > 0"
                " GROUP BY reason ORDER BY reason"
            ).fetchall()
        }
        mended = ", ".join(f"count(*) FILTER (mended & {bit} > 0)" for bit in MENDED)
        counts = self._one(f"SELECT {mended} FROM line WHERE file = {len(self.names)} AND mended > 0")
        restored = {name: count for name, count in zip(MENDED.values(), counts, strict=True) if count}
        first = self._first_rejected(source, keep_rejected) if rejected else []
        self.db.execute("DROP TABLE IF EXISTS raw; DROP TABLE IF EXISTS run")
        return Reading(source.lines, rejected, first, restored)

    def _read_abreast(self, source: Source, progress: Callable[[int], object]) -> None:
        """The lines in as many streams as there are threads: the engine parses each on one of them."""

        def take(pipe: Path) -> None:
            with self.db.cursor() as cursor:
                lines = csv_lines(source.layout, str(pipe))
                cursor.execute(f"INSERT INTO line {typed_lines(source.layout, lines, len(self.names))}")

        try:
            with (
                Pipes(self.folder, source, self.threads, progress) as pipes,
                ThreadPoolExecutor(self.threads) as streams,
            ):
                list(streams.map(take, pipes))
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            # Lines are numbered within their stream: read as one stream, the file says which it was.
            with Pipes(self.folder, source) as (pipe,):
                self._run(f"SELECT count(COLUMNS(*)) FROM {csv_lines(source.layout, str(pipe))}", source)
            raise

    def _first_rejected(self, source: Source, limit: int) -> list[tuple[int, str, str]]:
        """A second reading, rare: numbering the lines takes one core, and is done where there is
        something to tell.
        """
        self.db.execute("SET preserve_insertion_order = true")
        with Pipes(self.folder, source) as (pipe,):
            numbered = (
                f"(SELECT row_number() OVER () AS number, * FROM {csv_lines(source.layout, str(pipe))})"
            )
            lines = RAW_LINES if source.layout.kind == "raw" else numbered
            rows = self._run(rejected_lines(source.layout, lines, limit), source).fetchall()
        self.db.execute("SET preserve_insertion_order = false")
        return [(number + 1, REASONS[reason], text) for number, reason, text in rows]

    def _run(self, query: str, source: Source) -> duckdb.DuckDBPyConnection:
        try:
            return self.db.execute(query)
        except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
            text = str(error)
            found = re.search(r"Line: (\d+)", text)
            where = {"line": int(found[1]) + 1} if found else {}
            if "nicode" in text or "utf-8" in text.lower():
                code, what = "encoding", gettext_noop("texte qui n'est pas en UTF-8 : enregistrez en UTF-8.")
            elif "Expected Number of Columns" in text:
                code, what = (
                    "field_count",
                    gettext_noop("nombre de champs différent de l'en-tête : fichier abîmé."),
                )
            else:
                what = gettext_noop("ligne illisible (%(cause)s).")
                raise UnreadableFile(
                    "not_csv", source, what, cause=text.splitlines()[0][:300], **where
                ) from error
            raise UnreadableFile(code, source, what, **where) from error

    def buckets(self) -> Iterator[tuple[int, int]]:
        """Ranges of mutation numbers, ascending, of about LINES_PER_BUCKET lines each."""
        (count,) = self._one("SELECT count(*) FROM line WHERE reason = 0")
        if not count:
            return
        steps = [i * LINES_PER_BUCKET / count for i in range(1, -(-count // LINES_PER_BUCKET))]
        cuts: list[int] = []
        if steps:
            (cuts,) = self._one(f"SELECT approx_quantile(m, {steps}::FLOAT[]) FROM line WHERE reason = 0")
        low = -(2**63)
        for cut in sorted({*cuts, 2**63 - 1}):
            yield low, cut
            low = cut + 1

    def worked_out(self) -> Iterator[Bucket]:
        """Every bucket in turn, its sales and lots made, ready for ``write``; meanwhile the next are made."""
        todo = deque(self.buckets())
        coming: deque[tuple[int, int, duckdb.DuckDBPyConnection, Future[Bucket]]] = deque()
        at_once = self.threads + 1  # that being written is in memory too
        with ThreadPoolExecutor(self.threads) as ahead:
            while todo or coming:
                while todo and len(coming) < at_once:
                    low, high = todo.popleft()
                    db = self.db.cursor()  # temporary tables are their connection's own
                    coming.append((low, high, db, ahead.submit(self.work_out, db, low, high)))
                low, high, self.made, bucket = coming.popleft()
                with self.made:
                    try:
                        yield bucket.result()
                    except duckdb.OutOfMemoryException as error:
                        if at_once == 1:
                            todo.extendleft(self._halves(low, high, error)[::-1])
                            continue
                        at_once = 1  # those ahead hold memory: from here on each by itself, in the same order
                        wait(other for *_, other in coming)
                        for *_, db, _bucket in coming:
                            db.close()
                        todo.extendleft((start, end) for start, end, *_ in reversed(coming))
                        todo.appendleft((low, high))
                        coming.clear()

    def _halves(self, low: int, high: int, error: duckdb.OutOfMemoryException) -> list[tuple[int, int]]:
        """A bucket that does not fit in memory, as two. Raises ``error`` where it cannot be divided."""
        inside = f"FROM line WHERE m BETWEEN {low} AND {high} AND reason = 0"
        lines, middle = self._one(f"SELECT count(*), approx_quantile(m, 0.5) {inside}")
        if lines < SMALLEST_BUCKET or not low <= middle < high:
            raise error
        return [(low, middle), (middle + 1, high)]

    def work_out(self, db: duckdb.DuckDBPyConnection, low: int, high: int) -> Bucket:
        """Make the sales and lots of the mutations numbered ``low`` to ``high``, on a connection.

        Raises MixedReleases where one ``id_mutation`` has two dates, natures or prices in two files.
        """
        bounds = {"low": low, "high": high}
        if len(self.names) > 1:
            db.execute(SEVERAL_FILES.format(**bounds))
            if mixed := db.execute(MIXED).fetchall():
                told = (f"{m} : {', '.join(self.names[file - 1] for file in files)}" for m, files in mixed)
                raise MixedReleases(" ; ".join(told))
        kept = KEPT if len(self.names) == 1 else KEPT_OF_SEVERAL_FILES
        db.execute(BUCKET.format(kept=kept.format(**bounds), where=self.where))
        return Bucket(*self._one(COUNTS.format(mark=MARK, **bounds), db))

    def write(self, folder: Path, first_id: int, release_id: int) -> tuple[Path, Path]:
        """Write the sales and lots last worked out as CSV files of SALE_COLUMNS and LOT_COLUMNS, ids
        from ``first_id``.
        """
        sales, lots = folder / "sales.csv", folder / "lots.csv"
        options = "(FORMAT csv, HEADER false)"
        self.made.execute(
            f"COPY ({SALES.format(first_id=first_id, release_id=release_id)}) TO '{sales}' {options}"
        )
        self.made.execute(f"COPY ({LOTS_OF_SALES}) TO '{lots}' {options}")
        self.made.execute(f"INSERT INTO sold SELECT {', '.join(figures.SOLD)} FROM sale")
        return sales, lots

    def sales(self, first_id: int, release_id: int) -> list[dict[str, Any]]:
        """The sales last worked out, as ``write`` would write them; for few of them."""
        rows = self.made.execute(SALES.format(first_id=first_id, release_id=release_id)).fetchall()
        return [dict(zip(SALE_COLUMNS, row, strict=True)) for row in rows]

    def lots(self) -> list[dict[str, Any]]:
        """The lots of the sales last worked out, likewise."""
        rows = self.made.execute(LOTS_OF_SALES).fetchall()
        return [dict(zip(LOT_COLUMNS, row, strict=True)) for row in rows]

    def _one(self, query: str, db: duckdb.DuckDBPyConnection | None = None) -> tuple[Any, ...]:
        row = (db or self.db).execute(query).fetchone()
        assert row is not None
        return row
