"""The two pages that links in mails lead to. A GET changes nothing: mail scanners open links too."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows import password_reset
from allauth.account.models import get_emailconfirmation_model
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from accounts.reset_inputs import ResetInput, ResetKeyInput


def page(
    request: HttpRequest, title: str, sentence: str = "", *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"title": title, "sentence": sentence, **more}
    return render(request, "accounts/page.html", context, status=status)


@method_decorator([never_cache, csrf_protect], name="dispatch")
class VerifyEmailPage(View):
    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        sentence = _("Si cette adresse est bien la vôtre, appuyez sur le bouton.")
        return page(request, _("Confirmer votre adresse e-mail"), sentence, button=_("Confirmer"))

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        confirmation = get_emailconfirmation_model().from_key(key)
        if confirmation is None or not confirmation.confirm(request):
            sentence = _(
                "Ce lien est incomplet, a déjà servi ou a plus de trois jours. "
                "Connectez-vous pour en recevoir un autre."
            )
            return page(request, _("Lien périmé"), sentence, status=410)
        return page(request, _("Adresse e-mail confirmée"), _("Vous pouvez vous connecter."))


class NewPasswordForm(forms.Form):
    password = forms.CharField(
        label=gettext_lazy("Nouveau mot de passe"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
        help_text=gettext_lazy("Dix caractères au moins."),
    )


@method_decorator([never_cache, csrf_protect, sensitive_post_parameters()], name="dispatch")
class ResetPasswordPage(View):
    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        if not ResetKeyInput({"key": key}).is_valid():
            return self.expired(request)
        return self.ask(request, NewPasswordForm())

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        form = NewPasswordForm(request.POST)
        if not form.is_valid():
            return self.ask(request, form)
        reset = ResetInput({"key": key, "password": form.cleaned_data["password"]})
        if not reset.is_valid():
            if "key" in reset.errors:
                return self.expired(request)
            form.add_error("password", reset.errors["password"].as_data())
            return self.ask(request, form)
        password_reset.reset_password(reset.user, form.cleaned_data["password"])
        password_reset.finalize_password_reset(request, reset.user)
        return page(request, _("Mot de passe changé"), _("Vous pouvez vous connecter."))

    def ask(self, request: HttpRequest, form: NewPasswordForm) -> HttpResponse:
        title, button = _("Choisir un nouveau mot de passe"), _("Enregistrer")
        return page(request, title, form=form, button=button, status=400 if form.errors else 200)

    def expired(self, request: HttpRequest) -> HttpResponse:
        sentence = _("Ce lien est incomplet, a déjà servi ou a plus d'une heure. Demandez-en un autre.")
        return page(request, _("Lien périmé"), sentence, status=410)
