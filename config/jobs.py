"""The back-office's page of jobs: what waits, runs and failed, of every app that has some.

An app describes its jobs by a `JobKind` and registers it from its admin module; nothing here knows an app.
Each kind costs the same three queries however many jobs there are: its states through their indexes, counted
no further than `MOST_COUNTED`, and one list of at most `SHOWN` rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Min, Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

SHOWN = 50
MOST_COUNTED = 1000
WAITING, RUNNING, FAILED, DONE, CANCELLED = "waiting", "running", "failed", "done", "cancelled"
STATES = {
    WAITING: _("En attente"),
    RUNNING: _("En cours"),
    FAILED: _("En échec"),
    DONE: _("Finis"),
    CANCELLED: _("Annulés"),
}


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the page. `progress` is (done, total); `error` a sentence in the reader's language."""

    pk: str
    title: str
    url: str
    state: str
    since: datetime | None
    client: str = ""
    attempts: int | None = None
    finished: datetime | None = None
    error: str = ""
    progress: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class JobKind:
    """How an app's jobs are listed and acted on.

    `rows` gives them with what `describe` needs already joined; `states` says which of a row's statuses are
    waiting, running, failed, done, cancelled. `where` replaces the filter by status for rows that have none,
    `prepare` reads what `describe` needs beside, for all rows of a page at once.
    `retry` and `cancel` do it to one row for a person and say whether there was anything to do.
    """

    code: str
    label: Any
    model: str
    rows: Callable[[], QuerySet[Any]]
    describe: Callable[[Any], Job]
    states: Mapping[str, str] = field(default_factory=dict)
    where: Callable[[str], Q] | None = None
    prepare: Callable[[list[Any]], None] | None = None
    since: str = "queued_at"
    newest: str = "pk"
    retry: Callable[[Any, Any], bool] | None = None
    cancel: Callable[[Any, Any], bool] | None = None
    place: int = 1  # on the page: what is looked at most often comes first

    def may(self, request: HttpRequest, verb: str) -> bool:
        app, _dot, model = self.model.partition(".")
        return bool(request.user.has_perm(f"{app}.{verb}_{model}"))

    def filter(self, state: str) -> Q:
        if self.where is not None:
            return self.where(state)
        return Q(status__in=[status for status, name in self.states.items() if name == state])

    def counts(self) -> dict[str, Any]:
        """{"waiting", "running", "failed": up to MOST_COUNTED, "oldest": since when the oldest waits}."""
        found: dict[str, Any] = {}
        for state in (WAITING, RUNNING, FAILED):
            some = self.rows().order_by().filter(self.filter(state)).values("pk", self.since)
            row = some[:MOST_COUNTED].aggregate(n=Count("pk"), oldest=Min(self.since))
            found[state] = row["n"]
            found.setdefault("oldest", row["oldest"])
        return found


KINDS: dict[str, JobKind] = {}


def register(kind: JobKind) -> None:
    KINDS[kind.code] = kind


def visible(request: HttpRequest) -> list[JobKind]:
    seen = [kind for kind in KINDS.values() if kind.may(request, "view")]
    return sorted(seen, key=lambda kind: kind.place)


def page(request: HttpRequest, site: Any) -> HttpResponse:
    """One kind and state at a time: `?kind=documents&state=failed&before=…`."""
    kinds = visible(request)
    if not kinds:
        raise PermissionDenied
    kind = next((k for k in kinds if k.code == request.GET.get("kind")), None)
    if kind is None and request.GET.get("kind"):
        raise Http404
    kind = kind or kinds[0]
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    if request.method == "POST":
        return _act(request, kind)
    rows = kind.rows()
    if state:
        rows = rows.filter(kind.filter(state))
    oldest_first = state in (WAITING, RUNNING)
    if oldest_first:
        rows = rows.order_by(kind.since, "pk")
    else:
        rows = rows.order_by(f"-{kind.newest}")
        if before := request.GET.get("before"):
            try:
                rows = rows.filter(**{f"{kind.newest}__lt": before})
            except (ValueError, ValidationError) as error:
                raise Http404 from error
    found = list(rows[: SHOWN + 1])
    more, found = len(found) > SHOWN, found[:SHOWN]
    if kind.prepare is not None:
        kind.prepare(found)
    older = ""
    if more and not oldest_first:
        last = found[-1].pk if kind.newest == "pk" else getattr(found[-1], kind.newest).isoformat()
        older = "?" + urlencode({"kind": kind.code, "state": state, "before": last})
    request.current_app = site.name
    context = {
        **site.each_context(request),
        "title": _("Travaux"),
        "kinds": [{"kind": k, "is_current": k is kind, "counts": k.counts()} for k in kinds],
        "kind": kind,
        "state": state,
        "states": STATES,
        "jobs": [kind.describe(row) for row in found],
        "older": older,
        "more": more,
        "most": MOST_COUNTED,
        "can_retry": kind.retry is not None and kind.may(request, "change"),
        "can_cancel": kind.cancel is not None and kind.may(request, "change"),
        "has_before": "before" in request.GET,
    }
    return TemplateResponse(request, "admin/jobs.html", context)


def _act(request: HttpRequest, kind: JobKind) -> HttpResponse:
    """Retry or cancel the rows that were ticked, or the one whose button was pressed."""
    if not kind.may(request, "change"):
        raise PermissionDenied
    form = request.POST
    verb = next((v for v in ("retry", "cancel") if v in form), "")
    act = {"retry": kind.retry, "cancel": kind.cancel}.get(verb)
    if act is None:
        raise Http404
    wanted = [form[verb]] if form[verb] != "ticked" else form.getlist("pk")[:SHOWN]
    done = 0
    said = {
        "retry": _("Relancé depuis la page des travaux."),
        "cancel": _("Annulé depuis la page des travaux."),
    }
    try:
        rows = list(kind.rows().filter(pk__in=wanted))
    except (ValueError, ValidationError) as error:
        raise Http404 from error
    for row in rows:
        with transaction.atomic():
            if act(row, request.user):
                done += 1
                _log(request, row, str(said[verb]))
    text = {
        "retry": ngettext("%(n)d travail relancé.", "%(n)d travaux relancés.", done),
        "cancel": ngettext("%(n)d travail annulé.", "%(n)d travaux annulés.", done),
    }[verb]
    if done:
        messages.success(request, text % {"n": done})
    else:
        messages.warning(request, _("Rien à faire : ces travaux ont déjà changé d’état."))
    query = {name: form[name] for name in ("kind", "state") if form.get(name)}
    return HttpResponseRedirect(f"{reverse('admin:jobs')}?{urlencode(query)}")


def _log(request: HttpRequest, row: Model, message: str) -> None:
    """Into the object's history; one by one, so that the activity log hears of each."""
    assert request.user.pk is not None
    LogEntry.objects.log_actions(request.user.pk, [row], CHANGE, message, single_object=True)
