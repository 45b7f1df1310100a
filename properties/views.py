from __future__ import annotations

from django.db.models import QuerySet
from rest_framework.viewsets import ModelViewSet

from accounts.models import User
from properties.models import Property
from properties.price_views import PriceActions
from properties.serializers import PropertySerializer


class PropertyViewSet(PriceActions, ModelViewSet[Property]):
    """The properties of whoever asks."""

    serializer_class = PropertySerializer
    queryset = Property.objects.none()
    filterset_fields = ["postal_code", "city", "department", "property_type"]
    search_fields = ["address", "city", "postal_code"]
    ordering_fields = ["id", "created_at", "updated_at", "asking_price", "surface_area"]
    ordering = ["-id"]

    def get_queryset(self) -> QuerySet[Property]:
        visible: QuerySet[Property] = Property.objects.visible_to(self.request.user)
        return visible

    def perform_create(self, serializer: PropertySerializer) -> None:  # type: ignore[override]
        serializer.save(user=self.request.user)

    def perform_destroy(self, instance: Property) -> None:
        assert isinstance(self.request.user, User)
        instance.delete_softly(self.request.user)
