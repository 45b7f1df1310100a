"""/metrics: closed to the public, the same from every process, and honest about what does not answer."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.apps import apps
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from accounts.models import User
from config.gauges import JOBS
from config.metrics import metrics  # noqa: F401 registers what it shows
from config.usage import count_call
from documents.llm.models import ModelRun
from documents.models import Document
from dvf.tests.factories import DVFImportFactory
from dvf.valuation_models import ValuationBacktest, ValuationMeasure
from properties.tests.factories import PropertyFactory

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "metrics-token-of-this-test"

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def ask(settings: Any, db: None) -> Any:
    settings.METRICS_TOKEN = TOKEN

    def scrape() -> Samples:
        answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        return samples(answer.content.decode())

    return scrape


def samples(text: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found[name, tuple(sorted(labels.items()))]


@pytest.mark.parametrize(
    ("setting", "header", "status"),
    [
        ("", f"Bearer {TOKEN}", 404),
        ("", "Bearer ", 404),
        (TOKEN, "", 401),
        (TOKEN, "Bearer wrong", 401),
        (TOKEN, f"Basic {TOKEN}", 401),
        (TOKEN, "Bearer é", 401),
        (TOKEN, f"Bearer {TOKEN}", 200),
    ],
)
def test_only_its_token_opens_it(
    setting: str, header: str, status: int, settings: Any, back_office: Client
) -> None:
    """Not even staff: a browser's session is no key to it."""
    settings.METRICS_TOKEN = setting
    answer = back_office.get("/metrics", headers={"Authorization": header} if header else {})
    assert answer.status_code == status
    assert (b"appart_jobs" in answer.content) == (status == 200)


def test_jobs_by_state_and_age(ask: Any, owner: User) -> None:
    flat = PropertyFactory(user=owner)
    for n, (status, hours) in enumerate([("pending", 3), ("pending", 1), ("processing", 2), ("failed", 50)]):
        Document.objects.create(
            property=flat, filename="a.pdf", original_filename="a.pdf", content_type="application/pdf",
            size=1, file_hash=str(n) * 64, storage_key="k", storage_bucket="b", status=status,
            queued_at=timezone.now() - timedelta(hours=hours),
        )  # fmt: skip
    found = ask()
    counts = {
        s: value(found, "appart_jobs", job="reading", state=s) for s in ("pending", "failed", "analyzed")
    }
    assert counts == {"pending": 2, "failed": 1, "analyzed": 0}
    assert value(found, "appart_oldest_job_seconds", job="reading", state="pending") == pytest.approx(
        10800, abs=60
    )
    assert value(found, "appart_oldest_job_seconds", job="redesign", state="pending") == 0
    assert {s: v for (name, s), v in found.items() if name == "appart_scrape_ok"} == {
        (("part", part),): 1.0 for part in ("jobs", "queues", "imports", "valuation", "providers")
    }


def test_imports_valuation_providers_and_cache(ask: Any) -> None:
    served = DVFImportFactory(status="served", finished_at=timezone.now(), total_sales=1234)
    ValuationBacktest.objects.create(
        code_departement="83", type_principal="Appartement", release=served, sales_count=900, seconds=1,
        split_date="2024-01-01", tested=180, mdape=12.5, reference_mdape=15, neighbours_mdape=14,
        median_ratio=1.02, coverage_80=78.5, abstained_percent=3, report={},
    )  # fmt: skip
    for outcome, cost in (("answered", "0.0125"), ("answered", "0.01"), ("quota", "0")):
        ModelRun.objects.create(engine="gemini", model="m", outcome=outcome, cost=Decimal(cost))
    count_call("images", "openai", "provider_quota")
    before = ask()
    cache.set("price_analysis_full:1", {}, 60)
    cache.get("price_analysis_full:1")
    cache.get("price_analysis_full:2")
    found = ask()
    assert value(found, "appart_sales_served") == 1234
    assert value(found, "appart_imports", state="served") == 1
    place = {"department": "83", "type": "Appartement"}
    assert value(found, "appart_valuation_median_error_percent", **place) == 12.5
    assert value(found, "appart_valuation_coverage_80_percent", **place) == 78.5
    gemini = {"port": "documents", "provider": "gemini"}
    assert value(found, "appart_provider_calls_total", **gemini, outcome="ok") == 2
    assert value(found, "appart_provider_calls_total", **gemini, outcome="quota") == 1
    assert value(found, "appart_provider_cost_euros_total", **gemini) == pytest.approx(0.0225)
    assert (
        value(
            found, "appart_provider_calls_total", port="images", provider="openai", outcome="provider_quota"
        )
        == 1
    )
    for result in ("hit", "miss"):
        labels = {"family": "price_analysis_full", "result": result}
        key = ("appart_cache_gets_total", tuple(sorted(labels.items())))
        assert found[key] - before.get(key, 0) == 1


def measure(release: Any, department: str = "83", **figures: Any) -> None:
    shown = {"mdape": 10.0, "median_ratio": 1.0} | figures
    ValuationMeasure.objects.create(
        code_departement=department, type_principal="Appartement", release=release, sales_count=900,
        seconds=1, split_date="2024-01-01", tested=180, reference_mdape=15, neighbours_mdape=14,
        coverage_80=78.5, abstained_percent=3, **shown,
    )  # fmt: skip


def test_valuation_against_the_release_before(ask: Any) -> None:
    """What was measured twice on a release counts once; what was measured on one alone has no change."""
    first, second = (DVFImportFactory(status=status) for status in ("superseded", "served"))
    measure(first, mdape=99)
    measure(first)
    measure(second, mdape=50)
    measure(second, mdape=13.5, median_ratio=1.04)
    measure(second, "75")
    found = ask()
    place = {"department": "83", "type": "Appartement"}
    assert value(found, "appart_valuation_error_change_points", **place) == pytest.approx(3.5)
    assert value(found, "appart_valuation_ratio_change", **place) == pytest.approx(0.04)
    assert not [labels for name, labels in found if "change" in name and ("department", "75") in labels]


def test_no_kind_of_job_is_forgotten() -> None:
    """A row with a lease is a job."""
    with_lease = {
        model
        for model in apps.get_models()
        if not model._meta.proxy and any(f.name == "lease_until" for f in model._meta.get_fields())
    }
    assert with_lease <= {model for model, _state, _since in JOBS.values()}


def test_a_part_that_is_down_leaves_the_others(ask: Any, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"
    found = ask()
    assert value(found, "appart_scrape_ok", part="queues") == 0
    assert value(found, "appart_scrape_ok", part="jobs") == 1
    assert value(found, "appart_imports", state="served") == 0


def names_of(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:appart|django)_\w+", expression))


def test_dashboard_and_alerts_ask_for_what_is_shown(ask: Any) -> None:
    """Families that show no sample before the first event (errors, costs) count by what they are called."""
    count_call("images", "gemini", cost=Decimal("0.01"))
    served = DVFImportFactory(status="served", finished_at=timezone.now())
    ValuationBacktest.objects.create(
        code_departement="83", type_principal="Maison", release=served, sales_count=1, seconds=1,
        split_date="2024-01-01", tested=1, mdape=1, reference_mdape=1, neighbours_mdape=1,
        median_ratio=1, coverage_80=80, abstained_percent=0, report={},
    )  # fmt: skip
    for release in (DVFImportFactory(status="superseded"), served):
        measure(release)
    Client().get("/api/properties/dvf-stats/")
    shown = {name for name, _labels in ask()}
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    ours = {name for name in shown if name.startswith("appart_") and not name.endswith("_created")}
    assert ours == {name for name in names_of(page) if name.startswith("appart_")}
    dashboard = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus-alerts.yml").read_text())
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    assert len(queries) >= 12 and len(alerts) >= 10
    for expression in queries + [rule["expr"] for rule in alerts]:
        assert names_of(expression), expression
        assert names_of(expression) <= shown, expression
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in alerts)
    assert len({rule["alert"] for rule in alerts}) == len(alerts)
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
