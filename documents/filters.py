from __future__ import annotations

import django_filters
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field

from documents.models import Document


class DocumentFilter(filters.FilterSet):  # type: ignore[misc]
    # By number, not by choice: a choice that is refused would tell which properties exist.
    property = extend_schema_field({"type": "integer", "minimum": 1, "maximum": 2**63 - 1})(
        django_filters.NumberFilter(field_name="property_id", min_value=1, max_value=2**63 - 1)
    )

    class Meta:
        model = Document
        fields = ["property", "document_type", "status"]
