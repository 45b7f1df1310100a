"""The three services together: up, down, and the variables that lead to them."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from config.local_services import objects, postgres, processes, valkey
from config.local_services.errors import ServiceError
from config.local_services.state import State

SERVICES: tuple[Any, ...] = (postgres, valkey, objects)
DEFAULT_DIRECTORY = Path(__file__).resolve().parents[2] / ".local"
ATTEMPTS = 3  # a port may be taken between our look and the server's bind


class LocalServices:
    """The services of one state directory.

    ``keep_running=False`` ties them to this process: the kernel (Linux) stops them should it be killed.
    ``fast`` is for throw-away data: no fsync, no append-only file.
    A service whose variable is in ``environ`` is somebody else's and left alone.
    """

    def __init__(
        self,
        directory: Path = DEFAULT_DIRECTORY,
        *,
        fast: bool = False,
        keep_running: bool = True,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.state = State(directory)
        self.fast = fast
        self.keep_running = keep_running
        self.environ = environ
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def wanted(self) -> list[ModuleType]:
        return [service for service in SERVICES if not self.environ.get(service.VARIABLE)]

    def up(self) -> list[str]:
        """Start what is not running, wait until all answer; names of what was started."""
        if not self.wanted:
            return []
        with self.state.locked():
            started: list[str] = []
            try:
                for attempt in range(1, ATTEMPTS + 1):
                    missing = [service for service in self.wanted if not self._running(service)]
                    self._start(missing)
                    started += [service.NAME for service in missing if service.NAME not in started]
                    failed = [service for service in self.wanted if not self._wait_until_ready(service)]
                    if not failed:
                        return started
                    for service in failed:
                        self._stop(service)
                        if attempt == ATTEMPTS:
                            self._explain(service)
                        self.state.service(service.NAME).pop("ports", None)  # others, next time
            except BaseException:
                for service in SERVICES:
                    if service.NAME in started:
                        self._stop(service)
                raise
        raise AssertionError("unreachable")

    def down(self, only: list[str] | None = None) -> list[str]:
        """Stop the services of this directory (all, or those named); names of what was running."""
        if not self.state.directory.is_dir():
            return []
        with self.state.locked():
            names = [s for s in SERVICES if (only is None or s.NAME in only) and self._running(s)]
            for service in names:  # ask all, then wait for each
                with suppress(ProcessLookupError):
                    os.kill(self.state.service(service.NAME)["pid"], service.POLITE)
            for service in names:
                self._stop(service)
        return [service.NAME for service in names]

    def down_unless_kept(self) -> list[str]:
        """Stop those that were started for the length of a command, not by `up`."""
        self.state.load()
        return self.down(only=[s.NAME for s in SERVICES if not self.state.service(s.NAME).get("keep")])

    def status(self) -> dict[str, str]:
        """Name → what there is to say about it."""
        self.state.load()
        lines = {}
        for service in SERVICES:
            entry = self.state.service(service.NAME)
            if value := self.environ.get(service.VARIABLE):
                lines[service.NAME] = f"given by {service.VARIABLE} ({value.rpartition('@')[2]})"
            elif self._running(service):
                lines[service.NAME] = f"running, 127.0.0.1:{entry['ports'][0]}, pid {entry['pid']}"
            else:
                lines[service.NAME] = "stopped"
        return lines

    def stopped(self) -> list[str]:
        """Names of the services that ought to run and do not."""
        self.state.load()
        return [service.NAME for service in self.wanted if not self._running(service)]

    def variables(self) -> dict[str, str]:
        """The environment that leads to the services; what the caller's environment has wins."""
        self.state.load()
        if dead := self.stopped():
            raise ServiceError(f"Not running: {', '.join(dead)}. Start them with `make up`.")
        values: dict[str, str] = {}
        for service in self.wanted:
            if service is objects:
                values |= objects.variables(self.state)
            else:
                values[service.VARIABLE] = service.url(self.state)
        given = ("DATABASE_URL", "REDIS_URL", *objects.VARIABLES)
        return values | {name: self.environ[name] for name in given if self.environ.get(name)}

    def remove(self) -> None:
        """Delete the directory (of throw-away services)."""
        self.down()
        shutil.rmtree(self.state.directory, ignore_errors=True)

    def _running(self, service: Any) -> bool:
        if child := self._children.get(service.NAME):
            child.poll()  # reaps it when it has ended
        entry = self.state.service(service.NAME)
        return "pid" in entry and processes.identity(entry["pid"]) == entry["identity"]

    def _start(self, services: list[Any]) -> None:
        for service in reversed(services):  # the slowest first: it starts while initdb works
            death_signal = None if self.keep_running else int(signal.SIGTERM)
            child = service.start(self.state, fast=self.fast, parent_death_signal=death_signal)
            self._children[service.NAME] = child
            entry = self.state.service(service.NAME)
            entry["pid"], entry["identity"] = child.pid, processes.identity(child.pid)
            entry["keep"] = self.keep_running
            self.state.save()

    def _wait_until_ready(self, service: Any) -> bool:
        deadline = time.monotonic() + service.START_SECONDS
        while self._running(service):
            if service.is_ready(self.state):
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return False

    def _stop(self, service: Any) -> None:
        entry = self.state.service(service.NAME)
        if entry.get("pid") and entry.get("identity"):
            processes.stop(entry["pid"], entry["identity"], service.POLITE, service.STOP_SECONDS)
        if child := self._children.pop(service.NAME, None):
            child.wait()
        entry.pop("pid", None)
        entry.pop("identity", None)
        if service is objects:
            objects.remove_sockets(self.state)
        self.state.save()

    def _explain(self, service: Any) -> None:
        log = self.state.log_file(service.NAME)
        raise ServiceError(f"{service.NAME} does not start; the end of {log}:\n{processes.tail(log)}")


def say(text: str) -> None:
    with suppress(BrokenPipeError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
