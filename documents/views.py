from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.activity import record
from accounts.idempotency import idempotent
from accounts.models import User
from config.api.locking import lock_or_404
from config.api.problems import Problem
from config.api.throttling import Heavy, PerUser
from config.api.uploads import BoundedUpload
from documents import jobs, review, summaries
from documents.filters import DocumentFilter
from documents.models import Batch, Document, Finding, Status
from documents.serializers import (
    AcceptedSerializer,
    BatchSerializer,
    BulkDeleteSerializer,
    BulkUploadSerializer,
    CorrectionSerializer,
    DocumentDetailSerializer,
    DocumentSerializer,
    UploadSerializer,
    batch_as_json,
    file_answer,
)
from documents.uploads import CONTENT_TYPES, MAX_FILES, receive
from properties.models import Property


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def batch_url(batch: Batch) -> str:
    return reverse("document-bulk-status", args=[batch.pk])


class _Receiving(APIView):
    """Multipart uploads, streamed to disk, refused by their announced length before a byte is read."""

    parser_classes = (MultiPartParser,)
    files_allowed = 1

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        request.upload_handlers = [BoundedUpload(request, settings.DOCUMENT_MAX_BYTES)]
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        allowed = self.files_allowed * settings.DOCUMENT_MAX_BYTES * 2 + 1024**2
        if int(request.META.get("CONTENT_LENGTH") or 0) > allowed:
            raise Problem(413, "too_large", _("L'envoi entier est trop volumineux."))

    def property_of(self, request: Request, pk: int) -> Property:
        subject: Property = get_object_or_404(Property.objects.visible_to(request.user), pk=pk)
        return subject


class UploadView(_Receiving):
    """Receive one file of a property; its reading is queued."""

    @extend_schema(request=UploadSerializer, responses={202: AcceptedSerializer, 200: AcceptedSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        serializer = UploadSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        subject = self.property_of(request, serializer.validated_data["property_id"])
        batch, (outcome,) = receive([serializer.validated_data["file"]], subject, _user(request))
        answer = file_answer(outcome.as_json())
        if outcome.status == "rejected":
            status = {"too_large": 413, "unsupported_type": 415, "storage_unavailable": 503}.get(
                outcome.code, 400
            )
            raise Problem(status, outcome.code, answer["detail"])
        document = DocumentSerializer(outcome.document).data if outcome.document else None
        data = {"workflow_id": batch.pk, "url": batch_url(batch), "file": answer, "document": document}
        return Response(data, status=200 if outcome.status == "duplicate" else 202)


class BulkUploadView(_Receiving):
    """Receive 1 to 50 files of a property; one answer a file, one batch for all."""

    files_allowed = MAX_FILES
    throttle_classes = (Heavy, PerUser)

    @extend_schema(request=BulkUploadSerializer, responses={202: BatchSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        serializer = BulkUploadSerializer(
            data={"property_id": request.POST.get("property_id"), "files": request.FILES.getlist("files")}
        )
        serializer.is_valid(raise_exception=True)
        subject = self.property_of(request, serializer.validated_data["property_id"])
        batch, _outcomes = receive(serializer.validated_data["files"], subject, _user(request))
        return Response(batch_as_json(batch, batch_url(batch)), status=202)


class BatchView(APIView):
    """How a batch stands: its state, its progress, the answer for each file."""

    permission_classes = (IsAuthenticated,)

    def batch(self, request: Request, workflow_id: str) -> Batch:
        return get_object_or_404(Batch.objects.visible_to(request.user), pk=workflow_id)

    def answer(self, batch: Batch, status: int = 200) -> Response:
        return Response(batch_as_json(batch, batch_url(batch)), status=status)

    @extend_schema(responses={200: BatchSerializer})
    def get(self, request: Request, workflow_id: str) -> Response:
        return self.answer(self.batch(request, workflow_id))


class BatchCancelView(BatchView):
    http_method_names = ["post", "options"]

    @extend_schema(request=None, responses={200: BatchSerializer})
    def post(self, request: Request, workflow_id: str) -> Response:
        batch = self.batch(request, workflow_id)
        with transaction.atomic():
            jobs.cancel(batch.documents.filter(is_deleted=False))
            record("documents.cancelled", batch, actor=_user(request))
        return self.answer(batch)


class BatchRetryView(BatchView):
    http_method_names = ["post", "options"]

    @extend_schema(request=None, responses={202: BatchSerializer})
    @idempotent
    def post(self, request: Request, workflow_id: str) -> Response:
        batch = self.batch(request, workflow_id)
        with transaction.atomic():
            again = batch.documents.filter(is_deleted=False, status__in=[Status.FAILED, Status.CANCELLED])
            for document in again.select_for_update():
                jobs.queue(document)
            record("documents.retried", batch, actor=_user(request))
        return self.answer(batch, 202)


class DocumentViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    GenericViewSet[Document],
):
    """The documents of the client's properties."""

    queryset = Document.objects.none()
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    lookup_value_regex = r"\d{1,18}"
    filterset_class = DocumentFilter
    search_fields = ["filename"]
    ordering_fields = ["id", "created_at", "filename", "status", "document_type"]
    ordering = ["-id"]

    def get_queryset(self) -> QuerySet[Document]:
        visible: QuerySet[Document] = Document.objects.visible_to(self.request.user)
        return visible.defer("analysis_result") if self.action == "list" else visible

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return DocumentSerializer if self.action == "list" else DocumentDetailSerializer

    @transaction.atomic
    def perform_update(self, serializer: serializers.BaseSerializer[Document]) -> None:
        before = serializer.instance
        assert before is not None
        name, user = before.filename, _user(self.request)
        document_type = serializer.validated_data.pop("document_type", None)
        document = serializer.save()
        if document.filename != name:
            record("document.updated", document, actor=user, changes={"filename": [name, document.filename]})
        if document_type is not None and review.retype(document, document_type, user=user):
            document.refresh_from_db()

    @transaction.atomic
    def perform_destroy(self, instance: Document) -> None:
        lock_or_404(instance, Document.objects.all())
        _delete([instance], _user(self.request))

    @extend_schema(request=BulkDeleteSerializer, responses={200: OpenApiTypes.OBJECT}, filters=False)
    @action(detail=False, methods=["post"], url_path="bulk-delete", throttle_classes=[Heavy, PerUser])
    def bulk_delete(self, request: Request) -> Response:
        """Delete several documents; if one of them is not the caller's, none is deleted."""
        serializer = BulkDeleteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        ids = set(serializer.validated_data["ids"])
        with transaction.atomic():
            documents = list(self.get_queryset().filter(pk__in=ids).select_for_update(of=("self",)))
            if len(documents) != len(ids):
                raise Http404
            _delete(documents, _user(request))
        return Response({"deleted": sorted(ids)})

    @extend_schema(responses={(200, kind): OpenApiTypes.BINARY for kind, _suffix in CONTENT_TYPES.values()})
    @action(detail=True)
    def file(self, request: Request, pk: str | None = None) -> StreamingHttpResponse:
        """The original, as a download."""
        document = self.get_object()
        return stream(document.storage_key, document.content_type, document.filename)

    @extend_schema(responses={(200, "image/webp"): OpenApiTypes.BINARY})
    @action(detail=True, url_path=r"pages/(?P<number>\d{1,6})/image")
    def page_image(self, request: Request, pk: str | None = None, number: str = "1") -> StreamingHttpResponse:
        """A page as it looks, for showing the boxes of findings on it."""
        page = get_object_or_404(self.get_object().pages.exclude(image_key=""), number=int(number))
        return stream(page.image_key, "image/webp", f"page-{page.number}.webp", attachment=False)

    @extend_schema(request=None, responses={202: DocumentSerializer})
    @action(detail=True, methods=["post"])
    @idempotent
    def analyze(self, request: Request, pk: str | None = None) -> Response:
        """Read the document again. What people corrected stays."""
        document = self.get_object()
        if review.read_again(document, user=_user(request)):
            document.refresh_from_db()
        return Response(DocumentSerializer(document).data, status=202)

    @extend_schema(request=None, responses={200: DocumentSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str | None = None) -> Response:
        """Stop waiting for the reading."""
        document = self.get_object()
        with transaction.atomic():
            if jobs.cancel(Document.objects.filter(pk=document.pk)):
                record("document.cancelled", document, actor=_user(request))
        document.refresh_from_db()
        return Response(DocumentSerializer(document).data)

    @extend_schema(request=CorrectionSerializer, responses={200: DocumentDetailSerializer})
    @action(detail=True, methods=["patch"], url_path=r"findings/(?P<finding_id>\d{1,18})")
    def correct(self, request: Request, pk: str | None = None, finding_id: str = "0") -> Response:
        """Correct a value. What was read is kept beside it, and no later reading erases the correction."""
        serializer = CorrectionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        document = self.get_object()
        finding = get_object_or_404(
            Finding, pk=int(finding_id), analysis__document=document, analysis__is_current=True
        )
        try:
            document = review.decide(
                document,
                finding,
                serializer.validated_data["value"],
                user=_user(request),
                reason=serializer.validated_data["reason"],
            )
        except review.Refused as error:
            raise serializers_error(error.why) from error
        return Response(DocumentDetailSerializer(document).data)


def serializers_error(message: str) -> serializers.ValidationError:
    return serializers.ValidationError(
        {"value": [review.REFUSED % {"why": message[:200]}]},
        code="invalid_fact",
    )


def _delete(documents: list[Document], user: User) -> None:
    for document in documents:
        document.is_deleted, document.deleted_at, document.deleted_by = True, timezone.now(), user
        document.save(update_fields=["is_deleted", "deleted_at", "deleted_by", "updated_at"])
        jobs.cancel(Document.all_objects.filter(pk=document.pk))
        record("document.deleted", document, actor=user)
    summaries.request(document.property_id for document in documents)


def stream(key: str, content_type: str, name: str, *, attachment: bool = True) -> StreamingHttpResponse:
    """A file of the store, without ever being whole in memory. The browser must not guess nor run it."""
    try:
        stored = default_storage.open(key)
    except FileNotFoundError as error:
        raise Http404 from error

    def chunks() -> Iterator[bytes]:
        with stored:
            yield from stored.chunks()

    response = StreamingHttpResponse(chunks(), content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(attachment, name) or "inline"
    response["Content-Length"] = stored.size
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
