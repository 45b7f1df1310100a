"""Child processes of `make run`: started, logged with their name, restarted, stopped together."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from config.local_services.processes import die_with_parent, tail

STOP_SECONDS = 10.0  # then SIGKILL: a job cut short is taken up again, the row is the job
QUICK_DEATH_SECONDS = 15.0  # dying younger counts as failing to start
QUICK_DEATHS = 5
LONGEST_PAUSE_SECONDS = 30.0
COLOURS = {"web": 32, "worker": 35, "beat": 36}


class ChildFailedError(Exception):
    """A child dies again and again; the message says which and shows the end of its log."""


class Child:
    """One process in a session of its own: a Ctrl-C reaches it only through us."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], logs: Path, cwd: Path
    ) -> None:
        self.name = name
        self.command = command
        self.environment = environment
        self.log = logs / f"{name}.log"
        self.cwd = cwd
        self.quick_deaths = 0
        self.start_at = 0.0
        self._started_at = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._started_at = time.monotonic()
        self._process = subprocess.Popen(
            self.command,
            env=self.environment,
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # For when we are killed outright. Nothing gentler is sure: a server may be busy, or deaf.
            preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509
        )
        assert self._process.stdout is not None
        threading.Thread(target=self._copy, args=(self._process.stdout,), daemon=True).start()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def tend(self) -> None:
        """Start it when it is time to; after a death, wait 1, 2, 4… seconds. Raises ChildFailedError."""
        now = time.monotonic()
        if self.running:
            if self.quick_deaths and now - self._started_at > QUICK_DEATH_SECONDS:
                self.quick_deaths = 0
            return
        if self._process is not None:
            code = self._process.returncode
            self._end_group()
            self._process = None
            self.quick_deaths += now - self._started_at < QUICK_DEATH_SECONDS
            if self.quick_deaths >= QUICK_DEATHS:
                raise ChildFailedError(
                    f"{self.name} died {QUICK_DEATHS} times in a row (last exit code {code}); "
                    f"the end of {self.log}:\n{tail(self.log)}"
                )
            pause = min(2.0 ** max(self.quick_deaths - 1, 0), LONGEST_PAUSE_SECONDS)
            self.start_at = now + pause
            write("run", f"{self.name} ended with exit code {code}; it starts again in {pause:.0f} s")
        if now >= self.start_at:
            self.start()

    def ask_to_stop(self) -> None:
        if self._process is not None and self.running:
            self._process.terminate()

    def kill(self) -> None:
        """End what is left of it and of its children."""
        if self._process is not None:
            self._end_group()
            self._process.wait()

    def _end_group(self) -> None:
        assert self._process is not None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _copy(self, stream: IO[bytes]) -> None:
        with self.log.open("ab") as log, stream:
            for line in stream:
                log.write(line)
                log.flush()
                write(self.name, line.decode(errors="replace").rstrip())


def write(name: str, text: str) -> None:
    """One line on the terminal; a closed terminal is no reason to fail."""
    prefix = f"{name:8}|"
    if sys.stdout.isatty() and name in COLOURS:
        prefix = f"\x1b[{COLOURS[name]}m{prefix}\x1b[0m"
    with suppress(OSError, ValueError):
        sys.stdout.write(f"{prefix} {text}\n" if name != "run" else f"{text}\n")
        sys.stdout.flush()


def stop(children: Sequence[Child], hurry: threading.Event) -> None:
    """All at once, politely; by force after STOP_SECONDS or once ``hurry`` is set."""
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + STOP_SECONDS
    while any(child.running for child in children) and time.monotonic() < deadline and not hurry.is_set():
        time.sleep(0.05)
    for child in children:
        child.kill()
