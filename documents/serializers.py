from __future__ import annotations

from typing import Any

from django.utils.translation import gettext, gettext_noop
from rest_framework import serializers

from documents import model_jobs
from documents.models import Batch, Document
from documents.reading import MESSAGES
from documents.uploads import MAX_FILES, reason

OTHER_ERRORS = {
    "worker_lost": gettext_noop("La lecture a été interrompue trop souvent : relancez-la."),
    "internal_error": gettext_noop("La lecture a échoué de notre fait : l'équipe est prévenue."),
}


def error_text(code: str) -> str:
    """The sentence of a failed reading, in the caller's language; "" without an error."""
    return gettext({**MESSAGES, **OTHER_ERRORS}.get(code, "")) if code else ""


class DocumentSerializer(serializers.ModelSerializer[Document]):
    """A document in lists: without what was read in it."""

    error = serializers.SerializerMethodField()
    workflow_id = serializers.UUIDField(source="batch_id", read_only=True, allow_null=True)

    class Meta:
        model = Document
        fields = [
            "id",
            "property",
            "filename",
            "original_filename",
            "content_type",
            "size",
            "file_hash",
            "document_type",
            "kind",
            "type_is_corrected",
            "type_confidence",
            "type_reason",
            "page_count",
            "status",
            "attempts",
            "error_code",
            "error",
            "workflow_id",
            "started_at",
            "finished_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = [f for f in fields if f not in {"filename", "document_type"}]

    def get_error(self, document: Document) -> str:
        return error_text(document.error_code)


class DocumentDetailSerializer(DocumentSerializer):
    """A document with what was read in it, and people's corrections over it."""

    analysis_result = serializers.JSONField(read_only=True, allow_null=True)
    analysis_engine = serializers.SerializerMethodField(
        help_text="rules, ou rules+ le fournisseur du modèle."
    )
    model_state = serializers.SerializerMethodField(
        help_text="Ce qu'est devenue la question posée au modèle."
    )

    class Meta(DocumentSerializer.Meta):
        fields = [*DocumentSerializer.Meta.fields, "analysis_engine", "model_state", "analysis_result"]

    def get_analysis_engine(self, document: Document) -> str:
        engine = document.analyses.filter(is_current=True).values_list("engine", flat=True).first()
        return engine or ""

    def get_model_state(self, document: Document) -> str:
        return model_jobs.state(document)


class UploadSerializer(serializers.Serializer[Any]):
    property_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    file = serializers.FileField(max_length=1000, allow_empty_file=True)


class BulkUploadSerializer(serializers.Serializer[Any]):
    property_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    files = serializers.ListField(
        child=serializers.FileField(max_length=1000, allow_empty_file=True),
        min_length=1,
        max_length=MAX_FILES,
    )


class BulkDeleteSerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), min_length=1, max_length=100
    )


class CorrectionSerializer(serializers.Serializer[Any]):
    """`value` null: the fact is not in the document."""

    value = serializers.JSONField(allow_null=True)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class FileAnswerSerializer(serializers.Serializer[Any]):
    filename = serializers.CharField()
    status = serializers.ChoiceField(choices=["accepted", "duplicate", "rejected"])
    document_id = serializers.IntegerField(allow_null=True)
    code = serializers.CharField(allow_blank=True)
    detail = serializers.CharField(allow_blank=True)


class ProgressSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    percent = serializers.IntegerField()


class BatchSerializer(serializers.Serializer[Any]):
    """A batch: its state counted from its documents."""

    workflow_id = serializers.UUIDField()
    property_id = serializers.IntegerField()
    state = serializers.ChoiceField(
        choices=["pending", "processing", "completed", "completed_with_errors", "failed", "cancelled"]
    )
    progress = ProgressSerializer()
    files = FileAnswerSerializer(many=True)
    documents = DocumentSerializer(many=True)
    url = serializers.CharField()


class AcceptedSerializer(serializers.Serializer[Any]):
    workflow_id = serializers.UUIDField()
    url = serializers.CharField()
    file = FileAnswerSerializer()
    document = DocumentSerializer(allow_null=True)


def file_answer(answer: dict[str, Any]) -> dict[str, Any]:
    """A stored answer, with its sentence in the caller's language."""
    return {**answer, "detail": reason(answer["code"])}


def batch_state(counts: dict[str, int], rejected: int) -> tuple[str, dict[str, int]]:
    """The state of a batch and its progress from how many documents are in each status."""
    total = sum(counts.values()) + rejected
    waiting = counts["pending"] + counts["processing"]
    failed = counts["failed"] + rejected
    done = total - waiting
    if waiting:
        state = "processing" if counts["processing"] or done > rejected else "pending"
    elif counts["cancelled"]:
        state = "cancelled"
    elif failed == total and total:
        state = "failed"
    else:
        state = "completed_with_errors" if failed else "completed"
    progress = {
        "total": total,
        "done": done,
        "failed": failed,
        "percent": round(100 * done / total) if total else 100,
    }
    return state, progress


def batch_as_json(batch: Batch, url: str) -> dict[str, Any]:
    documents = list(batch.documents.filter(is_deleted=False).order_by("id"))
    counts = dict.fromkeys(["pending", "processing", "analyzed", "failed", "cancelled"], 0)
    for document in documents:
        counts[document.status] += 1
    rejected = sum(answer["status"] == "rejected" for answer in batch.answers)
    state, progress = batch_state(counts, rejected)
    return {
        "workflow_id": batch.pk,
        "property_id": batch.property_id,
        "state": state,
        "progress": progress,
        "files": [file_answer(answer) for answer in batch.answers],
        "documents": DocumentSerializer(documents, many=True).data,
        "url": url,
    }
