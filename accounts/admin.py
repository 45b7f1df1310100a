from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.models import Activity, ApiToken, Erasure, Export, User
from config.admin import ModelAdmin, ReadonlyAdmin, link

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(ModelAdmin):
    search_fields = ["name"]
    filter_horizontal = ["permissions"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["email", "full_name", "is_staff", "is_active", "created_at", "last_login"]
    list_filter = ["is_staff", "is_active", "groups"]
    search_fields = ["email", "full_name"]
    ordering = ["-id"]
    readonly_fields = ["last_login", "created_at", "updated_at"]
    filter_horizontal = ["groups", "user_permissions"]
    fieldsets = [
        (None, {"fields": ["email", "full_name", "language", "password"]}),
        (_("Droits"), {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        (_("Dates"), {"fields": ["last_login", "created_at", "updated_at"]}),
    ]
    add_fieldsets = [
        (None, {"classes": ["wide"], "fields": ["email", "full_name", "password1", "password2"]})
    ]


@admin.register(ApiToken)
class ApiTokenAdmin(ReadonlyAdmin):
    """Which programs hold a key to which account; the digest is not shown."""

    list_display = ["token_key", "name", "user", "created", "expiry"]
    list_display_links = None
    list_select_related = ["user"]
    search_fields = ["user__email", "name"]
    fields = ["token_key", "name", "user", "created", "expiry"]
    ordering = ["-created"]


@admin.register(Activity)
class ActivityAdmin(ReadonlyAdmin):
    """Who did what to which object. No filter by action: its list of values would read the whole log."""

    list_display = ["created_at", "action", "who", "whose", "object_type", "object_id", "address"]
    list_display_links = ["created_at"]
    list_select_related = ["actor", "user"]
    search_fields = ["^action", "=object_id", "=request_id", "user__email", "actor__email"]
    date_hierarchy = None
    ordering = ["-created_at", "-id"]
    show_full_result_count = False
    fields = [
        "created_at",
        "action",
        ("actor", "user"),
        ("object_type", "object_id", "property_id"),
        ("address", "request_id"),
        "changes",
    ]

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
