"""A real web server and a real worker at work: what their logs, reports and traces say, and do not say."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.files.storage import default_storage
from httpx._decoders import SUPPORTED_DECODERS
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from accounts.models import User
from config.logs import exceptions, private, scrub
from config.tests.servers import web
from config.tests.test_metrics import TOKEN, samples
from config.tests.workers import wait_for, worker
from config.tracing import without_persons
from documents.models import Document
from documents.tests.papers import call_for_funds
from properties.tests.factories import PropertyFactory

EMAIL, PASSWORD = "zoe.quelqu-une@example.org", "correct-horse-battery"
JOINED = {"POST", "run/documents.tasks.analyse_document"}
"""The request and the job in one trace; a message sent again by the sweep starts a trace of its own."""
STREET, TYPED = "17 rue du Zephyr", "impasse-des-lilas"


class Collector:
    """Takes what Sentry's and OpenTelemetry's clients send, on this machine."""

    def __init__(self) -> None:
        received: dict[str, list[bytes]] = {}

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if encoding := self.headers.get("Content-Encoding"):
                    data = SUPPORTED_DECODERS[encoding]().decode(data)
                received.setdefault(self.path, []).append(data)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.received = received
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def spans(self) -> list[Any]:
        return [
            span
            for data in list(self.received.get("/v1/traces", []))
            for resource in ExportTraceServiceRequest.FromString(data).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def reports(self) -> list[Any]:
        """Sentry's events; an envelope is lines of JSON, an event the line after its own header."""
        found = []
        for path, bodies in list(self.received.items()):
            if path.endswith("/envelope/"):
                for body in list(bodies):
                    lines = [json.loads(line) for line in body.splitlines() if line.strip()]
                    found += [lines[n + 1] for n, line in enumerate(lines) if line.get("type") == "event"]
        return found


@pytest.fixture
def collector() -> Iterator[Collector]:
    started = Collector()
    yield started
    started.server.shutdown()
    started.server.server_close()


@pytest.mark.slow
@pytest.mark.timeout(900)  # a machine with other work to do
def test_a_sign_in_an_upload_and_a_failing_job(
    transactional_db: None, tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logs, reports and traces tell what happened, and nothing of whom."""
    user = User.objects.create_user(EMAIL, PASSWORD, full_name="Zoé Quelqu-une")
    flat = PropertyFactory(user=user, address=STREET)
    told = {
        "LOG_JSON": "true",
        "LOG_LEVEL": "INFO",
        "METRICS_TOKEN": TOKEN,
        "SENTRY_DSN": f"http://key@{collector.address}/1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{collector.address}",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    for name, given in told.items():
        monkeypatch.setenv(name, given)
    with web(tmp_path) as url:
        with httpx.Client(base_url=url, timeout=60) as client:
            bad = client.post("/api/auth/token/", json={"email": EMAIL, "password": "wrong-password"})
            assert bad.status_code == 400
            token = client.post("/api/auth/token/", json={"email": EMAIL, "password": PASSWORD}).json()[
                "token"
            ]
            client.headers["Authorization"] = f"Bearer {token}"
            client.get("/api/properties/search-addresses/", params={"q": TYPED, "postal_code": "83000"})
            client.get("/account/reset-password/3-abcdef0123456789/")
            sent = client.post(
                "/api/documents/upload/",
                data={"property_id": flat.pk},
                files={"file": (f"{STREET}.pdf", call_for_funds(), "application/pdf")},
                headers={"X-Request-ID": "request-of-the-upload"},
            )
            assert sent.status_code in {200, 201, 202}, sent.text
            assert sent.headers["X-Request-ID"] == "request-of-the-upload"
            document = Document.objects.get()
            default_storage.delete(document.storage_key)  # a fault that nobody foresaw
        for _ in range(8):  # a connection each: both processes are asked
            httpx.get(f"{url}/api/properties/dvf-stats/", timeout=60)
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        shown = [samples(httpx.get(f"{url}/metrics", headers=bearer, timeout=60).text) for _ in range(4)]
        log = tmp_path / "worker.log"
        with worker(tmp_path):
            wait_for(lambda: log.exists() and b"analysis_failed" in log.read_bytes(), 180, "the job failed")
            wait_for(lambda: bool(collector.reports()), 120, "a report")
            wait_for(lambda: kinds(collector) >= JOINED, 120, "spans of web and worker")
    # Metrics: whichever process answers has counted for both.
    key = (
        "django_http_responses_total_by_status_view_method_total",
        (("method", "GET"), ("status", "200"), ("view", "property-dvf-stats")),
    )
    assert [each[key] for each in shown] == [8.0] * 4
    # Logs: every line is JSON, and the upload is one thread from request to job.
    written = [*(tmp_path / "web.log").read_text().splitlines(), *log.read_text().splitlines()]
    ready = next(n for n, line in enumerate(written) if "beat: Starting" in line)  # after Celery's banner
    lines = [json.loads(line) for line in written if line.startswith("{")]
    assert all(line.startswith("{") for line in written[ready:])
    assert {"request_started", "request_finished", "task_enqueued", "task_started"} <= {
        x["event"] for x in lines
    }
    failed = next(line for line in lines if line["event"] == "analysis_failed")
    assert failed["document"] == document.pk and failed["task_id"] and "jobs.py:" in failed["exception"]
    upload = [line for line in lines if line.get("request_id") == "request-of-the-upload"]
    assert {"request_finished", "task_enqueued", "task_started"} <= {line["event"] for line in upload}
    # Traces: the job is in the request's trace.
    assert kinds(collector) >= JOINED
    report = next(r for r in collector.reports() if "analysis_failed" in json.dumps(r))
    assert report["exception"]["values"][-1]["stacktrace"]["frames"]
    everything = "\n".join(
        [
            (tmp_path / "web.log").read_text(),
            (tmp_path / "worker.log").read_text(),
            *(data.decode(errors="replace") for bodies in collector.received.values() for data in bodies),
        ]
    )
    for private_word in (
        EMAIL, "quelqu-une", "Zoé", PASSWORD, "wrong-password", token, token[3:12], STREET, "Zephyr",
        "zephyr", TYPED, "abcdef0123456789", "python-httpx",
    ):  # fmt: skip
        assert private_word not in everything, private_word
    assert not re.search(
        r"\b(?!127\.0\.0\.1|0\.0\.0\.0)\d+\.\d+\.\d+\.\d+\b", (tmp_path / "web.log").read_text()
    )


def traced(collector: Collector) -> dict[bytes, str]:
    """Spans of the upload's trace: the request's and the job's, by their ids."""
    spans = collector.spans()
    jobs = [s for s in spans if s.name == "run/documents.tasks.analyse_document"]
    ids = {s.trace_id for s in jobs}
    return {s.span_id: s.name for s in spans if s.trace_id in ids and s.name.split()[0] != "SELECT"}


def kinds(collector: Collector) -> set[str]:
    return {name.split()[0] for name in traced(collector).values()}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("mail to a.b+c@example.org failed", "mail to [e-mail] failed"),
        ("Authorization: Bearer aa_0123456789abcdef", "Authorization: Bearer [token]"),
        ("key aa_0123456789abcdef", "key [token]"),
        ("redis://:s3cret@127.0.0.1:6379/0", "redis://[password]@127.0.0.1:6379/0"),
        ("GET http://s3/b/k.pdf?X-Amz-Signature=abc&x=1 failed", "GET http://s3/b/k.pdf?[link] failed"),
        ("from 203.0.113.9 port 5", "from [address] port 5"),
        ("version 1.2.3 in 12.5 s", "version 1.2.3 in 12.5 s"),
        ("/account/reset-password/3-abc/", "/account/reset-password/[key]/"),
    ],
)
def test_what_is_cut_out(said: str, kept: str) -> None:
    assert scrub(said) == kept


def test_an_error_is_told_by_its_places_not_by_its_words() -> None:
    try:
        try:
            int("12 rue du Zephyr")
        except ValueError as cause:
            raise ConnectionRefusedError("no answer from 203.0.113.9") from cause
    except ConnectionRefusedError as error:
        event = exceptions(None, "", {"event": "x", "exc_info": True, "error": str(error)})
    assert "builtins.ValueError\n" in event["exception"] and "Zephyr" not in event["exception"]
    assert event["exception"].endswith("builtins.ConnectionRefusedError: no answer from [address]")
    assert "test_observability.py:" in event["exception"] and "error" not in event
    nested = private(None, "", {"event": "x", "user_agent": "y", "args": [{"to": "a@example.org"}], "n": 1})
    assert nested == {"event": "x", "args": [{"to": "[e-mail]"}], "n": 1}


def test_a_report_holds_where_not_who() -> None:
    event = without_persons(
        {
            "request": {
                "url": "https://x/api/?q=rue",
                "method": "GET",
                "headers": {"Cookie": "a"},
                "data": "b",
            },
            "user": {"id": 1, "email": EMAIL},
            "extra": {"a": 1},
            "exception": {"values": [{"type": "ValueError", "value": STREET}]},
            "logentry": {"message": f"mail to {EMAIL}", "params": [EMAIL]},
        },
        {},
    )
    assert event == {
        "request": {"url": "https://x/api/", "method": "GET"},
        "exception": {"values": [{"type": "ValueError", "value": ""}]},
        "logentry": {"message": "mail to [e-mail]"},
    }
