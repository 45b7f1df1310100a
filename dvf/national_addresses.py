"""The national address base (BAN, served by IGN's Géoplateforme), when the server is configured to ask it.

Off by default: what a client types leaves the server only where `BAN_URL` says so. Every failure is an empty
answer, and after one the base is left alone for a minute: no search waits long for somebody else's server.
Format: https://data.geopf.fr/geocodage/openapi (GeoJSON, one feature per address).
"""

from __future__ import annotations

import json
import math
import queue
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import structlog
from django.conf import settings
from django.core.cache import cache

from config.usage import count_call
from dvf.addresses import parse_address

if TYPE_CHECKING:
    from dvf.streets import FoundAddress

DOWN = "ban_down"
DOWN_SECONDS = 60
MAX_BYTES = 1_000_000
MAX_TEXT = 200  # characters of a label, a street, a city
NOT_UNDERSTOOD = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError)
logger = structlog.get_logger(__name__)


def search(q: str, postal_code: str, limit: int) -> list[FoundAddress]:
    """Streets and numbers of the base; empty when it is not configured, slow, down or not understood."""
    if not settings.BAN_URL or len(q.strip()) < 3 or cache.get(DOWN):
        return []
    parameters = {"q": q, "limit": str(limit), "autocomplete": "1"}
    if postal_code:
        parameters["postcode"] = postal_code
    try:
        features = _ask(parameters)
        answers = [found for feature in features[:limit] if (found := _found(feature)) is not None]
    except (httpx.HTTPError, httpx.InvalidURL, *NOT_UNDERSTOOD) as error:
        cache.set(DOWN, 1, DOWN_SECONDS)
        logger.warning("ban_unavailable", error=type(error).__name__)
        away = isinstance(error, httpx.HTTPError | httpx.InvalidURL)
        count_call("addresses", "ban", "provider_unavailable" if away else "provider_answer_invalid")
        return []
    count_call("addresses", "ban")
    return answers


def _ask(parameters: dict[str, str]) -> list[dict[str, Any]]:
    """The features answered. Raises what went wrong, within BAN_TIMEOUT_SECONDS whatever the server does: the
    limits of the client are for each read, and none is for the name's look-up or for headers that drip.
    """
    answers: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()
    with httpx.Client(timeout=httpx.Timeout(settings.BAN_TIMEOUT_SECONDS)) as client:

        def ask() -> None:
            try:
                answers.put(_read(client, parameters))
            except Exception as error:
                answers.put(error)

        threading.Thread(target=ask, name="national-addresses", daemon=True).start()
        try:
            answer = answers.get(timeout=settings.BAN_TIMEOUT_SECONDS)
        except queue.Empty:
            raise httpx.ReadTimeout("answer too slow") from None
    if isinstance(answer, Exception):
        raise answer
    features: list[dict[str, Any]] = json.loads(answer)["features"]
    return features


def _read(client: httpx.Client, parameters: dict[str, str]) -> bytes:
    deadline = time.monotonic() + settings.BAN_TIMEOUT_SECONDS
    with client.stream("GET", settings.BAN_URL, params=parameters) as response:
        response.raise_for_status()
        body = b""
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_BYTES:
                raise ValueError("answer too long")
            if time.monotonic() > deadline:
                raise httpx.ReadTimeout("answer too slow")
    return body


def _text(value: object) -> str:
    """As it can be shown and sent on: one line, bounded, no half of a character (a ValueError)."""
    text = " ".join(str(value).split())[:MAX_TEXT]
    text.encode()
    return text


def _number(value: object, limit: float) -> float:
    number = float(str(value))
    if not math.isfinite(number) or abs(number) > limit:
        raise ValueError("number out of range")
    return number


def _found(feature: dict[str, Any]) -> FoundAddress | None:
    said = feature["properties"]
    kind = {"housenumber": "number", "street": "street", "locality": "street"}.get(said["type"])
    if kind is None:
        return None  # a municipality
    longitude, latitude = feature["geometry"]["coordinates"][:2]
    parsed = parse_address(f"{said['housenumber']} rue") if kind == "number" else parse_address("")
    street = said["street"] if kind == "number" else said["name"]
    return {
        "label": _text(said["label"]),
        "kind": kind,
        "number": str(parsed.number or ""),
        "suffix": parsed.suffix,
        "street": _text(street),
        "postal_code": _text(said["postcode"]),
        "code_commune": _text(said["citycode"]),
        "city": _text(said["city"]),
        "longitude": _number(longitude, 180),
        "latitude": _number(latitude, 90),
        "sales_count": 0,
        "numbers": [],
        "score": round(min(max(_number(said["score"], 1e6), 0.0), 1.0), 3),
        "source": "ban",
    }
