"""What the database and the queue know, asked when Prometheus asks: jobs, queues, imports, valuation,
providers.

Any process can answer for all, and nothing is counted twice. Every part has a short time of its own; one that
does not answer in it says so in `appart_scrape_ok`, and the others are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import redis
import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Min, Model, Sum
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts.models import Erasure, Export
from config.usage import usages
from documents.llm.models import ModelRun
from documents.models import Document, DocumentSummary
from dvf.models import DVFImport
from dvf.valuation_models import ValuationBacktest, ValuationMeasure, ValuationModel
from photos.models import FileRemoval, PhotoRedesign
from reports.models import Report

logger = structlog.get_logger(__name__)

PART_TIMEOUT_MS = 1000
Part = Callable[[], Iterator[Metric]]

# Kind of job → its rows, the column of its state and that of the moment since when it waits.
JOBS: dict[str, tuple[type[Model], str | None, str]] = {
    "reading": (Document, "status", "queued_at"),
    "synthesis": (DocumentSummary, "status", "queued_at"),
    "model": (ModelRun, "status", "queued_at"),
    "redesign": (PhotoRedesign, "status", "queued_at"),
    "report": (Report, "status", "queued_at"),
    "export": (Export, "status", "created_at"),
    "erasure": (Erasure, None, "created_at"),
    "file_removal": (FileRemoval, None, "created_at"),
}
WAITING = {"pending", "processing", "generating"}


def jobs() -> Iterator[Metric]:
    states = GaugeMetricFamily("appart_jobs", "Jobs by state; the row is the job.", labels=["job", "state"])
    ages = GaugeMetricFamily(
        "appart_oldest_job_seconds", "Age of the oldest job not finished.", labels=["job", "state"]
    )
    now = timezone.now()
    for job, (model, column, since) in JOBS.items():
        rows = model._default_manager.order_by()
        if column is None:
            waiting = rows.filter(finished_at=None) if model is Erasure else rows
            found = [("pending", *waiting.aggregate(n=Count("pk"), oldest=Min(since)).values())]
        else:
            # The whole table by its index of states; when waiting began only for those that wait.
            field: Any = model._meta.get_field(column)
            counted = dict(rows.values_list(column).annotate(n=Count("pk")))
            live = [state for state in counted if state in WAITING]
            began = dict(rows.filter(**{f"{column}__in": live}).values_list(column).annotate(o=Min(since)))
            found = [(state, counted.get(state, 0), began.get(state)) for state, _label in field.choices]
        for state, n, oldest in found:
            states.add_metric([job, state], n)
            if state in WAITING:
                ages.add_metric([job, state], max(0.0, (now - oldest).total_seconds()) if oldest else 0.0)
    yield states
    yield ages


def queues() -> Iterator[Metric]:
    lengths = GaugeMetricFamily("appart_queue_messages", "Messages waiting in a queue.", labels=["queue"])
    url = f"{settings.REDIS_URL}/0"
    with redis.Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=0.5) as broker:
        for queue in settings.CELERY_TASK_QUEUES:
            lengths.add_metric([queue.name], broker.llen(queue.name))
        lengths.add_metric(["unacknowledged"], broker.hlen("unacked"))
    yield lengths


def imports() -> Iterator[Metric]:
    states = GaugeMetricFamily("appart_imports", "Imports of sales by state.", labels=["state"])
    counted = dict(DVFImport.objects.order_by().values_list("status").annotate(n=Count("pk")))
    for state in DVFImport.Status.values:
        states.add_metric([state], counted.get(state, 0))
    yield states
    served = DVFImport.objects.served().values_list("finished_at", "total_sales", "rejected").first()
    if served:
        finished, total, rejected = served
        at = finished.timestamp() if finished else 0.0
        yield GaugeMetricFamily("appart_import_finished_timestamp_seconds", "Last import served.", value=at)
        yield GaugeMetricFamily("appart_sales_served", "Sales in the tables.", value=total)
        refused = sum(rejected.values())
        yield GaugeMetricFamily("appart_import_rejected_lines", "Lines it refused.", value=refused)


def valuation() -> Iterator[Metric]:
    """The latest backtest of each area, beside what it should be: errors small, ratio 1, coverage 80."""
    names = ["department", "type"]
    families = {
        "mdape": GaugeMetricFamily(
            "appart_valuation_median_error_percent", "Median error on sales it had not seen.", labels=names
        ),
        "median_ratio": GaugeMetricFamily(
            "appart_valuation_median_ratio", "Median of estimate over price; 1 is no drift.", labels=names
        ),
        "coverage_80": GaugeMetricFamily(
            "appart_valuation_coverage_80_percent", "Prices within the interval of 80 %.", labels=names
        ),
        "tested": GaugeMetricFamily("appart_valuation_tested_sales", "Sales it was tried on.", labels=names),
    }
    rows = ValuationBacktest.objects.order_by("code_departement", "type_principal")
    columns = ("code_departement", "type_principal", *families)
    for department, kind, *values in rows.values_list(*columns)[:500]:
        for family, value in zip(families.values(), values, strict=True):
            if value is not None:
                family.add_metric([department, kind], value)
    yield from families.values()
    error = GaugeMetricFamily(
        "appart_valuation_error_change_points", "Median error, against the release before.", labels=names
    )
    ratio = GaugeMetricFamily(
        "appart_valuation_ratio_change", "Median ratio, against the release before.", labels=names
    )
    for change in ValuationMeasure.objects.changes():
        error.add_metric([change.department, change.type], change.error)
        ratio.add_metric([change.department, change.type], change.ratio)
    yield error
    yield ratio
    release = DVFImport.objects.served().values_list("pk", flat=True).first()
    stale = ValuationModel.objects.exclude(release_id=release).count()
    yield GaugeMetricFamily("appart_valuation_stale_models", "Models of an earlier release.", value=stale)


def providers() -> Iterator[Metric]:
    names = ["port", "provider"]
    calls = CounterMetricFamily(
        "appart_provider_calls", "Calls to providers by how they ended.", labels=[*names, "outcome"]
    )
    costs = CounterMetricFamily("appart_provider_cost_euros", "What they cost, where known.", labels=names)
    spent: dict[tuple[str, str], float] = {}
    for usage in usages():
        calls.add_metric([usage.port, usage.provider, usage.outcome], usage.calls)
        if usage.cost is not None:
            place = (usage.port, usage.provider)
            spent[place] = spent.get(place, 0.0) + float(usage.cost)
    # Language models keep a ledger of their own: each run is a row with its cost.
    runs = ModelRun.objects.order_by().exclude(outcome="").values_list("engine", "outcome")
    for engine, outcome, n, cost in runs.annotate(n=Count("pk"), cost_sum=Sum("cost")):
        calls.add_metric(["documents", engine, "ok" if outcome == "answered" else outcome], n)
        spent["documents", engine] = spent.get(("documents", engine), 0.0) + float(cost)
    for place, cost in spent.items():
        costs.add_metric(list(place), cost)
    yield calls
    yield costs


PARTS: dict[str, Part] = {
    "jobs": jobs,
    "queues": queues,
    "imports": imports,
    "valuation": valuation,
    "providers": providers,
}


WITHOUT_DATABASE = {"queues"}


@contextmanager
def _briefly() -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PART_TIMEOUT_MS)])
        yield


class Gauges(Collector):
    def collect(self) -> Iterator[Metric]:
        fine = GaugeMetricFamily("appart_scrape_ok", "1: this part answered in its time.", labels=["part"])
        for name, part in PARTS.items():
            try:
                with nullcontext() if name in WITHOUT_DATABASE else _briefly():
                    found = list(part())
            except Exception as error:  # whatever it is, the other parts are shown
                logger.warning("scrape_failed", part=name, error=type(error).__name__)
                fine.add_metric([name], 0)
            else:
                yield from found
                fine.add_metric([name], 1)
        yield fine
