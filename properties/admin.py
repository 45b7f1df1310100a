from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from config.admin import ModelAdmin, badge, link
from properties.models import Property


@admin.register(Property)
class PropertyAdmin(ModelAdmin):
    list_display = [
        "address",
        "postal_code",
        "city",
        "property_type",
        "surface_area",
        "asking_price",
        "owner",
        "state",
    ]
    list_select_related = ["user"]
    list_filter = ["property_type", "is_deleted", "department"]
    search_fields = ["address", "city", "postal_code", "user__email"]
    autocomplete_fields = ["user"]
    date_hierarchy = None
    ordering = ["-id"]
    readonly_fields = ["version", "created_at", "updated_at", "deleted_at", "deleted_by"]
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
        (_("Suivi"), {"fields": ["version", ("created_at", "updated_at"), ("deleted_at", "deleted_by")]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Property]:
        return Property.all_objects.all()

    @admin.display(description=_("client"), ordering="user__email")
    def owner(self, obj: Property) -> str | SafeString:
        return link(obj.user)

    @admin.display(description=_("état"), ordering="is_deleted")
    def state(self, obj: Property) -> SafeString:
        return badge(_("supprimé"), "bad") if obj.is_deleted else badge(_("en cours"), "good")
