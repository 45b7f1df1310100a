"""The state directory: ports, passwords and process identities of one checkout's services."""

import fcntl
import json
import os
import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.local_services.errors import ServiceError

# Below Linux' ephemeral range (32768-60999): no outgoing connection takes a port while its server is down.
PORT_RANGE = range(20000, 32000)
LOG_LIMIT = 10 * 1024 * 1024  # bytes; a larger log is set aside (one generation) at the next start
LOCK_SECONDS = 180


class State:
    """A directory of mode 700 with ``state.json`` (mode 600). ``data`` is read under ``locked()``."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        self.file = self.directory / "state.json"
        self.data: dict[str, Any] = {}

    def load(self) -> None:
        try:
            self.data = json.loads(self.file.read_text())
        except (FileNotFoundError, NotADirectoryError):
            self.data = {}
        except PermissionError as error:
            raise ServiceError(
                f"{self.file} belongs to another user: run as that user, or choose another --state."
            ) from error
        except ValueError as error:
            raise ServiceError(f"{self.file} is not readable JSON: remove or mend it.") from error

    def save(self) -> None:
        temporary = self.file.with_suffix(".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            json.dump(self.data, stream, indent=2)
        temporary.replace(self.file)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One start or stop at a time per directory; other processes wait for their turn."""
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.directory.stat().st_uid == os.geteuid():
                self.directory.chmod(0o700)
            lock = (self.directory / "lock").open("w")
        except PermissionError as error:
            raise ServiceError(
                f"{self.directory} cannot be written by this user: use the user who made it, or --state."
            ) from error
        with lock:
            deadline = time.monotonic() + LOCK_SECONDS
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise ServiceError(
                            f"Another process holds {lock.name} since {LOCK_SECONDS} s."
                        ) from None
                    time.sleep(0.1)
            self.load()
            yield

    def service(self, name: str) -> dict[str, Any]:
        """What is remembered of one service (a dictionary to change in place, then ``save()``)."""
        entry: dict[str, Any] = self.data.setdefault(name, {})
        return entry

    def log_file(self, name: str) -> Path:
        folder = self.directory / "logs"
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_suffix(".log.1"))
        return path


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port in TIME_WAIT is free, one with a listener is not.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(wanted: list[int], count: int) -> list[int]:
    """``count`` free ports of 127.0.0.1: those of ``wanted`` while they are free, others for the rest."""
    ports = [port if port_is_free(port) else None for port in wanted[:count]]
    ports += [None] * (count - len(ports))
    candidates = iter(random.SystemRandom().sample(PORT_RANGE, 2000))
    for index, port in enumerate(ports):
        if port is None:
            ports[index] = next((p for p in candidates if p not in ports and port_is_free(p)), None)
    found = [port for port in ports if port is not None]
    if len(found) < count:
        raise ServiceError("No free port on 127.0.0.1.")
    return found
