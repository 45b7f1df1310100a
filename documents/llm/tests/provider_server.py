"""A local server that answers as Gemini, an OpenAI-compatible server or Anthropic would, well or badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECONDS_OF_SLOW = 3.0


def as_gemini(arguments: Any) -> dict[str, Any]:
    part = {"functionCall": {"name": "report_facts", "args": arguments}}
    usage = {"promptTokenCount": 1000, "candidatesTokenCount": 100, "totalTokenCount": 1100}
    return {
        "candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}],
        "usageMetadata": usage,
        "modelVersion": "m",
    }


def as_openai(arguments: Any) -> dict[str, Any]:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    call = {"id": "c1", "type": "function", "function": {"name": "report_facts", "arguments": text}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    return {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
    }


def as_anthropic(arguments: Any) -> dict[str, Any]:
    return {
        "id": "x",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "tool_use", "id": "t1", "name": "report_facts", "input": arguments}],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": 1000, "output_tokens": 100},
    }


SHAPES = {"gemini": as_gemini, "openai": as_openai, "anthropic": as_anthropic}


@dataclass
class Script:
    """How the next questions are answered, and what was asked."""

    engine: str
    url: str = ""
    arguments: Any = field(default_factory=lambda: {"facts": {}, "evidence": []})
    mode: str = "good"  # a case of `_answer`; any other answers well
    asked: list[str] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


def _handler(script: Script) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            script.asked.append(body.decode())
            script.heads.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
            with suppress(BrokenPipeError, ConnectionResetError):  # the client had enough
                self._answer()

        def _send(self, status: int, data: bytes, length: int | None = None, **headers: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data) if length is None else length))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(data)

        def _answer(self) -> None:
            good = json.dumps(SHAPES[script.engine](script.arguments)).encode()
            error = json.dumps({"error": {"message": "no", "type": "error", "code": 1}}).encode()
            match script.mode:
                case "slow":
                    script.stop.wait(SECONDS_OF_SLOW)
                    self._send(200, good)
                case "drip":
                    self._send(200, b"", len(good))
                    for byte in good:
                        if script.stop.wait(0.2):
                            return
                        self.wfile.write(bytes([byte]))
                case "drip_head":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
                    while not script.stop.wait(0.1):
                        self.wfile.write(b"x")
                case "hints":
                    while not script.stop.is_set():
                        self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100)
                case "broken":
                    self._send(200, good[: len(good) // 2])
                case "truncated":
                    self._send(200, good[: len(good) // 2], len(good))
                    self.close_connection = True
                case "429":
                    self._send(429, error, Retry_After="7")
                case "503" | "401" | "400":
                    self._send(int(script.mode), error)
                case "redirect":
                    self._send(307, b"", Location="http://192.0.2.1/")
                case "huge":
                    self._send(200, b'{"x": "' + b"a" * 3_000_000 + b'"}')
                case "zipped" | "zipped 503":
                    self._send(
                        503 if script.mode.endswith("503") else 200, b"\x1f\x8b", Content_Encoding="gzip"
                    )
                case "html":
                    self._send(200, b"<html><script>alert(1)</script></html>")
                case _:
                    self._send(200, good)

    return Handler


@contextmanager
def provider(engine: str) -> Iterator[Script]:
    script = Script(engine)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(script))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    path = {"gemini": "", "openai": "/v1", "anthropic": ""}[engine]
    script.url = f"http://127.0.0.1:{server.server_port}{path}"
    try:
        yield script
    finally:
        script.stop.set()
        server.shutdown()
        server.server_close()
        thread.join()
