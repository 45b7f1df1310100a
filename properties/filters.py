from __future__ import annotations

import django_filters
from django_filters import rest_framework as filters

from properties.models import Property


class PropertyFilter(filters.FilterSet):  # type: ignore[misc]
    city = django_filters.CharFilter(lookup_expr="iexact")
    asking_price_min = django_filters.NumberFilter(field_name="asking_price", lookup_expr="gte")
    asking_price_max = django_filters.NumberFilter(field_name="asking_price", lookup_expr="lte")
    surface_min = django_filters.NumberFilter(field_name="surface_area", lookup_expr="gte")
    surface_max = django_filters.NumberFilter(field_name="surface_area", lookup_expr="lte")
    rooms_min = django_filters.NumberFilter(field_name="rooms", lookup_expr="gte")
    rooms_max = django_filters.NumberFilter(field_name="rooms", lookup_expr="lte")

    class Meta:
        model = Property
        fields = ["postal_code", "city", "department", "property_type"]
