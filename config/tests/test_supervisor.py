"""The supervisor of `make run`, with small children; then the whole of it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from config import supervisor
from config.supervisor import Child, ChildFailedError, stop
from config.tests.test_local_services import BARE, ROOT, eventually_none_left_in, left_in


def child(script: str, directory: Path, name: str = "web") -> Child:
    return Child(name, (sys.executable, "-c", script), dict(os.environ), directory, directory)


def tend_until(condition, *children: Child, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        for one in children:
            one.tend()
        time.sleep(0.02)


def test_output_goes_to_the_terminal_with_its_name_and_to_a_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = child("print('bonjour, été', flush=True); import time; time.sleep(60)", tmp_path)
    log = tmp_path / "web.log"
    tend_until(lambda: log.exists() and log.read_text(), one)
    stop([one], threading.Event())
    assert log.read_text() == "bonjour, été\n"
    assert "web     | bonjour, été\n" in capsys.readouterr().out
    assert left_in(tmp_path) == []


def test_a_child_that_dies_once_starts_again(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys, time; mark = pathlib.Path('mark')\n"
        "if mark.exists(): pathlib.Path('again').touch(); time.sleep(60)\n"
        "mark.touch(); sys.exit(3)"
    )
    one = child(script, tmp_path)
    tend_until((tmp_path / "again").exists, one)
    assert one.running
    stop([one], threading.Event())
    assert left_in(tmp_path) == []


def test_a_child_that_keeps_dying_is_given_up_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE_SECONDS", 0.01)
    one = child("raise SystemExit('no such module: toto')", tmp_path, "worker")
    with pytest.raises(
        ChildFailedError, match=r"worker died 5 times .*exit code 1.*\n.*no such module: toto"
    ):
        tend_until(lambda: False, one)


@pytest.mark.parametrize("hurried", [False, True])
def test_a_deaf_child_and_its_own_children_are_killed(
    hurried: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hurried:
        monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.3)
    script = (
        "import os, pathlib, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); os.fork()\n"
        "pathlib.Path(f'{os.getpid()}.up').touch()\n"
        "time.sleep(60)"
    )
    one = child(script, tmp_path)
    tend_until(lambda: len(list(tmp_path.glob("*.up"))) == 2, one)
    assert len(left_in(tmp_path)) == 2
    hurry = threading.Event()
    if hurried:
        hurry.set()
    stop([one], hurry)
    eventually_none_left_in(tmp_path)


def start(directory: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "config.run", "--state", str(directory)],
        cwd=ROOT,
        env={
            name: value for name, value in BARE.items() if name not in ("DJANGO_SETTINGS_MODULE", "LOG_LEVEL")
        }
        | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.mark.slow
def test_run_serves_a_demo_and_one_interrupt_stops_all(tmp_path: Path) -> None:
    with start(tmp_path) as runner:
        assert runner.stdout is not None
        said = ""
        while "These accounts" not in said:
            said += (line := runner.stdout.readline())
            assert line, said
        accounts = json.loads((tmp_path / "run.json").read_text())
        assert accounts["url"] in said
        assert accounts["staff"]["password"] in said
        assert (tmp_path / "run.json").stat().st_mode & 0o777 == 0o600
        assert len(accounts["clients"]) == 2

        with httpx.Client(base_url=accounts["url"], trust_env=False, timeout=60) as client:
            assert client.get("/health/ready/").json()["status"] == "ok"
            style = re.search(r'href="(/static/[^"]+\.css)"', client.get("/admin/login/").text)
            assert style is not None
            assert client.get(style[1]).headers["Content-Type"].startswith("text/css")

        with start(tmp_path) as second:
            output, _ = second.communicate(timeout=180)
        assert second.returncode == 1
        assert f"already running at {accounts['url']}" in output

        while not re.search(r"^worker  \| .* ready\.", said, re.MULTILINE):
            said += (line := runner.stdout.readline())
            assert line, said

        # As Ctrl-C in a terminal: the whole group of the foreground.
        os.killpg(runner.pid, signal.SIGINT)
        rest = runner.stdout.read()
        assert runner.wait(180) == 0, said + rest
    assert left_in(tmp_path) == []


def test_run_says_when_the_port_is_taken_or_absurd(tmp_path: Path) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        taken = str(squatter.getsockname()[1])
        for port, words in (
            (taken, "is taken"),
            ("99999", "not a port number"),
            ("web", "not a port number"),
        ):
            with start(tmp_path, PORT=port) as runner:
                output, _ = runner.communicate(timeout=180)
            assert runner.returncode == 1
            assert words in output
    assert left_in(tmp_path) == []
