"""The activity log as its owner reads it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from accounts import event_words
from accounts.models import Activity, ActivityQuerySet


class ActivitySerializer(serializers.ModelSerializer[Activity]):
    """One event. `actor`: you, staff, or system (a job); the address is shown for one's own acts only."""

    label = serializers.SerializerMethodField()  # type: ignore[assignment]
    actor = serializers.SerializerMethodField()
    address = serializers.SerializerMethodField()
    changes = serializers.DictField(child=serializers.JSONField(allow_null=True))

    class Meta:
        model = Activity
        fields = [
            "id",
            "created_at",
            "action",
            "label",
            "actor",
            "object_type",
            "object_id",
            "property_id",
            "address",
            "changes",
        ]

    def get_label(self, event: Activity) -> str:
        return event_words.event(event.action)

    @extend_schema_field(serializers.ChoiceField(choices=["you", "staff", "system"]))
    def get_actor(self, event: Activity) -> str:
        if event.actor_id is None:
            return "system"
        return "you" if event.actor_id == event.user_id else "staff"

    def get_address(self, event: Activity) -> str | None:
        return event.address if event.actor_id == event.user_id else None


class ActivityView(ListAPIView[Activity]):
    """What happened to the data of whoever asks, newest first."""

    serializer_class: type[serializers.BaseSerializer[Any]] = ActivitySerializer
    queryset = Activity.objects.none()
    filter_backends = ()

    def get_queryset(self) -> ActivityQuerySet:
        events: ActivityQuerySet = Activity.objects.visible_to(self.request.user)
        return events.order_by("-created_at", "-id")
