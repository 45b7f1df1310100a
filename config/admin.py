"""The back-office: its site, the base classes every admin page starts from, links and badges."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import flatten_fieldsets, model_ngettext, unquote
from django.contrib.auth import get_permission_codename
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db import DataError, ProgrammingError, transaction
from django.db.models import IntegerField, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin as UnfoldModelAdmin
from unfold.sites import UnfoldAdminSite

from config import jobs
from config.api import search

HIDDEN = frozenset(["account", "mfa", "usersessions", "socialaccount"])
"""Apps whose own pages are left out."""


class BackOffice(UnfoldAdminSite):  # type: ignore[misc]
    index_title = _("Accueil")
    empty_value_display = "–"
    enable_nav_sidebar = True
    extra_paths: list[URLPattern] = []
    """Pages that are no model's; apps above add theirs in `ready`."""

    def extra_urls(self) -> list[URLPattern]:
        return self.extra_paths

    def register(self, model_or_iterable: Any, *args: Any, **options: Any) -> None:
        """Staff see accounts on our pages; allauth's own show session keys and encrypted secrets."""
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        super().register([m for m in models if m._meta.app_label not in HIDDEN], *args, **options)

    def get_urls(self) -> list[Any]:
        jobs_page = self.admin_view(lambda request: jobs.page(request, self))
        return [path("jobs/", jobs_page, name="jobs"), *super().get_urls()]


class ModelAdmin(UnfoldModelAdmin):  # type: ignore[misc]
    """Base of every page. Lists never count twice and never load rows one by one."""

    list_per_page = 50
    show_full_result_count = False
    compressed_fields = True
    warn_unsaved_form = True
    list_filter_submit = False
    formfield_overrides = UnfoldModelAdmin.formfield_overrides
    change_form_before_template = "admin/stamp.html"

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        if any("\x00" in value for values in request.GET.lists() for value in values[1]):
            raise Http404  # no text in the database holds one, and PostgreSQL refuses the question
        try:
            return super().get_changelist_instance(request)
        except (ValueError, TypeError, LookupError, ArithmeticError, DataError, ProgrammingError) as error:
            if not request.GET:
                raise
            # A filter typed by hand that cannot be asked (`__year=0`, `__range=1`): as Django takes others.
            raise IncorrectLookupParameters from error

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Django's own spelling of keys in addresses, "_00", would bring a NUL in."""
        return None if "\x00" in unquote(object_id) else super().get_object(request, object_id, from_field)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Nothing is filled in by an address: whoever sends a link does not choose what is saved."""
        return {}

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """A key that no row can have selects nothing."""
        try:
            for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
                if "\x00" in key:
                    raise ValidationError("NUL")
                self.opts.pk.to_python(key)
        except ValidationError:
            messages.error(request, _("Sélection illisible : rien n'a été fait."))
            return redirect(request.path)
        response: HttpResponse | None = super().response_action(request, queryset)
        return response

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """For pop-ups, which choose by the key; Django stumbles over relations that have no name."""
        return bool(to_field == self.opts.pk.name)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Lists are asked by what their pages show alone.

        Django takes any column of the row in the query string: whoever may see the list could find out a
        password's hash letter by letter.
        """
        name = lookup.partition("__")[0]
        try:
            field = self.opts.pk if name == "pk" else self.opts.get_field(name)
        except FieldDoesNotExist:  # a filter's own name
            return bool(super().lookup_allowed(lookup, value, request))
        entries = [entry if isinstance(entry, str) else entry[0] for entry in self._filters(request)]
        shown = {*flatten_fieldsets(self.get_fieldsets(request)), *entries, *self.get_list_display(request)}
        number = field == self.opts.pk and isinstance(field, IntegerField)  # a token's key is its digest
        return (number or field.name in shown) and bool(super().lookup_allowed(lookup, value, request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if "\x00" in search_term:  # of a box that completes; a list's is refused with the rest of its address
            return queryset.none(), False
        if words := search.too_long(search_term):
            messages.error(request, words)
            return queryset.none(), False
        found: tuple[QuerySet[Any], bool] = super().get_search_results(request, queryset, search_term)
        return found

    def _filters(self, request: HttpRequest) -> list[Any]:
        """The list's filters that are made of a field: its name, or that and how it is shown."""
        return [entry for entry in self.get_list_filter(request) if isinstance(entry, str | tuple | list)]

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.BaseModelForm[Any]]:
        """On a row that has a version or a date of change, the form refuses what was typed on an old page."""
        form: type[forms.BaseModelForm[Any]] = super().get_form(request, obj, change=change, **kwargs)
        if obj is None or not stamp(obj) or not self.has_change_permission(request, obj):
            return form
        return type(form.__name__, (_Unchanged, form), {})

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any] | Iterable[Any]) -> list[LogEntry]:
        """One by one: what is written in bulk sends no signal, and the activity log would lack it."""
        return [entry for obj in queryset for entry in super(ModelAdmin, self).log_deletions(request, [obj])]


def stamp(obj: Model) -> str:
    """What changes whenever the row does: its version, else the date of its last change; "" without both."""
    if (version := getattr(obj, "version", None)) is not None:
        return str(version)
    changed = getattr(obj, "updated_at", None)
    return changed.isoformat() if changed else ""


class _Unchanged(forms.BaseModelForm):  # type: ignore[type-arg]
    """The form carries the stamp that the row had when the page was opened; the row must still have it."""

    @property
    def stamp(self) -> str:
        return str(self.data.get("_stamp", "")) if self.is_bound else stamp(self.instance)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        rows = type(self.instance)._base_manager.select_for_update(of=("self",))
        if self.stamp != stamp(rows.get(pk=self.instance.pk)):
            raise ValidationError(
                _(
                    "Cette fiche a changé depuis que vous l'avez ouverte : rien n'a été enregistré. "
                    "Rouvrez-la, l'historique dit qui a changé quoi, puis refaites vos changements."
                ),
                code="stale",
            )
        return cleaned


class Restorable(ModelAdmin):
    """Rows that are deleted softly: they come back by the list's action or by the button of their page."""

    actions = ["restore"]
    change_form_outer_after_template = "admin/restore.html"

    def bring_back(self, request: HttpRequest, obj: Any) -> None:
        """Undo the deletion of this locked row and write the activity log."""
        raise NotImplementedError

    @admin.action(description=_("Rétablir ce qui est supprimé"), permissions=["restore"])
    @transaction.atomic
    def restore(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        deleted = queryset.filter(is_deleted=True).select_for_update(of=("self",))
        rows = list(deleted.order_by("pk"))
        for obj in rows:
            self.bring_back(request, obj)
            self.log_change(request, obj, _("Rétabli."))
        words = ngettext("%(n)d %(name)s rétabli.", "%(n)d %(name)s rétablis.", len(rows))
        self.message_user(request, words % {"n": len(rows), "name": model_ngettext(self.opts, len(rows))})

    def restore_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = self.get_queryset(request).filter(pk=pk)
        if request.method != "POST" or not self.has_restore_permission(request):
            raise PermissionDenied
        if not rows.exists():
            raise Http404
        self.restore(request, rows)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", pk)

    def has_restore_permission(self, request: HttpRequest) -> bool:
        codename = get_permission_codename("change", self.opts)
        return bool(request.user.has_perm(f"{self.opts.app_label}.{codename}"))

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_restore"
        view = self.admin_site.admin_view(self.restore_view)
        return [path("<int:pk>/restore/", view, name=name), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {"may_restore": self.has_restore_permission(request), **(extra_context or {})}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response


class ReadonlyAdmin(ModelAdmin):
    """For what machines write: seen by staff, changed by nobody."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def link(obj: Model | None, label: str | None = None) -> str | SafeString:
    """A link to an object's page in the back-office, as text where there is none."""
    if obj is None:
        return "–"
    try:
        url = reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])
    except NoReverseMatch:
        return label or str(obj)
    return format_html('<a href="{}">{}</a>', url, label or str(obj))


_BADGES = {
    "neutral": "bg-base-100 text-base-700 dark:bg-base-800 dark:text-base-200",
    "good": "bg-green-100 text-green-800 dark:bg-green-900 dark:text-green-100",
    "warning": "bg-orange-100 text-orange-800 dark:bg-orange-900 dark:text-orange-100",
    "bad": "bg-red-100 text-red-800 dark:bg-red-900 dark:text-red-100",
}


def badge(text: Any, tone: str = "neutral") -> SafeString:
    """A word on a coloured ground; the word alone carries the meaning."""
    classes = _BADGES[tone]
    return format_html('<span class="px-2 py-0.5 rounded text-xs font-semibold {}">{}</span>', classes, text)


def figure(name: str, label: Any, decimals: int = 0) -> Callable[[Model], str]:
    """A column of amounts or counts, its thousands apart; sorted by the field."""

    @admin.display(description=label, ordering=name)
    def shown(obj: Model) -> str:
        value = getattr(obj, name)
        return "–" if value is None else str(number_format(value, decimals, force_grouping=True))

    shown.__name__ = name  # the class of its cells
    return shown


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The side bar: what this person may open, in the order of the work."""
    followed = _("Suivi")
    sections = [
        (
            _("Clients"),
            [
                ("accounts", "user", "group"),
                ("properties", "property", "home_work"),
                ("feedback", "feedback", "feedback"),
            ],
        ),
        (
            _("Prix"),
            [
                ("dvf", "dvfsale", "sell"),
                ("dvf", "dvfimport", "upload_file"),
                ("dvf", "valuationbacktest", "speed"),
            ],
        ),
        (
            _("Lectures"),
            [
                ("documents", "documentreview", "fact_check"),
                ("documents", "document", "description"),
                ("documents", "analysis", "find_in_page"),
                ("documents", "documentsummary", "summarize"),
                ("documents", "modelrun", "smart_toy"),
                ("reports", "report", "picture_as_pdf"),
                ("photos", "photo", "photo_camera"),
                ("photos", "photoredesign", "auto_awesome"),
            ],
        ),
        (followed, [("accounts", "activity", "history"), ("accounts", "apitoken", "key")]),
    ]
    registered = {(m._meta.app_label, m._meta.model_name): a for m, a in admin.site._registry.items()}
    menu = []
    for title, entries in sections:
        items = []
        for app_label, model_name, icon in entries:
            page = registered.get((app_label, model_name))
            if page is not None and page.has_view_permission(request):
                items.append(
                    {
                        "title": capfirst(page.model._meta.verbose_name_plural),
                        "icon": icon,
                        "link": reverse(f"admin:{app_label}_{model_name}_changelist"),
                    }
                )
        if title == followed and jobs.visible(request):
            items.insert(0, {"title": _("Travaux"), "icon": "work_history", "link": reverse("admin:jobs")})
        if items:
            menu.append({"title": title, "separator": True, "items": items})
    return menu


__all__ = ["BackOffice", "ModelAdmin", "ReadonlyAdmin", "Restorable", "badge", "link", "navigation", "stamp"]
