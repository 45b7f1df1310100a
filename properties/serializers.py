from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from properties.models import Property, department_of


class PropertySerializer(serializers.ModelSerializer[Property]):
    class Meta:
        model = Property
        fields = [
            "id",
            "address",
            "postal_code",
            "city",
            "department",
            "asking_price",
            "asking_price_includes_fees",
            "agency_fee",
            "surface_area",
            "property_type",
            "rooms",
            "floor",
            "building_floors",
            "building_year",
            "longitude",
            "latitude",
            "version",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["id", "version", "created_at", "updated_at"]

    def validate_building_year(self, value: int | None) -> int | None:
        if value is not None and value > timezone.localdate().year:
            raise serializers.ValidationError(_("Cette année est à venir."), code="year_in_future")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        def value(name: str) -> Any:
            return attrs[name] if name in attrs else getattr(self.instance, name, None)

        floor, floors = value("floor"), value("building_floors")
        if floor is not None and floors is not None and floor > floors:
            raise serializers.ValidationError(
                {"floor": [_("L'immeuble n'a pas tant d'étages.")]}, code="floor_above_building"
            )
        if (value("longitude") is None) != (value("latitude") is None):
            raise serializers.ValidationError(
                {"longitude": [_("Longitude et latitude vont ensemble.")]}, code="half_a_point"
            )
        fee, price = value("agency_fee"), value("asking_price")
        if fee is not None and price is not None and fee >= price:
            raise serializers.ValidationError(
                {"agency_fee": [_("Les honoraires dépassent le prix.")]}, code="fee_above_price"
            )
        if "postal_code" in attrs and not attrs.get("department"):
            attrs["department"] = department_of(attrs["postal_code"])
        return attrs


class ExcludeSalesSerializer(serializers.Serializer[Any]):
    """The whole new state of the sales left out; an empty list leaves none out."""

    excluded_sale_ids = serializers.ListField(child=serializers.CharField(max_length=64), max_length=500)
    excluded_neighboring_sale_ids = serializers.ListField(
        child=serializers.CharField(max_length=64), max_length=500, default=list
    )
