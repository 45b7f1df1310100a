"""The local services for real: PostgreSQL, Valkey and the object store, in throw-away directories."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import boto3
import psycopg
import pytest
import redis
from botocore.config import Config
from botocore.exceptions import ClientError

from config.local_services import LocalServices, ServiceError, objects, postgres, processes
from config.local_services.state import PORT_RANGE, State, free_ports

ROOT = Path(__file__).resolve().parents[2]
CLI = (sys.executable, "-m", "config.local_services")
# As in a shell that knows nothing of the services that this test run itself uses.
BARE = {
    name: value
    for name, value in os.environ.items()
    if name not in {"DATABASE_URL", "REDIS_URL", *objects.VARIABLES, "MAKELEVEL"}
}


def cli(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(
        [*CLI, *arguments], cwd=ROOT, env=BARE, capture_output=True, text=True, check=False
    )
    assert not check or result.returncode == 0, result.stderr
    return result


def exported(text: str) -> dict[str, str]:
    """What a shell makes of the output of `env`."""
    names = ["DATABASE_URL", "REDIS_URL", *objects.VARIABLES]
    script = text + "\n".join(f'printf "%s\\n" "${name}"' for name in names)
    values = subprocess.check_output(["sh", "-c", script], text=True, env={}).splitlines()
    return dict(zip(names, values, strict=True))


def store(values: dict[str, str], **other: str):
    keys = {
        "aws_access_key_id": values["S3_ACCESS_KEY_ID"],
        "aws_secret_access_key": values["S3_SECRET_ACCESS_KEY"],
    }
    return boto3.client(
        "s3",
        endpoint_url=values["S3_ENDPOINT_URL"],
        region_name=values["S3_REGION"],
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 2}),
        **(keys | other),
    )


def left_in(directory: Path) -> list[str]:
    """Command lines of living processes that mention the directory or work in it."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            where = str((folder / "cwd").readlink())
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z" and int(folder.name) != os.getpid() and (str(directory) in command + " " + where):
            found.append(command)
    return found


def eventually_none_left_in(directory: Path, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while left := left_in(directory):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


@pytest.fixture
def directory(tmp_path: Path):
    """A state directory with a space and an accent, its path longer than that of a Unix socket may be."""
    path = tmp_path / ("état " + "x" * 120) / "local"
    yield path
    cli("down", "--state", str(path))
    eventually_none_left_in(path)


def test_data_survive_restart_kill_and_taken_ports(directory: Path) -> None:
    state = ["--state", str(directory)]
    cli("up", "--fast", *state)
    values = exported(cli("env", *state).stdout)
    assert values["DATABASE_URL"].endswith("/appart_agent")
    assert values["S3_BUCKET_NAME"] == "appart"
    assert directory.stat().st_mode & 0o777 == 0o700
    assert (directory / "state.json").stat().st_mode & 0o777 == 0o600

    with psycopg.connect(values["DATABASE_URL"]) as connection:
        for extension in ("pg_trgm", "unaccent", "btree_gist"):
            connection.execute(f"CREATE EXTENSION {extension}")
        connection.execute("CREATE TABLE kept AS SELECT 'œuvre' AS word")
    redis.Redis.from_url(values["REDIS_URL"]).set("before", "1")
    store(values).put_object(Bucket="appart", Key="a/é.txt", Body=b"content")

    # Started again while running: the same servers.
    remembered = json.loads((directory / "state.json").read_text())
    cli("up", "--fast", *state)
    assert json.loads((directory / "state.json").read_text()) == remembered

    # All killed outright, their ports taken by others meanwhile.
    for name in ("postgres", "valkey", "objects"):
        os.kill(remembered[name]["pid"], signal.SIGKILL)
    eventually_none_left_in(directory)
    assert cli("status", *state, check=False).returncode == 3
    assert "Not running" in cli("env", *state, check=False).stderr
    squatters = []
    for name in ("postgres", "valkey", "objects"):
        squatter = socket.socket()
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", remembered[name]["ports"][0]))
        squatter.listen()
        squatters.append(squatter)
    # postmaster.pid stays behind, with the number of a process that lives: ours.
    pid_file = directory / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    cli("up", "--fast", *state)
    after = exported(cli("env", *state).stdout)
    for squatter in squatters:
        squatter.close()
    assert after["DATABASE_URL"] != values["DATABASE_URL"]
    assert after["S3_ENDPOINT_URL"] != values["S3_ENDPOINT_URL"]
    assert after["S3_SECRET_ACCESS_KEY"] == values["S3_SECRET_ACCESS_KEY"]
    with psycopg.connect(after["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("œuvre",)
    assert store(after).get_object(Bucket="appart", Key="a/é.txt")["Body"].read() == b"content"

    # Strangers are kept out.
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(after["DATABASE_URL"].replace("appart:", "appart:x"))
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(after["REDIS_URL"].replace("redis://:", "redis://:x")).ping()
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        store(after, aws_secret_access_key="x" * 40).list_objects_v2(Bucket="appart")

    assert listening_elsewhere_than_loopback(directory) == []
    cli("down", *state)
    assert left_in(directory) == []
    assert not list(Path("/tmp").glob(f"seaweedfs-*-{after['S3_ENDPOINT_URL'].rpartition(':')[2]}.sock"))


def listening_elsewhere_than_loopback(directory: Path) -> list[str]:
    """Local addresses (hexadecimal) on which a process of this directory listens, but 127.0.0.1."""
    inodes = set()
    state = json.loads((directory / "state.json").read_text())
    for pid in (state[name]["pid"] for name in ("postgres", "valkey", "objects")):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed meanwhile
                target = str(descriptor.readlink())
                if target.startswith("socket:["):
                    inodes.add(target[8:-1])
    listening = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                listening.append(fields[1])
    assert len(listening) >= 3, "looked in vain for the servers' sockets"
    return [address for address in listening if not address.startswith("0100007F:")]


def test_append_only_broker_and_durable_database_by_default(directory: Path) -> None:
    """Without --fast what was written is on the disk: a message survives a killed broker."""
    services = LocalServices(directory, environ={"DATABASE_URL": "x://", "S3_ENDPOINT_URL": "x://"})
    assert services.up() == ["valkey"]
    assert services.variables().keys() >= {"DATABASE_URL", "REDIS_URL", "S3_ENDPOINT_URL"}
    assert services.variables()["DATABASE_URL"] == "x://"
    client = redis.Redis.from_url(services.variables()["REDIS_URL"])
    client.rpush("celery", "message")
    assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
    time.sleep(1.2)  # appendfsync everysec
    os.kill(services.state.service("valkey")["pid"], signal.SIGKILL)
    eventually_none_left_in(directory)
    assert services.up() == ["valkey"]
    assert redis.Redis.from_url(services.variables()["REDIS_URL"]).lrange("celery", 0, -1) == [b"message"]
    services.down()


@pytest.mark.parametrize("end", ["exit", "SIGTERM", "SIGKILL"])
def test_run_temporary_leaves_nothing(end: str, tmp_path: Path) -> None:
    """However it ends: the command's exit code comes back and no process stays; no file but after SIGKILL."""
    script = (
        "import os, sys, time; print(os.environ['DATABASE_URL'], flush=True); time.sleep({}); sys.exit(7)"
    )
    command = (sys.executable, "-c", script.format(0 if end == "exit" else 60), str(tmp_path))
    given = {} if end == "exit" else {"S3_ENDPOINT_URL": "x"}  # the object store once: it is the slowest
    runner = subprocess.Popen(
        [*CLI, "run", "--temporary", "--", *command],
        cwd=ROOT,
        env=BARE | given | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert runner.stdout is not None
    with runner, runner.stdout:
        url = runner.stdout.readline().strip()
        assert url.startswith("postgresql://appart:")
        if end != "exit":
            runner.send_signal(getattr(signal, end))
        code = runner.wait(180)
    assert code == {"exit": 7, "SIGTERM": 143, "SIGKILL": -9}[end]
    eventually_none_left_in(tmp_path)  # the command mentions it, too
    if end != "SIGKILL":
        assert list(tmp_path.iterdir()) == []


# Starts PostgreSQL in the directory given, asks it a question, stops it.
ASK_POSTGRES = """
import sys, psycopg
from pathlib import Path
from config.local_services import LocalServices
given = {"REDIS_URL": "x", "S3_ENDPOINT_URL": "x"}
services = LocalServices(Path(sys.argv[1]), fast=True, keep_running=False, environ=given)
services.up()
print(psycopg.connect(services.variables()["DATABASE_URL"]).execute("SELECT 1").fetchone())
services.down()
"""
# Runs its arguments as root of a user namespace that has every id, and in which no further one may be made.
WITHOUT_NAMESPACES = """
import ctypes, os, sys
from pathlib import Path
go_on, told = os.pipe()
ready, unshared = os.pipe()
if (pid := os.fork()) == 0:
    CLONE_NEWUSER = 0x10000000
    assert ctypes.CDLL(None).unshare(CLONE_NEWUSER) == 0
    os.write(unshared, b"x")
    os.read(go_on, 1)
    os.setuid(0)
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    os.execv(sys.argv[1], sys.argv[1:])
os.close(unshared)
if os.read(ready, 1):
    for kind in ("uid", "gid"):
        Path(f"/proc/{pid}/{kind}_map").write_text("0 0 65535")
    os.write(told, b"x")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to run as somebody else")
@pytest.mark.parametrize("who", ["an ordinary user", "a uid without a name", "root without user namespaces"])
def test_postgres_starts_for_every_kind_of_user(who: str) -> None:
    account = pwd.getpwnam("nobody")
    uid = {"an ordinary user": account.pw_uid, "a uid without a name": 54321}.get(who, 0)
    if uid and not readable_by_all(postgres.binaries()):
        pytest.skip("the environment is not readable by other users")
    directory = Path(f"/tmp/appart-user-{os.getpid()}")  # pytest's own folders are closed to others
    directory.mkdir(mode=0o700)
    os.chown(directory, uid, -1)
    if uid:
        prefix = ["setpriv", f"--reuid={uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    else:
        prefix = [sys.executable, "-c", WITHOUT_NAMESPACES]
    command = [*prefix, sys.executable, "-c", ASK_POSTGRES, str(directory)]
    try:
        result = subprocess.run(
            command, cwd=ROOT, env=BARE | {"HOME": "/"}, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr
        assert result.stdout == "(1,)\n"
        assert (directory / "postgres").stat().st_uid == (uid or account.pw_uid)
        eventually_none_left_in(directory)
    finally:
        shutil.rmtree(directory)


def readable_by_all(path: Path) -> bool:
    folders = (path, *path.parents, ROOT, *ROOT.parents)
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in folders)


def test_unusable_directory_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{ not json")
    assert "not readable JSON" in cli("up", "--state", str(tmp_path), check=False).stderr
    (tmp_path / "state.json").unlink()
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("11\n")
    services = LocalServices(tmp_path, environ={"REDIS_URL": "x", "S3_ENDPOINT_URL": "x"})
    with pytest.raises(ServiceError, match="made by PostgreSQL 11"):
        services.up()


def test_ports_are_kept_while_free_and_distinct() -> None:
    first = free_ports([], 10)
    assert len(set(first)) == 10
    assert all(port in PORT_RANGE for port in first)
    assert free_ports(first, 10) == first
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", first[3]))
        squatter.listen()
        second = free_ports(first, 10)
    assert second[3] != first[3]
    assert second[:3] + second[4:] == first[:3] + first[4:]


def test_a_reused_process_number_is_not_taken_for_ours(tmp_path: Path) -> None:
    state = State(tmp_path)
    with state.locked():
        state.service("valkey").update(
            pid=os.getpid(), identity="another start time", ports=[1], password="x"
        )
        state.save()
    services = LocalServices(tmp_path, environ={"DATABASE_URL": "x", "S3_ENDPOINT_URL": "x"})
    assert services.stopped() == ["valkey"]
    assert services.down() == []
    assert processes.identity(os.getpid()) is not None
