"""The import killed, and PostgreSQL stopped at once, at random moments: the old release is intact each time.

A PostgreSQL of its own, since it is stopped; run by `make test-faults`.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.local_services import postgres
from config.local_services.state import State
from dvf.importing import synthetic

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 20

# All that readers see, in one number, and the names of all that stands.
SEEN = """
SELECT (SELECT count(*) FROM dvf_sales), (SELECT sum(prix) FROM dvf_sales), (SELECT sum(id) FROM dvf_sales),
    (SELECT count(*) FROM dvf_sale_lots), (SELECT sum(surface_bati) FROM dvf_sale_lots),
    (SELECT sum(sales_count) FROM dvf_streets), (SELECT sum(median) FROM dvf_prices),
    (SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes
        WHERE schemaname = 'public' AND tablename LIKE 'dvf%'),
    (SELECT string_agg(id || status, ' ' ORDER BY id) FROM dvf_imports WHERE status = 'served')
"""


class Database:
    def __init__(self, folder: Path) -> None:
        self.state = State(folder)
        with self.state.locked():
            self.state.load()
            self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        process = postgres.start(self.state, fast=False, parent_death_signal=None)
        deadline = time.monotonic() + postgres.START_SECONDS
        while not postgres.is_ready(self.state):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        return process

    def stop(self, how: signal.Signals) -> None:
        with psycopg.connect(postgres.url(self.state), autocommit=True) as own:
            row = own.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
        assert row is not None
        os.kill(int(row[0].split()[0]), how)
        self.process.wait(60)

    def restart(self) -> None:
        self.process = self._start()

    @property
    def url(self) -> str:
        return postgres.url(self.state)


@pytest.fixture
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder = tmp_path_factory.mktemp("postgres")
    folder.parent.chmod(0o755)
    running = Database(folder)
    yield running
    running.stop(signal.SIGINT)


def test_killed_at_twenty_random_moments(database: Database, tmp_path: Path) -> None:
    environment = os.environ | {"DATABASE_URL": database.url, "DVF_WORK_DIR": str(tmp_path)}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    synthetic.write_sales(old, 3_000, seed=1)
    synthetic.write_sales(new, 40_000, seed=2)

    def manage(*arguments: str) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), *arguments]

    def run(*arguments: str) -> None:
        done = subprocess.run(
            manage(*arguments), env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def seen() -> tuple[object, ...]:
        with psycopg.connect(database.url) as own:
            row = own.execute(SEEN).fetchone()
        assert row is not None
        return row

    run("migrate", "--no-input")
    run("import_dvf", str(old))
    before = seen()
    begun = time.monotonic()
    run("import_dvf", str(new))
    longest, whole_new = time.monotonic() - begun, seen()[:-1]
    run("import_dvf", "--force", str(old))
    assert seen()[:-1] == before[:-1]

    interrupted = 0
    for number in range(ROUNDS):
        before = seen()
        importer = subprocess.Popen(
            manage("import_dvf", "--force", str(new)),
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(longest * random.uniform(0.15, 1.05))
        if number % 2:
            database.stop(signal.SIGQUIT)  # PostgreSQL's immediate shutdown: no checkpoint, recovery at start
            importer.wait(60)
            database.restart()
        else:
            importer.kill()
            importer.wait()
        after = seen()
        if after == before:
            interrupted += 1
        else:
            assert after[:-1] == whole_new, f"neither the old release nor the new one (round {number})"
            run("import_dvf", "--force", str(old))
    assert interrupted >= ROUNDS // 4
    run("import_dvf", "--force", str(new))
    assert seen()[:-1] == whole_new
    assert not list(tmp_path.glob("dvf-import-*")), "the next run clears what the killed ones left"
    with psycopg.connect(database.url) as own:
        row = own.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'dvf%'").fetchone()
        assert row == (0,)
