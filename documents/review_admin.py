"""The back-office's pages for checking readings: the queue, a document with its boxes, two runs, quality."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config.admin import ReadonlyAdmin, badge, link
from documents import fact_labels, quality, review, review_page
from documents.fact_schema import NotAValue, parse
from documents.models import Analysis, Document, DocumentReview, DocumentType, Finding, Proposal, Status
from documents.run_comparison import Fact, compare
from documents.views import stream
from documents.wording import euros

TEMPLATES = "admin/documents/documentreview"
MOST_REASON = 500
EXPECTED = {
    "amount": _("un montant, par exemple 1 234,56"),
    "date": _("une date (AAAA-MM-JJ)"),
    "integer": _("un nombre entier"),
    "number": _("un nombre"),
    "boolean": _("oui ou non"),
    "choice": _("un des choix proposés"),
    "text": _("un texte"),
}


class ReviewState(admin.SimpleListFilter):
    title = _("relecture")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("done", _("Relus")), ("all", _("Tous"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": _("À relire")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[DocumentReview]) -> QuerySet[DocumentReview]:
        if self.value() == "all":
            return queryset
        return queryset.filter(reviewed_at__isnull=self.value() != "done")


@admin.register(DocumentReview)
class DocumentReviewAdmin(ReadonlyAdmin):
    list_display = ["paper", "in_doubt", "doubtful", "flat", "read_on"]
    list_max_show_all = 0
    list_display_links = ["paper"]
    list_select_related = ["property"]
    list_filter = [ReviewState, "document_type"]
    list_before_template = f"{TEMPLATES}/before.html"
    search_fields = ["filename", "property__address", "property__user__email"]
    ordering = ["-review_score", "pk"]
    actions = None

    class Media:
        css = {"all": ["documents/review.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[DocumentReview]:
        rows: QuerySet[DocumentReview] = DocumentReview.objects.filter(property__is_deleted=False)
        if request.resolver_match and request.resolver_match.kwargs:
            return rows
        return rows.filter(status=Status.ANALYZED).defer("analysis_result")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm(review.VIEW) or request.user.has_perm(review.REVIEW))

    # --- the queue ----------------------------------------------------------------------------------------

    @admin.display(description=_("document"), ordering="filename")
    def paper(self, document: DocumentReview) -> SafeString:
        words = [document.get_document_type_display()]
        words += [str(review_page.REASONS[c]) for c in document.doubt_reasons if c in review_page.REASONS]
        return format_html(
            '<span class="rv-name">{}</span><br><small class="rv-soft">{}</small>',
            document.filename,
            " · ".join(words),
        )

    @admin.display(description=_("€ en doute"), ordering="review_score")
    def in_doubt(self, document: DocumentReview) -> SafeString:
        stake = gettext("sur %(stake)s") % {"stake": euros(float(document.stake))}
        return format_html('{}<br><small class="rv-soft">{}</small>', euros(document.review_score), stake)

    @admin.display(description=_("faits douteux"), ordering="doubtful_count")
    def doubtful(self, document: DocumentReview) -> SafeString:
        return badge(document.doubtful_count, "warning" if document.doubtful_count else "good")

    @admin.display(description=_("bien"), ordering="property__address")
    def flat(self, document: DocumentReview) -> str | SafeString:
        return link(document.property, document.property.address)

    @admin.display(description=_("lu le"), ordering="finished_at")
    def read_on(self, document: DocumentReview) -> str:
        return (
            date_format(localtime(document.finished_at), "SHORT_DATE_FORMAT") if document.finished_at else "–"
        )

    # --- pages --------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        name = "documents_documentreview"
        urls: list[URLPattern] = super().get_urls()
        return [
            path("quality/", view(self.quality_view), name=f"{name}_quality"),
            path("<int:pk>/change/", view(self.page_view), name=f"{name}_change"),
            path("<int:pk>/decide/", view(self.decide_view), name=f"{name}_decide"),
            path("<int:pk>/summary/", view(self.summary_view), name=f"{name}_summary"),
            path("<int:pk>/runs/", view(self.runs_view), name=f"{name}_runs"),
            path("<int:pk>/print/", view(self.print_view), name=f"{name}_print"),
            path("<int:pk>/file/", view(self.file_view), name=f"{name}_file"),
            path("<int:pk>/pages/<int:number>/", view(self.image_view), name=f"{name}_image"),
            *urls,
        ]

    def _document(self, request: HttpRequest, pk: int, permission: str = review.VIEW) -> DocumentReview:
        allowed = request.user.has_perm(permission)
        if not allowed and not (permission == review.VIEW and self.has_view_permission(request)):
            raise PermissionDenied
        rows = DocumentReview.objects.filter(property__is_deleted=False)
        found: DocumentReview = get_object_or_404(rows.select_related("property__user", "reviewed_by"), pk=pk)
        return found

    def _page(self, request: HttpRequest, name: str, title: Any, **context: Any) -> TemplateResponse:
        request.current_app = self.admin_site.name
        page = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "media": self.media,
            "can_review": request.user.has_perm(review.REVIEW),
            **context,
        }
        return TemplateResponse(request, f"{TEMPLATES}/{name}.html", page)

    def page_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page image with the boxes of what was read on it, and the facts beside it."""
        return self._review(request, self._document(request, pk))

    def _review(self, request: HttpRequest, document: DocumentReview, **extra: Any) -> HttpResponse:
        query = {**request.GET.dict(), **extra.pop("query", {})}
        context = review_page.context(document, query)
        return self._page(
            request,
            "review",
            document.filename,
            types=DocumentType.choices,
            waiting=review.queue().values_list("pk")[: quality.MOST_COUNTED].count(),
            most_counted=quality.MOST_COUNTED,
            is_running=document.status in (Status.PENDING, Status.PROCESSING),
            **{**context, **extra},
        )

    def summary_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The synthesis' totals alone: asked again while it is being made."""
        document = self._document(request, pk)
        context = {"document": document, "summary": review_page.summary_of(document)}
        return TemplateResponse(request, f"{TEMPLATES}/summary.html", context)

    def image_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
        page = get_object_or_404(
            self._document(request, pk).pages.exclude(image_key="").defer("content"), number=number
        )
        response = stream(page.image_key, "image/webp", f"page-{page.number}.webp", attachment=False)
        response["Cache-Control"] = "private, max-age=300"
        return response

    def file_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        document = self._document(request, pk)
        response = stream(document.storage_key, document.content_type, document.filename)
        response["Cache-Control"] = "private, no-store"
        return response

    def print_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All facts with the decisions on them, on paper."""
        document = self._document(request, pk)
        context = review_page.context(document, {"show": "all", "page": "1"})
        response = self._page(request, "print", document.filename, **context)
        # No script of the theme on it: the policy of every other page holds.
        response._csp_update = {"script-src": [], "style-src": []}  # type: ignore[attr-defined]
        return response

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The document's own: the two pages are of one row."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        history = self.admin_site._registry[Document].history_view
        response: HttpResponse = history(request, object_id, extra_context)
        return response

    def runs_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What changed between two runs; the two latest where none is chosen."""
        document = self._document(request, pk)
        runs = list(
            Analysis.objects.filter(document=document.pk).defer("facts", "durations")[: review_page.MOST_RUNS]
        )
        numbers = {str(run.pk): run for run in runs}
        after = numbers.get(request.GET.get("after", ""), runs[0] if runs else None)
        before = numbers.get(request.GET.get("before", ""), runs[1] if len(runs) > 1 else None)
        found = None
        if before is not None and after is not None:
            found = compare(_facts(before), _facts(after))
        kind = document.document_type
        lines = [
            {
                "change": difference.change,
                "label": fact_labels.label(difference.path),
                "path": difference.path,
                "before": difference.before
                and fact_labels.written(kind, difference.path, difference.before.value),
                "after": difference.after
                and fact_labels.written(kind, difference.path, difference.after.value),
                "page": (difference.after or difference.before).page,  # type: ignore[union-attr]
                "url": review_page.place_url(document.pk, difference.path),
            }
            for difference in (found.differences if found else [])[: review_page.MOST_ROWS]
        ]
        return self._page(
            request, "runs", document.filename, document=document, runs=runs, before=before, after=after,
            found=found, lines=lines, more=len(found.differences) - len(lines) if found else 0,
        )  # fmt: skip

    def quality_view(self, request: HttpRequest) -> HttpResponse:
        """How often people change what each rule reads."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        by = "path" if request.GET.get("by") == "path" else "rule"
        return self._page(request, "quality", _("Qualité des lectures"), by=by, lines=quality.by_rule(by))

    # --- decisions ----------------------------------------------------------------------------------------

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One decision, then the page again: at the next fact, or at the same one with what is wrong."""
        document = self._document(request, pk, review.REVIEW)
        if request.method != "POST":
            return HttpResponseRedirect(_url(pk))
        form = request.POST
        revision = int(form["revision"]) if form.get("revision", "").isdecimal() else None
        action = form.get("action", "")
        kept = {name: form[name] for name in ("show",) if form.get(name)}
        here = {**kept, **({"finding": form["finding"]} if form.get("finding") else {})}
        there = {**kept, **({"finding": form["next"]} if form.get("next") else {})}
        try:
            with transaction.atomic():
                message, onward = self._act(request, document, action, revision)
        except review.Stale:
            messages.warning(
                request,
                _("Ce document a changé entre-temps, rien n’a été enregistré. Voici son état : à vous."),
            )
            return HttpResponseRedirect(_url(pk, here))
        except (NotAValue, review.Refused) as error:
            wrong = (
                gettext("Attendu : %(what)s.") % {"what": EXPECTED[error.sort]}
                if isinstance(error, NotAValue)
                else _refusal(action, error)
            )
            if action == "take":
                messages.error(request, wrong)
                return HttpResponseRedirect(_url(pk, there))
            typed = {"value": form.get("value", ""), "reason": form.get("reason", "")}
            return self._review(
                request, document, query=here, wrong=wrong, typed=typed, edit_value=typed["value"]
            )
        if message:
            messages.success(request, message)
        if onward is not None:
            return HttpResponseRedirect(onward)
        return HttpResponseRedirect(_url(pk, there))

    def _act(
        self, request: HttpRequest, document: DocumentReview, action: str, revision: int | None
    ) -> tuple[str, str | None]:
        """Do what the button says: (what to tell, where to go unless to the next fact)."""
        user, form = _staff(request), request.POST
        said, onward = "", None
        if action in ("accept", "correct", "reject", "withdraw"):
            finding = get_object_or_404(
                Finding,
                pk=form.get("finding") if form.get("finding", "").isdecimal() else 0,
                analysis__document=document.pk,
                analysis__is_current=True,
            )
            name = fact_labels.label(finding.path)
            kind = document.document_type
            if action == "withdraw":
                review.withdraw(document, finding.path, user=user, revision=revision)
                said = gettext("%(fact)s : décision retirée.") % {"fact": name}
            else:
                value = None if action == "reject" else finding.value
                if action == "correct":
                    value = parse(kind, finding.path, form.get("value", ""))
                review.decide(
                    document, finding, value, user=user, reason=form.get("reason", "").strip()[:MOST_REASON],
                    staff=True, revision=revision,
                )  # fmt: skip
                said = {
                    "accept": gettext("%(fact)s : accepté."),
                    "reject": gettext("%(fact)s : rejeté."),
                    "correct": gettext("%(fact)s : corrigé."),
                }[action] % {"fact": name}
        elif action in ("take", "set_aside"):
            proposal = get_object_or_404(
                Proposal,
                pk=form.get("proposal") if form.get("proposal", "").isdecimal() else 0,
                analysis__document=document.pk,
                analysis__is_current=True,
            )
            review.decide_proposal(
                document, proposal, action == "take", user=user,
                reason=form.get("reason", "").strip()[:MOST_REASON], staff=True, revision=revision,
            )  # fmt: skip
            said = {
                "take": gettext("%(fact)s : la valeur du modèle est retenue."),
                "set_aside": gettext("%(fact)s : la proposition est écartée."),
            }[action] % {"fact": fact_labels.label(proposal.path)}
        elif action == "accept_sure":
            count = review.accept_sure(document, user=user, revision=revision)
            said = ngettext("%(n)d fait sûr accepté.", "%(n)d faits sûrs acceptés.", count) % {"n": count}
        elif action == "retype":
            if form.get("document_type") not in DocumentType.values:
                raise Http404
            if review.retype(document, form["document_type"], user=user, revision=revision):
                said = gettext("Sorte changée : le document est relu par la machine.")
        elif action == "read_again":
            if review.read_again(document, user=user):
                said = gettext("Remis en file.")
        elif action == "reopen":
            review.reopen(document, user=user)
            said = gettext("De retour parmi les documents à relire.")
        elif action == "finish":
            review.finish(document, user=user, revision=revision)
            said = gettext("« %(name)s » est relu.") % {"name": document.filename}
            following = review.following(document)
            onward = (
                reverse("admin:documents_documentreview_changelist") if following is None else _url(following)
            )
        else:
            raise Http404
        if said:
            concrete = Document(pk=document.pk, filename=document.filename)
            self.log_change(request, concrete, said)
        return said, onward


def _refusal(action: str, error: review.Refused) -> str:
    if action == "take":
        return gettext("Cette valeur n’a pas de place parmi les faits lus : corrigez le fait, ou écartez-la.")
    if action == "reject":
        return gettext("Ce fait est indispensable à son ensemble : corrigez-le plutôt.")
    return str(review.REFUSED % {"why": error.why[:200]})


def _facts(run: Analysis) -> list[Fact]:
    rows = Finding.objects.filter(analysis=run.pk).only("path", "value", "page", "confidence", "rule")
    return [Fact(row.path, row.value, row.page, row.confidence, row.rule) for row in rows]


def _url(pk: int, query: dict[str, str] | None = None) -> str:
    url = reverse("admin:documents_documentreview_change", args=[pk])
    return f"{url}?{urlencode(query)}" if query else url


def _staff(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
