"""``manage.py download_dvf`` against a server that breaks off, lies about sizes, forgets, and serves
garbage.
"""

from __future__ import annotations

import gzip
import random
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from dvf.importing.download import DownloadFailed, download, whole_gzip

CONTENT = gzip.compress(random.Random(1).randbytes(3_000_000))


class Server(ThreadingHTTPServer):
    content = CONTENT
    etag: str | None = '"one"'
    break_after: list[int] = []  # bytes served before each connection breaks
    claim: int | None = None  # a false Content-Length
    status: int | None = None
    ignores_ranges = False
    wrong_range = False

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
        if server.status or "absent" in self.path:
            self.send_error(server.status or 404)
            return
        if server.etag and self.headers.get("If-None-Match") == server.etag:
            self.send_response(304)
            self.end_headers()
            return
        start = 0
        if wanted and not server.ignores_ranges and self.headers.get("If-Range") == server.etag:
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
    server.etag, server.content = '"two"', gzip.compress(b"new")
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
    server.etag, server.content, server.break_after = '"two"', gzip.compress(b"other" * 99), []
    assert fetch(server, tmp_path / "b.csv.gz")
    assert (tmp_path / "b.csv.gz").read_bytes() == server.content


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        ({"claim": len(CONTENT) + 1000}, "broken"),
        ({"content": b"<html>bienvenue</html>" * 1000}, "gzip"),
        ({"content": CONTENT[:-100]}, "gzip"),
        ({"content": CONTENT + b"more"}, "gzip"),
        ({"status": 403}, "refused"),
        ({"status": 500}, "broken"),
        ({"wrong_range": True, "break_after": [1000, 0] * 3}, "broken"),
    ],
    ids=["false size", "garbage", "cut", "too long", "forbidden", "failing", "wrong range"],
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
        (b"", False),
        (gzip.compress(b"a") + b"\0", False),
        (CONTENT[:-1], False),
    ):
        file.write_bytes(content)
        assert whole_gzip(file) is expected
