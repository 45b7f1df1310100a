"""The API's rules and its schema (Django REST framework, drf-spectacular)."""

from __future__ import annotations

from config.settings._site import LANGUAGES, TRUSTED_PROXIES

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "config.api.tokens.BearerToken",
        "config.api.sessions.BrowserSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.api.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "config.api.search.BoundedSearchFilter",
        "config.api.ordering.StrictOrderingFilter",
    ],
    "DEFAULT_PAGINATION_CLASS": "config.api.pagination.Pagination",
    "DEFAULT_SCHEMA_CLASS": "config.api.schema.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["config.api.throttling.PerUser", "config.api.throttling.PerAddress"],
    "DEFAULT_THROTTLE_RATES": {
        "user": "100/min",
        "address": "100/min",
        "heavy": "10/min",
        "sign_in": "5/min",
    },
    "NUM_PROXIES": TRUSTED_PROXIES,
    "EXCEPTION_HANDLER": "config.api.problems.handler",
    "COERCE_DECIMAL_TO_STRING": False,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "AppArt Agent",
    "DESCRIPTION": "Ce que vaut un appartement, ce qu'il engage, ce qu'il pourrait devenir.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.api.schema.anything_is_nullable",
        "config.api.schema.plain_numbers",
    ],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "ExportStatusEnum": "accounts.models.Export.Status",
        "DocumentStatusEnum": "documents.models.Status",
        "RedesignStatusEnum": "photos.models.Status",
        "ReportStatusEnum": "reports.models.Status",
        "LanguageEnum": LANGUAGES,
    },
}
