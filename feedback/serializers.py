from __future__ import annotations

from typing import Any

from rest_framework import serializers

from feedback.models import MAX_LENGTH, Feedback


class FeedbackRequestSerializer(serializers.Serializer[Any]):
    type = serializers.ChoiceField(Feedback.Kind.choices)
    message = serializers.CharField(max_length=MAX_LENGTH)
    screenshot = serializers.FileField(required=False, max_length=1000, allow_empty_file=True)


class FeedbackSerializer(serializers.ModelSerializer[Feedback]):
    type = serializers.ChoiceField(Feedback.Kind.choices, source="kind", read_only=True)
    has_screenshot = serializers.SerializerMethodField()

    class Meta:
        model = Feedback
        fields = ["id", "type", "message", "has_screenshot", "status", "created_at"]
        read_only_fields = fields

    def get_has_screenshot(self, row: Feedback) -> bool:
        return bool(row.screenshot_key)
