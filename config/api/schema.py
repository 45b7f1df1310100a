"""OpenAPI: bearer tokens, the problem answers every endpoint shares."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from rest_framework.fields import ChoiceField

PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "config.api.tokens.BearerToken"
    name = "bearer"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "config.api.sessions.BrowserSession"
    name = "cookie"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class AutoSchema(SpectacularSchema):
    """Adds the answers that any endpoint may give, as problem+json, unless the view declares its own."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if not operation:
            return operation
        codes = {"400", "404", "405", "406", "429", "503"}
        if operation.get("security") != [{}]:
            codes |= {"401", "403"}
        if self.method == "DELETE" and (body := getattr(self.view, "delete_body", None)):
            # drf-spectacular describes no body of DELETE; OpenAPI 3.1 does.
            reference = self.resolve_serializer(body, "request").ref
            operation["requestBody"] = {"content": {"application/json": {"schema": reference}}}
        if "requestBody" in operation:
            codes |= {"408", "409", "413", "415", "422"}
        if any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", [])):
            codes |= {"409", "422"}
        if self.method in {"PUT", "PATCH", "DELETE"}:
            codes |= {"409", "412"}
        for code in sorted(codes):
            operation["responses"].setdefault(
                code,
                {"description": "", "content": {"application/problem+json": {"schema": PROBLEM_SCHEMA}}},
            )
        return operation

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        """A choice that may be empty in the table may be so in the answer: for what is read only, DRF's model
        serializers forget it."""
        model = getattr(getattr(field.parent, "Meta", None), "model", None)
        if isinstance(field, ChoiceField) and field.read_only and model is not None:
            with suppress(FieldDoesNotExist):
                field.allow_blank = getattr(model._meta.get_field(field.source), "blank", False)
        return super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]


_NULL = {"type": "null"}


def anything_is_nullable(result: Any, **kwargs: Any) -> Any:
    """A value of any shape may be null as it is: "one of anything and null" would fit null twice."""
    if isinstance(result, dict):
        if result.get("oneOf") == [{}, _NULL]:
            return {key: value for key, value in result.items() if key != "oneOf"}
        return {key: anything_is_nullable(value) for key, value in result.items()}
    if isinstance(result, list):
        return [anything_is_nullable(value) for value in result]
    return result


def plain_numbers(result: Any, **kwargs: Any) -> Any:
    """Bounds and defaults of amounts are Decimal in the code, numbers in the document."""
    if isinstance(result, dict):
        return {key: plain_numbers(value) for key, value in result.items()}
    if isinstance(result, list):
        return [plain_numbers(value) for value in result]
    if isinstance(result, Decimal):
        return int(result) if result == result.to_integral_value() else float(result)
    return result
