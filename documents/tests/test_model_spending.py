"""When a language model is asked, and what of it is paid for."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal

from django.conf import LazySettings
from django.core.cache import cache as valkey
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from documents import jobs
from documents.llm import breaker, budget
from documents.llm.tests.provider_server import Script
from documents.models import ModelRun
from documents.tests.model_runs import ask, make, read
from properties.models import Property


def test_a_provider_that_fails_is_left_alone_then_tried_once(flat: Property, script: Script) -> None:
    documents = [make(flat) for _n in range(breaker.FAILURES + 2)]
    for document in documents:
        jobs.run(document.pk)
    script.mode = "503"
    runs = [ask(document) for document in documents]
    assert len(script.asked) == breaker.FAILURES  # then nobody calls
    last = runs[-1]
    assert last is not None and (last.status, last.attempts, last.outcome) == ("pending", 0, "unavailable")
    valkey.delete("llm:open:openai:m")  # the pause is over
    script.mode = "good"
    assert breaker.wait("openai:m") == 0.0
    assert breaker.wait("openai:m") > 0.0  # one tries, the others wait for what it finds
    breaker.answered("openai:m")
    assert breaker.wait("openai:m") == 0.0
    run = ask(documents[-1])
    assert run is not None and run.status == "completed"


def test_a_busy_provider_is_asked_again_when_it_said(flat: Property, script: Script) -> None:
    document = make(flat)
    jobs.run(document.pk)
    script.mode = "429"
    run = ask(document)
    assert run is not None and (run.status, run.outcome) == ("pending", "quota")
    assert timedelta(seconds=5) < run.queued_at - timezone.now() < timedelta(seconds=11)
    assert breaker.wait("openai:m") == 7.0


def test_the_day_s_budget_is_asked_before_each_call(
    flat: Property, owner_api: APIClient, script: Script, settings: LazySettings
) -> None:
    settings.LLM_BUDGET_PER_USER_PER_DAY = Decimal("0.0001")
    document = read(make(flat))
    run = document.model_runs.get()
    assert (run.status, run.outcome, run.attempts, script.asked) == ("pending", "budget_spent", 0, [])
    assert run.queued_at >= budget.next_day()
    assert owner_api.get(f"/api/documents/{document.pk}/").json()["model_state"] == "budget_spent"
    settings.LLM_BUDGET_PER_USER_PER_DAY = Decimal("0.5")
    assert (again := ask(document)) is not None and again.status == "completed"


def test_two_at_once_do_not_spend_the_same_euro(
    transactional_db: None, flat: Property, settings: LazySettings
) -> None:
    settings.LLM_BUDGET_PER_USER_PER_DAY = settings.LLM_BUDGET_PER_DAY = Decimal("0.25")
    runs = [ModelRun.objects.create(user=flat.user, engine="openai", model="m") for _n in range(6)]
    granted: list[bool] = []

    def reserve(run: ModelRun) -> None:
        try:
            granted.append(budget.reserve(run, Decimal("0.10")))
        finally:
            connection.close()

    threads = [threading.Thread(target=reserve, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert granted.count(True) == 2


def test_the_same_question_is_not_paid_for_twice(flat: Property, script: Script) -> None:
    document = read(make(flat))
    jobs.queue(document)
    document = read(document)
    assert document.analysis_result is not None
    assert document.analysis_result["facts"]["works_calls"] == 250
    assert len(script.asked) == 1
    assert [run.cost for run in document.model_runs.order_by("id")] == [Decimal("0.0012"), Decimal(0)]


def test_a_model_without_a_price_is_not_called(
    flat: Property, script: Script, settings: LazySettings
) -> None:
    settings.LLM_PRICES = {}
    run = read(make(flat)).model_runs.get()
    assert (run.status, run.outcome, script.asked) == ("failed", "misconfigured", [])


def test_the_ledger_outlives_the_account(flat: Property, script: Script) -> None:
    read(make(flat))
    flat.user.delete()
    run = ModelRun.objects.get()
    assert (run.user, run.document, run.cost) == (None, None, Decimal("0.0012"))
