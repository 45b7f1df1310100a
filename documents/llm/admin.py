"""The ledger of questions to models: who paid for what, and what came of it. No words, no keys."""

from __future__ import annotations

from django.contrib import admin
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from config.admin import ReadonlyAdmin, badge, link
from documents.models import ModelRun

TONES = {"completed": "good", "failed": "bad", "processing": "warning", "cancelled": "neutral"}


@admin.register(ModelRun)
class ModelRunAdmin(ReadonlyAdmin):
    list_display = [
        "created_at", "engine", "model", "state", "outcome", "input_tokens", "output_tokens", "price",
        "seconds", "attempts", "client",
    ]  # fmt: skip
    list_select_related = ["user"]
    list_filter = ["status", "outcome", "engine", "spent_on"]
    search_fields = ["=model", "user__email"]
    ordering = ["-id"]
    fields = [
        "document", "client", "engine", "model", "status", "outcome", "attempts", "input_tokens",
        "output_tokens", "price", "spent_on", "masked", "seconds", "created_at", "queued_at", "finished_at",
    ]  # fmt: skip
    readonly_fields = ["client", "price"]

    @admin.display(description=_("état"), ordering="status")
    def state(self, obj: ModelRun) -> SafeString:
        return badge(obj.get_status_display(), TONES.get(obj.status, "neutral"))

    @admin.display(description=_("coût (€)"), ordering="cost")
    def price(self, obj: ModelRun) -> str:
        return number_format(obj.cost.normalize() + 0, use_l10n=True) if obj.cost else "0"

    @admin.display(description=_("client"))
    def client(self, obj: ModelRun) -> str | SafeString:
        return link(obj.user)
