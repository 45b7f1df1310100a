"""Logs: one JSON object a line, with the request's or the job's id, and nothing that tells of a person.

What may not be in a log: e-mail addresses, tokens, keys and signed links, network addresses, what people
typed (query strings, street addresses) and what stands in their documents. Accounts are told by their number.
Hence two rules: no query string is logged, and an exception is logged by its type and its places in the
code; its message, which often holds the very value, only where the message is about a service.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

_SECRETS = (
    (re.compile(r"(?<=//)[^/\s:@]*:[^/\s@]+(?=@)"), "[password]"),
    (re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"\b(Bearer|Basic|Token)\s+[\w.~+/=-]{8,}", re.I), r"\1 [token]"),
    (re.compile(r"\baa_\w{8,}"), "[token]"),
    (re.compile(r"\?[^\s\"'>]*(X-Amz-|Signature=|token=|key=)[^\s\"'>]*", re.I), "?[link]"),
    (re.compile(r"(/account/(?:verify-email|reset-password)/)[^/\s]+"), r"\1[key]"),
    (re.compile(r"(?<![\d.])(?!127\.0\.0\.1|0\.0\.0\.0)\d{1,3}(\.\d{1,3}){3}(?![\d.])"), "[address]"),
)
# Their messages are about services and settings, not about what somebody sent.
_TOLD = (OSError, ImproperlyConfigured)
_TOLD_BY_NAME = {"OperationalError", "ConnectionInterrupted", "RedisError", "EndpointConnectionError"}


def scrub(text: str) -> str:
    """The text without what identifies a person or opens a door."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def message_of(error: BaseException) -> str:
    """The first line of what a service said; empty for errors that may quote what a person sent."""
    names = {kind.__name__ for kind in type(error).__mro__}
    if isinstance(error, _TOLD) or names & _TOLD_BY_NAME:
        return scrub(str(error).partition("\n")[0])
    return ""


def stack(error: BaseException) -> str:
    """Types and places of an error and of what led to it, the first cause first."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    parts = []
    for one in reversed(chain):
        said = message_of(one)
        parts += [
            *(f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(one.__traceback__)),
            f"{type(one).__module__}.{type(one).__qualname__}" + (f": {said}" if said else ""),
        ]
    return "\n".join(parts)


def exceptions(logger: object, name: str, event: dict[str, Any]) -> dict[str, Any]:
    """structlog processor: `exc_info` becomes `exception`, without the messages that may quote a person."""
    info = event.pop("exc_info", None)
    if info is True:
        import sys

        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = stack(error)
        event.pop("error", None)
    return event


def private(logger: object, name: str, event: dict[str, Any]) -> dict[str, Any]:
    """structlog processor, the last before rendering: every value cleaned, whatever its depth."""
    event.pop("user_agent", None)
    return {key: _clean(value) for key, value in event.items()}


def _clean(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, Mapping):
        return {str(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    return type(value).__name__ if isinstance(value, BaseException) else scrub(str(value))


class RequestLog(RequestMiddleware):
    """A line at the beginning and one at the end of each request: method, path, status; no query."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"


def _as_record(logger: Any, name: str, event: MutableMapping[str, Any]) -> Any:
    """structlog's event as a record of `logging` that still carries its exception, for Sentry."""
    arguments, options = structlog.stdlib.ProcessorFormatter.wrap_for_formatter(logger, name, event)
    return arguments, {**options, "exc_info": event.get("exc_info")}


def logging_settings(level: str, *, as_json: bool, sql: bool = False) -> dict[str, Any]:
    """Django's LOGGING; gunicorn and Celery are given the same."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = (
        [exceptions, private, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json  # else for one's own machine: the whole trace, on several lines
        else [structlog.processors.format_exc_info, structlog.dev.ConsoleRenderer(colors=False)]
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            _as_record,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
                "foreign_pre_chain": shared,
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.db.backends": {"level": "DEBUG" if sql else "INFO"},
            "httpx": {"level": "WARNING"},
            "botocore": {"level": "WARNING"},
            # What they say of each job is said once, by django-structlog, without its arguments and results.
            "celery.app.trace": {"level": "CRITICAL"},
            "celery.worker.strategy": {"level": "WARNING"},
            "gunicorn.error": {"handlers": [], "propagate": True, "level": level},
            "gunicorn.access": {"handlers": [], "propagate": False, "level": "CRITICAL"},
        },
    }
