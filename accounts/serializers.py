from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import ApiToken, Export, User


class UserSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ["id", "email", "full_name", "language", "allows_models", "wants_mail", "created_at"]
        read_only_fields = ["id", "email", "created_at"]


class SignInSerializer(serializers.Serializer[Any]):
    """E-mail and password → the user. Wrong password, unknown e-mail and closed account give one answer."""

    email = serializers.EmailField()
    password = serializers.CharField(trim_whitespace=False, max_length=1000, style={"input_type": "password"})
    name = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    code = serializers.CharField(max_length=32, required=False, allow_blank=True, default="")

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


class NewTokenSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)


class TokenListSerializer(serializers.ModelSerializer[ApiToken]):
    class Meta:
        model = ApiToken
        fields = ["token_key", "name", "created", "expiry"]
        read_only_fields = fields


class SessionSerializer(serializers.Serializer[Any]):
    """A browser that is signed in."""

    id = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    ip = serializers.IPAddressField()
    user_agent = serializers.CharField()
    is_current = serializers.BooleanField()


class StatsSerializer(serializers.Serializer[Any]):
    documents_analyzed_count = serializers.IntegerField()
    redesigns_generated_count = serializers.IntegerField()
    total_properties = serializers.IntegerField()


class SentSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField()


class ProviderSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()


class AuthConfigSerializer(serializers.Serializer[Any]):
    """What this server offers for signing in."""

    providers = ProviderSerializer(many=True)
    totp = serializers.BooleanField()


class _Password(serializers.CharField):
    """Never trimmed, and bounded: hashing costs by the length."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, max_length=1000, style={"input_type": "password"}, **kwargs)


class CredentialsSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)
    password = _Password()


class SignUpSerializer(CredentialsSerializer):
    full_name = serializers.CharField(max_length=150)


class EmailSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)


class PasswordSerializer(serializers.Serializer[Any]):
    password = _Password()


class ChangePasswordSerializer(serializers.Serializer[Any]):
    current_password = _Password()
    new_password = _Password()


class KeySerializer(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=500)


class NewPasswordSerializer(KeySerializer):
    password = _Password()


class CodeSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=32)


class TotpSerializer(serializers.Serializer[Any]):
    active = serializers.BooleanField()
    secret = serializers.CharField(allow_null=True)
    url = serializers.CharField(allow_null=True)


class RecoveryCodesSerializer(serializers.Serializer[Any]):
    recovery_codes = serializers.ListField(child=serializers.CharField())


class EraseSerializer(serializers.Serializer[Any]):
    password = _Password(required=False, allow_blank=True)
    email = serializers.EmailField(required=False)


class ExportProgressSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    percent = serializers.IntegerField()


class ExportSerializer(serializers.ModelSerializer[Export]):
    """A job that makes a large account's ZIP; `file` is where it is, once it is made."""

    url = serializers.SerializerMethodField()
    file = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()

    class Meta:
        model = Export
        fields = ["id", "url", "status", "progress", "file", "error", "created_at", "finished_at"]
        read_only_fields = fields

    def get_url(self, job: Export) -> str:
        return reverse("users-me-export-job", args=[job.pk])

    def get_file(self, job: Export) -> str | None:
        return reverse("users-me-export-file", args=[job.pk]) if job.status == "completed" else None

    @extend_schema_field(ExportProgressSerializer)
    def get_progress(self, job: Export) -> dict[str, int]:
        done, failed = int(job.status == "completed"), int(job.status == "failed")
        return {"total": 1, "done": done, "failed": failed, "percent": 100 * (done + failed)}
