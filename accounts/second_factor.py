"""The second factor of staff: who has one gives its code before the back-office opens; with the setting
`STAFF_SECOND_FACTOR`, who has none is led to set one up.

Codes, secrets, recovery codes and the count of wrong tries are allauth's, as for clients. A session that
signed in through the API has given its code there already.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa import signals
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.flows import auto_generate_recovery_codes
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import TOTP, clear_totp_secret
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from accounts.models import User

DUE = "second_factor_due"
# What opens without it: the page itself, the ways in and out, and the texts of the theme's scripts.
OPEN = ("second_factor", "login", "logout", "jsi18n")


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Noted once, so that no later request has to ask the database.

    The session too is noted here, so that it can be ended from elsewhere: allauth notes those that its own
    sign-in makes, and the back-office's is Django's.
    """
    if getattr(request, "user", None) == user:
        UserSession.objects.create_from_request(request)
    if user.is_staff and is_mfa_enabled(user):
        request.session[DUE] = True


def is_missing(request: HttpRequest) -> bool:
    """Whether this session of staff still owes its code."""
    if not (settings.STAFF_SECOND_FACTOR or request.session.get(DUE)):
        return False
    records = get_authentication_records(request, request.user)
    return not any(record["method"] == "mfa" for record in records)


def required(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: the back-office opens to staff once the code is given."""

    def middleware(request: HttpRequest) -> HttpResponse:
        prefix = f"/{settings.ADMIN_PATH}"
        if request.path.startswith(prefix) and request.user.is_authenticated and request.user.is_staff:
            open_paths = {reverse(f"admin:{name}") for name in OPEN}
            if request.path not in open_paths and is_missing(request):
                query = urlencode({"next": request.get_full_path()})
                return redirect(f"{reverse('admin:second_factor')}?{query}")
        return get_response(request)

    return middleware


def view(request: HttpRequest) -> HttpResponse:
    """Ask for the code; for somebody without one, show the secret to put into an application."""
    user = request.user
    if not user.is_authenticated or not user.is_staff:
        return redirect("admin:login")
    assert isinstance(user, User)
    target = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}):
        target = reverse("admin:index")
    if not is_missing(request):
        return redirect(target)
    context = {**admin.site.each_context(request), "sidebar_navigation": [], "title": _("Second facteur")}
    data = request.POST if request.method == "POST" else None
    if is_mfa_enabled(user):
        form = AuthenticateForm(data, user=user)
        if form.is_valid():
            form.save()
            return redirect(target)
    else:
        form = ActivateTOTPForm(data, user=user)
        if form.is_valid():
            codes = _activate(request, user, form.secret)
            context |= {"codes": codes, "next": target}
        else:
            address = get_adapter().build_totp_url(user, form.secret)
            context |= {"secret": form.secret, "picture": mark_safe(get_adapter().build_totp_svg(address))}  # noqa: S308 allauth's drawing
    response = TemplateResponse(request, "admin/second_factor.html", {**context, "form": form})
    response["Cache-Control"] = "no-store"
    return response


@transaction.atomic
def _activate(request: HttpRequest, user: User, secret: str) -> list[str]:
    """Turn it on; the recovery codes, shown this once."""
    authenticator = TOTP.activate(user, secret).instance
    auto_generate_recovery_codes(request)
    clear_totp_secret(request)
    record_authentication(request, user, method="mfa", type=Authenticator.Type.TOTP)
    signals.authenticator_added.send(
        sender=Authenticator, request=request, user=user, authenticator=authenticator
    )
    held = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES).wrap()
    held.mark_as_viewed()
    codes: list[str] = held.get_unused_codes()
    return codes
