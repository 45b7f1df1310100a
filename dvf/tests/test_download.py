"""``manage.py download_dvf`` against a server that breaks off, lies about sizes, forgets, and serves
garbage.
"""

from __future__ import annotations

import fcntl
import gzip
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from dvf.importing.columns import GEO_COLUMNS
from dvf.importing.download import DownloadFailed, download, whole_gzip


def packed(seed: int, size: int = 3_000_000) -> bytes:
    """A file that begins as one of sales, of lines that do not pack well."""
    lines = random.Random(seed).randbytes(size).hex("\n", 40)
    return gzip.compress((",".join(GEO_COLUMNS) + "\n" + lines).encode(), compresslevel=1)


CONTENT, OTHER = packed(1), packed(2, 50_000)


class Server(ThreadingHTTPServer):
    content = CONTENT
    etag: str | None = '"one"'
    break_after: list[int] = []  # bytes served before each connection breaks
    claim: int | None = None  # a false Content-Length
    status: int | None = None
    passing = (429,)  # these it says once
    ignores_ranges = False
    ignores_conditions = False  # heeds Range, and not If-Range
    wrong_range = False
    location = ""  # where it sends on to
    drips = False  # a byte at a time
    drips_headers = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        server = self.server
        wanted = self.headers.get("Range")
        server.seen.append((self.path, wanted))
        if server.drips_headers:
            self.send_response(200)
            self.flush_headers()
        while server.drips_headers:
            try:
                self.wfile.write(b"X")
            except OSError:
                return
            time.sleep(0.01)
        if server.location and self.path.startswith("/a."):
            self.send_response(302)
            self.send_header("Location", server.location)
            self.end_headers()
            return
        if server.status or "absent" in self.path:
            self.send_error(server.status or 404)
            if server.status in server.passing:
                server.status = None
            return
        if server.etag and self.headers.get("If-None-Match") == server.etag:
            self.send_response(304)
            self.end_headers()
            return
        start = 0
        same = server.ignores_conditions or self.headers.get("If-Range") == server.etag
        if wanted and same and not server.ignores_ranges:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        body = server.content[start:]
        self.send_response(206 if start else 200)
        if start:
            first = start + 5 if server.wrong_range else start
            self.send_header(
                "Content-Range", f"bytes {first}-{len(server.content) - 1}/{len(server.content)}"
            )
        if server.etag:
            self.send_header("ETag", server.etag)
        self.send_header("Content-Length", str(server.claim or len(body)))
        self.end_headers()
        if server.break_after:
            body = body[: server.break_after.pop(0)]
        while server.drips:
            try:
                self.wfile.write(body[:1])
            except OSError:
                return
            time.sleep(0.01)
            body = body[1:]
        self.wfile.write(body)
        self.close_connection = True


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def fetch(server: Server, target: Path) -> bool:
    return download(f"{server.url}/a.csv.gz", target, pause=0.01)


def test_a_file_comes_whole_and_once(server, tmp_path):
    target = tmp_path / "deep" / "a.csv.gz"
    assert fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert not fetch(server, target), "the server's file is the same"
    server.etag, server.content = '"two"', OTHER
    assert fetch(server, target)
    assert target.read_bytes() == server.content
    assert not list(target.parent.glob("*.part*"))


def test_it_resumes_where_the_server_broke_off(server, tmp_path):
    server.break_after = [1_000_000, 500_000]
    assert fetch(server, tmp_path / "a.csv.gz")
    assert (tmp_path / "a.csv.gz").read_bytes() == CONTENT
    assert [wanted for _path, wanted in server.seen] == [None, "bytes=1000000-", "bytes=1500000-"]


def test_it_resumes_in_a_later_call(server, tmp_path):
    target = tmp_path / "a.csv.gz"
    server.break_after = [400_000] + [1] * 4
    with pytest.raises(DownloadFailed) as failed:
        fetch(server, target)
    assert failed.value.code in ("broken", "size")
    assert not target.exists()
    server.break_after = []
    assert fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.seen[-1][1] == "bytes=400004-"


def test_another_file_on_the_server_is_not_joined_to_the_first(server, tmp_path):
    server.break_after = [1_000_000]
    server.etag = None  # nothing to resume by
    assert fetch(server, tmp_path / "a.csv.gz")
    assert (tmp_path / "a.csv.gz").read_bytes() == CONTENT
    server.etag, server.break_after = '"one"', [1000] * 5
    with pytest.raises(DownloadFailed):
        fetch(server, tmp_path / "b.csv.gz")
    server.etag, server.content, server.break_after = '"two"', OTHER, []
    assert fetch(server, tmp_path / "b.csv.gz")
    assert (tmp_path / "b.csv.gz").read_bytes() == server.content


def test_the_rest_of_another_file_is_not_taken_for_that_of_the_first(server, tmp_path):
    server.break_after, server.ignores_conditions = [1000, 0], True
    target = tmp_path / "a.csv.gz"

    def change(done: int, total: int | None) -> None:
        server.etag, server.content = '"two"', OTHER

    assert download(f"{server.url}/a.csv.gz", target, change, pause=0.01)
    assert target.read_bytes() == OTHER


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        ({"claim": len(CONTENT) + 1000}, "broken"),
        ({"content": b"<html>bienvenue</html>" * 1000}, "gzip"),
        ({"content": CONTENT[:-100]}, "gzip"),
        ({"content": CONTENT + b"more"}, "gzip"),
        ({"content": gzip.compress(b"<html>bienvenue</html>")}, "not_dvf"),
        ({"content": gzip.compress(b"")}, "not_dvf"),
        ({"location": "file:///etc/hostname"}, "refused"),
        ({"location": "/a.again"}, "refused"),
        ({"status": 403}, "refused"),
        ({"status": 500}, "broken"),
        ({"wrong_range": True, "break_after": [1000, 0] * 3}, "broken"),
    ],
    ids=[
        "false size",
        "garbage",
        "cut",
        "too long",
        "packed page",
        "nothing",
        "to a file",
        "round in circles",
        "forbidden",
        "failing",
        "wrong range",
    ],
)
def test_lies_leave_what_was_there(server, tmp_path, lie, code):
    target = tmp_path / "a.csv.gz"
    target.write_bytes(b"former")
    for name, value in lie.items():
        setattr(server, name, value)
    with pytest.raises(DownloadFailed) as failed:
        fetch(server, target)
    assert failed.value.code == code
    assert target.read_bytes() == b"former"


def test_a_server_that_sends_almost_nothing_is_given_up(server, tmp_path, monkeypatch):
    monkeypatch.setattr("dvf.importing.download.SLOW_SECONDS", 0.1)
    server.drips = True
    with pytest.raises(DownloadFailed, match="presque plus rien") as failed:
        fetch(server, tmp_path / "a.csv.gz")
    assert failed.value.code == "broken"


def test_a_server_whose_headers_never_end_is_given_up(server, tmp_path, monkeypatch):
    monkeypatch.setattr("dvf.importing.download.HEAD_SECONDS", 0.1)
    monkeypatch.setattr("dvf.importing.download.TRIES", 2)
    server.drips_headers = True
    with pytest.raises(DownloadFailed, match="interrompue") as failed:
        fetch(server, tmp_path / "a.csv.gz")
    assert failed.value.code == "broken"
    assert len(server.seen) == 2
    assert not list(tmp_path.iterdir())


def test_a_server_that_asks_to_wait_is_asked_again(server, tmp_path):
    server.status = 429
    assert fetch(server, tmp_path / "a.csv.gz")
    assert [path for path, _wanted in server.seen] == ["/a.csv.gz"] * 2


def test_it_follows_to_another_address(server, tmp_path):
    server.location = f"http://localhost:{server.server_address[1]}/b.csv.gz"
    assert fetch(server, tmp_path / "a.csv.gz")
    assert (tmp_path / "a.csv.gz").read_bytes() == CONTENT


def test_two_at_once_do_not_write_into_one_another(server, tmp_path):
    with (tmp_path / "a.csv.gz.part").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(DownloadFailed) as failed:
            fetch(server, tmp_path / "a.csv.gz")
    assert failed.value.code == "busy"
    assert fetch(server, tmp_path / "a.csv.gz"), "what a dead one left is taken up"


def test_a_full_disk_is_said_and_what_came_is_kept(server, tmp_path):
    ask = (
        "import pathlib, resource, sys; from dvf.importing.download import download;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000));"
        "download(sys.argv[1], pathlib.Path(sys.argv[2]))"
    )
    arguments = [sys.executable, "-c", ask, f"{server.url}/a.csv.gz", str(tmp_path / "a.csv.gz")]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert "écriture impossible" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "a.csv.gz").exists()
    assert fetch(server, tmp_path / "a.csv.gz")
    assert server.seen[-1][1] == "bytes=1000000-"


def test_a_file_cut_on_the_disk_is_fetched_again(server, tmp_path):
    target = tmp_path / "a.csv.gz"
    assert fetch(server, target)
    os.truncate(target, 1000)
    assert fetch(server, target)
    assert target.read_bytes() == CONTENT


def test_a_server_without_ranges_starts_again(server, tmp_path):
    server.break_after, server.ignores_ranges = [1_000_000], True
    assert fetch(server, tmp_path / "a.csv.gz")
    assert (tmp_path / "a.csv.gz").read_bytes() == CONTENT


def test_offline_is_said_plainly(server, tmp_path, settings):
    settings.DVF_URL = server.url.rsplit(":", 1)[0] + ":1"
    with pytest.raises(CommandError, match=r"hors ligne.*\[offline\]"):
        call_command("download_dvf", "--to", tmp_path, "--year", "2024", stdout=StringIO(), stderr=StringIO())


def test_the_command_fetches_years_and_departments(server, tmp_path, settings):
    settings.DVF_URL = server.url + "/csv/"
    out = StringIO()
    call_command(
        "download_dvf", "--to", tmp_path, "--year", "2023", "--department", "1", stdout=out, stderr=StringIO()
    )
    assert server.seen == [("/csv/2023/departements/01.csv.gz", None)]
    assert (tmp_path / "2023/departements/01.csv.gz").read_bytes() == CONTENT
    call_command(
        "download_dvf", "--to", tmp_path, "--year", "2023", "--department", "1", stdout=out, stderr=StringIO()
    )
    assert "déjà à jour" in out.getvalue()
    settings.DVF_URL = server.url + "/absent"
    with pytest.raises(CommandError, match="not_found"):
        call_command("download_dvf", "--to", tmp_path, stdout=out, stderr=StringIO())


def test_whole_gzip_knows_members_and_ends(tmp_path):
    file = tmp_path / "a.gz"
    for content, expected in (
        (CONTENT, True),
        (gzip.compress(b"a") + gzip.compress(b"b"), True),
        (gzip.compress(bytes(3 << 20)) + gzip.compress(bytes(1 << 20)), True),
        (gzip.compress(bytes(3 << 20))[:-1], False),
        (b"", False),
        (gzip.compress(b"a") + b"\0", False),
        (CONTENT[:-1], False),
    ):
        file.write_bytes(content)
        assert whole_gzip(file) is expected
