from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.views import ChangeList

from accounts import second_factor
from accounts.models import Activity, ApiToken, Erasure, Export
from config.admin import BackOffice, ReadonlyAdmin, link

BackOffice.extra_paths.append(path("second-factor/", second_factor.view, name="second_factor"))


class _WithoutLinks(ChangeList):  # type: ignore[misc]
    """The address of a token's page would hold its digest."""

    def url_for_result(self, result: Any) -> str:
        raise NoReverseMatch


@admin.register(ApiToken)
class ApiTokenAdmin(ReadonlyAdmin):
    """Which programs hold a key to which account; the digest is not shown."""

    list_display = ["beginning", "name", "whose", "made", "until"]
    list_select_related = ["user"]
    search_fields = ["user__email", "name"]
    fields = ["beginning", "name", "whose", "made", "until"]
    readonly_fields = ["beginning", "whose", "made", "until"]
    ordering = ["-created"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return _WithoutLinks

    # knox gives its columns no names in our languages.
    @admin.display(description=_("début du jeton"))
    def beginning(self, token: ApiToken) -> str:
        return f"{token.token_key}…"

    @admin.display(description=_("client"), ordering="user__email")
    def whose(self, token: ApiToken) -> str | SafeString:
        return link(token.user)

    @admin.display(description=_("fait le"), ordering="created")
    def made(self, token: ApiToken) -> datetime:
        made: datetime = token.created
        return made

    @admin.display(description=_("valable jusqu'au"), ordering="expiry")
    def until(self, token: ApiToken) -> datetime | None:
        end: datetime | None = token.expiry
        return end


@admin.register(Activity)
class ActivityAdmin(ReadonlyAdmin):
    """Who did what to which object. No filter by action: its list of values would read the whole log."""

    list_display = ["created_at", "what", "who", "whose", "thing", "address"]
    list_display_links = ["created_at"]
    list_select_related = ["actor", "user"]
    search_fields = ["^action", "=object_id", "=request_id", "user__email", "actor__email"]
    search_help_text = _("Adresse e-mail, numéro d'objet ou de requête, ou code (document.uploaded)")
    date_hierarchy = None
    ordering = ["-created_at", "-id"]
    show_full_result_count = False
    fields = [
        "created_at",
        ("what", "action"),
        ("actor", "user"),
        ("thing", "property_id"),
        ("address", "request_id"),
        "changes",
    ]

    @admin.display(description=_("événement"), ordering="action")
    def what(self, event: Activity) -> str:
        return event.words

    @admin.display(description=_("objet"), ordering="object_type")
    def thing(self, event: Activity) -> str:
        return event.thing or "–"

    @admin.display(description=_("auteur"))
    def who(self, event: Activity) -> str | SafeString:
        return link(event.actor) if event.actor_id else "–"

    @admin.display(description=_("client"))
    def whose(self, event: Activity) -> str | SafeString:
        return link(event.user) if event.user_id else "–"


@admin.register(Export)
class ExportAdmin(ReadonlyAdmin):
    list_display = ["created_at", "user", "status", "attempts", "finished_at", "error"]
    list_select_related = ["user"]
    list_filter = ["status"]
    search_fields = ["user__email"]
    fields = ["user", "status", "attempts", ("created_at", "started_at", "finished_at"), "error"]


@admin.register(Erasure)
class ErasureAdmin(ReadonlyAdmin):
    """Erased accounts whose files are being removed; the number is all that is left of them."""

    list_display = ["account_id", "created_at", "finished_at"]
    fields = ["account_id", "created_at", "finished_at"]


# Pages in modules of their own; Django finds them here.
from accounts import job_kinds, user_admin  # noqa: E402, F401
