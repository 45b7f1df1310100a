"""Sales and prices as the API shows them, and the questions it takes."""

from __future__ import annotations

import math
import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from dvf.models import DVFPrice, DVFSale, DVFSaleLot, TypePrincipal
from dvf.sales_search import Box, Circle, SalesFilter

MAX_RADIUS_M = 10_000
_BOUNDS = ("date", "prix", "prix_m2", "surface", "pieces")


def _degrees(text: str, count: int) -> list[float]:
    parts = text.split(",")
    numbers = [float(part) for part in parts if re.fullmatch(r"\s*[-+]?\d{1,3}(\.\d{1,30})?\s*", part)]
    if len(numbers) != count or len(parts) != count:
        raise serializers.ValidationError(
            _("%(count)s nombres séparés par des virgules, en degrés.") % {"count": count}
        )
    for index, number in enumerate(numbers):
        # Mercator's map, on which positions are, ends at 85° of latitude.
        if abs(number) > (180 if index % 2 == 0 else 85) or not math.isfinite(number):
            raise serializers.ValidationError(_("Longitude (±180) puis latitude (±85), en degrés."))
    return numbers


class _Strict(serializers.Serializer[Any]):
    """Questions whose unknown parameters are errors: a misspelt filter would silently find too much."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = set(self.initial_data) - set(self.fields) - {"format"}
        if unknown:
            raise serializers.ValidationError(
                {name: ErrorDetail(str(_("Paramètre inconnu.")), "unknown") for name in sorted(unknown)}
            )
        return attrs


class _PlaceCodes(_Strict):
    code_postal = serializers.RegexField(r"^\d{5}$", required=False, help_text="83000")
    code_commune = serializers.RegexField(
        r"^(\d{2}|2[AB])\d{3}$", required=False, help_text="Code INSEE : 83137, 75111, 2A004"
    )
    code_departement = serializers.RegexField(
        r"^(\d{2}|2[AB]|97\d)$", required=False, help_text="83, 2A, 974"
    )


class SalesQuery(_PlaceCodes):
    """At least one place: a code, a box or a point. Several are joined by « and »."""

    bbox = serializers.CharField(required=False, max_length=120, help_text="ouest,sud,est,nord (degrés)")
    near = serializers.CharField(
        required=False, max_length=60, help_text="longitude,latitude (degrés) : les plus proches d'abord"
    )
    radius = serializers.FloatField(
        required=False, min_value=1, max_value=MAX_RADIUS_M, default=500, help_text="mètres autour de near"
    )
    type_principal = serializers.ChoiceField(TypePrincipal.choices, required=False)
    comparable = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="vrai : ce qui entre dans une médiane"
    )
    date_min = serializers.DateField(required=False)
    date_max = serializers.DateField(required=False)
    prix_min = serializers.DecimalField(15, 2, required=False, min_value=0)
    prix_max = serializers.DecimalField(15, 2, required=False, min_value=0)
    prix_m2_min = serializers.DecimalField(15, 2, required=False, min_value=0)
    prix_m2_max = serializers.DecimalField(15, 2, required=False, min_value=0)
    surface_min = serializers.FloatField(required=False, min_value=0, max_value=1e9)
    surface_max = serializers.FloatField(required=False, min_value=0, max_value=1e9)
    pieces_min = serializers.IntegerField(required=False, min_value=0, max_value=10_000)
    pieces_max = serializers.IntegerField(required=False, min_value=0, max_value=10_000)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=100, default=20)
    cursor = serializers.CharField(required=False, max_length=200)

    def validate_bbox(self, text: str) -> Box:
        box = Box(*_degrees(text, 4))
        if box.west >= box.east or box.south >= box.north:
            raise serializers.ValidationError(_("Dans l'ordre ouest, sud, est, nord."))
        return box

    def validate_near(self, text: str) -> tuple[float, float]:
        longitude, latitude = _degrees(text, 2)
        return longitude, latitude

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        for name in _BOUNDS:
            low, high = attrs.get(f"{name}_min"), attrs.get(f"{name}_max")
            if low is not None and high is not None and low > high:
                raise serializers.ValidationError({f"{name}_max": _("Plus petit que le minimum.")})
        places = ("code_postal", "code_commune", "code_departement", "bbox", "near")
        if not any(attrs.get(name) for name in places):
            raise serializers.ValidationError(
                _("Indiquez un lieu : %(places)s.") % {"places": ", ".join(places)}, code="place_required"
            )
        return attrs

    def wanted(self) -> SalesFilter:
        """The validated question."""
        data = dict(self.validated_data)
        point, radius = data.pop("near", None), data.pop("radius")
        for name in ("limit", "cursor"):
            data.pop(name, None)
        near = Circle(point[0], point[1], radius) if point else None
        return SalesFilter(box=data.pop("bbox", None), near=near, **data)


class PricesQuery(_PlaceCodes):
    type_principal = serializers.ChoiceField(TypePrincipal.choices, required=False)
    by = serializers.ChoiceField(["year", "quarter"], default="year")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        places = [kind for kind in DVFPrice.Place.values if attrs.get(kind)]
        if len(places) != 1:
            raise serializers.ValidationError(
                _("Indiquez un seul lieu : %(places)s.") % {"places": ", ".join(DVFPrice.Place.values)},
                code="place_required",
            )
        return attrs


class _Plain:
    """Columns as they are: a page of 100 sales is 3,500 values, each of which DRF's fields would copy."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        names: list[str] = self.Meta.fields  # type: ignore[attr-defined]
        return {name: getattr(instance, name) for name in names}


class SaleSerializer(_Plain, serializers.ModelSerializer[DVFSale]):
    class Meta:
        model = DVFSale
        fields = [
            "id_mutation", "fingerprint", "date_mutation", "annee", "nature_mutation", "prix", "prix_m2",
            "n_dispositions", "adresse_numero", "adresse_suffixe", "adresse_nom_voie", "adresse_complete",
            "code_voie", "code_postal", "code_commune", "nom_commune", "code_departement", "id_parcelle",
            "numeros_lots", "longitude", "latitude", "type_principal", "surface_bati", "surface_carrez",
            "nombre_pieces", "surface_terrain", "nombre_lots", "n_appartements", "n_maisons",
            "n_dependances", "n_commerces", "n_parcelles_terrain", "is_comparable", "exclusion_reasons",
        ]  # fmt: skip


class FoundSaleSerializer(SaleSerializer):
    distance_m = serializers.SerializerMethodField(help_text="mètres ; seulement avec near")

    class Meta(SaleSerializer.Meta):
        fields = [*SaleSerializer.Meta.fields, "distance_m"]

    def get_distance_m(self, sale: DVFSale) -> float | None:
        distance = getattr(sale, "distance_m", None)
        return None if distance is None else round(distance, 1)

    def to_representation(self, instance: DVFSale) -> dict[str, Any]:
        names = SaleSerializer.Meta.fields
        columns = {name: getattr(instance, name) for name in names}
        return {**columns, "distance_m": self.get_distance_m(instance)}


class LotSerializer(_Plain, serializers.ModelSerializer[DVFSaleLot]):
    class Meta:
        model = DVFSaleLot
        fields = [
            "lot_type", "nature_culture", "surface_bati", "surface_carrez", "nombre_pieces",
            "surface_terrain", "numeros_lots", "id_parcelle", "longitude", "latitude",
        ]  # fmt: skip


class CoverageSerializer(serializers.Serializer[Any]):
    covered = serializers.BooleanField()
    release = serializers.CharField(allow_null=True)
    synthetic = serializers.BooleanField()
    first_date = serializers.DateField(allow_null=True)
    last_date = serializers.DateField(allow_null=True)
    reason = serializers.ChoiceField(["not_covered", "no_release"], allow_null=True)


class _Answer(serializers.Serializer[Any]):
    coverage = CoverageSerializer()
    attribution = serializers.CharField()


class SalesPageSerializer(_Answer):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = FoundSaleSerializer(many=True)


class SaleDetailSerializer(SaleSerializer):
    lots = LotSerializer(many=True)
    coverage = CoverageSerializer()
    attribution = serializers.CharField()

    class Meta(SaleSerializer.Meta):
        fields = [*SaleSerializer.Meta.fields, "lots", "coverage", "attribution"]

    def to_representation(self, instance: DVFSale) -> dict[str, Any]:
        lots = LotSerializer(instance.lots.all(), many=True).data
        columns = {name: getattr(instance, name) for name in SaleSerializer.Meta.fields}
        more = {name: getattr(instance, name) for name in ("coverage", "attribution")}
        return {**columns, "lots": lots, **more}


class PriceSerializer(serializers.ModelSerializer[DVFPrice]):
    """€/m² of comparable sales."""

    count = serializers.IntegerField(source="sales_count")
    min = serializers.DecimalField(15, 2, source="minimum")
    max = serializers.DecimalField(15, 2, source="maximum")

    class Meta:
        model = DVFPrice
        fields = [
            "type_principal", "year", "quarter", "count", "mean", "median", "first_quartile",
            "third_quartile", "min", "max",
        ]  # fmt: skip


class PricesSerializer(_Answer):
    results = PriceSerializer(many=True)
