from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ModelViewSet

from accounts import activity
from accounts.activity_views import ActivitySerializer
from accounts.idempotency import idempotent
from accounts.models import Activity, User
from config.api.versions import IF_MATCH, etag, require_match
from properties import caches
from properties.cost_views import CostActions
from properties.filters import PropertyFilter
from properties.models import Property
from properties.price_views import PriceActions
from properties.serializers import (
    ComparedPropertySerializer,
    ComparisonSerializer,
    PropertySerializer,
    PropertyWithSynthesisSerializer,
)
from properties.synthesis import with_synthesis

COMPARED_AT_MOST = 6
_WRITES = ("update", "partial_update", "destroy", "restore")


@extend_schema_view(
    update=extend_schema(parameters=[IF_MATCH]),
    partial_update=extend_schema(parameters=[IF_MATCH]),
    destroy=extend_schema(parameters=[IF_MATCH]),
)
class PropertyViewSet(PriceActions, CostActions, ModelViewSet[Property]):
    """The properties of whoever asks."""

    serializer_class: type[BaseSerializer[Any]] = PropertySerializer
    queryset = Property.objects.none()
    lookup_value_regex = r"\d+"
    filterset_class = PropertyFilter
    search_fields = ["address", "city", "postal_code"]
    ordering_fields = ["id", "created_at", "updated_at", "asking_price", "surface_area", "rooms"]
    ordering = ["-id"]

    def get_queryset(self) -> QuerySet[Property]:
        user: Any = self.request.user
        if self.action == "restore":
            owned = Property.all_objects.filter(user_id=user.pk)
        else:
            owned = Property.objects.visible_to(user)
        # Writers wait in line for the row, so that each checks and logs against what it replaces.
        return owned.select_for_update(of=("self",)) if self.action in _WRITES else owned

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.detail else super().filter_queryset(queryset)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        data = getattr(answer, "data", None)
        if isinstance(data, dict) and answer.status_code < 300 and isinstance(data.get("version"), int):
            answer["ETag"] = f'"{data["version"]}"'
        return answer

    @idempotent
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with transaction.atomic():
            serializer = self.get_serializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            subject: Property = serializer.save(user=request.user)
            activity.record("property.created", subject, actor=self._user())
        headers = {"Location": f"{request.path}{subject.pk}/", "ETag": etag(subject)}
        return Response(serializer.data, status=status.HTTP_201_CREATED, headers=headers)

    @transaction.atomic
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        subject = self.get_object()
        require_match(request, subject)
        serializer = self.get_serializer(subject, data=request.data, partial=kwargs.get("partial", False))
        serializer.is_valid(raise_exception=True)
        before = {name: getattr(subject, name) for name in serializer.validated_data}
        serializer.save()
        changes = activity.changed(before, serializer.validated_data)
        activity.record("property.updated", subject, actor=self._user(), changes=changes)
        caches.forget(subject.pk)
        return Response(serializer.data)

    @transaction.atomic
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        subject = self.get_object()
        require_match(request, subject)
        subject.delete_softly(self._user())
        activity.record("property.deleted", subject, actor=self._user())
        caches.forget(subject.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=PropertySerializer)
    @action(detail=True, methods=["post"])
    @transaction.atomic
    def restore(self, request: Request, pk: str | None = None) -> Response:
        """Bring a deleted property back; one that is not deleted stays as it is."""
        subject = self.get_object()
        if subject.is_deleted:
            subject.restore()
            activity.record("property.restored", subject, actor=self._user())
            caches.forget(subject.pk)
        return Response(PropertySerializer(subject, context=self.get_serializer_context()).data)

    @extend_schema(responses=PropertyWithSynthesisSerializer(many=True))
    @action(detail=False, url_path="with-synthesis", serializer_class=PropertyWithSynthesisSerializer)
    def with_synthesis(self, request: Request) -> Response:
        """The list, each property with what its documents say in short, or null."""
        page = self.paginate_queryset(with_synthesis(self.filter_queryset(self.get_queryset())))
        assert page is not None
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "ids",
                {
                    "type": "array",
                    "items": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
                    "minItems": 1,
                    "maxItems": COMPARED_AT_MOST,
                },
                required=True,
                explode=False,
                style="form",
                description="1 à 6 biens, séparés par des virgules.",
            )
        ],
        responses=ComparisonSerializer,
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def compare(self, request: Request) -> Response:
        """Up to six properties side by side, in the order asked for; one that is not yours is 404."""
        ids = self._ids(request.query_params.get("ids", ""))
        found = with_synthesis(self.get_queryset()).select_related("price_analysis").in_bulk(ids)
        if len(found) < len(ids):
            raise Http404
        context = self.get_serializer_context()
        compared = ComparedPropertySerializer([found[pk] for pk in ids], many=True, context=context)
        return Response({"results": compared.data})

    @extend_schema(responses=ActivitySerializer(many=True), filters=False)
    @action(detail=True, filter_backends=[], serializer_class=ActivitySerializer)
    def activity(self, request: Request, pk: str | None = None) -> Response:
        """What happened to the property, newest first."""
        subject = self.get_object()
        events = Activity.objects.visible_to(self._user()).filter(property_id=subject.pk)
        page: Any = self.paginate_queryset(events.order_by("-created_at", "-id"))  # type: ignore[arg-type]
        return self.get_paginated_response(ActivitySerializer(page, many=True).data)

    def _user(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user

    @staticmethod
    def _ids(text: str) -> list[int]:
        """Distinct ids in the order given; 1 to 6."""
        parts = text.split(",")
        if not all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts):
            raise ValidationError({"ids": [_("Des nombres séparés par des virgules.")]})
        ids = list(dict.fromkeys(int(part) for part in parts))
        if len(ids) > COMPARED_AT_MOST:
            raise ValidationError(
                {"ids": [_("%(n)d biens au plus.") % {"n": COMPARED_AT_MOST}]}, code="too_many"
            )
        return ids
