"""Errors as `application/problem+json` (RFC 9457): a stable `code`, a `detail` in the caller's language.

Shape: {"type", "title", "status", "detail", "code", "errors": [{"pointer", "code", "detail"}]}; `errors` for
validation only, its pointers are JSON pointers into the request's body (RFC 6901).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig
from django.db import IntegrityError, OperationalError
from django.http import Http404, JsonResponse, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from psycopg.errors import ForeignKeyViolation, QueryCanceled
from rest_framework import exceptions
from rest_framework.response import Response

from config.versions import StaleVersion

CONTENT_TYPE = "application/problem+json"
TYPE = "about:blank"
RETRY_SECONDS = "5"
logger = structlog.get_logger(__name__)

_TITLES = {
    400: _("Requête incorrecte"),
    401: _("Connexion nécessaire"),
    403: _("Action refusée"),
    404: _("Introuvable"),
    405: _("Méthode non permise"),
    406: _("Format de réponse non disponible"),
    408: _("Envoi interrompu"),
    409: _("Conflit"),
    412: _("Version dépassée"),
    413: _("Envoi trop volumineux"),
    415: _("Format d'envoi non pris en charge"),
    422: _("Demande impossible à traiter"),
    428: _("Condition manquante"),
    429: _("Trop de requêtes"),
    500: _("Erreur interne"),
    503: _("Service momentanément indisponible"),
}


class Problem(exceptions.APIException):
    """An error with a status, a stable code and a sentence: `raise Problem(422, "key_reused", _("…"))`."""

    def __init__(self, status: int, code: str, detail: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail=detail, code=code)
        self.status_code = status
        self.headers = dict(headers or {})


def body(status: int, code: str, detail: Any, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    title = _TITLES.get(status, HTTPStatus(status).phrase)
    problem = {"type": TYPE, "title": str(title), "status": status, "detail": str(detail), "code": code}
    if errors is not None:
        return {**problem, "errors": errors}
    return problem


def _flatten(detail: Any, pointer: str = "") -> Iterator[dict[str, str]]:
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            token = str(key).replace("~", "~0").replace("/", "~1")
            yield from _flatten(value, pointer if key == "non_field_errors" else f"{pointer}/{token}")
    elif isinstance(detail, Sequence) and not isinstance(detail, str):
        for index, value in enumerate(detail):
            # A list of sentences is about its field; a list of mappings is about its items.
            yield from _flatten(value, f"{pointer}/{index}" if isinstance(value, Mapping | list) else pointer)
    elif detail not in ("", None):
        yield {"pointer": pointer, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. Unknown errors fall through to Django (logged; `config.error_pages`)."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, RequestDataTooBig):
        error = Problem(413, "too_large", _("L'envoi est trop volumineux."))
    elif isinstance(error, UnreadablePostError):  # the caller left, or was too slow (`config.slow_bodies`)
        error = Problem(408, "body_incomplete", _("L'envoi s'est interrompu ou tarde trop : recommencez."))
    elif isinstance(error, exceptions.ParseError):  # its words are the parser's, in English
        error = exceptions.ParseError(_("Le corps de la demande n'est pas du JSON, ou un envoi, lisible."))
    elif isinstance(error, StaleVersion):
        detail = _("L'objet a changé entre-temps : relisez-le, puis recommencez.")
        error = Problem(412, "stale_version", detail)
    elif isinstance(error, ObjectDoesNotExist) or (
        isinstance(error, IntegrityError) and isinstance(error.__cause__, ForeignKeyViolation)
    ):
        # Reported as an error: code that asks for a row that never was would end here too.
        logger.error("deleted_meanwhile", exc_info=error)
        detail = _("Ce dont la demande dépend a été supprimé entre-temps.")
        error = Problem(409, "deleted_meanwhile", detail)
    elif isinstance(error, OperationalError):
        canceled = isinstance(error.__cause__, QueryCanceled)
        logger.warning("database_unavailable", error=type(error.__cause__).__name__)
        error = (
            Problem(503, "too_slow", _("La recherche a pris trop de temps : précisez-la."))
            if canceled
            else Problem(503, "database_unavailable", _("Réessayez dans un instant."))
        )
    if not isinstance(error, exceptions.APIException):
        return None

    from rest_framework.views import set_rollback  # views import this module through DRF's settings

    set_rollback()
    status = error.status_code
    headers: dict[str, str] = dict(getattr(error, "headers", {}))
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    if status == 503:
        headers.setdefault("Retry-After", RETRY_SECONDS)
    if isinstance(error, exceptions.ValidationError):
        detail = _("Certaines valeurs ne conviennent pas.")
        data = body(status, "validation_error", detail, list(_flatten(error.detail)))
    else:
        first: Any = error.detail
        while isinstance(first, list | dict):
            first = next(iter(first.values() if isinstance(first, dict) else first), "")
        data = body(status, getattr(first, "code", error.default_code), first)
    response = Response(data, status=status, headers=headers, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "private, no-store"
    return response


def json_response(status: int, code: str, detail: Any) -> JsonResponse:
    """The same shape outside DRF's views."""
    response = JsonResponse(body(status, code, detail), status=status, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "private, no-store"
    return response
