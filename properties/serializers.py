from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config import versions
from properties.models import PriceAnalysis, Property, department_of
from properties.synthesis import synthesis


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

    def update(self, instance: Property, validated_data: dict[str, Any]) -> Property:
        """Conditional on the version that was read: of two writers at once, one is told (412)."""
        versions.update(instance, **validated_data, updated_at=timezone.now())
        return instance


class SynthesisSerializer(serializers.Serializer[Any]):
    """What the documents say in short."""

    risk_level = serializers.CharField(allow_null=True)
    total_annual_cost = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    total_one_time_cost = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    key_findings = serializers.ListField(child=serializers.JSONField())
    document_count = serializers.IntegerField()
    redesign_count = serializers.IntegerField()


class PropertyWithSynthesisSerializer(PropertySerializer):
    """A property of `synthesis.with_synthesis`, with what its documents say or null."""

    synthesis = serializers.SerializerMethodField()

    class Meta(PropertySerializer.Meta):
        fields = [*PropertySerializer.Meta.fields, "synthesis"]

    @extend_schema_field(SynthesisSerializer(allow_null=True))
    def get_synthesis(self, subject: Property) -> dict[str, Any] | None:
        found = synthesis(subject)
        return None if found is None else SynthesisSerializer(found).data


class PriceInBriefSerializer(serializers.Serializer[Any]):
    """The last price analysis, as far as a comparison needs it; codes and numbers."""

    estimated_value = serializers.FloatField(allow_null=True)
    price_deviation_percent = serializers.FloatField(allow_null=True)
    recommendation = serializers.CharField(allow_null=True)
    confidence_level = serializers.CharField(allow_null=True)
    comparables_count = serializers.IntegerField(allow_null=True)
    updated_at = serializers.DateTimeField()


class ComparedPropertySerializer(PropertyWithSynthesisSerializer):
    asking_price_per_m2 = serializers.SerializerMethodField()
    price = serializers.SerializerMethodField()

    class Meta(PropertyWithSynthesisSerializer.Meta):
        fields = [*PropertyWithSynthesisSerializer.Meta.fields, "asking_price_per_m2", "price"]

    @extend_schema_field(serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True))
    def get_asking_price_per_m2(self, subject: Property) -> Decimal | None:
        if subject.asking_price is None or subject.surface_area is None:
            return None
        return round(subject.asking_price / subject.surface_area, 2)

    @extend_schema_field(PriceInBriefSerializer(allow_null=True))
    def get_price(self, subject: Property) -> dict[str, Any] | None:
        row: PriceAnalysis | None = getattr(subject, "price_analysis", None)
        if row is None:
            return None
        names = PriceInBriefSerializer().fields.keys() - {"updated_at"}
        return PriceInBriefSerializer(
            {**{name: row.analysis_data.get(name) for name in names}, "updated_at": row.updated_at}
        ).data


class ComparisonSerializer(serializers.Serializer[Any]):
    """Up to six properties side by side, in the order asked for."""

    results = ComparedPropertySerializer(many=True)


class ExcludeSalesSerializer(serializers.Serializer[Any]):
    """The whole new state of the sales left out; an empty list leaves none out."""

    excluded_sale_ids = serializers.ListField(child=serializers.CharField(max_length=64), max_length=500)
    excluded_neighboring_sale_ids = serializers.ListField(
        child=serializers.CharField(max_length=64), max_length=500, default=list
    )


class DVFStatsSerializer(serializers.Serializer[Any]):
    """What is known of the sales as a whole."""

    total_records = serializers.IntegerField()
    total_imports = serializers.IntegerField()
    last_updated = serializers.DateTimeField(allow_null=True)
    release = serializers.CharField(allow_null=True)
    synthetic = serializers.BooleanField()
    formatted_count = serializers.CharField()


class SearchAddressesSerializer(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=300)
    postal_code = serializers.RegexField(r"^\d{5}$", required=False, default="")
    limit = serializers.IntegerField(min_value=1, max_value=50, required=False, default=10)


class FoundAddressSerializer(serializers.Serializer[Any]):
    """A street, or a number of it."""

    label = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.CharField()
    number = serializers.CharField(allow_blank=True)
    suffix = serializers.CharField(allow_blank=True)
    street = serializers.CharField()
    postal_code = serializers.CharField()
    code_commune = serializers.CharField()
    city = serializers.CharField()
    longitude = serializers.FloatField(allow_null=True)
    latitude = serializers.FloatField(allow_null=True)
    score = serializers.FloatField()
    sales_count = serializers.IntegerField(allow_null=True)
    numbers = serializers.ListField(child=serializers.CharField())
    source = serializers.CharField()  # type: ignore[assignment]


class FoundAddressesSerializer(serializers.Serializer[Any]):
    results = FoundAddressSerializer(many=True)
