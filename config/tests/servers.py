"""The real web server, gunicorn with two processes, on the test's database, queue and store."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from config.tests.workers import ROOT, environment


@contextmanager
def web(folder: Path, **variables: str) -> Iterator[str]:
    """Its address; what it writes is in `<folder>/web.log`. Gone afterwards, whatever happens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with (folder / "web.log").open("ab") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}"],
            cwd=ROOT,
            env=environment(folder) | {"APPART_PROCESS": "web"} | variables,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait(url, server, folder / "web.log")
        yield url
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 240
    while time.monotonic() < end:
        if server.poll() is not None:
            raise AssertionError(f"the web server did not start:\n{log.read_text()[-3000:]}")
        try:
            if httpx.get(f"{url}/health/live/", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError("the web server did not answer within 240 s")
