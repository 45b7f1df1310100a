"""Errors to Sentry, traces to an OpenTelemetry collector: each only when its address is set, neither with
anything that tells of a person (`config.logs` says what that is).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings

from config.logs import scrub

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

SERVICE = "appart-agent"
# What a span may carry: routes, statements with their placeholders, names of jobs and queues, statuses.
SPAN_ATTRIBUTES = frozenset(
    {
        "http.method",
        "http.request.method",
        "http.route",
        "http.status_code",
        "http.response.status_code",
        "db.system",
        "db.name",
        "db.statement",
        "db.query.text",
        "celery.action",
        "celery.state",
        "celery.task_name",
        "messaging.destination",
        "messaging.message_id",
        "messaging.message.id",
    }
)


def start() -> None:
    """Turn on what the settings ask for; called once a process, when the applications are ready."""
    if settings.SENTRY_DSN:
        _start_sentry()
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        _start_opentelemetry()


def _start_sentry() -> None:
    import sentry_sdk

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment=settings.SENTRY_ENVIRONMENT,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        traces_sample_rate=None,
        server_name="",
        before_send=without_persons,
    )


def without_persons(event: Any, hint: dict[str, Any]) -> Any:
    """Sentry's event, cut down to where it happened: what was asked for by path, and types without words."""
    request = event.get("request", {})
    address = str(request.get("url", "")).partition("?")[0]
    event["request"] = {"method": request.get("method"), "url": scrub(address)}
    for name in ("user", "extra", "breadcrumbs", "contexts", "modules"):
        event.pop(name, None)
    if entry := event.get("logentry"):
        said = getattr(hint.get("log_record"), "msg", entry.get("message", ""))
        event["logentry"] = {"message": scrub(str(said["event"] if isinstance(said, dict) else said))}
    if "message" in event:
        event["message"] = scrub(str(event["message"]))
    for value in event.get("exception", {}).get("values", []):
        value["value"] = ""
    return event


def _start_opentelemetry() -> None:
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.celery import CeleryInstrumentor
    from opentelemetry.instrumentation.django import DjangoInstrumentor
    from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    class Exporter(OTLPSpanExporter):
        def export(self, spans: Sequence[ReadableSpan]) -> Any:
            return super().export([cleaned(span) for span in spans])

    headers = dict(
        pair.split("=", 1) for pair in settings.OTEL_EXPORTER_OTLP_HEADERS.split(",") if "=" in pair
    )
    endpoint = f"{settings.OTEL_EXPORTER_OTLP_ENDPOINT.rstrip('/')}/v1/traces"
    name = os.environ.get("OTEL_SERVICE_NAME", SERVICE)
    provider = TracerProvider(resource=Resource({"service.name": name, "process.kind": settings.PROCESS}))
    provider.add_span_processor(BatchSpanProcessor(Exporter(endpoint, headers=headers, timeout=5)))
    trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument()
    CeleryInstrumentor().instrument()  # type: ignore[no-untyped-call]
    PsycopgInstrumentor().instrument()


def cleaned(span: ReadableSpan) -> ReadableSpan:
    """The span with the attributes of SPAN_ATTRIBUTES alone, and no events: those quote exceptions."""
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace.status import Status

    given: Mapping[str, Any] = span.attributes or {}
    return ReadableSpan(
        name=scrub(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={key: value for key, value in given.items() if key in SPAN_ATTRIBUTES},
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
