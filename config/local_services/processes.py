"""Background processes: start them detached, know them again after a restart of ours, stop them."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from config.local_services.errors import ServiceError

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(signal_number: int) -> Callable[[], None] | None:
    """A ``preexec_fn``: on Linux the kernel sends the signal when our process dies, even by SIGKILL."""
    if _libc is None:
        return None
    libc, parent = _libc, os.getpid()

    def set_signal() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return set_signal


def end_with_parent() -> None:
    """Get SIGTERM when the `make` that started us dies, even by SIGKILL (Linux only)."""
    if _libc is not None and "MAKELEVEL" in os.environ:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def identity(pid: int) -> str | None:
    """A string that tells this process from a later one with the same pid; None when dead or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if fields[0] in "ZX" else fields[19]  # 20th after the name: start time in clock ticks
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return None
    except ProcessLookupError:
        return None
    status, _, started = ps(pid, "stat=,lstart=").partition(" ")
    return None if not status or status.startswith("Z") else started.strip()


def ps(pid: int, columns: str) -> str:
    """What `ps` says of a process; empty when there is none. For systems without /proc."""
    command = ["ps", "-o", columns, "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def start(
    command: Sequence[str | Path],
    log: Path,
    *,
    cwd: Path | None = None,
    parent_death_signal: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start ``command`` in a session of its own (no terminal, no Ctrl-C), its output added to ``log``."""
    # Of the caller's environment only what a server may need: LD_LIBRARY_PATH, PGDATA… would mislead it.
    environment = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR", "TZ") if key in os.environ}
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=environment | {"LC_ALL": "C"},
            start_new_session=True,
            preexec_fn=die_with_parent(parent_death_signal) if parent_death_signal else None,  # noqa: PLW1509
        )


def stop(pid: int, known_identity: str, polite: signal.Signals, seconds: float) -> None:
    """Ask politely, wait ``seconds``, then kill the whole process group."""
    if identity(pid) != known_identity:
        return
    os.kill(pid, polite)
    if not wait_until_gone(pid, known_identity, seconds):
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        wait_until_gone(pid, known_identity, 5)


def wait_until_gone(pid: int, known_identity: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while identity(pid) == known_identity:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def tail(log: Path, lines: int = 12) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return "(no log)"


def unprivileged_account() -> pwd.struct_passwd:
    """An existing account that is not root (initdb looks its name up)."""
    accounts = [entry for entry in pwd.getpwall() if entry.pw_uid != 0]
    if not accounts:
        raise ServiceError("PostgreSQL refuses to run as root and there is no other account in /etc/passwd.")
    return next((entry for entry in accounts if entry.pw_name == "nobody"), accounts[0])


@cache
def unprivileged_prefix() -> tuple[tuple[str, ...], int]:
    """The command prefix under which PostgreSQL, which refuses root, runs; and the owner its files must have.

    * an ordinary user: none;
    * root, or a uid without a name (initdb wants one): a user namespace, where our own uid bears the number
      of an ordinary account; the files stay ours;
    * root where user namespaces are forbidden: the account `nobody`, with the capability to walk through our
      folders (it could not enter /root otherwise); the files are its.
    """
    uid = os.geteuid()
    try:
        pwd.getpwuid(uid)
        named = True
    except KeyError:
        named = False
    if uid != 0 and named:
        return (), uid
    account = unprivileged_account()
    candidates: list[tuple[tuple[str, ...], int]] = []
    if unshare := shutil.which("unshare"):
        mapping = (f"--map-user={account.pw_uid}", f"--map-group={account.pw_gid}")
        candidates.append(((unshare, "--user", *mapping, "--"), uid))
    if uid == 0 and (setpriv := shutil.which("setpriv")):
        identity_of = (f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups")
        capability = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
        # Without this bit access(2), which initdb asks, ignores capabilities.
        heeded = "--securebits=+no_setuid_fixup"
        candidates.append(((setpriv, *identity_of, *capability, heeded, "--"), account.pw_uid))
        candidates.append(((setpriv, *identity_of, "--"), account.pw_uid))
    for prefix, owner in candidates:
        if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
            return prefix, owner
    raise ServiceError(
        "PostgreSQL refuses to run as root (or a user without a name), and neither unshare (user namespaces) "
        "nor setpriv work here: run as an ordinary user, or set DATABASE_URL to your own server."
    )
