"""One's own account: what it is, a copy of everything held, its erasure."""

from __future__ import annotations

import uuid
from tempfile import TemporaryFile
from typing import Any

from django.contrib.auth import logout
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import RetrieveUpdateAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts import activity, export
from accounts.erasure import erase
from accounts.models import Export, User
from accounts.serializers import EraseSerializer, ExportSerializer, UserSerializer
from accounts.views import asking
from config.api.problems import Problem
from config.api.throttling import Heavy, SignIn


class MeView(RetrieveUpdateAPIView[User]):
    """The account of whoever asks."""

    serializer_class: type[BaseSerializer[Any]] = UserSerializer
    http_method_names = ["get", "patch", "delete", "head", "options"]
    delete_body = EraseSerializer

    def get_object(self) -> User:
        return asking(self.request)

    def get_throttles(self) -> list[BaseThrottle]:
        # A password is asked: as many guesses as at sign-in.
        return [SignIn()] if self.request.method == "DELETE" else super().get_throttles()

    @transaction.atomic
    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        user = asking(self.request)
        before = {name: getattr(user, name) for name in serializer.validated_data}
        serializer.save()
        changes = activity.changed(before, serializer.validated_data)
        activity.record("account.updated", user, actor=user, changes=changes)

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        """Erase the account and everything it holds, for good. The password is asked again; an account
        that has none (it signs in with Google) gives its e-mail address instead."""
        user = asking(request)
        serializer = EraseSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        if user.has_usable_password():
            if not user.check_password(given.get("password", "")):
                raise ValidationError(
                    {"password": [_("Le mot de passe n'est pas le bon.")]}, code="invalid_password"
                )
        elif given.get("email", "").strip().lower() != user.email:
            raise ValidationError({"email": [_("Donnez l'adresse e-mail du compte.")]}, code="invalid_email")
        erase(user)
        logout(request._request)
        return Response(status=204)


class ExportView(APIView):
    """Everything held of the account, as a ZIP."""

    throttle_classes = (Heavy,)

    @extend_schema(
        responses={(200, "application/zip"): OpenApiTypes.BINARY, (202, "application/json"): ExportSerializer}
    )
    def get(self, request: Request) -> Any:
        """The ZIP at once when the account is small; else 202 with the job that makes it."""
        user = asking(request)
        files = export.keys(user)
        activity.record("account.exported", user, actor=user)
        if export.is_small(files):
            target = TemporaryFile()  # noqa: SIM115 closed by the answer
            export.write(user, files, target)
            target.seek(0)
            return _download(target)
        job = export.ask(user)
        answer = ExportSerializer(job).data
        return Response(answer, status=202, headers={"Location": answer["url"]})


def _download(content: Any) -> FileResponse:
    name = f"appart-agent-{timezone.now():%Y-%m-%d}.zip"
    return FileResponse(content, as_attachment=True, filename=name, content_type="application/zip")


def _job(request: Request, pk: uuid.UUID) -> Export:
    job = Export.objects.filter(user=asking(request), pk=pk).first()
    if job is None:
        raise Problem(404, "not_found", _("Il n'y a rien à cette adresse."))
    return job


class ExportJobView(APIView):
    """The making of a large account's ZIP."""

    @extend_schema(responses=ExportSerializer)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """How far it is; `file` once it is made."""
        return Response(ExportSerializer(_job(request, pk)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """Cancel it, and delete what was made."""
        job = _job(request, pk)
        Export.objects.filter(pk=job.pk).update(status=Export.Status.CANCELLED, storage_key="")
        if job.storage_key:
            default_storage.delete(job.storage_key)
        return Response(status=204)


class ExportFileView(APIView):
    @extend_schema(
        responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, description="Le ZIP.")}
    )
    def get(self, request: Request, pk: uuid.UUID) -> FileResponse:
        """The ZIP of a finished job."""
        job = _job(request, pk)
        if job.status != Export.Status.COMPLETED:
            raise Problem(409, "not_ready", _("L'export n'est pas encore fait."), {"Retry-After": "10"})
        return _download(default_storage.open(job.storage_key))
