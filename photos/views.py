from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.activity import changed, record
from accounts.idempotency import idempotent
from accounts.models import Activity, User
from config.api.locking import lock_or_404
from config.api.pagination import Pagination
from config.api.problems import Problem
from config.api.throttling import Heavy, PerUser
from config.api.uploads import BoundedUpload
from photos import jobs
from photos.engines import configured
from photos.filters import PhotoFilter
from photos.imaging import ImageRefused
from photos.models import RUNNING, Photo, PhotoRedesign, PhotoReference, RedesignThread, Status
from photos.presets import CUSTOM, catalogue
from photos.serializers import (
    PhotoSerializer,
    RedesignAcceptedSerializer,
    RedesignRequestSerializer,
    RedesignSerializer,
    ReferenceSerializer,
    ReferenceUploadSerializer,
    ThreadSerializer,
    UploadSerializer,
)
from photos.tasks import remove_files
from photos.uploads import HTTP_STATUS, reason, receive_photo, receive_reference
from properties.models import Property

REQUESTED = "redesign.requested"


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def _remove_files_soon() -> None:
    from config.celery import enqueue

    enqueue(remove_files)


class PresetsView(APIView):
    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request) -> Response:
        """Styles, preferences, rooms and shapes that can be asked for, and who makes the pictures."""
        engine = configured()
        return Response(catalogue(engine.name, engine.typical_seconds))


class _Receiving(APIView):
    """Multipart uploads, streamed to disk, refused by their announced length before a byte is read."""

    parser_classes = (MultiPartParser,)

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        request.upload_handlers = [BoundedUpload(request, settings.PHOTO_MAX_BYTES)]
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.PHOTO_MAX_BYTES * 2 + 1024**2:
            raise Problem(413, "too_large", _("L'envoi est trop volumineux."))


def _refused(error: ImageRefused) -> Problem:
    return Problem(HTTP_STATUS.get(error.code, 400), error.code, reason(error.code))


class UploadView(_Receiving):
    @extend_schema(request=UploadSerializer, responses={201: PhotoSerializer, 200: PhotoSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Receive one photo of a property; 200 when the property already has the same bytes."""
        serializer = UploadSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        subject: Property = get_object_or_404(
            Property.objects.visible_to(request.user), pk=values["property_id"]
        )
        try:
            photo, new = receive_photo(values["file"], subject, _user(request), values["room_type"])
        except ImageRefused as error:
            raise _refused(error) from error
        headers = {"Location": reverse("photo-detail", args=[photo.pk])}
        return Response(PhotoSerializer(photo).data, status=201 if new else 200, headers=headers)


class ReferencesView(_Receiving):
    @extend_schema(
        request=ReferenceUploadSerializer, responses={201: ReferenceSerializer, 200: ReferenceSerializer}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Receive a picture to take colours and mood from."""
        serializer = ReferenceUploadSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            reference, new = receive_reference(serializer.validated_data["file"], _user(request))
        except ImageRefused as error:
            raise _refused(error) from error
        return Response(ReferenceSerializer(reference).data, status=201 if new else 200)

    @extend_schema(responses={200: ReferenceSerializer(many=True)})
    def get(self, request: Request) -> Response:
        """The caller's references, newest first, the 100 last."""
        rows = PhotoReference.objects.visible_to(request.user)[:100]
        return Response(ReferenceSerializer(rows, many=True).data)


class ReferenceView(APIView):
    @extend_schema(responses={204: None})
    @transaction.atomic
    def delete(self, request: Request, pk: int) -> Response:
        reference = get_object_or_404(PhotoReference.objects.visible_to(request.user), pk=pk)
        lock_or_404(reference)
        record("photo_reference.deleted", reference, actor=_user(request))
        reference.delete()
        _remove_files_soon()
        return Response(status=204)


class PhotoViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    GenericViewSet[Photo],
):
    """The photos of the client's properties."""

    queryset = Photo.objects.none()
    serializer_class = PhotoSerializer
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    lookup_value_regex = r"\d{1,18}"
    filterset_class = PhotoFilter
    search_fields = ["filename"]
    ordering_fields = ["id", "created_at", "filename", "room_type"]
    ordering = ["-id"]

    def get_queryset(self) -> QuerySet[Photo]:
        photos = Photo.objects.visible_to(self.request.user).select_related("promoted_redesign", "property")
        return photos.annotate(redesign_count=Count("redesigns", filter=Q(redesigns__hidden_at=None)))

    @transaction.atomic
    def perform_update(self, serializer: serializers.BaseSerializer[Photo]) -> None:
        assert serializer.instance is not None
        before = {name: getattr(serializer.instance, name) for name in serializer.validated_data}
        photo = serializer.save()
        if changes := changed(before, serializer.validated_data):
            record("photo.updated", photo, actor=_user(self.request), changes=changes)

    @transaction.atomic
    def perform_destroy(self, instance: Photo) -> None:
        lock_or_404(instance)
        record("photo.deleted", instance, actor=_user(self.request))
        instance.delete()
        _remove_files_soon()

    @extend_schema(request=RedesignRequestSerializer, responses={202: RedesignAcceptedSerializer})
    @action(detail=True, methods=["post"], throttle_classes=[Heavy, PerUser])
    @idempotent
    def redesign(self, request: Request, pk: str | None = None) -> Response:
        """Ask for a redesign (or up to four variants); it is made in the background."""
        photo = self.get_object()
        serializer = RedesignRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            lock_or_404(photo)
            rows = ask(photo, serializer.validated_data, _user(request))
        first = rows[0]
        data = {**RedesignSerializer(first).data, "variants": [row.redesign_uuid for row in rows]}
        url = reverse("photo-redesign-detail", args=[first.redesign_uuid])
        return Response(data, status=202, headers={"Location": url})

    @extend_schema(responses={200: RedesignSerializer(many=True)}, filters=False)
    @action(detail=True, filterset_class=None, search_fields=None, ordering_fields=None)
    def redesigns(self, request: Request, pk: str | None = None) -> Response:
        """The redesigns of a photo, newest first."""
        rows = PhotoRedesign.objects.visible_to(request.user).filter(photo=self.get_object())
        rows = rows.select_related("photo", "thread")
        paginator = Pagination()
        page = paginator.paginate_queryset(rows.prefetch_related("references").order_by("-id"), request, self)
        return paginator.get_paginated_response(RedesignSerializer(page or [], many=True).data)

    @extend_schema(request=None, responses={200: PhotoSerializer})
    @action(detail=True, methods=["patch"], url_path=r"promote/(?P<redesign_id>\d{1,18})")
    @transaction.atomic
    def promote(self, request: Request, pk: str | None = None, redesign_id: str = "0") -> Response:
        """Feature one redesign of this photo; the photograph stays what it is."""
        photo = self.get_object()
        redesign = get_object_or_404(
            PhotoRedesign.objects.visible_to(request.user), pk=int(redesign_id), photo=photo
        )
        if redesign.status != Status.COMPLETED:
            raise Problem(409, "redesign_not_completed", _("Ce rendu n'est pas prêt."))
        return self._promoted(photo, redesign)

    @extend_schema(request=None, responses={200: PhotoSerializer})
    @action(detail=True, methods=["delete"], url_path="promote")
    @transaction.atomic
    def demote(self, request: Request, pk: str | None = None) -> Response:
        """Feature no redesign any more."""
        return self._promoted(self.get_object(), None)

    def _promoted(self, photo: Photo, redesign: PhotoRedesign | None) -> Response:
        before, after = photo.promoted_redesign_id, redesign.pk if redesign else None
        if before != after:
            photo.promoted_redesign = redesign
            photo.save(update_fields=["promoted_redesign", "updated_at"])
            record(
                "photo.promoted" if redesign else "photo.demoted",
                photo,
                actor=_user(self.request),
                changes={"promoted_redesign_id": [before, after]},
            )
        return Response(PhotoSerializer(photo).data)

    @extend_schema(request=ThreadSerializer, responses={200: ThreadSerializer})
    @action(detail=True, methods=["patch"], url_path=r"threads/(?P<thread_id>\d{1,18})")
    @transaction.atomic
    def thread(self, request: Request, pk: str | None = None, thread_id: str = "0") -> Response:
        """Rename a line of redesigns."""
        thread = get_object_or_404(RedesignThread, pk=int(thread_id), photo=self.get_object())
        serializer = ThreadSerializer(thread, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)


def ask(photo: Photo, wish: dict[str, Any], user: User) -> list[PhotoRedesign]:
    """Rows of the variants asked for, queued after commit. A stranger's id anywhere: 404 and nothing made."""
    count = wish["variants"]
    parent: PhotoRedesign | None = None
    if parent_id := wish.get("parent_redesign_id"):
        parent = get_object_or_404(PhotoRedesign.objects.visible_to(user), pk=parent_id, photo=photo)
    ids = set(wish.get("reference_ids", []))
    references = list(PhotoReference.objects.visible_to(user).filter(pk__in=ids))
    if len(references) != len(ids):
        raise Http404
    _spend_quota(user, count)
    style = wish.get("style_preset") or (CUSTOM if wish.get("custom_prompt") and not parent else "")
    if parent is not None and not style:
        style = parent.style
    inherited = dict(parent.preferences) if parent else {}
    thread = parent.thread if parent else None
    if thread is None:
        number = photo.threads.count() + 1
        thread = RedesignThread.objects.create(
            photo=photo, name=wish.get("thread_name") or str(_("Essai %(number)d") % {"number": number})
        )
    rows = []
    for _variant in range(count):
        row = PhotoRedesign.objects.create(
            photo=photo,
            thread=thread,
            parent=parent,
            style=style,
            custom_prompt=wish.get("custom_prompt", ""),
            preferences={**inherited, **wish.get("preferences", {})},
            room_type=wish.get("room_type") or photo.room_type,
            aspect_ratio=wish.get("aspect_ratio") or (parent.aspect_ratio if parent else ""),
            language=(translation.get_language() or "fr")[:2],
            seed=secrets.randbelow(2**31 - 1),
        )
        row.references.set(references)
        record(REQUESTED, row, actor=user, owner_id=user.pk, property_id=photo.property_id)
        jobs.queue(row)
        rows.append(row)
    return rows


def _spend_quota(user: User, count: int) -> None:
    """Counted from the activity log, which deleting redesigns does not shorten; one request at a time."""
    User.objects.select_for_update().only("pk").get(pk=user.pk)
    since = timezone.now() - timedelta(hours=24)
    asked = Activity.objects.filter(user_id=user.pk, created_at__gt=since, action=REQUESTED).order_by(
        "created_at"
    )
    times = list(asked.values_list("created_at", flat=True)[: settings.REDESIGNS_PER_DAY + 1])
    if len(times) + count > settings.REDESIGNS_PER_DAY:
        free = times[0] + timedelta(hours=24) if times else timezone.now() + timedelta(hours=24)
        wait = max(1, int((free - timezone.now()).total_seconds()) + 1)
        detail = _("Au plus %(limit)d rendus par 24 heures.") % {"limit": settings.REDESIGNS_PER_DAY}
        raise Problem(429, "redesign_quota", detail, {"Retry-After": str(wait)})


class RedesignViewSet(
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    GenericViewSet[PhotoRedesign],
):
    """One redesign, by its UUID."""

    queryset = PhotoRedesign.objects.none()
    serializer_class = RedesignSerializer
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    lookup_field = "redesign_uuid"
    lookup_value_converter = "uuid"
    filter_backends = ()

    def get_queryset(self) -> QuerySet[PhotoRedesign]:
        rows = PhotoRedesign.objects.visible_to(self.request.user)
        return rows.select_related("photo__property", "thread").prefetch_related("references")

    def _record(self, what: str, redesign: PhotoRedesign, changes: dict[str, Any] | None = None) -> None:
        subject = redesign.photo.property
        record(
            what,
            redesign,
            actor=_user(self.request),
            owner_id=subject.user_id,
            property_id=subject.pk,
            changes=changes,
        )

    @transaction.atomic
    def perform_update(self, serializer: serializers.BaseSerializer[PhotoRedesign]) -> None:
        assert serializer.instance is not None
        before = {name: getattr(serializer.instance, name) for name in serializer.validated_data}
        redesign = serializer.save()
        if changes := changed(before, serializer.validated_data):
            self._record("redesign.updated", redesign, changes)

    @transaction.atomic
    def perform_destroy(self, instance: PhotoRedesign) -> None:
        lock_or_404(instance)
        self._record("redesign.deleted", instance)
        thread = instance.thread
        instance.delete()
        if not thread.redesigns.exists():
            thread.delete()
        _remove_files_soon()

    @extend_schema(request=None, responses={200: RedesignSerializer})
    @action(detail=True, methods=["post"])
    @transaction.atomic
    def cancel(self, request: Request, redesign_uuid: Any = None) -> Response:
        """Stop waiting for it; what is finished stays."""
        redesign = self.get_object()
        if jobs.cancel(PhotoRedesign.objects.filter(pk=redesign.pk)):
            self._record("redesign.cancelled", redesign)
        return Response(RedesignSerializer(self.get_object()).data)

    @extend_schema(request=None, responses={202: RedesignSerializer})
    @action(detail=True, methods=["post"], throttle_classes=[Heavy, PerUser])
    @idempotent
    def retry(self, request: Request, redesign_uuid: Any = None) -> Response:
        """Make a failed or cancelled one after all; one that is finished or at work stays as it is."""
        redesign = self.get_object()
        with transaction.atomic():
            waiting = PhotoRedesign.objects.select_for_update(of=("self",)).get(pk=redesign.pk)
            if waiting.status not in (*RUNNING, Status.COMPLETED):
                _spend_quota(_user(request), 1)
                self._record(REQUESTED, redesign)
                jobs.queue(waiting)
        return Response(RedesignSerializer(self.get_object()).data, status=202)
