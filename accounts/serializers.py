from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import User


class UserSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ["id", "email", "full_name", "language", "created_at"]
        read_only_fields = ["id", "email", "created_at"]


class SignInSerializer(serializers.Serializer[Any]):
    """E-mail and password → the user. Wrong password, unknown e-mail and closed account give one answer."""

    email = serializers.EmailField()
    password = serializers.CharField(trim_whitespace=False, max_length=1000, style={"input_type": "password"})
    name = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        user = authenticate(
            request=self.context["request"],
            username=attrs["email"].strip().lower(),
            password=attrs["password"],
        )
        if user is None:
            raise serializers.ValidationError(
                _("Adresse e-mail ou mot de passe incorrect."), code="invalid_credentials"
            )
        return {**attrs, "user": user}


class TokenSerializer(serializers.Serializer[Any]):
    """A new token: shown this once."""

    token = serializers.CharField()
    expiry = serializers.DateTimeField(allow_null=True)
    user = UserSerializer()


class StatsSerializer(serializers.Serializer[Any]):
    documents_analyzed_count = serializers.IntegerField()
    redesigns_generated_count = serializers.IntegerField()
    total_properties = serializers.IntegerField()
