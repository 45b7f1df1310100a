from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from config.admin import ModelAdmin, badge
from config.admin import link as admin_link
from feedback.models import Feedback
from photos.files import link

TONES = {"new": "warning", "in_progress": "neutral", "answered": "good", "closed": "neutral"}


@admin.register(Feedback)
class FeedbackAdmin(ModelAdmin):
    """What clients wrote is theirs; staff say how far they are and what they did."""

    list_display = ["excerpt", "kind", "state", "author", "created_at"]
    list_select_related = ["user"]
    list_filter = ["status", "kind"]
    search_fields = ["user__email", "message"]
    search_help_text = _("E-mail du client ou mots du message")
    ordering = ["-id"]
    fields = ["author", ("kind", "created_at"), "message", "screenshot", "status", "note", "mailed_at"]
    readonly_fields = ["author", "kind", "created_at", "message", "screenshot", "mailed_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Feedback | None = None) -> bool:
        return False

    @admin.display(description=_("message"))
    def excerpt(self, row: Feedback) -> str:
        return Truncator(row.message).chars(80)

    @admin.display(description=_("état"), ordering="status")
    def state(self, row: Feedback) -> SafeString:
        return badge(row.get_status_display(), TONES[row.status])

    @admin.display(description=_("client"), ordering="user__email")
    def author(self, row: Feedback) -> str | SafeString:
        return admin_link(row.user)

    @admin.display(description=_("capture d'écran"))
    def screenshot(self, row: Feedback) -> str | SafeString:
        if not row.screenshot_key:
            return "–"
        words = _("Capture d'écran envoyée par le client")
        return format_html('<img src="{}" alt="{}" class="bo-picture">', link(row.screenshot_key), words)
