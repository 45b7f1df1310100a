"""A real Celery worker with its beat, on the test database, for tests that kill it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


def environment(folder: Path) -> dict[str, str]:
    """What a process needs to work on this test's database, queue and store."""
    database = connection.settings_dict
    url = "postgresql://{}:{}@{}:{}/{}".format(
        *(quote(str(database[key]), safe="") for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME"))
    )
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": url,
        "SECRET_KEY": settings.SECRET_KEY,
        "TMPDIR": str(folder),
        "OMP_THREAD_LIMIT": "1",
    }


@dataclass
class Worker:
    """Processes of one worker; `kill` is what a power cut does, `stop` what an operator does."""

    folder: Path
    concurrency: int = 2
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [
            sys.executable, "-m", "celery", "-A", "config", "worker", "--beat",
            "--schedule", str(self.folder / f"beat-{time.monotonic_ns()}"),
            "--concurrency", str(self.concurrency), "--without-mingle", "--without-gossip",
            "--loglevel", "WARNING",
        ]  # fmt: skip
        with (self.folder / "worker.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment(self.folder),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)
            self.process.wait(30)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        self._signal(signal.SIGTERM)


@contextmanager
def worker(folder: Path, concurrency: int = 2) -> Iterator[Worker]:
    """A started worker; whatever happens it is gone afterwards."""
    running = Worker(folder, concurrency)
    running.start()
    try:
        yield running
    finally:
        running.kill()


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until the condition holds; a bound that only a hang reaches, not a measure."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.2)
