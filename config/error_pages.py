"""What is answered when no view does: problem+json below /api/, elsewhere a page that says what to do.

Django calls these (`handler400` … in `config.urls`, `CSRF_FAILURE_VIEW`). They ask no database and no
session, which may be what failed; the language is read from the request again, for what fails before it is
known.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from config.api.problems import json_response
from config.middleware import ORIGIN


def _answer(
    request: HttpRequest, status: int, code: str, detail: Any, title: Any, sentence: Any
) -> HttpResponse:
    """`detail` is the API's sentence, `title` and `sentence` are the page's."""
    with translation.override(translation.get_language_from_request(request)):
        if request.path.startswith("/api/"):
            return json_response(status, code, detail)
        in_back_office = request.path.startswith(f"/{settings.ADMIN_PATH}")
        context = {
            "title": title,
            "sentence": sentence,
            "back": reverse("admin:index") if in_back_office else "",
            "request_id": ORIGIN.get().request_id,
        }
        return HttpResponse(
            render_to_string("config/error.html", context),
            status=status,
            headers={"Cache-Control": "private, no-store"},
        )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Also a form with more fields or more bytes than are taken (Django's SuspiciousOperation)."""
    detail = _("La demande n'a pas la forme attendue.")
    title = _("Demande incomprise")
    sentence = _(
        "Rien n'a été fait. Revenez à la page précédente et recommencez ; si vous envoyiez beaucoup de "
        "lignes ou de fichiers, envoyez-en moins à la fois."
    )
    return _answer(request, 400, "bad_request", detail, title, sentence)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    detail = _("Vos droits ne permettent pas cette action.")
    title = _("Page fermée")
    sentence = _(
        "Vos droits n'ouvrent pas cette page. Si votre travail la demande, un administrateur peut vous "
        "ajouter au groupe qui l'ouvre."
    )
    return _answer(request, 403, "permission_denied", detail, title, sentence)


def expired_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its CSRF token."""
    detail = _("Le jeton CSRF manque ou n'est plus bon.")
    title = _("Page périmée")
    sentence = _(
        "Rien n'a été enregistré : la page était ouverte depuis une autre connexion, ou le navigateur refuse "
        "les cookies. Rouvrez la page, puis recommencez."
    )
    return _answer(request, 403, "csrf_failed", detail, title, sentence)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    title = _("Introuvable")
    sentence = _(
        "Il n'y a rien à cette adresse : le lien est incomplet, ou ce qu'il montrait n'existe plus. "
        "Cherchez-le dans sa liste."
    )
    return _answer(request, 404, "not_found", _("Il n'y a rien à cette adresse."), title, sentence)


def server_error(request: HttpRequest) -> HttpResponse:
    """Never a trace: the log has it, under the number that the page shows."""
    detail = _("L'erreur est enregistrée ; réessayez plus tard.")
    title = _("Erreur interne")
    sentence = _(
        "L'erreur est enregistrée. Réessayez dans un instant ; si elle revient, donnez à l'équipe technique "
        "le numéro ci-dessous."
    )
    return _answer(request, 500, "internal_error", detail, title, sentence)
