"""The back-office's first page: is all well? What waits, what failed, the last day, how good the results are.

One statement reads everything. Nothing is counted over a whole large table: queues are read through their
partial indexes and no further than `MOST`, the last day among the newest `MOST` rows, corrections in the
newest `READINGS` readings; the number of sales is the one the import stored.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

MOST = 1000
READINGS = 200
LONG_WAIT = timedelta(minutes=10)
"""The beat sends a lost job again within seconds: what waits longer waits for a worker."""
OLD_RELEASE = timedelta(days=250)
"""DVF is published every April and October."""

# Queue → (its table, the states of a job that waits, runs and failed).
QUEUES = {
    "documents": ("documents", "pending", "processing", "failed", "AND NOT is_deleted"),
    "summaries": ("document_summaries", "pending", "processing", "failed", ""),
    "redesigns": ("photo_redesigns", "pending", "generating", "failed", "AND hidden_at IS NULL"),
    "exports": ("exports", "pending", "processing", "failed", ""),
}
RECENT = {
    "users": "users",
    "properties": "properties",
    "documents": "documents",
    "redesigns": "photo_redesigns",
}
UNANSWERED = f"SELECT count(*) FROM (SELECT 1 FROM feedback WHERE status = 'new' LIMIT {MOST}) unanswered"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a card, or a date, with the list behind it."""

    label: str
    value: str
    url: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    title: str
    icon: str
    figures: list[Figure]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is not well, in words, and where to look."""

    sentence: str
    url: str


def add_to(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the theme calls before it renders its index."""
    state = read()
    cards = [card for card in _cards(request, state) if card.figures]
    return {**context, "cards": cards, "troubles": _troubles(request, state)}


def read() -> dict[str, Any]:
    """Everything the page shows, in one query."""
    queue = """SELECT '{name}' AS queue, status, count(*) AS n, min(since) AS since FROM (
        (SELECT status, {since} AS since FROM {table} WHERE status IN ('{waiting}', '{running}') LIMIT {most})
        UNION ALL (SELECT status, {since} FROM {table} WHERE status = '{failed}' {only} LIMIT {most})
        ) jobs GROUP BY status"""
    queues = " UNION ALL ".join(
        queue.format(
            name=name, table=table, waiting=waiting, running=running, failed=failed, only=only, most=MOST,
            since="created_at" if table == "exports" else "queued_at",
        )
        for name, (table, waiting, running, failed, only) in QUEUES.items()
    )  # fmt: skip
    recent = ", ".join(
        f"""'{name}', (SELECT count(*) FROM (
            SELECT created_at FROM {table} ORDER BY id DESC LIMIT {MOST}) newest
            WHERE created_at > now() - interval '1 day')"""
        for name, table in RECENT.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT json_build_object(
            'release', (SELECT row_to_json(r) FROM (
                SELECT release_label, coalesce(finished_at, started_at) AS finished_at, last_date,
                    total_sales, is_synthetic
                FROM dvf_imports WHERE status = 'served'
                ORDER BY finished_at DESC NULLS LAST, id DESC LIMIT 1) r),
            'failed_import', (SELECT max(id) FROM dvf_imports WHERE status = 'failed' AND id > coalesce(
                (SELECT max(id) FROM dvf_imports WHERE status = 'served'), 0)),
            'valuation', (SELECT row_to_json(v) FROM (
                SELECT sum(mdape * tested) / sum(tested) AS mdape, sum(tested) AS tested
                FROM dvf_valuation_backtests WHERE tested > 0) v),
            'readings', (SELECT row_to_json(c) FROM (
                SELECT count(*) AS findings, count(*) FILTER (WHERE c.verdict <> 'accepted') AS corrected
                FROM (
                    SELECT id, document_id FROM analyses WHERE is_current ORDER BY id DESC LIMIT {READINGS}) a
                JOIN findings f ON f.analysis_id = a.id
                LEFT JOIN corrections c ON c.document_id = a.document_id AND c.path = f.path) c),
            'to_review', (SELECT count(*) FROM (
                SELECT 1 FROM documents WHERE NOT is_deleted AND reviewed_at IS NULL AND status = 'analyzed'
                LIMIT {MOST}) waiting),
            'unanswered', ({UNANSWERED}),
            'queues', (SELECT json_agg(q) FROM ({queues}) q),
            'recent', json_build_object({recent}))::text"""
        )
        state: dict[str, Any] = json.loads(cursor.fetchone()[0])
    return state


def _list(name: str, query: str = "") -> str:
    return reverse(f"admin:{name}_changelist") + query


def _sees(request: HttpRequest, name: str) -> bool:
    app, _dot, model = name.partition("_")
    return bool(request.user.has_perm(f"{app}.view_{model}"))


def _count(number: int) -> str:
    return _("plus de %(n)s") % {"n": _number(MOST - 1)} if number >= MOST else _number(number)


def _number(value: float, decimals: int = 0) -> str:
    return number_format(value, decimals, use_l10n=True, force_grouping=True)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


FAILURES = {
    "documents": ngettext_lazy(
        "%(n)s document n'a pas pu être lu.", "%(n)s documents n'ont pas pu être lus.", "number"
    ),
    "summaries": ngettext_lazy(
        "%(n)s synthèse n'a pas pu être faite.", "%(n)s synthèses n'ont pas pu être faites.", "number"
    ),
    "redesigns": ngettext_lazy(
        "%(n)s rendu n'a pas pu être fait.", "%(n)s rendus n'ont pas pu être faits.", "number"
    ),
    "exports": ngettext_lazy(
        "%(n)s export n'a pas pu être fait.", "%(n)s exports n'ont pas pu être faits.", "number"
    ),
}
# Queue → page of the back-office, its name, and the states' filter there.
PAGES = {
    "documents": "documents_document",
    "summaries": "documents_documentsummary",
    "redesigns": "photos_photoredesign",
    "exports": "accounts_export",
}


def _jobs(state: dict[str, Any], queue: str) -> dict[str, dict[str, Any]]:
    """waiting, running, failed → {"n", "since"} of one queue."""
    _table, waiting, running, failed, _only = QUEUES[queue]
    found = {row["status"]: row for row in state["queues"] or [] if row["queue"] == queue}
    none = {"n": 0, "since": None}
    names = {"waiting": waiting, "running": running, "failed": failed}
    return {name: found.get(status, none) for name, status in names.items()}


def _troubles(request: HttpRequest, state: dict[str, Any]) -> list[Trouble]:
    found = []
    release, imports = state["release"], "dvf_dvfimport"
    if _sees(request, imports):
        if release is None:
            found.append(Trouble(_("Aucune vente n'est servie : importez DVF."), _list(imports)))
        elif timezone.now() - _moment(release["finished_at"]) > OLD_RELEASE:
            sentence = _("Le millésime servi a plus de huit mois : un plus récent est sans doute paru.")
            found.append(Trouble(sentence, _list(imports)))
        if state["failed_import"]:
            url = reverse("admin:dvf_dvfimport_change", args=[state["failed_import"]])
            found.append(Trouble(_("Le dernier import a échoué."), url))
    for queue, page in PAGES.items():
        if not _sees(request, page):
            continue
        jobs = _jobs(state, queue)
        if n := jobs["failed"]["n"]:
            sentence = FAILURES[queue] % {"number": n, "n": _count(n)}
            found.append(Trouble(sentence, _list(page, f"?status__exact={QUEUES[queue][3]}")))
    if (oldest := _oldest(request, state)) and timezone.now() - oldest[0] > LONG_WAIT:
        sentence = _("Un travail attend depuis %(time)s : vérifiez que les workers tournent.")
        found.append(Trouble(sentence % {"time": timesince(oldest[0], depth=1)}, oldest[1]))
    return found


def _oldest(request: HttpRequest, state: dict[str, Any]) -> tuple[datetime, str] | None:
    """Since when the oldest job waits, and its list."""
    waiting = [
        (_moment(job["since"]), _list(page, f"?status__exact={QUEUES[queue][1]}"))
        for queue, page in PAGES.items()
        if _sees(request, page) and (job := _jobs(state, queue)["waiting"])["since"]
    ]
    # A job that is tried again later is "to be done from then on": it does not wait yet.
    return min((w for w in waiting if w[0] <= timezone.now()), default=None)


def _cards(request: HttpRequest, state: dict[str, Any]) -> list[Card]:
    return [
        _sales_card(request, state),
        _queue_card(request, state, "documents", _("Lecture des documents"), "description"),
        _queue_card(request, state, "redesigns", _("Rendus"), "auto_awesome"),
        _recent_card(request, state),
        _quality_card(request, state),
    ]


def _sales_card(request: HttpRequest, state: dict[str, Any]) -> Card:
    release = state["release"]
    figures = []
    if _sees(request, "dvf_dvfimport"):
        url = _list("dvf_dvfimport")
        if release is not None:
            served = date_format(timezone.localtime(_moment(release["finished_at"])), "SHORT_DATE_FORMAT")
            figures = [
                Figure(_("millésime"), release["release_label"], url),
                Figure(_("servi depuis le"), served, url),
            ]
        else:
            figures = [Figure(_("millésime"), _("aucun"), url, "bad")]
    if release is not None and _sees(request, "dvf_dvfsale"):
        figures.append(Figure(_("ventes"), _number(release["total_sales"]), _list("dvf_dvfsale")))
        if release["last_date"]:
            last = date_format(datetime.fromisoformat(release["last_date"]), "SHORT_DATE_FORMAT")
            figures.append(Figure(_("la plus récente"), last, _list("dvf_dvfsale")))
    synthetic = release is not None and release["is_synthetic"]
    return Card(_("Ventes"), "sell", figures, _("Données synthétiques : pour l'essai.") if synthetic else "")


def _queue_card(request: HttpRequest, state: dict[str, Any], queue: str, title: str, icon: str) -> Card:
    page = PAGES[queue]
    if not _sees(request, page):
        return Card(title, icon, [])
    _table, waiting, running, failed, _only = QUEUES[queue]
    jobs = _jobs(state, queue)
    figures = [
        Figure(_("en attente"), _count(jobs["waiting"]["n"]), _list(page, f"?status__exact={waiting}")),
        Figure(_("en cours"), _count(jobs["running"]["n"]), _list(page, f"?status__exact={running}")),
        Figure(
            _("en échec"), _count(jobs["failed"]["n"]), _list(page, f"?status__exact={failed}"),
            "bad" if jobs["failed"]["n"] else "",
        ),
    ]  # fmt: skip
    if queue == "documents" and (review := _review_page(request)):
        figures.insert(0, Figure(_("lectures à relire"), _count(state["to_review"]), review))
    since = jobs["waiting"]["since"]
    if not since or _moment(since) > timezone.now():
        return Card(title, icon, figures, _("Rien n'attend."))
    return Card(
        title, icon, figures, _("Le plus ancien attend depuis %s.") % timesince(_moment(since), depth=1)
    )


def _review_page(request: HttpRequest) -> str:
    """The queue of readings to review, for those who may; "" for others."""
    return _list("documents_documentreview") if _sees(request, "documents_documentreview") else ""


def _recent_card(request: HttpRequest, state: dict[str, Any]) -> Card:
    pages = {
        "users": ("accounts_user", _("comptes ouverts")),
        "properties": ("properties_property", _("biens ajoutés")),
        "documents": ("documents_document", _("documents reçus")),
        "redesigns": ("photos_photoredesign", _("rendus demandés")),
    }
    figures = [
        Figure(label, _count(state["recent"][name]), _list(page))
        for name, (page, label) in pages.items()
        if _sees(request, page)
    ]
    if _sees(request, "feedback_feedback"):
        url = _list("feedback_feedback", "?status__exact=new")
        figures.append(Figure(_("messages sans réponse"), _count(state["unanswered"]), url))
    return Card(_("Depuis 24 heures"), "schedule", figures)


def _quality_card(request: HttpRequest, state: dict[str, Any]) -> Card:
    figures = []
    valuation, readings = state["valuation"], state["readings"]
    if _sees(request, "dvf_valuationbacktest"):
        value = (
            _("pas encore mesurée") if valuation["mdape"] is None else f"{_number(valuation['mdape'], 1)} %"
        )
        figures.append(Figure(_("erreur médiane des estimations"), value, _list("dvf_valuationbacktest")))
    if _sees(request, "documents_analysis"):
        value = _("aucune lecture")
        if readings["findings"]:
            value = f"{_number(100 * readings['corrected'] / readings['findings'], 1)} %"
        figures.append(Figure(_("chiffres lus puis corrigés"), value, _list("documents_analysis")))
    note = _("Corrections : sur les %(n)s lectures les plus récentes.") % {"n": READINGS}
    return Card(_("Qualité"), "verified", figures, note)
