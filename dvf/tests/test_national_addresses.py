"""The national address base: a real server that answers well, badly, slowly, or not at all."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache

from config.usage import usages
from dvf.streets import search_addresses
from dvf.tests.factories import DVFStreetFactory

pytestmark = pytest.mark.django_db

NUMBER: dict[str, Any] = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [5.9301, 43.1201]},
    "properties": {
        "label": "12bis Rue Pasteur 83000 Toulon",
        "score": 0.97,
        "housenumber": "12bis",
        "type": "housenumber",
        "name": "12bis Rue Pasteur",
        "street": "Rue Pasteur",
        "postcode": "83000",
        "citycode": "83137",
        "city": "Toulon",
    },
}
STREET = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [5.93, 43.12]},
    "properties": {
        "label": "Rue Pasteur 83000 Toulon",
        "score": 0.9,
        "type": "street",
        "name": "Rue Pasteur",
        "postcode": "83000",
        "citycode": "83137",
        "city": "Toulon",
    },
}
TOWN = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [5.9, 43.1]},
    "properties": {"label": "Toulon", "score": 0.5, "type": "municipality", "name": "Toulon"},
}


class Base:
    """A server on this machine; `answer` decides what it says, `asked` holds the questions."""

    def __init__(self) -> None:
        self.asked: list[dict[str, list[str]]] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = lambda _request: None
        base = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                base.asked.append(parse_qs(urlsplit(self.path).query))
                base.answer(self)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/geocodage/search"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def says(self, body: bytes, status: int = 200, delay: float = 0.0) -> None:
        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            request.send_header("Content-Type", "application/json")
            request.end_headers()
            for start in range(0, len(body), 50) if delay else [0]:
                time.sleep(delay)
                try:
                    request.wfile.write(body[start : start + 50] if delay else body)
                    request.wfile.flush()
                except OSError:
                    return

        self.answer = answer


def _collection(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@pytest.fixture
def base(settings: Any) -> Iterator[Base]:
    server = Base()
    settings.BAN_URL = server.url
    settings.BAN_TIMEOUT_SECONDS = 0.5
    cache.clear()  # what an earlier test learnt about its server
    yield server
    server.server.shutdown()
    server.server.server_close()


def counted() -> dict[str, int]:
    return {usage.outcome: usage.calls for usage in usages() if usage.provider == "ban"}


def test_not_asked_when_not_configured(base: Base, settings: Any) -> None:
    settings.BAN_URL = ""
    assert search_addresses("12 rue pasteur") == []
    assert base.asked == []


def test_its_answers_are_joined_to_ours(base: Base) -> None:
    DVFStreetFactory(nom_voie="RUE PASTEUR", sales_count=7)
    base.says(_collection(NUMBER, STREET, TOWN))
    found = search_addresses("12 bis rue pasteur", "83000", 5)
    assert [(a["source"], a["kind"], a["label"]) for a in found] == [
        ("dvf", "street", "RUE PASTEUR, 83000 Toulon"),
        ("ban", "number", "12bis Rue Pasteur 83000 Toulon"),
    ]
    assert (found[1]["number"], found[1]["suffix"], found[1]["code_commune"]) == ("12", "B", "83137")
    assert (found[1]["longitude"], found[1]["latitude"]) == (5.9301, 43.1201)
    assert base.asked == [
        {"q": ["12 bis rue pasteur"], "limit": ["5"], "autocomplete": ["1"], "postcode": ["83000"]}
    ]


@pytest.mark.parametrize(
    ("body", "status", "delay"),
    [
        (b"", 200, 0.0),
        (b"<html>", 200, 0.0),
        (b"[]", 200, 0.0),
        (b"{}", 200, 0.0),
        (b'{"features": 5}', 200, 0.0),
        (b'{"features": [{}]}', 200, 0.0),
        (b'{"features": [null]}', 200, 0.0),
        (_collection({**NUMBER, "geometry": {"coordinates": ["a", "b"]}}), 200, 0.0),
        (_collection(NUMBER), 500, 0.0),
        (_collection(NUMBER), 302, 0.0),
        (_collection(NUMBER), 200, 0.2),
        (b" " * 2_000_000, 200, 0.0),
        (b'{"features": ' + b"[" * 200_000, 200, 0.0),
        (_collection({**NUMBER, "geometry": {"coordinates": [10**400, 43]}}), 200, 0.0),
        (_collection({**NUMBER, "geometry": {"coordinates": [5.9, float("nan")]}}), 200, 0.0),
        (_collection({**NUMBER, "geometry": {"coordinates": [5.9, 430.0]}}), 200, 0.0),
        (_collection({**NUMBER, "properties": {**NUMBER["properties"], "score": float("inf")}}), 200, 0.0),
        (_collection({**NUMBER, "properties": {**NUMBER["properties"], "city": "\ud800"}}), 200, 0.0),
    ],
)
def test_every_failure_leaves_our_answer_and_a_minute_of_peace(
    base: Base, body: bytes, status: int, delay: float
) -> None:
    DVFStreetFactory(nom_voie="RUE PASTEUR")
    base.says(body, status, delay)
    for _ in range(2):
        assert [a["source"] for a in search_addresses("rue pasteur")] == ["dvf"]
    assert len(base.asked) == 1
    [(outcome, calls)] = counted().items()
    assert outcome.startswith("provider_") and calls == 1
    assert status == 200 or outcome == "provider_unavailable"
    cache.clear()
    base.says(_collection(NUMBER))
    assert [a["source"] for a in search_addresses("12 rue pasteur")] == ["dvf", "ban"]
    assert counted() == {"ok": 1}


def test_headers_that_drip_hold_nobody(base: Base) -> None:
    DVFStreetFactory(nom_voie="RUE PASTEUR")
    ended = threading.Event()

    def drip(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.0 200 OK\r\n")
        try:
            while True:
                request.wfile.write(b"X-More: yes\r\n")
                time.sleep(0.05)
        except OSError:
            ended.set()

    base.answer = drip
    assert [a["source"] for a in search_addresses("rue pasteur")] == ["dvf"]
    assert counted() == {"provider_unavailable": 1}
    assert ended.wait(30), "the one who asked has let go"


def test_long_words_are_cut(base: Base) -> None:
    base.says(_collection({**NUMBER, "properties": {**NUMBER["properties"], "label": "rue\n" * 9999}}))
    [found] = search_addresses("12 rue pasteur")
    assert len(found["label"]) == 200 and "\n" not in found["label"]


def test_nobody_listens(base: Base) -> None:
    DVFStreetFactory(nom_voie="RUE PASTEUR")
    base.server.shutdown()
    base.server.server_close()
    assert [a["source"] for a in search_addresses("rue pasteur")] == ["dvf"]
