"""The back-office's pages of people: what they hold, what happened, and what staff may do for them.

Staff neither choose a client's password nor change their address nor see as they see: they have a link sent.
"""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.password_reset import request_password_reset
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts import export
from accounts.activity import record
from accounts.erasure import erase
from accounts.models import Activity, Export, User, normalise_email
from accounts.statistics import count_of
from config.admin import ModelAdmin, ReadonlyAdmin, link

RECENT_EVENTS = 20

# What an account holds: the page of the list, its label, the path that counts it, a filter of the list.
HELD = [
    (
        "properties_property",
        ngettext_lazy("%(n)d bien", "%(n)d biens", "n"),
        "properties",
        "is_deleted__exact=0",
    ),
    (
        "documents_document",
        ngettext_lazy("%(n)d document", "%(n)d documents", "n"),
        "properties.documents",
        "",
    ),
    ("photos_photo", ngettext_lazy("%(n)d photo", "%(n)d photos", "n"), "properties.photos", ""),
    (
        "photos_photoredesign",
        ngettext_lazy("%(n)d rendu", "%(n)d rendus", "n"),
        "properties.photos.redesigns",
        "",
    ),
    ("feedback_feedback", ngettext_lazy("%(n)d message", "%(n)d messages", "n"), "feedback", ""),
]


class NewUserForm(forms.ModelForm):  # type: ignore[type-arg]
    """No password: the person chooses it by the link that is sent to them."""

    class Meta:
        model = User
        fields = ["email", "full_name", "language", "is_staff", "groups"]

    def clean_email(self) -> str:
        return normalise_email(self.cleaned_data["email"])


@admin.register(User)
class UserAdmin(ModelAdmin):
    list_display = ["email", "full_name", "held", "is_staff", "is_active", "created_at", "last_login"]
    list_filter = ["is_staff", "is_active", "groups"]
    search_fields = ["email", "full_name"]
    search_help_text = _("Adresse e-mail ou nom")
    ordering = ["-id"]
    readonly_fields = ["allows_models", "last_login", "created_at", "updated_at"]
    change_form_outer_after_template = "admin/accounts/user/panels.html"
    fieldsets = [
        (None, {"fields": ["email", "full_name", "language"]}),
        (_("Réglages"), {"fields": ["allows_models", "wants_mail"]}),
        (_("Droits"), {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        (_("Dates"), {"fields": ["last_login", "created_at", "updated_at"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "fields": ["email", "full_name", "language", "is_staff", "groups"],
                "description": _("Un lien pour choisir son mot de passe lui est envoyé."),
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return User.objects.annotate(
            properties_count=count_of(User, "properties"),
            documents_count=count_of(User, "properties.documents"),
        )

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else self.add_fieldsets

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.BaseModelForm[Any]]:
        return super().get_form(
            request, obj, change=change, **(kwargs if obj else {**kwargs, "form": NewUserForm})
        )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """An address changes by its owner's own confirmation; only superusers make superusers."""
        fixed = [*self.readonly_fields, *(["email"] if obj else [])]
        return fixed if request.user.is_superuser else [*fixed, "is_superuser"]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and _is_within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed and _is_within_reach(request, obj) and obj != request.user

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No erasure by the dozen: each is typed on its own page."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.display(description=_("biens, documents"))
    def held(self, user: User) -> str | SafeString:
        properties: int = user.properties_count  # type: ignore[attr-defined]
        documents: int = user.documents_count  # type: ignore[attr-defined]
        if not properties:
            return "–"
        url = f"{reverse('admin:properties_property_changelist')}?{urlencode({'q': user.email})}"
        return format_html('<a href="{}">{} / {}</a>', url, properties, documents)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        obj.verify_email()
        transaction.on_commit(lambda: self._send_link(request, obj))

    def _send_link(self, request: HttpRequest, user: User) -> None:
        request_password_reset(request, user.email, [user], None)
        self.message_user(
            request, _("Un lien pour choisir un mot de passe part à %(email)s.") % {"email": user.email}
        )

    # --- one person ---------------------------------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        user = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if user is not None and self.has_view_permission(request, user):
            log = request.user.has_perm("accounts.view_activity")
            context |= {
                "person": user,
                "holdings": _holdings(request, user),
                "deleted_properties": _list("properties_property", user, "is_deleted__exact=1"),
                "events": Activity.objects.visible_to(user).select_related("actor")[:RECENT_EVENTS]
                if log
                else [],
                "log_url": _list("accounts_activity", user, "") if log else "",
                "exports": Export.objects.filter(user=user)[:5],
                "has_totp": Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists(),
                "may_act": self.has_change_permission(request, user),
                "may_export": self.has_delete_permission(request, user),
            }
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def get_urls(self) -> list[URLPattern]:
        views = {
            "sign-out": self.sign_out_view,
            "send-link": self.send_link_view,
            "remove-second-factor": self.remove_second_factor_view,
            "export": self.export_view,
        }
        ours = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"accounts_user_{name.replace('-', '_')}",
            )
            for name, view in views.items()
        ]
        download = path(
            "<int:pk>/exports/<uuid:job>/",
            self.admin_site.admin_view(self.download_view),
            name="accounts_user_download",
        )
        urls: list[URLPattern] = super().get_urls()
        return [*ours, download, *urls]

    def _person(self, request: HttpRequest, pk: int, *, erasing: bool = False, method: str = "POST") -> User:
        """The account an action is for. Raises PermissionDenied."""
        user = get_object_or_404(User, pk=pk)
        allowed = self.has_delete_permission if erasing else self.has_change_permission
        if request.method != method or not allowed(request, user):
            raise PermissionDenied
        return user

    def _tell(self, request: HttpRequest, user: User, event: str, words: Any) -> HttpResponse:
        assert isinstance(request.user, User)
        record(event, user, actor=request.user)
        self.log_change(request, user, str(words))
        self.message_user(request, words)
        return redirect("admin:accounts_user_change", user.pk)

    @transaction.atomic
    def sign_out_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self._person(request, pk)
        user.end_everywhere()
        return self._tell(request, user, "account.signed_out_everywhere", _("Déconnecté partout."))

    @transaction.atomic
    def send_link_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self._person(request, pk)
        request_password_reset(request, user.email, [user], None)
        words = _("Lien de changement de mot de passe envoyé.")
        return self._tell(request, user, "account.reset_link_sent", words)

    @transaction.atomic
    def remove_second_factor_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For somebody who lost telephone and recovery codes: their sessions end, and a mail tells them."""
        user = self._person(request, pk)
        Authenticator.objects.filter(user=user).delete()
        user.end_everywhere()
        tell = get_adapter(request).send_notification_mail
        transaction.on_commit(lambda: tell("mfa/email/totp_deactivated", user))
        return self._tell(request, user, "totp.deactivated", _("Second facteur retiré."))

    # --- export, erasure ----------------------------------------------------------------------------------

    def export_view(self, request: HttpRequest, pk: int) -> Any:
        """The ZIP that the person would get: at once when it is small, else by a job."""
        user = self._person(request, pk, erasing=True)
        files = export.keys(user)
        assert isinstance(request.user, User)
        with transaction.atomic():
            record("account.exported", user, actor=request.user)
            self.log_change(request, user, str(_("Données exportées.")))
        if export.is_small(files):
            target = TemporaryFile()  # noqa: SIM115 closed by the answer
            export.write(user, files, target)
            target.seek(0)
            return _download(target, user)
        export.ask(user)
        self.message_user(request, _("L'export se prépare : il paraîtra ici dans quelques minutes."))
        return redirect("admin:accounts_user_change", pk)

    def download_view(self, request: HttpRequest, pk: int, job: Any) -> FileResponse:
        user = self._person(request, pk, erasing=True, method="GET")
        made = get_object_or_404(Export, user=user, pk=job, status=Export.Status.COMPLETED)
        return _download(default_storage.open(made.storage_key), user)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Erasure, as the person could ask for it, once their address has been typed."""
        user = self.get_object(request, object_id)
        if user is None or not self.has_delete_permission(request, user):
            raise PermissionDenied
        wrong = False
        if request.method == "POST":
            if normalise_email(request.POST.get("email", "")) == user.email:
                assert isinstance(request.user, User)
                try:
                    erase(user, by=request.user)
                except User.DoesNotExist as error:  # pressed twice
                    raise Http404 from error
                self.message_user(request, _("Compte effacé ; ses fichiers le seront dans l'instant."))
                return redirect("admin:accounts_user_changelist")
            wrong = True
        context = {
            **self.admin_site.each_context(request),
            "title": _("Effacer ce compte"),
            "opts": self.model._meta,
            "person": user,
            "holdings": _holdings(request, user),
            "wrong": wrong,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/accounts/user/erase.html", context)


def _is_within_reach(request: HttpRequest, obj: User | None) -> bool:
    """Only superusers act on superusers."""
    return obj is None or not obj.is_superuser or bool(request.user.is_superuser)


def _list(page: str, user: User, query: str) -> str:
    """Where a list is filtered on this person; "" where that page is not installed."""
    try:
        url = reverse(f"admin:{page}_changelist")
    except NoReverseMatch:
        return ""
    return f"{url}?{urlencode({'q': user.email})}{'&' if query else ''}{query}"


def _holdings(request: HttpRequest, user: User) -> list[dict[str, Any]]:
    """What the account holds, each with its count and, for those who may open it, its list; one query."""
    counts: QuerySet[Any, Any] = User.objects.filter(pk=user.pk).values(
        **{f"n{index}": count_of(User, path) for index, (_p, _l, path, _q) in enumerate(HELD)}
    )
    row: dict[str, int] = counts.get()
    found = []
    for index, (page, label, _path, query) in enumerate(HELD):
        app, _sep, model = page.partition("_")
        url = _list(page, user, query) if request.user.has_perm(f"{app}.view_{model}") else ""
        found.append({"words": label % {"n": row[f"n{index}"]}, "url": url})
    return found


def _download(content: Any, user: User) -> FileResponse:
    name = f"appart-agent-{user.pk}-{timezone.now():%Y-%m-%d}.zip"
    return FileResponse(content, as_attachment=True, filename=name, content_type="application/zip")


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(ReadonlyAdmin):
    """Seen here, made by `manage.py staff_groups`, which would undo what is changed by hand."""

    search_fields = ["name"]
    fields = ["name", "people", "rights"]
    readonly_fields = ["people", "rights"]

    @admin.display(description=_("personnes"))
    def people(self, group: Group) -> str | SafeString:
        found = User.objects.filter(groups=group).order_by("email")
        return format_html_join(", ", "{}", ((link(user),) for user in found)) or "–"

    @admin.display(description=_("droits"))
    def rights(self, group: Group) -> SafeString:
        """Page by page: what may be done there."""
        verbs = {"view": _("voir"), "add": _("ajouter"), "change": _("changer"), "delete": _("supprimer")}
        held: dict[str, list[str]] = {}
        for permission in group.permissions.select_related("content_type"):
            model = permission.content_type.model_class()
            page = capfirst(model._meta.verbose_name_plural) if model else permission.content_type.model
            verb = permission.codename.partition("_")[0]
            held.setdefault(str(page), []).append(str(verbs.get(verb, verb)))
        lines = ((page, ", ".join(sorted(words))) for page, words in sorted(held.items()))
        return format_html('<ul class="bo-list">{}</ul>', format_html_join("", "<li>{} – {}</li>", lines))
