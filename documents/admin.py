from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from accounts.models import User
from config.admin import ReadonlyAdmin, Restorable, badge, figure, link
from documents import fact_labels, jobs, summaries, summary_panels, uploads
from documents.llm import admin as llm_admin
from documents.models import RUNNING, Analysis, Document, DocumentSummary, Finding, Status
from documents.serializers import error_text
from documents.synthesis.signing import at
from documents.wording import error_sentence, euros, overall_summary

__all__ = ["llm_admin"]
TONES = {Status.ANALYZED: "good", Status.FAILED: "bad", Status.PROCESSING: "warning"}


@admin.register(Document)
class DocumentAdmin(Restorable, ReadonlyAdmin):
    list_display = ["filename", "document_type", "state", "owner", "page_count", "attempts", "created_at"]
    list_select_related = ["property__user"]
    list_filter = ["status", "document_type", "is_deleted"]
    search_fields = ["filename", "property__address", "property__user__email"]
    ordering = ["-id"]
    actions = ["read_again", "restore"]
    fields = [
        "filename", "property", "batch", "document_type", "kind", "type_confidence", "type_reason", "status",
        "error_sentence", "attempts", "started_at", "finished_at", "page_count", "size", "content_type",
        "file_hash", "storage_bucket", "storage_key", "is_deleted", "created_at",
    ]  # fmt: skip
    readonly_fields = ["error_sentence"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        return Document.all_objects.defer("analysis_result")

    @admin.display(description=_("client"))
    def owner(self, obj: Document) -> str | SafeString:
        return link(obj.property.user)

    @admin.display(description=_("état"), ordering="status")
    def state(self, obj: Document) -> SafeString:
        return badge(obj.get_status_display(), TONES.get(Status(obj.status), "neutral"))

    @admin.display(description=_("erreur"))
    def error_sentence(self, obj: Document) -> str:
        return error_text(obj.error_code) or "–"

    @admin.action(description=_("Lire à nouveau"), permissions=["requeue"])
    def read_again(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        for document in queryset.exclude(status__in=RUNNING):
            jobs.queue(document)
        self.message_user(request, _("Remis en file."))

    def has_requeue_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("documents.change_document"))

    def bring_back(self, request: HttpRequest, obj: Document) -> None:
        assert isinstance(request.user, User)
        uploads.restore(obj, request.user)


class FindingInline(TabularInline):  # type: ignore[misc]
    model = Finding
    fields = ["path", "read", "page", "quote", "method", "confidence", "grounded", "rule"]
    readonly_fields = fields
    extra = 0
    can_delete = False

    @admin.display(description=_("valeur"))
    def read(self, finding: Finding) -> str:
        return fact_labels.written(finding.analysis.document_type, finding.path, finding.value)

    def has_add_permission(self, request: HttpRequest, obj: Analysis | None = None) -> bool:
        return False


@admin.register(Analysis)
class AnalysisAdmin(ReadonlyAdmin):
    list_display = ["document", "document_type", "engine", "version", "is_current", "created_at"]
    list_select_related = ["document"]
    list_filter = ["document_type", "engine", "is_current"]
    ordering = ["-id"]
    fields = [
        "document",
        "document_type",
        "kind",
        "engine",
        "version",
        "is_current",
        "durations",
        "warnings",
        "created_at",
    ]
    inlines = [FindingInline]


SUMMARY_TONES = {"current": "good", "failed": "bad", "processing": "warning"}
RISK_TONES = {"low": "good", "medium": "warning", "high": "bad"}


@admin.register(DocumentSummary)
class DocumentSummaryAdmin(ReadonlyAdmin):
    list_display = [
        "property",
        "owner",
        "state",
        "risk",
        figure("total_annual_cost", _("par an (€)")),
        figure("total_one_time_cost", _("une fois (€)")),
        "last_updated",
    ]
    list_select_related = ["property__user"]
    list_filter = ["status", "risk_level"]
    search_fields = ["property__address", "property__user__email"]
    ordering = ["-id"]
    actions = ["make_again"]
    change_form_after_template = "admin/documents/documentsummary/panels.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("property", "status"),
                    ("error_sentence", "attempts"),
                    ("queued_at", "last_updated"),
                    ("risk_level", "review_on"),
                    ("annual", "one_time"),
                    "words",
                    "overrides",
                ]
            },
        ),
    ]
    readonly_fields = ["error_sentence", "annual", "one_time", "words", "overrides"]

    class Media:
        css = {"all": ["documents/review.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[DocumentSummary]:
        return DocumentSummary.objects.defer("synthesis_data", "recommendations")

    @admin.display(description=_("résumé"))
    def words(self, obj: DocumentSummary) -> str:
        """In the reader's language; the stored words are French."""
        if not obj.synthesis_data:
            return obj.overall_summary or "–"
        return overall_summary(at(obj.synthesis_data, None, timezone.localdate()))

    @admin.display(description=_("erreur"))
    def error_sentence(self, obj: DocumentSummary) -> str:
        return error_sentence(obj.error_code) or "–"

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        summary = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if summary is not None and self.has_view_permission(request, summary):
            context |= summary_panels.panels(summary)
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    @admin.display(description=_("coût annuel"))
    def annual(self, obj: DocumentSummary) -> str:
        return "–" if obj.total_annual_cost is None else euros(obj.total_annual_cost)

    @admin.display(description=_("à la charge de l'acheteur, une fois"))
    def one_time(self, obj: DocumentSummary) -> str:
        return "–" if obj.total_one_time_cost is None else euros(obj.total_one_time_cost)

    @admin.display(description=_("valeurs fixées par une personne"))
    def overrides(self, obj: DocumentSummary) -> str | SafeString:
        """As they are stored; no calculation takes them away."""
        if not any(obj.user_overrides.values()):
            return str(_("aucune"))
        return format_html("<pre>{}</pre>", json.dumps(obj.user_overrides, indent=2, ensure_ascii=False))

    @admin.display(description=_("client"))
    def owner(self, obj: DocumentSummary) -> str | SafeString:
        return link(obj.property.user)

    @admin.display(description=_("état"), ordering="status")
    def state(self, obj: DocumentSummary) -> SafeString:
        return badge(obj.get_status_display(), SUMMARY_TONES.get(obj.status, "neutral"))

    @admin.display(description=_("risque"), ordering="risk_level")
    def risk(self, obj: DocumentSummary) -> str | SafeString:
        return badge(obj.get_risk_level_display(), RISK_TONES[obj.risk_level]) if obj.risk_level else "–"

    @admin.action(description=_("Refaire la synthèse"), permissions=["remake"])
    def make_again(self, request: HttpRequest, queryset: QuerySet[DocumentSummary]) -> None:
        queryset.update(inputs_hash="")
        summaries.request(queryset.values_list("property_id", flat=True))
        self.message_user(request, _("Remis en file."))

    def has_remake_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("documents.change_documentsummary"))


# Pages in modules of their own; Django finds them here.
from documents import job_kinds, review_admin  # noqa: E402, F401
