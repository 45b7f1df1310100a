"""The import of sales, against the machine's own limit in the same run: `python -m bench import_dvf`.

`BENCH_ROWS="1130000 20000000"` (the default) says how many lines; the files are invented (`manage.py
synthetic_dvf`) and kept in the system's temporary folder. Works in a database `<name>_bench_import` of its
own, emptied first.

For each size: a bare COPY of the same lines as text, and the same indexes built one after the other on
copies of the tables that the import made (on all processors, as PostgreSQL does by itself); then the import,
in a process of its own, start included, and what readers meet while it runs. The bare side skips the log as
the import does. What else an import must do is said beside it: the COPY of the rows that it made of the
lines. `cpu` is processor time, ours and PostgreSQL's: on a machine shared with others it says what wall time
cannot.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from dvf.importing.swap import Connection

ROOT = Path(__file__).resolve().parents[1]
# lines: most memory (MB), longest import (s); 0 is not held to a time
LIMITS = {1_130_000: (500, 0), 20_000_000: (1024, 240)}


def say(label: str, text: str, ok: bool | None = None) -> None:
    verdict = "    " if ok is None else "ok  " if ok else "OVER"
    sys.stdout.write(f"{verdict} {label:46} {text}\n")
    sys.stdout.flush()


def prepare() -> str:
    """An empty database of the bench, which Django is turned to; gives its URL."""
    from django.core.management import call_command
    from django.db import connection

    name = f"{connection.settings_dict['NAME']}_bench_import"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(name)}")
    connection.close()
    connection.settings_dict["NAME"] = name
    call_command("migrate", verbosity=0)
    values = connection.settings_dict
    return (
        f"postgresql://{quote(values['USER'])}:{quote(values['PASSWORD'])}"
        f"@{values['HOST']}:{values['PORT']}/{quote(name)}"
    )


def postgres_cpu() -> float:
    """Processor seconds of PostgreSQL's processes that have ended (0 for one on another machine)."""
    from dvf.importing import swap

    with swap.connect() as own:
        stat = Path(f"/proc/{own.info.backend_pid}/stat")
        if not stat.exists():
            return 0.0
        parent = stat.read_text().rpartition(")")[2].split()[1]
    time.sleep(0.2)  # for the server to note our own end
    ticks = Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()[11:15]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def the_file(rows: int) -> Path:
    from dvf.importing.synthetic import LINES_PER_MUTATION, write_sales

    path = Path(tempfile.gettempdir()) / f"bench-dvf-{rows}.csv"
    if not path.exists():
        started = time.monotonic()
        part = path.with_suffix(".part.csv")
        write_sales(part, round(rows / LINES_PER_MUTATION * 1.02) + 100, communes=36_000, lines=rows)
        part.replace(path)
        say(f"{rows:,} lines invented", f"{time.monotonic() - started:7.1f} s")
    return path


def bare_copy(path: Path) -> float:
    """Seconds of a COPY of the file as it is into a table of text without indexes."""
    from dvf.importing import swap

    with swap.connect() as own:
        with path.open("rb") as data:
            columns = ", ".join(f"{name} text" for name in data.readline().decode().strip().split(","))
        own.execute("DROP TABLE IF EXISTS bare")
        taken = copy_file(own, f"CREATE TABLE bare ({columns})", "bare", path, ", HEADER")
        own.execute("DROP TABLE bare")
    return taken


def copy_file(own: Connection, create: str, into: str, path: Path, options: str = "") -> float:
    """Seconds of a COPY into a table made in the same transaction: such rows need not go through the log."""
    started = time.monotonic()
    with own.transaction(), own.cursor() as cursor, path.open("rb") as data:
        own.execute(create)
        with cursor.copy(f"COPY {into} FROM STDIN (FORMAT csv, FREEZE{options})") as copy:
            while block := data.read(1 << 18):
                copy.write(block)
    return time.monotonic() - started


def bare_tables() -> tuple[float, float]:
    """Seconds of a COPY of the rows just imported and of the same indexes on them, one after the other."""
    from dvf.importing import swap

    copied = indexed = 0.0
    with swap.connect() as own, tempfile.TemporaryDirectory() as folder:
        swap.prepare(own)
        own.execute("SET maintenance_work_mem = '256MB'")
        for table in swap.TABLES:
            rows = own.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
                " AND attgenerated = '' AND NOT attisdropped",
                [table],
            )
            columns = ", ".join(f'"{name}"' for (name,) in rows)
            path = Path(folder) / "rows.csv"
            with (
                path.open("wb") as out,
                own.cursor() as cursor,
                cursor.copy(f"COPY {table} ({columns}) TO STDOUT (FORMAT csv)") as copy,
            ):
                for block in copy:
                    out.write(block)
            new = f"{swap.NEXT}.{table}"
            copied += copy_file(own, swap.create_statement(own, table), f"{new} ({columns})", path)
            for statement in swap.index_statements(own, table):
                started = time.monotonic()
                own.execute(statement)
                indexed += time.monotonic() - started
        swap.clear(own)
    return copied, indexed


class Readers:
    """What a reader of the served release meets, again and again, in a thread of its own."""

    QUERIES = (
        "SELECT * FROM dvf_sales WHERE code_postal = %(postal)s"
        " ORDER BY date_mutation DESC, id DESC LIMIT 50",
        "SELECT * FROM dvf_sales WHERE type_principal = 'Appartement' AND is_comparable"
        " ORDER BY position <-> point(%(x)s, %(y)s) LIMIT 50",
        "SELECT * FROM dvf_prices WHERE place_kind = 'code_postal' AND place_code = %(postal)s",
    )

    def __init__(self, whole: set[int]) -> None:
        self.whole = whole  # highest ids that a whole release has
        self.times: list[float] = []
        self.partial = 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._read)

    def _read(self) -> None:
        from dvf.importing import swap

        chance = random.Random(1)  # noqa: S311 - a measurement
        with swap.connect() as own:
            known: list[tuple[Any, ...]] = own.execute(
                "SELECT code_postal, position[0], position[1] FROM dvf_sales TABLESAMPLE SYSTEM (1)"
                " WHERE position IS NOT NULL LIMIT 500"
            ).fetchall()
            while not self.stop.is_set():
                postal, x, y = chance.choice(known)
                for query in self.QUERIES:
                    started = time.monotonic()
                    own.execute(query, {"postal": postal, "x": x, "y": y}).fetchall()
                    self.times.append(time.monotonic() - started)
                highest = own.execute("SELECT max(id) FROM dvf_sales").fetchone()
                self.partial += highest is None or highest[0] not in self.whole
                time.sleep(0.02)

    def __enter__(self) -> Readers:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()

    @property
    def p95_ms(self) -> float:
        return statistics.quantiles(self.times, n=20)[-1] * 1000


def run_import(path: Path, url: str) -> tuple[float, float]:
    """Import in a process of its own; gives its wall and processor seconds (PostgreSQL's included)."""
    environment = os.environ | {"DATABASE_URL": url}
    before, started, children = postgres_cpu(), time.monotonic(), os.times()
    command = [sys.executable, "manage.py", "import_dvf", "--force", str(path)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.monotonic() - started, os.times()
    ours = after.children_user + after.children_system - children.children_user - children.children_system
    return wall, ours + postgres_cpu() - before


def main() -> None:
    from django.conf import settings
    from django.db import connection

    from dvf.models import DVFImport

    url = prepare()
    say(
        "engine",
        f"{settings.DVF_IMPORT_MEMORY_MB} MB, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}",
    )
    for rows in map(int, os.environ.get("BENCH_ROWS", "1130000 20000000").split()):
        path = the_file(rows)
        copy = bare_copy(path)
        first, first_cpu = run_import(path, url)  # into an empty base, or over another release
        run = DVFImport.objects.served().get()
        memory, longest = LIMITS.get(rows, (1024, 0))
        made, indexes = bare_tables()
        limit = 1.5 * (copy + indexes)
        say(f"{rows:,} lines: bare COPY, then the indexes", f"{copy:7.1f} + {indexes:.1f} s")
        say("  COPY of the rows made of them instead", f"{made:7.1f} + {indexes:.1f} s")
        within = first <= longest if longest else first <= limit
        held = f"at most {longest} s" if longest else f"at most {limit:.1f} s, 1.5 times the bare"
        say(f"{rows:,} lines: import", f"{first:7.1f} s, cpu {first_cpu:.1f} s ({held})", within)
        ratio = (
            f"{first / (copy + indexes):7.2f} times the bare, {first / (made + indexes):.2f} with those rows"
        )
        say("  as a ratio", ratio)
        say("  of which", ", ".join(f"{name} {seconds}" for name, seconds in run.durations.items()))
        peak = run.peak_memory_mb or 0
        say("  most memory of the importer", f"{peak:7d} MB (at most {memory})", peak <= memory)
        connection.close()
        with Readers({run.sales}) as rest:
            time.sleep(10)
        with Readers({run.sales}) as during:
            again, _cpu = run_import(path, url)
        ok = during.p95_ms <= 3 * rest.p95_ms and not during.partial
        text = f"{rest.p95_ms:7.1f} ms at rest, {during.p95_ms:.1f} ms, {during.partial} partial (3 times)"
        say(f"  readers' p95 during the next import ({again:.0f} s)", text, ok)
