"""Services stopped and started under a working worker: nothing lost, nothing doubled, nobody called."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.local_services import LocalServices
from config.tests.workers import ROOT, wait_for

COUNT = 12
NAMES = ("DATABASE_URL", "REDIS_URL", "S3_ENDPOINT_URL", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")


class Site:
    """Services, a migrated database and a worker of this test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        given = {name: value for name, value in os.environ.items() if name not in NAMES}
        self.services = LocalServices(folder / "state", fast=True, keep_running=False, environ=given)
        self.services.up()
        self.environment = given | self.services.variables()
        self.environment |= {
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "SECRET_KEY": "x" * 50,
            "JOB_LEASE_SECONDS": "8",
            "OMP_THREAD_LIMIT": "1",
        }
        self.python("manage.py", "migrate", "--verbosity", "0")
        self.start()

    def start(self) -> None:
        command = [
            sys.executable, "-m", "celery", "-A", "config", "worker", "--beat", "--concurrency", "2",
            "--schedule", str(self.folder / "beat"), "--without-mingle", "--without-gossip",
        ]  # fmt: skip
        with (self.folder / "worker.log").open("ab") as log:
            self.worker = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def python(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def driver(self, *arguments: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.python("-m", "documents.tests.faults_driver", *arguments))
        return answer

    def stop_for(self, service: str, seconds: float) -> None:
        assert self.services.down(only=[service]) == [service]
        time.sleep(seconds)
        self.services.up()

    def close(self) -> None:
        if self.worker.poll() is None:
            os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait(30)
        self.services.remove()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.faults
@pytest.mark.timeout(1200)  # a machine with other work to do
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("service", "seconds"), [("valkey", 30), ("objects", 30), ("postgres", 2)])
def test_a_stopped_service_loses_and_doubles_nothing(site: Site, service: str, seconds: float) -> None:
    """Valkey keeps nothing on disk here: its stop loses every message that was on the queue."""
    site.driver("make", str(COUNT))
    site.stop_for(service, seconds)
    state: dict[str, Any] = {}

    def done() -> bool:
        state.update(site.driver("state"))
        return bool(state["statuses"] == ["analyzed"] * COUNT)

    wait_for(done, 300, f"all documents are read after {service} came back")
    assert site.worker.poll() is None  # the same worker went on by itself
    assert (state["analyses"], state["documents_with_analyses"], state["pages"]) == (COUNT, COUNT, COUNT)
    assert (state["files_without_rows"], state["rows_without_files"]) == (0, 0)
