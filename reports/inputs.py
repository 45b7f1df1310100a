"""What a report rests on, as a fingerprint: the same one means the same report."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from documents.models import Document, DocumentSummary
from photos.models import PhotoRedesign
from photos.models import Status as RedesignStatus
from properties.models import PriceAnalysis, Property
from properties.price_analysis import current_hash
from reports.models import Kind

VERSION = "2"  # raise it with every change of what is printed: stored reports are made again


def fingerprint(subject: Property, kind: str, options: dict[str, Any]) -> str:
    """Changes with the price analysis and its exclusions, the property, the documents and their corrections,
    the synthesis and what people overrode in it, the redesigns; and with the day, unless one is given.
    """
    stated = {
        field.attname: getattr(subject, field.attname)
        for field in subject._meta.concrete_fields
        if field.name not in {"version", "updated_at"}
    }
    inputs: list[Any] = [VERSION, kind, options, stated]
    if kind != Kind.SYNTHESIS:
        row = PriceAnalysis.objects.filter(property=subject).first() or PriceAnalysis(property=subject)
        inputs.append(current_hash(subject, row))
    if kind != Kind.PRICE_ANALYSIS:
        summary = DocumentSummary.objects.filter(property=subject)
        inputs += [
            list(summary.values_list("inputs_hash", "user_overrides", "status", "error_code")),
            list(_documents(subject).values_list("pk", "filename", "status", "updated_at")),
        ]
    if kind == Kind.FULL:
        made = PhotoRedesign.objects.visible_to(subject.user)
        made = made.filter(photo__property=subject, status=RedesignStatus.COMPLETED)
        columns = ("pk", "is_favorite", "photo__promoted_redesign_id")
        inputs.append(list(made.order_by("pk").values_list(*columns)))
    if "signing_date" not in options:
        inputs.append(timezone.localdate())
    return hashlib.sha256(json.dumps(inputs, cls=DjangoJSONEncoder).encode()).hexdigest()


def _documents(subject: Property) -> Any:
    return Document.objects.filter(property=subject).order_by("pk")
