"""`Idempotency-Key`: a POST sent again gives the first answer again, and does its work once.

In PostgreSQL, not in the cache: a retry is safe also when Valkey is down, and the answer is stored in the
very transaction that does the work, so that a process killed in between leaves both or neither.

    class UploadView(APIView):
        @idempotent
        def post(self, request): ...
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import IdempotentAnswer
from config.api.problems import Problem

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
REPLAYED = "Idempotent-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_KEPT_HEADERS = ("Location", "ETag")
# Answers that say "not now" or "not you", not "this is what came of it": asking again may do the work.
_NOT_KEPT = {401, 403, 409, 429, *range(500, 600)}

_PARAMETER = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    description="Rend la demande répétable sans risque pendant 24 h.",
)
Handler = TypeVar("Handler", bound=Callable[..., Response])


def idempotent(handler: Handler) -> Handler:
    """Make a view's method honour `Idempotency-Key`. Without the header nothing changes.

    The same key with another body, path or method is 422; while the first request is at work, 409; a key
    that is empty, longer than 255 or not printable ASCII is 400. The handler runs inside a transaction: it
    must not wait for a provider there. Answers are JSON; server errors, 401, 403, 409 and 429 are not kept.
    """

    @wraps(handler)
    def once(view: APIView, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None or not request.user.is_authenticated:
            return handler(view, request, *args, **kwargs)
        if not _KEY.fullmatch(key):
            raise Problem(
                400, "idempotency_key_invalid", _("Idempotency-Key : de 1 à 255 caractères imprimables.")
            )
        user_id: int = request.user.pk
        fingerprint = _fingerprint(request)
        with transaction.atomic():
            if not _lock(user_id, key):
                raise Problem(
                    409,
                    "request_in_progress",
                    _("La première demande est encore en cours."),
                    {"Retry-After": "1"},
                )
            kept = IdempotentAnswer.objects.filter(
                user_id=user_id, key=key, created_at__gt=timezone.now() - KEPT
            ).first()
            if kept is not None:
                if kept.fingerprint != fingerprint:
                    raise Problem(
                        422, "idempotency_key_reused", _("Cette clé a servi pour une autre demande.")
                    )
                return _replayed(kept)
            try:
                with transaction.atomic():
                    response = handler(view, request, *args, **kwargs)
            except Exception as error:
                response = view.handle_exception(error)  # re-raises what it does not know
            if response.status_code not in _NOT_KEPT:
                _keep(user_id, key, fingerprint, response)
        return response

    return cast(Handler, extend_schema(parameters=[_PARAMETER])(once))


def _lock(user_id: int, key: str) -> bool:
    """Whether this transaction is the one at work on the key; a lock of PostgreSQL's, gone with its
    process.
    """
    digest = hashlib.sha256(f"idempotency:{user_id}:{key}".encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], "big", signed=True)]
        )
        return bool(cursor.fetchone()[0])


def _fingerprint(request: Request) -> str:
    """Of what is asked, not of its spelling: a form sent again has another boundary, JSON other spaces."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    data: Any = request.data
    if hasattr(data, "lists"):
        for name, values in sorted(data.lists()):
            for value in values:
                digest.update(json.dumps([name, _described(value)]).encode())
    else:
        digest.update(json.dumps(data, sort_keys=True, default=str).encode())
    return digest.hexdigest()


def _described(value: Any) -> Any:
    if not isinstance(value, UploadedFile):
        return str(value)
    content = hashlib.sha256()
    for chunk in value.chunks():
        content.update(chunk)
    value.seek(0)
    return [value.name, content.hexdigest()]


def _keep(user_id: int, key: str, fingerprint: str, response: Response) -> None:
    headers: Mapping[str, str] = {
        name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers
    }
    body = b"" if response.data is None else JSONRenderer().render(response.data)
    values = {
        "fingerprint": fingerprint,
        "status": response.status_code,
        "headers": {**headers, "Content-Type": response.content_type or "application/json"},
        "body": body.decode(),
        "created_at": timezone.now(),
    }
    IdempotentAnswer.objects.update_or_create(user_id=user_id, key=key, defaults=values)


def _replayed(kept: IdempotentAnswer) -> Response:
    headers = {**kept.headers, REPLAYED: "true"}
    data = json.loads(kept.body) if kept.body else None
    return Response(data, kept.status, headers=headers, content_type=headers.pop("Content-Type"))


def forget() -> int:
    """Delete the answers past their time; returns how many."""
    deleted, _counts = IdempotentAnswer.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    return deleted
