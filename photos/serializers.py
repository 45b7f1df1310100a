from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from photos.engines import configured
from photos.files import link
from photos.models import RUNNING, Photo, PhotoRedesign, PhotoReference, RedesignThread, RoomType, Status
from photos.presets import ASPECT_RATIOS, ENGINE_NOTES, PREFERENCES, error_text
from photos.styles import PRESETS

MAX_ID = 2**63 - 1
MAX_VARIANTS = 4
LINK = {"type": "string", "format": "uri", "description": "Lien signé, valable 15 minutes."}


class PhotoSerializer(serializers.ModelSerializer[Photo]):
    """A photo with signed links to its files: as shown, small, and the original as a download."""

    url = serializers.SerializerMethodField()
    thumbnail_url = serializers.SerializerMethodField()
    original_url = serializers.SerializerMethodField()
    promoted_redesign_id = serializers.IntegerField(read_only=True, allow_null=True)
    promoted_redesign_url = serializers.SerializerMethodField()
    redesign_count = serializers.SerializerMethodField()

    class Meta:
        model = Photo
        fields = [
            "id", "uuid", "property", "filename", "room_type", "room_type_is_guessed", "width", "height",
            "size", "file_hash", "url", "thumbnail_url", "original_url", "promoted_redesign_id",
            "promoted_redesign_url", "redesign_count", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = [f for f in fields if f not in {"filename", "room_type"}]

    @extend_schema_field(LINK)
    def get_url(self, photo: Photo) -> str:
        return link(f"{photo.folder}display.jpg")

    @extend_schema_field(LINK)
    def get_thumbnail_url(self, photo: Photo) -> str:
        return link(f"{photo.folder}thumbnail.jpg")

    @extend_schema_field(LINK)
    def get_original_url(self, photo: Photo) -> str:
        return link(photo.storage_key, f"{photo.filename.rpartition('.')[0] or photo.filename}.jpg")

    @extend_schema_field({**LINK, "type": ["string", "null"]})
    def get_promoted_redesign_url(self, photo: Photo) -> str | None:
        promoted = photo.promoted_redesign
        return link(promoted.storage_key) if promoted is not None and promoted.storage_key else None

    def get_redesign_count(self, photo: Photo) -> int:
        count: int | None = getattr(photo, "redesign_count", None)
        return photo.redesigns.count() if count is None else count

    def update(self, instance: Photo, validated_data: dict[str, Any]) -> Photo:
        if "room_type" in validated_data:
            instance.room_type_is_guessed = False
        return super().update(instance, validated_data)


@extend_schema_serializer(component_name="PhotoUpload")
class UploadSerializer(serializers.Serializer[Any]):
    property_id = serializers.IntegerField(min_value=1, max_value=MAX_ID)
    file = serializers.FileField(max_length=1000, allow_empty_file=True)
    room_type = serializers.ChoiceField(RoomType.choices, required=False, default="")


class ReferenceUploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(max_length=1000, allow_empty_file=True)


class ReferenceSerializer(serializers.ModelSerializer[PhotoReference]):
    url = serializers.SerializerMethodField()

    class Meta:
        model = PhotoReference
        fields = ["id", "uuid", "filename", "width", "height", "url", "created_at"]

    @extend_schema_field(LINK)
    def get_url(self, reference: PhotoReference) -> str:
        return link(reference.storage_key)


class ThreadSerializer(serializers.ModelSerializer[RedesignThread]):
    class Meta:
        model = RedesignThread
        fields = ["id", "name", "created_at"]
        read_only_fields = ["id", "created_at"]


class PreferencesSerializer(serializers.Serializer[Any]):
    color_scheme = serializers.ChoiceField(sorted(PREFERENCES["color_scheme"]), required=False)
    furniture_style = serializers.ChoiceField(sorted(PREFERENCES["furniture_style"]), required=False)
    lighting = serializers.ChoiceField(sorted(PREFERENCES["lighting"]), required=False)


class RedesignRequestSerializer(serializers.Serializer[Any]):
    """What a redesign is to be. Without `style_preset` and `custom_prompt`, a refinement keeps its
    parent's.
    """

    style_preset = serializers.ChoiceField(PRESETS, required=False)
    custom_prompt = serializers.CharField(max_length=1000, required=False)
    preferences = PreferencesSerializer(required=False)
    room_type = serializers.ChoiceField(RoomType.choices, required=False)
    aspect_ratio = serializers.ChoiceField(ASPECT_RATIOS, required=False)
    parent_redesign_id = serializers.IntegerField(
        min_value=1, max_value=MAX_ID, required=False, allow_null=True
    )
    reference_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID), max_length=2, required=False
    )
    variants = serializers.IntegerField(min_value=1, max_value=MAX_VARIANTS, required=False, default=1)
    thread_name = serializers.CharField(max_length=100, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not any(attrs.get(name) for name in ("style_preset", "custom_prompt", "parent_redesign_id")):
            self.fail_for("style_preset")
        return attrs

    def fail_for(self, name: str) -> None:
        raise serializers.ValidationError(
            {name: self.fields[name].error_messages["required"]}, code="required"
        )


class RedesignSerializer(serializers.ModelSerializer[PhotoRedesign]):
    """A redesign: its job, its picture by signed link, how well the room's structure was kept."""

    photo_id = serializers.IntegerField(read_only=True)
    parent_redesign_id = serializers.IntegerField(source="parent_id", read_only=True, allow_null=True)
    reference_ids = serializers.SerializerMethodField()
    thread = ThreadSerializer(read_only=True)
    style_preset = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    download_url = serializers.SerializerMethodField()
    original_url = serializers.SerializerMethodField()
    note = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()
    estimated_seconds = serializers.SerializerMethodField()
    is_promoted = serializers.SerializerMethodField()

    class Meta:
        model = PhotoRedesign
        fields = [
            "id", "redesign_uuid", "photo_id", "thread", "parent_redesign_id", "reference_ids", "style",
            "style_preset", "custom_prompt", "preferences", "room_type", "aspect_ratio", "seed", "status",
            "progress", "estimated_seconds", "attempts", "error_code", "error", "engine", "engine_version",
            "source_type", "note", "structure_score", "structure", "is_flagged", "width", "height", "url",
            "download_url", "original_url", "is_favorite", "rating", "is_promoted", "started_at",
            "finished_at", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = [f for f in fields if f not in {"is_favorite", "rating"}]

    @extend_schema_field({"type": "array", "items": {"type": "integer"}})
    def get_reference_ids(self, redesign: PhotoRedesign) -> list[int]:
        return sorted(reference.pk for reference in redesign.references.all())

    def get_style_preset(self, redesign: PhotoRedesign) -> str | None:
        return redesign.style if redesign.style in PRESETS else None

    @extend_schema_field({**LINK, "type": ["string", "null"]})
    def get_url(self, redesign: PhotoRedesign) -> str | None:
        return link(redesign.storage_key) if redesign.storage_key else None

    @extend_schema_field({**LINK, "type": ["string", "null"]})
    def get_download_url(self, redesign: PhotoRedesign) -> str | None:
        return link(redesign.storage_key, f"{redesign.style}.jpg") if redesign.storage_key else None

    @extend_schema_field(LINK)
    def get_original_url(self, redesign: PhotoRedesign) -> str:
        """The photograph itself, to be shown beside what was made of it."""
        return link(f"{redesign.photo.folder}display.jpg")

    def get_note(self, redesign: PhotoRedesign) -> str:
        return str(ENGINE_NOTES.get(redesign.engine, ""))

    def get_error(self, redesign: PhotoRedesign) -> str:
        return error_text(redesign.error_code)

    @extend_schema_field(
        {
            "type": "object",
            "properties": {name: {"type": "integer"} for name in ("total", "done", "failed", "percent")},
        }
    )
    def get_progress(self, redesign: PhotoRedesign) -> dict[str, int]:
        done = int(redesign.status == Status.COMPLETED)
        failed = int(redesign.status in (Status.FAILED, Status.CANCELLED))
        return {"total": 1, "done": done, "failed": failed, "percent": 100 * (done + failed)}

    def get_estimated_seconds(self, redesign: PhotoRedesign) -> float | None:
        """How long it usually takes once begun; null when there is nothing to wait for."""
        return configured().typical_seconds if redesign.status in RUNNING else None

    def get_is_promoted(self, redesign: PhotoRedesign) -> bool:
        return bool(redesign.photo.promoted_redesign_id == redesign.pk)


class RedesignAcceptedSerializer(RedesignSerializer):
    """The first of the variants asked for; all of them under `variants`."""

    variants = serializers.ListField(child=serializers.UUIDField(), read_only=True)

    class Meta(RedesignSerializer.Meta):
        fields = [*RedesignSerializer.Meta.fields, "variants"]
