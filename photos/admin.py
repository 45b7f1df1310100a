from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from config.admin import ReadonlyAdmin, badge
from config.admin import link as admin_link
from photos import jobs
from photos.files import link
from photos.models import RUNNING, Photo, PhotoRedesign, PhotoReference, Status
from photos.presets import error_text

TONES = {Status.COMPLETED: "good", Status.FAILED: "bad", Status.GENERATING: "warning"}


def picture(key: str, width: int) -> str | SafeString:
    """A picture of the store by signed link."""
    if not key:
        return "–"
    return format_html('<img src="{}" alt="" width="{}" loading="lazy">', link(key), width)


@admin.register(Photo)
class PhotoAdmin(ReadonlyAdmin):
    list_display = ["thumbnail", "filename", "room_type", "owner", "property", "created_at"]
    list_select_related = ["property__user"]
    list_filter = ["room_type", "room_type_is_guessed"]
    search_fields = ["filename", "property__address", "property__user__email"]
    ordering = ["-id"]
    fields = [
        "display", "filename", "property", "room_type", "room_type_is_guessed", "width", "height", "size",
        "received_format", "file_hash", "promoted_redesign", "storage_bucket", "storage_key", "created_at",
    ]  # fmt: skip
    readonly_fields = ["display"]

    @admin.display(description=_("aperçu"))
    def thumbnail(self, obj: Photo) -> str | SafeString:
        return picture(f"{obj.folder}thumbnail.jpg", 90)

    @admin.display(description=_("image"))
    def display(self, obj: Photo) -> str | SafeString:
        return picture(f"{obj.folder}display.jpg", 640)

    @admin.display(description=_("client"))
    def owner(self, obj: Photo) -> str | SafeString:
        return admin_link(obj.property.user)


@admin.register(PhotoRedesign)
class PhotoRedesignAdmin(ReadonlyAdmin):
    list_display = ["thumbnail", "style", "state", "kept", "engine", "owner", "attempts", "created_at"]
    list_select_related = ["photo__property__user"]
    list_filter = ["status", "style", "engine", "is_flagged", "is_favorite"]
    search_fields = ["redesign_uuid", "photo__filename", "photo__property__user__email"]
    ordering = ["-id"]
    actions = ["make_again"]
    fields = [
        "image", "photo", "thread", "parent", "style", "custom_prompt", "preferences", "room_type",
        "aspect_ratio", "seed", "status", "error_sentence", "attempts", "started_at", "finished_at",
        "engine", "engine_version", "source_type", "structure_score", "structure", "is_flagged",
        "is_favorite", "rating", "storage_bucket", "storage_key", "created_at",
    ]  # fmt: skip
    readonly_fields = ["image", "error_sentence"]

    @admin.display(description=_("aperçu"))
    def thumbnail(self, obj: PhotoRedesign) -> str | SafeString:
        return picture(obj.storage_key, 90)

    @admin.display(description=_("image"))
    def image(self, obj: PhotoRedesign) -> str | SafeString:
        return picture(obj.storage_key, 640)

    @admin.display(description=_("client"))
    def owner(self, obj: PhotoRedesign) -> str | SafeString:
        return admin_link(obj.photo.property.user)

    @admin.display(description=_("état"), ordering="status")
    def state(self, obj: PhotoRedesign) -> SafeString:
        return badge(obj.get_status_display(), TONES.get(Status(obj.status), "neutral"))

    @admin.display(description=_("structure"), ordering="structure_score")
    def kept(self, obj: PhotoRedesign) -> str | SafeString:
        if obj.structure_score is None:
            return "–"
        return badge(f"{obj.structure_score:.2f}", "warning" if obj.is_flagged else "good")

    @admin.display(description=_("erreur"))
    def error_sentence(self, obj: PhotoRedesign) -> str:
        return error_text(obj.error_code) or "–"

    @admin.action(description=_("Refaire"), permissions=["requeue"])
    def make_again(self, request: HttpRequest, queryset: QuerySet[PhotoRedesign]) -> None:
        for redesign in queryset.exclude(status__in=(*RUNNING, Status.COMPLETED)):
            jobs.queue(redesign)
        self.message_user(request, _("Remis en file."))

    def has_requeue_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("photos.change_photoredesign"))


@admin.register(PhotoReference)
class PhotoReferenceAdmin(ReadonlyAdmin):
    list_display = ["thumbnail", "filename", "user", "created_at"]
    list_select_related = ["user"]
    search_fields = ["filename", "user__email"]
    ordering = ["-id"]
    fields = ["thumbnail", "filename", "user", "width", "height", "file_hash", "storage_key", "created_at"]
    readonly_fields = ["thumbnail"]

    @admin.display(description=_("aperçu"))
    def thumbnail(self, obj: PhotoReference) -> str | SafeString:
        return picture(obj.storage_key, 90)
