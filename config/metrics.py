"""`/metrics` for Prometheus: requests and cache of every web process, and what `config.gauges` asks.

Not public: whoever has no `METRICS_TOKEN` gets 401, and where the setting is empty there is nothing.
"""

from __future__ import annotations

import os
import secrets

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from config.gauges import Gauges


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format; Http404 without the setting, 401 without its token."""
    token: str = settings.METRICS_TOKEN
    if not token:
        raise Http404
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secrets.compare_digest(given.strip().encode(), token.encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    own = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(own)  # type: ignore[no-untyped-call]
    text = generate_latest(own if "PROMETHEUS_MULTIPROC_DIR" in os.environ else REGISTRY)
    asked = CollectorRegistry()
    asked.register(Gauges())
    return HttpResponse(text + generate_latest(asked), content_type=CONTENT_TYPE_LATEST)
