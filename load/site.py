"""The whole application on services and ports of its own: for load, faults and generated requests."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

from config.local_services import LocalServices
from config.local_services.processes import die_with_parent
from config.local_services.state import free_ports
from config.run import ROOT, celery_command, web_command

GIVEN = ("DATABASE_URL", "REDIS_URL", "S3_ENDPOINT_URL", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")
READY_SECONDS = 120.0


class Site:
    """``with Site(folder) as site``: services run, then ``start("web")`` and ``start("worker")`` start ours.

    ``folder`` keeps the data of the services; ``fast`` is for throw-away ones. Whatever happens, nothing runs
    afterwards.
    """

    def __init__(self, folder: Path, *, fast: bool = False, settings: str = "config.settings.dev") -> None:
        self.folder = folder.absolute()
        given = {name: value for name, value in os.environ.items() if name not in GIVEN}
        self.services = LocalServices(self.folder, fast=fast, keep_running=False, environ=given)
        self.port = free_ports([], 1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = given | {
            "DJANGO_SETTINGS_MODULE": settings,
            "PUBLIC_URL": self.url,
            "PYTHONUNBUFFERED": "1",
            "OMP_THREAD_LIMIT": "1",
            "PROMETHEUS_MULTIPROC_DIR": str(self.folder / "metrics"),
            "TRUSTED_PROXIES": "1",  # each user of the load says its own address
        }
        self.told_to_stop = False
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Site:
        signal.signal(signal.SIGTERM, self._stop)
        self.services.up()
        self.environment |= self.services.variables()
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.processes):
            self.kill(name)
        self.services.down()

    def _stop(self, *_: object) -> None:
        """Told to stop, we stop all of it."""
        self.told_to_stop = True
        sys.exit(143)

    def command(self, name: str) -> list[str]:
        if name == "web":
            return web_command(self.port)
        beat = ("--beat", "--schedule", str(self.folder / f"beat-{time.monotonic_ns()}"))
        return celery_command("worker", "--concurrency=2", "--without-mingle", "--without-gossip", *beat)

    def start(self, name: str) -> None:
        environment = self.environment | {"APPART_PROCESS": name}
        if name == "web":
            shutil.rmtree(self.folder / "metrics", ignore_errors=True)
            (self.folder / "metrics").mkdir()
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                self.command(name),
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509
            )
        if name == "web":
            self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end and self.processes["web"].poll() is None:
            with suppress(urllib.error.URLError, OSError):
                if urllib.request.urlopen(f"{self.url}/health/live/", timeout=2).status == 200:  # noqa: S310
                    return
            time.sleep(0.2)
        raise SystemExit(f"The web server did not start: see {self.folder / 'web.log'}.")

    def kill(self, name: str) -> None:
        """What a power cut does: the process and its children are gone."""
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)

    def python(self, *arguments: str, capture: bool = False) -> str:
        """What a Python program says that runs on this site's services; ends us where it fails."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE if capture else None,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(arguments)} failed ({done.returncode}).")
        return done.stdout or ""
