from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.activity import record
from accounts.models import User
from config.admin import ReadonlyAdmin, badge, figure, link
from properties.models import Property
from reports import jobs
from reports.downloads import awaited, stream
from reports.models import Kind, Report, Status
from reports.serializers import error_text

TONES = {Status.COMPLETED: "good", Status.FAILED: "bad", Status.PROCESSING: "warning"}


@admin.register(Report)
class ReportAdmin(ReadonlyAdmin):
    """Reports, and the door by which staff read them: property_id/kind/language/."""

    list_display = [
        "property",
        "kind",
        "language",
        "state",
        "owner",
        "pages",
        figure("size", _("taille (octets)")),
        "made_at",
    ]
    list_select_related = ["property__user"]
    list_filter = ["status", "kind", "language"]
    search_fields = ["property__address", "property__user__email"]
    ordering = ["-id"]
    fields = [
        "property", "kind", "language", "options", "status", "error_sentence", "attempts", "queued_at",
        "started_at", "finished_at", "made_at", "pages", "size", "storage_bucket", "storage_key",
    ]  # fmt: skip
    readonly_fields = ["error_sentence"]

    @admin.display(description=_("client"))
    def owner(self, obj: Report) -> str | SafeString:
        return link(obj.property.user)

    @admin.display(description=_("état"), ordering="status")
    def state(self, obj: Report) -> SafeString:
        return badge(obj.get_status_display(), TONES.get(Status(obj.status), "neutral"))

    @admin.display(description=_("erreur"))
    def error_sentence(self, obj: Report) -> str:
        return error_text(obj.error_code) or "–"

    def get_urls(self) -> list[Any]:
        own = path(
            "<int:property_id>/<str:kind>/<str:language>/",
            self.admin_site.admin_view(self.download),
            name="reports_report_download",
        )
        return [own, *super().get_urls()]

    def download(self, request: HttpRequest, property_id: int, kind: str, language: str) -> HttpResponseBase:
        """The report of a client's property, made when it is not there; who read it is logged."""
        if not self.has_view_permission(request) or not request.user.has_perm("properties.view_property"):
            raise PermissionDenied
        subject = get_object_or_404(Property.objects.all(), pk=property_id)
        if kind not in Kind.values or language not in {"fr", "en"}:
            return redirect("admin:properties_property_change", property_id)
        assert isinstance(request.user, User)
        report = awaited(jobs.ask(subject, kind, language, {}, request.user))
        if report.status == Status.COMPLETED:
            record("report.downloaded", report, actor=request.user)
            return stream(report)
        if report.status == Status.FAILED:
            messages.error(request, error_text(report.error_code))
        else:
            messages.info(request, _("Le rapport se prépare : demandez-le à nouveau dans un instant."))
        return redirect(reverse("admin:properties_property_change", args=[property_id]))


from reports import job_kinds  # noqa: E402, F401
