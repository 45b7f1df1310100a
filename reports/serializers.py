from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from properties.cost_views import CostsQuerySerializer
from reports.models import RUNNING, Kind, Report, Status

ERRORS = {
    "timeout": _("Le rapport a pris trop de temps à imprimer : réessayez dans une minute."),
    "out_of_memory": _("Le rapport est trop grand pour être imprimé : réessayez avec une autre sorte."),
    "render_failed": _("Le rapport n'a pas pu être imprimé : réessayez dans une minute."),
    "internal_error": _("Le rapport n'a pas pu être fait : réessayez dans une minute."),
    "worker_lost": _("La fabrication du rapport a été interrompue : réessayez dans une minute."),
}


def error_text(code: str) -> str:
    return str(ERRORS.get(code, ERRORS["internal_error"])) if code else ""


class ReportQuerySerializer(CostsQuerySerializer):
    """Which report is wanted; the rest is what a buyer says of the purchase, as for the costs."""

    kind = serializers.ChoiceField(Kind.choices, required=False, default=Kind.FULL)
    lang = serializers.ChoiceField(
        settings.LANGUAGES, required=False, help_text="Absent : la langue de la demande."
    )

    def wanted(self) -> tuple[str, str, dict[str, Any]]:
        """(kind, language, options): of the options only those that are not as usual, so that the same wish
        is the same report.
        """
        given = dict(self.validated_data)
        language = given.pop("lang", None) or (get_language() or settings.LANGUAGE_CODE)[:2]
        kind = str(given.pop("kind"))
        usual = {name: field.default for name, field in self.fields.items()}
        return kind, language, {k: _plain(v) for k, v in sorted(given.items()) if v != usual[k]}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value


class ReportProgressSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    percent = serializers.IntegerField()


class ReportSerializer(serializers.ModelSerializer[Report]):
    """A report as a job: `url` says how it stands, `file` gives the PDF."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    state = serializers.ChoiceField(Status.choices, source="status", read_only=True)
    lang = serializers.CharField(source="language", read_only=True)
    progress = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    file = serializers.SerializerMethodField()

    class Meta:
        model = Report
        fields = [
            "id", "property_id", "kind", "lang", "options", "state", "progress", "error_code", "error",
            "attempts", "size", "pages", "made_at", "url", "file",
        ]  # fmt: skip
        read_only_fields = fields

    def get_progress(self, report: Report) -> dict[str, int]:
        done, failed = report.status == Status.COMPLETED, report.status == Status.FAILED
        return {
            "total": 1,
            "done": int(done),
            "failed": int(failed),
            "percent": 0 if report.status in RUNNING else 100,
        }

    def get_error(self, report: Report) -> str:
        return error_text(report.error_code)

    def get_url(self, report: Report) -> str:
        return reverse("property-report-job", args=[report.property_id, report.uuid])

    def get_file(self, report: Report) -> str | None:
        if report.status != Status.COMPLETED:
            return None
        return reverse("property-report-file", args=[report.property_id, report.uuid])
