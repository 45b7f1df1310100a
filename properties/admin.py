from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts import activity
from accounts.models import User
from config import versions
from config.admin import Restorable, badge, figure, link
from properties import caches
from properties.models import Property

# The reports are an app above this one: its pages are known by name.
REPORTS = {
    "full": _("Rapport complet"),
    "price-analysis": _("Analyse de prix"),
    "synthesis": _("Synthèse des documents"),
}


@admin.register(Property)
class PropertyAdmin(Restorable):
    list_display = [
        "address",
        "postal_code",
        "city",
        "property_type",
        figure("surface_area", _("surface (m²)")),
        figure("asking_price", _("prix demandé (€)")),
        "owner",
        "state",
    ]
    list_select_related = ["user"]
    list_filter = ["property_type", "is_deleted", "department"]
    search_fields = ["address", "city", "postal_code", "user__email"]
    autocomplete_fields = ["user"]
    date_hierarchy = None
    ordering = ["-id"]
    readonly_fields = ["version", "created_at", "updated_at", "deleted_at", "deleted_by", "reports"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "user",
                    ("address", "postal_code"),
                    ("city", "department"),
                    ("longitude", "latitude"),
                ]
            },
        ),
        (
            _("Le bien"),
            {
                "fields": [
                    "property_type",
                    ("surface_area", "rooms"),
                    ("floor", "building_floors"),
                    "building_year",
                ]
            },
        ),
        (_("Le prix"), {"fields": ["asking_price", ("asking_price_includes_fees", "agency_fee")]}),
        (_("Rapports"), {"fields": ["reports"]}),
        (_("Suivi"), {"fields": ["version", ("created_at", "updated_at"), ("deleted_at", "deleted_by")]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Property]:
        return Property.all_objects.all()

    @admin.display(description=_("client"), ordering="user__email")
    def owner(self, obj: Property) -> str | SafeString:
        return link(obj.user)

    @admin.display(description=_("état"), ordering="is_deleted")
    def state(self, obj: Property) -> SafeString:
        return badge(_("supprimé"), "bad") if obj.is_deleted else badge(_("présent"), "good")

    @admin.display(description=_("à lire en PDF"))
    def reports(self, obj: Property) -> str | SafeString:
        """Links to the report in both languages; none before the property is there."""
        if obj.pk is None or obj.is_deleted:
            return "–"
        links = (
            (reverse("admin:reports_report_download", args=[obj.pk, kind, language]), label, language)
            for kind, label in REPORTS.items()
            for language in ("fr", "en")
        )
        return format_html_join(" · ", '<a class="underline" href="{}">{} ({})</a>', links)

    def save_model(self, request: HttpRequest, obj: Property, form: Any, change: bool) -> None:
        """Staff's edits are versions and events like anybody's; one made on a stale page is refused."""
        staff = _staff(request)
        if not change:
            super().save_model(request, obj, form, change)
            activity.record("property.created", obj, actor=staff)
            return
        before = Property.all_objects.get(pk=obj.pk)
        values = {name: getattr(obj, name) for name in form.changed_data}
        changes = activity.changed({name: getattr(before, name) for name in values}, values)
        obj.version = before.version
        versions.update(obj, **values, updated_at=timezone.now())
        activity.record("property.updated", obj, actor=staff, changes=_as_json(changes))
        caches.forget(obj.pk)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """The properties alone: Django would list, and forbid, all that a real deletion takes along."""
        kept = _("reste ici avec ses documents et ses photos, et peut être rétabli")
        said = [f"{obj} – {kept}" for obj in objs]
        return said, {str(self.opts.verbose_name_plural): len(said)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Property) -> None:
        """Hidden, not gone: `restore` brings it back."""
        if not obj.is_deleted:
            obj.delete_softly(_staff(request))
            activity.record("property.deleted", obj, actor=_staff(request))
            caches.forget(obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Property]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def bring_back(self, request: HttpRequest, obj: Property) -> None:
        obj.restore()
        activity.record("property.restored", obj, actor=_staff(request))
        caches.forget(obj.pk)


def _staff(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _as_json(changes: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """A changed owner is an object: the log holds its number."""
    return {
        name: [value.pk if isinstance(value, User) else value for value in pair]
        for name, pair in changes.items()
    }
