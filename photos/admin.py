from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.activity import record
from accounts.models import User
from config.admin import ReadonlyAdmin, badge
from config.admin import link as admin_link
from photos import jobs
from photos.files import link, read
from photos.imaging import thumbnail
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


class HideForm(forms.Form):
    reason = forms.CharField(
        label=_("raison"),
        max_length=300,
        help_text=_("Pour l'équipe ; le client voit seulement que le rendu n'est plus là."),
    )


class HiddenFilter(admin.SimpleListFilter):
    title = _("caché au client")
    parameter_name = "hidden"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Oui")), ("no", _("Non"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        return queryset.filter(hidden_at__isnull=self.value() == "no") if self.value() else None


@admin.register(PhotoRedesign)
class PhotoRedesignAdmin(ReadonlyAdmin):
    """The list is a grid of pictures (`change_list_results.html`); a page shows before and after."""

    list_display = ["style_name", "state", "kept"]
    list_select_related = ["photo__property__user"]
    list_filter = ["status", "style", "engine", "is_flagged", "is_favorite", HiddenFilter]
    list_per_page = 24
    search_fields = ["=redesign_uuid", "photo__filename", "photo__property__user__email"]
    search_help_text = _("Nom de la photo, e-mail du client ou identifiant du rendu")
    ordering = ["-id"]
    actions = ["make_again"]
    change_form_outer_before_template = "admin/photos/photoredesign/pictures.html"
    change_form_outer_after_template = "admin/photos/photoredesign/actions.html"
    fields = [
        ("photo", "thread"), ("style_name", "room_type"), "aspect_ratio", ("custom_prompt", "preferences"),
        ("status", "error_sentence"), ("attempts", "created_at"), ("started_at", "finished_at"),
        ("engine", "engine_version"), ("cost", "source_type"), ("kept", "is_flagged"), "structure",
        ("is_favorite", "rating"), "seed", ("hidden_at", "hidden_by"), "hidden_reason",
    ]  # fmt: skip
    readonly_fields = [
        "style_name",
        "kept",
        "error_sentence",
        "cost",
        "hidden_at",
        "hidden_by",
        "hidden_reason",
    ]

    class Media:
        css = {"all": ["photos/admin.css"]}

    def get_urls(self) -> list[URLPattern]:
        views = {"thumbnail": self.thumbnail_view, "retry": self.retry_view, "hide": self.hide_view}
        ours = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"photos_photoredesign_{name}")
            for name, view in views.items()
        ]
        urls: list[URLPattern] = super().get_urls()
        return [*ours, *urls]

    @admin.display(description=_("style"), ordering="style")
    def style_name(self, obj: PhotoRedesign) -> str:
        return obj.style_name

    # --- columns ----------------------------------------------------------------------------------------

    @admin.display(description=_("état"), ordering="status")
    def state(self, obj: PhotoRedesign) -> SafeString:
        return badge(obj.get_status_display(), TONES.get(Status(obj.status), "neutral"))

    @admin.display(description=_("structure gardée"), ordering="structure_score")
    def kept(self, obj: PhotoRedesign) -> str | SafeString:
        if obj.structure_score is None:
            return "–"
        return badge(f"{obj.structure_score:.2f}", "warning" if obj.is_flagged else "good")

    @admin.display(description=_("erreur"))
    def error_sentence(self, obj: PhotoRedesign) -> str:
        return error_text(obj.error_code) or "–"

    # --- one redesign -------------------------------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        redesign = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if redesign is not None and self.has_view_permission(request, redesign):
            context |= {
                "redesign": redesign,
                "before": link(f"{redesign.photo.folder}display.jpg"),
                "after": link(redesign.storage_key) if redesign.storage_key else "",
                "family": family(redesign),
                "hide_form": HideForm(),
                "may_act": self.has_requeue_permission(request),
                "may_retry": redesign.status not in (*RUNNING, Status.COMPLETED),
            }
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def thumbnail_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A small picture for the grid; the stored one is several hundred kilobytes."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        redesign = get_object_or_404(PhotoRedesign.objects.exclude(storage_key=""), pk=pk)
        try:
            content = thumbnail(read(redesign.storage_key))
        except FileNotFoundError as error:
            raise Http404 from error
        response = HttpResponse(content, content_type="image/jpeg")
        response["Cache-Control"] = "private, max-age=86400"
        return response

    # --- actions ------------------------------------------------------------------------------------------

    @admin.action(description=_("Refaire"), permissions=["requeue"])
    def make_again(self, request: HttpRequest, queryset: QuerySet[PhotoRedesign]) -> None:
        again = [redesign for redesign in queryset if self._retry(request, redesign)]
        message = ngettext("%(n)d rendu remis en file.", "%(n)d rendus remis en file.", len(again))
        self.message_user(request, message % {"n": len(again)})

    @transaction.atomic
    def _retry(self, request: HttpRequest, redesign: PhotoRedesign) -> bool:
        """Queue it again, unless it is finished or at work."""
        locked = PhotoRedesign.objects.select_for_update(of=("self",)).get(pk=redesign.pk)
        if locked.status in (*RUNNING, Status.COMPLETED):
            return False
        jobs.queue(locked)
        self._tell(request, locked, "redesign.requeued", _("Remis en file."))
        return True

    def retry_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        redesign = self._acted_on(request, pk)
        if self._retry(request, redesign):
            self.message_user(request, _("Remis en file."))
        else:
            self.message_user(request, _("Ce rendu est fait ou en cours."), messages.WARNING)
        return redirect("admin:photos_photoredesign_change", pk)

    def hide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hide it with a reason, or show a hidden one again."""
        redesign = self._acted_on(request, pk)
        with transaction.atomic():
            if redesign.hidden_at is not None:
                redesign.unhide()
                self._tell(request, redesign, "redesign.shown", _("Montré à nouveau au client."))
                self.message_user(request, _("Le client voit à nouveau ce rendu."))
            elif (form := HideForm(request.POST)).is_valid():
                assert isinstance(request.user, User)
                redesign.hide(request.user, form.cleaned_data["reason"])
                self._tell(
                    request, redesign, "redesign.hidden", f"{_('Caché au client :')} {redesign.hidden_reason}"
                )
                self.message_user(request, _("Le client ne voit plus ce rendu."))
            else:
                self.message_user(request, _("Donnez une raison : rien n'a été caché."), messages.ERROR)
        return redirect("admin:photos_photoredesign_change", pk)

    def _acted_on(self, request: HttpRequest, pk: int) -> PhotoRedesign:
        if request.method != "POST" or not self.has_requeue_permission(request):
            raise PermissionDenied
        return get_object_or_404(PhotoRedesign.objects.select_related("photo__property"), pk=pk)

    def _tell(self, request: HttpRequest, redesign: PhotoRedesign, event: str, words: Any) -> None:
        """In the client's log and in the object's history."""
        subject = redesign.photo.property
        assert isinstance(request.user, User)
        record(event, redesign, actor=request.user, owner_id=subject.user_id, property_id=subject.pk)
        self.log_change(request, redesign, str(words))

    def has_requeue_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("photos.change_photoredesign"))


@dataclass
class Relative:
    """A redesign in the tree of its photo's redesigns."""

    redesign: PhotoRedesign
    is_this: bool
    children: list[Relative]


FAMILY_MOST = 200


def family(redesign: PhotoRedesign) -> list[Relative]:
    """The photo's redesigns as trees of refinements, oldest first; one query, the newest 200."""
    rows = list(PhotoRedesign.objects.filter(photo=redesign.photo_id).order_by("-id")[:FAMILY_MOST])[::-1]
    relatives = {row.pk: Relative(row, row.pk == redesign.pk, []) for row in rows}
    roots: list[Relative] = []
    for row in rows:  # a parent is older than its children: no circle
        parent = relatives.get(row.parent_id) if row.parent_id and row.parent_id < row.pk else None
        (parent.children if parent else roots).append(relatives[row.pk])
    return roots


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


# Its jobs are described in a module of their own; Django finds them here.
from photos import job_kinds  # noqa: E402, F401
