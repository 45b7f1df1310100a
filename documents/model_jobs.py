"""The job of asking a model about a document the rules have read; the row (`ModelRun`) is the job.

Asked for when a reading is stored, and only where a model is configured and the client allows it. Whatever
comes of it, what the rules read stands: an answer adds a reading of its own, rules and model together.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from config.claims import Claims, later
from documents import analysis, summaries
from documents.extraction.draft import facts_of
from documents.extraction.page import Finding as Found
from documents.extraction.page import Page, Reading
from documents.llm import breaker, budget, engines, evidence, prompts
from documents.llm.masking import Mask
from documents.llm.merging import Proposal as Proposed
from documents.llm.merging import merge
from documents.llm.protocol import Answer, Evidence, ModelError, Request
from documents.models import Analysis, Document, Finding, ModelRun, Proposal, Status
from documents.reading import decode_page
from documents.results import refresh_result, violation
from properties.models import Property

logger = structlog.get_logger(__name__)

RunStatus, Outcome = ModelRun.Status, ModelRun.Outcome
RUNNING = (RunStatus.PENDING, RunStatus.PROCESSING)
MOST_ATTEMPTS = 5
MOST_INVALID = 2
"""An answer of the wrong shape is asked for once more: what was paid for twice will not come right."""
STATES = (
    "waiting", "budget_spent", "unavailable", "misconfigured", "refused", "invalid_answer", "outdated",
    "not_allowed", "not_asked", "answered",
)  # fmt: skip
GIVE_UP_AFTER = timedelta(days=2)


def wanted(document: Document) -> bool:
    """Whether a model is to be asked about it: one is configured, and the client allows it."""
    return engines.is_configured() and document.property.user.allows_models


def request(document: Document) -> None:
    """Ask about a document whose reading was just stored, in the transaction that stores it."""
    ModelRun.objects.filter(document=document, status__in=RUNNING).update(
        status=RunStatus.CANCELLED, outcome=Outcome.OUTDATED, finished_at=timezone.now()
    )
    if wanted(document):
        run = ModelRun.objects.create(
            document=document,
            user_id=document.property.user_id,
            engine=settings.LLM_ENGINE,
            model=settings.LLM_MODEL,
            sent_at=timezone.now(),
        )
        _send(run.pk)


def _send(pk: int) -> None:
    from config.celery import enqueue
    from documents.tasks import ask_model

    enqueue(ask_model, pk)


CLAIMS = Claims(
    ModelRun.objects.select_related("document__property__user").all,
    _send,
    MOST_ATTEMPTS,
    lambda: timedelta(seconds=settings.LLM_TIMEOUT_SECONDS + settings.JOB_LEASE_SECONDS),
    moment="lease_until",
    lost={"outcome": Outcome.UNAVAILABLE},
)
claim, requeue_lost = CLAIMS.claim, CLAIMS.requeue_lost


def run(pk: int) -> None:
    """Claim, ask, store. Never raises: the row says what came of it."""
    row = claim(pk)
    if row is None:
        return
    try:
        _ask(row)
    except ModelError as error:
        logger.info("model_failed", run=pk, code=error.code)
        most = MOST_INVALID if error.code == "invalid_answer" else MOST_ATTEMPTS
        if error.permanent or row.attempts >= most:
            _finish(row, RunStatus.FAILED, error.code)
        else:
            _give_back(row, error.code, error.retry_after)
    except ImproperlyConfigured as error:
        logger.error("model_misconfigured", run=pk, reason=str(error))
        _finish(row, RunStatus.FAILED, Outcome.MISCONFIGURED)
    except Exception:
        logger.exception("model_run_failed", run=pk)
        last = row.attempts >= MOST_ATTEMPTS
        _finish(row, RunStatus.FAILED, Outcome.INVALID_ANSWER) if last else _give_back(row, "")


def _finish(row: ModelRun, status: str, outcome: str) -> None:
    CLAIMS.finish(row, status, outcome=outcome)


def _give_back(row: ModelRun, outcome: str, wait: float | None = None, *, counted: bool = True) -> None:
    """Pending again: after what the provider asked for, or 10, 20, 40… seconds, give or take half."""
    if timezone.now() - row.created_at > GIVE_UP_AFTER:
        _finish(row, RunStatus.FAILED, outcome)
        return
    seconds = wait if wait is not None else later(row.attempts, first=10.0, most=600.0)
    seconds *= random.uniform(1.0, 1.5) if wait is not None else random.uniform(0.5, 1.5)  # noqa: S311
    attempts = row.attempts if counted else row.attempts - 1
    CLAIMS.give_back(row, seconds, outcome=outcome, attempts=attempts)


def _ask(row: ModelRun) -> None:
    document = row.document
    if document is None or document.is_deleted or document.status != Status.ANALYZED:
        _finish(row, RunStatus.CANCELLED, Outcome.OUTDATED)
        return
    if not wanted(document):
        _finish(row, RunStatus.CANCELLED, Outcome.NOT_ALLOWED)
        return
    pages = [decode_page(page.content) for page in document.pages.all() if page.content]
    mask = Mask([page.text for page in pages]) if settings.LLM_MASK_NAMES else None
    if mask is not None and not mask.is_bounded:
        raise ModelError("refused", permanent=True)
    texts, warnings = evidence.sent(pages, mask)
    question = Request(document.document_type, texts)
    stamp = inputs_hash(row, question)
    answer = _kept(document, stamp)
    if answer is None:
        answer = _call(row, question, mask)
    if answer is not None:
        store(row, document, pages, mask, answer, stamp, warnings)


def inputs_hash(row: ModelRun, question: Request) -> str:
    text = "\n".join(page.text for page in question.pages)
    inputs = f"{row.engine}:{row.model}:{prompts.VERSION}:{question.document_type}:{text}"
    return hashlib.sha256(inputs.encode()).hexdigest()


def _kept(document: Document, stamp: str) -> Answer | None:
    """The answer to the very same question, if it was asked before."""
    for kept in document.analyses.exclude(model_answer=None).values_list("model_answer", flat=True)[:3]:
        if kept is not None and kept["inputs"] == stamp:
            return Answer(kept["facts"], tuple(Evidence(**entry) for entry in kept["evidence"]))
    return None


def _call(row: ModelRun, question: Request, mask: Mask | None) -> Answer | None:
    """The provider's answer; None where it is not its time (budget, breaker). Raises ModelError."""
    model, price = engines.configured(), engines.price()
    name = f"{model.name}:{model.model}"
    if pause := breaker.wait(name):
        _give_back(row, Outcome.UNAVAILABLE, pause, counted=False)
        return None
    reserved = budget.most(question, price)
    if not budget.reserve(row, reserved):
        until = (budget.next_day() - timezone.now()).total_seconds()
        _give_back(row, Outcome.BUDGET_SPENT, until, counted=False)
        return None
    start = time.monotonic()
    try:
        answer = model.read(question)
    except ModelError as error:
        budget.settle(row, reserved, price, error.tokens.input, error.tokens.output)
        if error.code in ("unavailable", "quota"):
            breaker.failed(name, error.retry_after)
        raise
    except BaseException:
        budget.settle(row, reserved, price, 0, 0)
        raise
    budget.settle(row, reserved, price, answer.tokens.input, answer.tokens.output)
    breaker.answered(name)
    ModelRun.objects.filter(pk=row.pk).update(
        seconds=round(time.monotonic() - start, 2), masked=mask.count if mask else 0
    )
    return answer


def store(
    row: ModelRun,
    document: Document,
    pages: list[Page],
    mask: Mask | None,
    answer: Answer,
    stamp: str,
    warnings: list[str],
) -> Analysis | None:
    """Write rules and model together as the reading in force, in one transaction; None if the run or the
    document is no longer what it was.
    """
    rules = analysis.extract(pages, document.document_type, document.kind or None)
    added, proposals = merge(rules, evidence.check(answer, pages, document.document_type, mask))
    together = [*rules.findings, *added]
    if violation(document.document_type, analysis.as_json(_reading(rules, together))["facts"]):
        raise ModelError("invalid_answer", permanent=True)
    result = analysis.as_json(_reading(rules, together, warnings))
    with transaction.atomic():
        held = CLAIMS.held(row).select_for_update().first()
        current = Document.objects.select_for_update().filter(pk=document.pk, status=Status.ANALYZED).first()
        last = None if current is None else current.analyses.filter(is_current=True).first()
        if held is None:
            return None
        if current is None or last is None or current.document_type != document.document_type:
            _finish(row, RunStatus.CANCELLED, Outcome.OUTDATED)
            return None
        current.analyses.filter(is_current=True).update(is_current=False)
        made = Analysis.objects.create(
            document=current,
            engine=f"{analysis.ENGINE}+{row.engine}",
            version=f"{analysis.VERSION} {row.model}"[:40],
            inputs_hash=last.inputs_hash,
            document_type=current.document_type,
            kind=current.kind,
            facts=result["facts"],
            warnings=list(dict.fromkeys([*last.warnings, *result["warnings"]])),
            durations={**last.durations, "model": held.seconds or 0},
            model_answer={
                "inputs": stamp,
                "facts": answer.facts,
                "evidence": [{"path": e.path, "page": e.page, "quote": e.quote} for e in answer.evidence],
            },
        )
        Finding.objects.bulk_create(Finding(analysis=made, **finding) for finding in result["findings"])
        _store_proposals(current, made, proposals)
        current.revision += 1
        if last.facts != result["facts"]:
            current.reviewed_at = current.reviewed_by = None  # what was checked is no longer what is read
        current.save(update_fields=["revision", "reviewed_at", "reviewed_by", "updated_at"])
        refresh_result(current)
        _finish(row, RunStatus.COMPLETED, Outcome.ANSWERED)
        summaries.request([current.property_id])
    return made


def _reading(rules: Reading, findings: list[Found], warnings: list[str] | None = None) -> Reading:
    said = [*rules.warnings, *(warnings or ())]
    return Reading(rules.document_type, facts_of(findings), findings, said)


def _store_proposals(document: Document, made: Analysis, proposals: list[Proposed]) -> None:
    """What was decided of an equal proposal of an earlier run is decided."""
    earlier = (
        Proposal.objects.filter(analysis__document=document)
        .exclude(decision="")
        .values_list("path", "value", "decision")
    )
    decided: dict[tuple[str, Any], str] = {(path, repr(value)): decision for path, value, decision in earlier}
    Proposal.objects.bulk_create(
        Proposal(
            analysis=made,
            path=proposed.path[:120],
            value=(value := analysis.plain(proposed.value)),
            page=proposed.page,
            quote=proposed.quote,
            boxes=[[round(v, 5) for v in box] for box in proposed.boxes],
            reason=proposed.reason,
            decision=decided.get((proposed.path, repr(value)), ""),
        )
        for proposed in proposals
    )


def state(document: Document) -> str:
    """What became of asking a model about it: "not_configured", "not_allowed", "not_asked", "waiting",
    "answered", or why not: "budget_spent", "unavailable", "invalid_answer", "refused", "misconfigured"…
    """
    if not engines.is_configured():
        return "not_configured"
    last = document.model_runs.order_by("-id").values_list("status", "outcome").first()
    return state_of(*last) if last else "not_asked" if wanted(document) else "not_allowed"


def states_of(subject: Property) -> dict[str, Any]:
    """{analysis_engine, model_state, model_states {state: documents}} of a property's live documents; the
    state of all is the first of STATES that one of them is in.
    """
    documents = Document.objects.filter(property=subject)
    engines_used = documents.filter(analyses__is_current=True).values_list("analyses__engine", flat=True)
    latest = ModelRun.objects.filter(document=OuterRef("pk")).order_by("-id")
    rows = documents.annotate(
        run_status=Subquery(latest.values("status")[:1]), run_outcome=Subquery(latest.values("outcome")[:1])
    ).values_list("run_status", "run_outcome")
    if not engines.is_configured():
        counts: dict[str, int] = {}
    else:
        unasked = "not_asked" if subject.user.allows_models else "not_allowed"
        counts = Counter(state_of(status, outcome) if status else unasked for status, outcome in rows)
    none = "not_asked" if engines.is_configured() else "not_configured"
    return {
        "analysis_engine": max(engines_used, key=len, default=""),
        "model_state": next((s for s in STATES if s in counts), none),
        "model_states": dict(counts),
    }


def state_of(status: str, outcome: str) -> str:
    if status in RUNNING:
        return outcome or "waiting"
    return {"": "unavailable", "quota": "unavailable"}.get(outcome, outcome)
