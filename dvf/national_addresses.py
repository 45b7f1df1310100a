"""The national address base (BAN, served by IGN's Géoplateforme), when the server is configured to ask it.

Off by default: what a client types leaves the server only where `BAN_URL` says so. Every failure is an empty
answer, and after one the base is left alone for a minute: no search waits long for somebody else's server.
Format: https://data.geopf.fr/geocodage/openapi (GeoJSON, one feature per address).
"""

from __future__ import annotations

import json
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
        answers = [found for feature in features if (found := _found(feature)) is not None]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError, KeyError, AttributeError) as error:
        cache.set(DOWN, 1, DOWN_SECONDS)
        logger.warning("ban_unavailable", error=type(error).__name__)
        away = isinstance(error, httpx.HTTPError | httpx.InvalidURL)
        count_call("addresses", "ban", "provider_unavailable" if away else "provider_answer_invalid")
        return []
    count_call("addresses", "ban")
    return answers


def _ask(parameters: dict[str, str]) -> list[dict[str, Any]]:
    timeout = httpx.Timeout(settings.BAN_TIMEOUT_SECONDS)
    deadline = time.monotonic() + settings.BAN_TIMEOUT_SECONDS
    with httpx.stream("GET", settings.BAN_URL, params=parameters, timeout=timeout) as response:
        response.raise_for_status()
        body = b""
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_BYTES:
                raise ValueError("answer too long")
            if time.monotonic() > deadline:  # httpx's limit is for each read: a dripping server passes it
                raise ValueError("answer too slow")
    features: list[dict[str, Any]] = json.loads(body)["features"]
    return features


def _found(feature: dict[str, Any]) -> FoundAddress | None:
    said = feature["properties"]
    kind = {"housenumber": "number", "street": "street", "locality": "street"}.get(said["type"])
    if kind is None:
        return None  # a municipality
    longitude, latitude = (float(x) for x in feature["geometry"]["coordinates"][:2])
    parsed = parse_address(f"{said['housenumber']} rue") if kind == "number" else parse_address("")
    street = said["street"] if kind == "number" else said["name"]
    return {
        "label": str(said["label"]),
        "kind": kind,
        "number": str(parsed.number or ""),
        "suffix": parsed.suffix,
        "street": str(street),
        "postal_code": str(said["postcode"]),
        "code_commune": str(said["citycode"]),
        "city": str(said["city"]),
        "longitude": longitude,
        "latitude": latitude,
        "sales_count": 0,
        "numbers": [],
        "score": round(min(max(float(said["score"]), 0.0), 1.0), 3),
        "source": "ban",
    }
