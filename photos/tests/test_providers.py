"""Model providers, against a local server that speaks their protocol: well, slowly, badly, with hostility."""

from __future__ import annotations

import base64
import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.usage import usages
from photos import jobs
from photos.drawn_room import jpeg, room
from photos.engines import configured
from photos.image_models.gemini import GeminiImages
from photos.image_models.offline import OfflineImages
from photos.image_models.openai_compatible import OpenAICompatibleImages
from photos.image_models.protocol import COMPOSITE, ImageModel, ImageModelError, RedesignRequest, Tokens
from photos.redesign import generate
from photos.tests.factories import make_redesign

PICTURE = jpeg(room(160, 107))
WISH = RedesignRequest(jpeg(room(160, 107)), preset="classic", prompt='say "yes"', aspect_ratio="4:3", seed=7)


@dataclass
class Provider:
    """answer: (status, headers, body) or a function that writes to the connection itself."""

    url: str = ""
    answer: Any = None
    seen: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def provider() -> Iterator[Provider]:
    state = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            state.seen.append((self.path, dict(self.headers), body))
            answer = state.answer(self) if callable(state.answer) else state.answer
            if answer is None:
                return
            status, headers, content = answer
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def gemini(provider: Provider, seconds: float = 5) -> GeminiImages:
    return GeminiImages("k3y", "image-model", f"{provider.url}/v1beta", seconds)


def openai(provider: Provider, seconds: float = 5) -> OpenAICompatibleImages:
    return OpenAICompatibleImages("k3y", "image-model", f"{provider.url}/v1", seconds)


BOTH = pytest.mark.parametrize("engine", [gemini, openai])
Engine = Callable[..., ImageModel]


def ok(body: Any) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps(body).encode()


def good(engine: Engine, picture: bytes = PICTURE) -> tuple[int, dict[str, str], bytes]:
    data = base64.b64encode(picture).decode()
    if engine is openai:
        return ok({"created": 1, "data": [{"b64_json": data}]})
    parts = [{"text": "Here it is"}, {"inlineData": {"mimeType": "image/jpeg", "data": data}}]
    return ok({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]})


def error_of(model: ImageModel) -> ImageModelError:
    with pytest.raises(ImageModelError) as raised:
        model.redesign(WISH)
    return raised.value


@BOTH
def test_a_good_answer(provider: Provider, engine: Engine) -> None:
    provider.answer = good(engine)
    result = engine(provider).redesign(WISH)
    assert (result.image, result.version, result.source_type) == (PICTURE, "image-model", COMPOSITE)


def test_what_gemini_is_asked(provider: Provider) -> None:
    provider.answer = good(gemini)
    gemini(provider).redesign(WISH)
    path, headers, body = provider.seen[0]
    assert path == "/v1beta/models/image-model:generateContent" and headers["x-goog-api-key"] == "k3y"
    asked = json.loads(body)
    words, image = asked["contents"][0]["parts"]
    assert "Keep the room" in words["text"] and "sage" in words["text"] and "say 'yes'" in words["text"]
    assert base64.b64decode(image["inlineData"]["data"]) == WISH.image
    assert asked["generationConfig"]["imageConfig"] == {"aspectRatio": "4:3"}


def test_what_an_openai_compatible_server_is_asked(provider: Provider) -> None:
    provider.answer = good(openai)
    openai(provider).redesign(WISH)
    path, headers, body = provider.seen[0]
    assert path == "/v1/images/edits" and headers["Authorization"] == "Bearer k3y"
    assert (
        WISH.image in body and b'name="image"' in body and b"1536x1024" in body and b"Keep the room" in body
    )


@BOTH
@pytest.mark.parametrize(
    ("status", "code", "permanent"),
    [
        (400, "provider_refused", True),
        (401, "provider_misconfigured", True),
        (404, "provider_misconfigured", True),
        (302, "provider_misconfigured", True),
        (429, "provider_quota", False),
        (500, "provider_unavailable", False),
        (503, "provider_unavailable", False),
    ],
)
def test_refusals_are_told_apart(
    provider: Provider, engine: Engine, status: int, code: str, permanent: bool
) -> None:
    headers = {"Retry-After": "17", "Location": "http://127.0.0.1:1/elsewhere"}
    provider.answer = (status, headers, b'{"error": {"message": "secret detail"}}')
    error = error_of(engine(provider))
    assert (error.code, error.permanent) == (code, permanent)
    assert error.retry_after == (17 if status in (429, 500, 503) else None)
    assert "secret" not in str(error) and len(provider.seen) == 1


@BOTH
@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>down</html>", b"[]", b"null", b"{}", b"[" * 100_000, b'{"data": "x", "candidates": 3}',
        b'{"data": [{"url": "http://127.0.0.1:1/x.png"}], "candidates": [null, {"content": []}]}',
        b'{"data": [{"b64_json": "*not base64*"}],'
        b' "candidates": [{"content": {"parts": [{"inlineData": {"data": "*"}}]}}]}',
        b'{"data": [{"b64_json": 5}], "candidates": [{"content": {"parts": [{"inlineData": {"data": 5}}]}}]}',
    ],
)  # fmt: skip
def test_nonsense_is_an_error_not_a_crash(provider: Provider, engine: Engine, body: bytes) -> None:
    provider.answer = (200, {}, body)
    assert error_of(engine(provider)).code == "provider_answer_invalid"


@pytest.mark.parametrize(
    "body",
    [
        {"promptFeedback": {"blockReason": "SAFETY"}},
        {"candidates": [{"finishReason": "IMAGE_SAFETY", "content": {"parts": [{"text": "no"}]}}]},
    ],
)
def test_gemini_may_refuse_in_a_good_answer(provider: Provider, body: Any) -> None:
    provider.answer = ok(body)
    error = error_of(gemini(provider))
    assert error.code == "provider_refused" and error.permanent


@BOTH
def test_a_silent_provider_is_left(provider: Provider, engine: Engine) -> None:
    provider.answer = lambda handler: time.sleep(3)
    error = error_of(engine(provider, seconds=0.5))
    assert error.code == "provider_unavailable" and not error.permanent


@BOTH
def test_a_trickle_is_left_too(provider: Provider, engine: Engine) -> None:
    """A byte now and then keeps every single read short: the whole exchange is bounded."""

    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        try:
            handler.wfile.write(b" " * 70_000)
            while True:  # until nobody reads any more
                handler.wfile.write(b" ")
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    provider.answer = trickle
    assert error_of(engine(provider, seconds=0.5)).code == "provider_unavailable"


def dripping_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)


def never_a_final_status(handler: BaseHTTPRequestHandler) -> None:
    while True:
        handler.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100)


def headers_without_end(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"X-Many: x\r\n" * 1000)


@BOTH
@pytest.mark.parametrize("manner", [dripping_headers, never_a_final_status, headers_without_end])
def test_an_answer_that_never_begins_is_left(provider: Provider, engine: Engine, manner: Any) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):  # until nobody reads any more
            manner(handler)

    provider.answer = answer
    assert error_of(engine(provider, seconds=0.5)).code == "provider_unavailable"


@BOTH
def test_a_compressed_answer_is_refused(provider: Provider, engine: Engine) -> None:
    """Forty kilobytes may be forty megabytes; of a refusal the status says all."""
    status, headers, body = good(engine)
    provider.answer = (status, headers | {"Content-Encoding": "gzip"}, gzip.compress(body))
    assert error_of(engine(provider)).code == "provider_answer_invalid"
    assert provider.seen[0][1]["Accept-Encoding"] == "identity"
    provider.answer = (503, {"Content-Encoding": "gzip"}, gzip.compress(b"away"))
    assert error_of(engine(provider)).code == "provider_unavailable"


@BOTH
def test_an_endless_answer_is_cut(provider: Provider, engine: Engine) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _n in range(200):
                handler.wfile.write(b" " * 1024 * 1024)
        except OSError:
            pass

    provider.answer = endless
    error = error_of(engine(provider, seconds=60))
    assert error.code == "provider_answer_invalid" and error.permanent


@BOTH
def test_a_broken_connection_and_none(provider: Provider, engine: Engine) -> None:
    provider.answer = lambda handler: handler.connection.close()
    assert error_of(engine(provider)).code == "provider_unavailable"
    provider.url = "http://127.0.0.1:1"
    assert error_of(engine(provider)).code == "provider_unavailable"


def test_a_picture_that_is_none_is_refused_and_the_rest_scored_and_labelled(provider: Provider) -> None:
    provider.answer = good(gemini, b"\x89PNG\r\n\x1a\n" + b"0" * 500)
    with pytest.raises(ImageModelError) as raised:
        generate(gemini(provider), WISH, language="fr", original="x")
    assert raised.value.code == "provider_answer_invalid"
    provider.answer = good(gemini)
    made = generate(gemini(provider), WISH, language="fr", original="x")
    assert made.structure.score > 0.95 and not made.is_flagged and made.tries == 1
    assert b"compositeWithTrainedAlgorithmicMedia" in made.image


def test_another_room_is_asked_once_more_and_flagged(provider: Provider) -> None:
    provider.answer = good(gemini, jpeg(room(160, 107)[:, ::-1]))
    made = generate(gemini(provider), WISH, language="fr", original="x")
    assert made.is_flagged and made.tries == 2 and len(provider.seen) == 2
    seeds = [json.loads(body)["generationConfig"]["seed"] for _path, _headers, body in provider.seen]
    assert seeds[0] != seeds[1]


def with_usage(engine: Engine, usage: Any) -> tuple[int, dict[str, str], bytes]:
    status, headers, body = good(engine)
    name = "usage" if engine is openai else "usageMetadata"
    return status, headers, json.dumps({**json.loads(body), name: usage}).encode()


def test_tokens_are_those_that_the_provider_counted(provider: Provider) -> None:
    counted: list[tuple[Engine, Any, Tokens | None]] = [
        (openai, {"input_tokens": 300, "output_tokens": 4000, "total_tokens": 4300}, Tokens(300, 4000)),
        (gemini, {"promptTokenCount": 300, "candidatesTokenCount": 1290}, Tokens(300, 1290)),
        (
            gemini,
            {"promptTokenCount": 300, "candidatesTokenCount": 1290, "thoughtsTokenCount": 10},
            Tokens(300, 1300),
        ),
    ]
    wrong: list[Any] = [
        None,
        [],
        {},
        {"input_tokens": 1},
        {"input_tokens": True, "output_tokens": -1},
        {"a": "1"},
    ]
    for engine, usage, tokens in counted + [(openai, usage, None) for usage in wrong]:
        provider.answer = with_usage(engine, usage)
        assert engine(provider).redesign(WISH).tokens == tokens, usage


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("price", "cost"),
    [
        ({"image-model": (Decimal("0.04"),)}, Decimal("0.08")),
        ({"image-model": (Decimal("0.30"), Decimal("30"))}, Decimal("0.07758")),
        ({"another": (Decimal("0.04"),)}, None),
    ],
)
def test_what_a_redesign_cost_is_kept(
    provider: Provider, settings: Any, price: dict[str, tuple[Decimal, ...]], cost: Decimal | None
) -> None:
    """Two pictures were asked: the first one's room is another. Nothing is invented where no price is set."""
    settings.IMAGE_ENGINE, settings.IMAGE_API_KEY, settings.IMAGE_MODEL = "gemini", "k", "image-model"
    settings.IMAGE_BASE_URL, settings.IMAGE_PRICES = f"{provider.url}/v1beta", price
    provider.answer = with_usage(gemini, {"promptTokenCount": 300, "candidatesTokenCount": 1290})
    row = make_redesign()

    def spent() -> Decimal:
        return sum((one.cost or Decimal(0) for one in usages() if one.provider == "gemini"), Decimal(0))

    before = spent()
    jobs.run(row.pk)
    row.refresh_from_db()
    assert (row.status, row.structure["tries"], row.cost) == ("completed", 2, cost)
    assert float(spent() - before) == pytest.approx(float(cost or 0))


def test_settings_choose_the_engine(settings: Any) -> None:
    assert isinstance(configured(), OfflineImages)
    settings.IMAGE_ENGINE, settings.IMAGE_API_KEY, settings.IMAGE_MODEL = "gemini", "k", "m"
    assert isinstance(configured(), GeminiImages)
    settings.IMAGE_ENGINE = "openai"
    assert isinstance(configured(), OpenAICompatibleImages)
    settings.IMAGE_MODEL = ""
    with pytest.raises(ImproperlyConfigured):
        configured()
    settings.IMAGE_ENGINE = "magic"
    with pytest.raises(ImproperlyConfigured):
        configured()
