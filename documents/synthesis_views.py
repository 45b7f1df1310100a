"""The synthesis of a property's documents by API: read it on a signing date, make it again, override it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.activity import record
from accounts.idempotency import idempotent
from accounts.models import User
from documents import model_jobs, summaries, wording_texts
from documents.models import DocumentSummary
from documents.synthesis.lines import PAYMENTS
from documents.synthesis.papers import Dossier
from documents.synthesis.signing import at
from documents.synthesis.whole import VERSION, synthesise
from documents.wording import error_sentence, in_words, overall_summary, sentence
from properties.models import Property

KEYS = ("general", "building", "stairs", "lift", "heating")
YEARS_ASKED = range(2000, 2101)
MOST_TANTIEMES = 10_000_000


class SigningSerializer(serializers.Serializer[Any]):
    signing_date = serializers.DateField(required=False, allow_null=True, default=None)

    def validate_signing_date(self, value: date | None) -> date | None:
        if value is not None and value.year not in YEARS_ASKED:
            message = sentence(wording_texts.SENTENCES, "date_out_of_range")
            raise serializers.ValidationError(message, code="date_out_of_range")
        return value


class ShareSerializer(serializers.Serializer[Any]):
    lot = serializers.IntegerField(min_value=1, max_value=MOST_TANTIEMES)
    total = serializers.IntegerField(min_value=1, max_value=MOST_TANTIEMES)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["lot"] > attrs["total"]:
            message = sentence(wording_texts.SENTENCES, "share_above_total")
            raise serializers.ValidationError({"lot": [message]}, code="share_above_total")
        return attrs


class KeyShareSerializer(ShareSerializer):
    """In a key of its own a lot may have no part: the ground floor in the lift's."""

    lot = serializers.IntegerField(min_value=0, max_value=MOST_TANTIEMES)


class SharesSerializer(serializers.Serializer[Any]):
    """The lot's share by key of allocation."""

    general = ShareSerializer(required=False)
    building = KeyShareSerializer(required=False)
    stairs = KeyShareSerializer(required=False)
    lift = KeyShareSerializer(required=False)
    heating = KeyShareSerializer(required=False)


class OverridesSerializer(serializers.Serializer[Any]):
    """What a person sets. A section that is given replaces the whole section: {} takes its values back."""

    tantiemes = SharesSerializer(required=False)
    amounts = serializers.DictField(
        child=serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, allow_null=True),
        required=False,
        help_text="Clé de ligne → montant ; null retire la ligne.",
    )
    statuses = serializers.DictField(child=serializers.ChoiceField(choices=PAYMENTS), required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        known: set[str] = self.context["known"]
        errors = {
            section: [sentence(wording_texts.SENTENCES, "unknown_line", {"keys": ", ".join(unknown)[:300]})]
            for section in ("amounts", "statuses")
            if (unknown := sorted(set(attrs.get(section) or {}) - known))
        }
        if errors:
            raise serializers.ValidationError(errors, code="unknown_line")
        return attrs


class _Synthesis(APIView):
    permission_classes = (IsAuthenticated,)

    def subject(self, request: Request, property_id: int) -> Property:
        found: Property = get_object_or_404(Property.objects.visible_to(request.user), pk=property_id)
        return found

    def user(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user


def answer(subject: Property, signing: date | None = None) -> dict[str, Any]:
    """The last good synthesis on a signing date, in words, with the state of the job beside it."""
    row = DocumentSummary.objects.filter(property=subject).first()
    stored: dict[str, Any] = row.synthesis_data if row else {}
    present = summaries.subject_of(subject)
    changed = bool(stored) and (stored["subject"] != present.as_json() or stored["version"] != VERSION)
    if row is None or not stored:
        stored = synthesise(Dossier([]), present)
    elif stored["version"] != VERSION:  # of an older release: its shape may be another
        papers, unread = summaries.dossier(row)
        stored = synthesise(papers, present, unread)
    data = at(stored, signing, timezone.localdate())
    status = row.status if row else DocumentSummary.Status.CURRENT
    return {
        "property_id": subject.pk,
        "status": status,
        "is_stale": status != DocumentSummary.Status.CURRENT or changed,
        "error_code": row.error_code if row else "",
        "error": error_sentence(row.error_code) if row else "",
        "last_updated": row.last_updated if row else None,
        "overall_summary": overall_summary(data),
        "risk_level": data["risk"]["level"] or None,
        "total_annual_cost": data["totals"]["annual"],
        "total_one_time_cost": data["totals"]["one_time_buyer"],
        "user_overrides": row.user_overrides if row else {},
        **model_jobs.states_of(subject),
        **in_words(data),
    }


class SynthesisView(_Synthesis):
    @extend_schema(
        parameters=[
            OpenApiParameter(
                "signing_date", OpenApiTypes.DATE, description="Jour de la signature ; absent : aujourd'hui."
            )
        ],
        responses={200: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request, property_id: int) -> Response:
        """What all documents of a property say together, on a signing date."""
        subject = self.subject(request, property_id)
        query = SigningSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        data = answer(subject, query.validated_data["signing_date"])
        if data["is_stale"] and data["status"] == DocumentSummary.Status.CURRENT:
            # The property itself was changed since: its own app knows nothing of documents.
            summaries.request([subject.pk])
            data["status"] = DocumentSummary.Status.PENDING
        return Response(data)


class RegenerateView(_Synthesis):
    @extend_schema(request=None, responses={202: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request, property_id: int) -> Response:
        """Make the synthesis again from all documents. Overrides stay, and so does the last good one if it
        fails.
        """
        subject = self.subject(request, property_id)
        with transaction.atomic():
            DocumentSummary.objects.filter(property=subject).update(inputs_hash="")
            summaries.request([subject.pk])
            row = DocumentSummary.objects.get(property=subject)
            record("synthesis.requested", row, actor=self.user())
        return Response(answer(subject), status=202)


class OverridesView(_Synthesis):
    @extend_schema(request=OverridesSerializer, responses={200: OpenApiTypes.OBJECT})
    def patch(self, request: Request, property_id: int) -> Response:
        """Set tantièmes, amounts or payment statuses. They win over what was read, in every later run."""
        subject = self.subject(request, property_id)
        with transaction.atomic():
            DocumentSummary.objects.get_or_create(
                property=subject, defaults={"status": DocumentSummary.Status.CURRENT}
            )
            row = DocumentSummary.objects.select_for_update().get(property=subject)
            serializer = OverridesSerializer(data=request.data, context={"known": known_keys(row)})
            serializer.is_valid(raise_exception=True)
            given = {
                name: {key: _plain(value) for key, value in section.items()}
                for name, section in serializer.validated_data.items()
            }
            before, after = row.user_overrides, {**row.user_overrides, **given}
            if after != before:
                row.user_overrides = after
                row.save(update_fields=["user_overrides"])
                changes = {name: [before.get(name), after[name]] for name in given}
                record("synthesis.overridden", row, actor=self.user(), changes=changes)
                summaries.recompute(row)
        return Response(answer(subject))


def known_keys(row: DocumentSummary) -> set[str]:
    """Lines that can be overridden: those of the last synthesis, and those that are overridden already (a
    line set to null is in no synthesis any more).
    """
    parts = [row.synthesis_data.get(name, {}) for name in ("annual", "one_time", "planned")]
    keys = {line["key"] for part in parts for line in part.get("lines", [])}
    return keys | set(row.user_overrides.get("amounts", {})) | set(row.user_overrides.get("statuses", {}))


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | dict) else str(value)
