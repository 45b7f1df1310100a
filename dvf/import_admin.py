"""The back-office's pages of imports: what came in, what was rejected, what changed. Read-only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from config.admin import ReadonlyAdmin, badge, link
from dvf import drawings, import_panels
from dvf.models import DVFImport, DVFImportQuerySet


@admin.register(DVFImport)
class DVFImportAdmin(ReadonlyAdmin):
    list_display = ["release_label", "state", "mode", "sales_count", "total_count", "rejected_lines_count",
                    "first_date", "last_date", "finished_at"]  # fmt: skip
    list_display_links = ["release_label"]
    list_filter = ["status", "is_synthetic"]
    ordering = ["-id"]
    change_form_after_template = "admin/dvf/dvfimport/panels.html"
    fieldsets = [
        (
            _("Import"),
            {
                "fields": [
                    ("release_label", "status"),
                    ("mode", "is_synthetic"),
                    ("started_at", "finished_at"),
                    ("who", "requested_from"),
                    "error_told",
                ]
            },
        ),
        (
            _("Compte"),
            {
                "fields": [
                    ("rows_count", "mutations_count"),
                    ("sales_count", "lots_count"),
                    ("total_count", "rejected_lines_count"),
                    ("first_date", "last_date"),
                    "peak_memory_mb",
                ]
            },
        ),
    ]

    class Media:
        css = {"all": ["dvf/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[DVFImport]:
        imports: DVFImportQuerySet = super().get_queryset(request)
        return imports if request.resolver_match and request.resolver_match.kwargs else imports.light()

    @admin.display(description=_("état"))
    def state(self, run: DVFImport) -> SafeString:
        tones = {"served": "good", "failed": "bad", "running": "warning"}
        return badge(run.get_status_display(), tones.get(run.status, "neutral"))

    @admin.display(description=_("lignes"))
    def rows_count(self, run: DVFImport) -> str:
        return drawings.grouped(run.rows)

    @admin.display(description=_("mutations"))
    def mutations_count(self, run: DVFImport) -> str:
        return drawings.grouped(run.mutations)

    @admin.display(description=_("ventes"), ordering="sales")
    def sales_count(self, run: DVFImport) -> str:
        return drawings.grouped(run.sales)

    @admin.display(description=_("lots"))
    def lots_count(self, run: DVFImport) -> str:
        return drawings.grouped(run.lots)

    @admin.display(description=_("ventes servies"), ordering="total_sales")
    def total_count(self, run: DVFImport) -> str:
        return drawings.grouped(run.total_sales)

    @admin.display(description=_("lignes rejetées"))
    def rejected_lines_count(self, run: DVFImport) -> str:
        return drawings.grouped(run.rejected_count)

    @admin.display(description=_("erreur"), empty_value="–")
    def error_told(self, run: DVFImport) -> str:
        return f"{run.error_message} [{run.error_code}]" if run.error_code else run.error_message

    @admin.display(description=_("demandé par"))
    def who(self, run: DVFImport) -> str | SafeString:
        return link(run.requested_by)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> TemplateResponse | HttpResponse:
        run = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if run is not None and self.has_view_permission(request, run):
            context |= import_panels.panels(run)
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response
