"""Production. Every value that differs from place to place comes from the environment (`config.env`)."""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.config import Config
from celery.schedules import crontab
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from config.env import database, env
from config.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parents[2]
DEBUG = False
PRODUCTION = True

# web | worker | command: set by wsgi.py and celery.py; decides on the connection pool and the time limits.
PROCESS = os.environ.get("APPART_PROCESS", "command")

SECRET_KEY: str = env("SECRET_KEY")
ALLOWED_HOSTS: list[str] = env("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS: list[str] = env("CSRF_TRUSTED_ORIGINS")
CORS_ALLOWED_ORIGINS: list[str] = env("CORS_ALLOWED_ORIGINS")
PUBLIC_URL: str = env("PUBLIC_URL").rstrip("/")
ADMIN_PATH: str = env("ADMIN_PATH").strip("/") + "/"
TRUSTED_PROXIES: int = env("TRUSTED_PROXIES")

# --- applications -------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "config.apps.BackOfficeConfig",
    "config.apps.ProjectConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "corsheaders",
    "csp",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_structlog",
    "accounts",
    "dvf",
    "properties",
    "documents",
    "photos",
    "reports",
    "feedback",
    # Last: our templates of the same name come before its own.
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "config.middleware.request_id",
    "config.middleware.private_answers",
    "config.middleware.ContentSecurityPolicy",  # around all that may refuse a request with a page
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.logs.RequestLog",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.second_factor.required",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- data ---------------------------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": database(
        env("DATABASE_URL"),
        web=PROCESS == "web",
        pool_size=env("DB_POOL_SIZE"),
        overflow=env("DB_MAX_OVERFLOW"),
        recycle=env("DB_RECYCLE_SECONDS"),
        timeout_ms=env("DB_STATEMENT_TIMEOUT_MS") if PROCESS == "web" else env("DB_JOB_STATEMENT_TIMEOUT_MS"),
    )
}
DB_ECHO: bool = env("DB_ECHO")

REDIS_URL: str = urlsplit(env("REDIS_URL"))._replace(path="", query="").geturl()  # broker in 0, cache in 1
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "config.cache.Cache",
        "LOCATION": f"{REDIS_URL}/1",
        "TIMEOUT": 1800,
        "KEY_PREFIX": "appart",
        "OPTIONS": {
            # A cache that is down is a cache that is empty: every request answers, from the database.
            "REDIS_CLIENT_CLASS": "config.cache.Client",
            "IGNORE_EXCEPTIONS": True,
            "SOCKET_CONNECT_TIMEOUT": 0.3,
            "SOCKET_TIMEOUT": 0.3,
        },
    }
}

S3_ENDPOINT_URL: str = env("S3_ENDPOINT_URL")
S3_BUCKET_NAME: str = env("S3_BUCKET_NAME")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "endpoint_url": S3_ENDPOINT_URL,
            "access_key": env("S3_ACCESS_KEY_ID"),
            "secret_key": env("S3_SECRET_ACCESS_KEY"),
            "bucket_name": S3_BUCKET_NAME,
            "region_name": env("S3_REGION"),
            "client_config": Config(  # boto3's own waits are of a minute, and there are four tries
                s3={"addressing_style": "path"},
                signature_version="s3v4",
                connect_timeout=3,
                read_timeout=20,
                retries={"mode": "standard", "total_max_attempts": 3},
            ),
            "default_acl": None,
            "file_overwrite": True,  # keys hold a UUID: none is used twice
            "querystring_auth": True,
            "querystring_expire": 900,
        },
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
S3_PUBLIC_URL: str = env("S3_PUBLIC_URL") or S3_ENDPOINT_URL
DOCUMENT_MAX_BYTES: int = env("DOCUMENT_MAX_MB") * 1024 * 1024
PHOTO_MAX_BYTES: int = env("PHOTO_MAX_MB") * 1024 * 1024
REDESIGNS_PER_DAY: int = env("REDESIGNS_PER_DAY")
REPORT_WAIT_SECONDS: float = env("REPORT_WAIT_SECONDS")
IMAGE_ENGINE: str = env("IMAGE_ENGINE")
IMAGE_API_KEY: str = env("IMAGE_API_KEY")
IMAGE_MODEL: str = env("IMAGE_MODEL")
IMAGE_BASE_URL: str = env("IMAGE_BASE_URL")
IMAGE_TIMEOUT_SECONDS: float = env("IMAGE_TIMEOUT_SECONDS")
LLM_ENGINE: str = env("LLM_ENGINE")
LLM_API_KEY: str = env("LLM_API_KEY")
LLM_MODEL: str = env("LLM_MODEL")
LLM_BASE_URL: str = env("LLM_BASE_URL")
LLM_TIMEOUT_SECONDS: float = env("LLM_TIMEOUT_SECONDS")
LLM_PRICES: dict[str, tuple[Decimal, Decimal]] = env("LLM_PRICES")
LLM_BUDGET_PER_DAY: Decimal = env("LLM_BUDGET_PER_DAY")
LLM_BUDGET_PER_USER_PER_DAY: Decimal = env("LLM_BUDGET_PER_USER_PER_DAY")
LLM_MASK_NAMES: bool = env("LLM_MASK_NAMES")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024

# --- jobs ---------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = f"{REDIS_URL}/0"
CELERY_RESULT_BACKEND = None  # the row is the job: it carries state and result
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "retry_policy": {"timeout": 1.0},
    # Without these a request waits six seconds for a queue that is away, for each job it sends.
    "connect_retries_timeout": 0.5,
    "max_retries": 1,
    "interval_start": 0,
}
CELERY_TASK_PUBLISH_RETRY = False  # the beat finds what could not be published
# A worker told nothing takes from every queue; `-Q documents,celery` and `-Q images,models` keep long
# readings and what waits for providers out of each other's way.
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in ("celery", "documents", "images", "models")]
CELERY_TASK_ROUTES = {
    "documents.tasks.ask_model": {"queue": "models"},
    "documents.tasks.*": {"queue": "documents"},
    "photos.tasks.*": {"queue": "images"},
}
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_TASK_TIME_LIMIT = 900
CELERY_TIMEZONE = "UTC"
JOB_LEASE_SECONDS: int = env("JOB_LEASE_SECONDS")
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "activity-partitions": {
        "task": "accounts.tasks.activity_partitions",
        "schedule": crontab(hour="3", minute="10"),
    },
    "requeue-lost-documents": {"task": "documents.tasks.requeue_lost_documents", "schedule": 15.0},
    "accounts-sweep": {"task": "accounts.tasks.sweep", "schedule": crontab(minute="*/15")},
    "fit-stale-valuations": {"task": "dvf.tasks.fit_stale_valuations", "schedule": 600.0},
    "requeue-lost-redesigns": {"task": "photos.tasks.requeue_lost_redesigns", "schedule": 15.0},
    "requeue-lost-reports": {"task": "reports.tasks.requeue_lost_reports", "schedule": 15.0},
    "mail-feedback": {"task": "feedback.tasks.mail_feedback", "schedule": 300.0},
    "remove-photo-files": {"task": "photos.tasks.remove_files", "schedule": 60.0},
    "forget-what-expired": {
        "task": "accounts.tasks.forget_what_expired",
        "schedule": crontab(hour="3", minute="40"),
    },
}

# --- national addresses, maps -------------------------------------------------------------------------------
MAP_TILES_URL: str = env("MAP_TILES_URL")
MAP_TILES_ATTRIBUTION: str = env("MAP_TILES_ATTRIBUTION")
DVF_URL: str = env("DVF_URL")
DVF_WORK_DIR: str = env("DVF_WORK_DIR")
DVF_IMPORT_MEMORY_MB: int = env("DVF_IMPORT_MEMORY_MB")
BAN_URL: str = env("BAN_URL")
BAN_TIMEOUT_SECONDS: float = env("BAN_TIMEOUT_SECONDS")

# --- language, time -----------------------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"  # for display; stored times are UTC

# --- files --------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"

# --- accounts -----------------------------------------------------------------------------------------------
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
PASSWORD_RESET_TIMEOUT = 3600
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignUpForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # the password again, before the e-mail or the second factor change
# Ours come first (`config.api.throttling`); these also spare a person whose address others type in.
ACCOUNT_RATE_LIMITS = {"confirm_email": "1/3m/key", "reset_password": "3/15m/key"}
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
HEADLESS_ADAPTER = "accounts.adapter.HeadlessAdapter"
# Every link in a mail begins with PUBLIC_URL, whatever the request said its host was.
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": f"{PUBLIC_URL}/account/verify-email/{{key}}/",
    "account_reset_password": f"{PUBLIC_URL}/",
    "account_reset_password_from_key": f"{PUBLIC_URL}/account/reset-password/{{key}}/",
    "account_signup": f"{PUBLIC_URL}/",
    "socialaccount_login_error": f"{PUBLIC_URL}/",
}
STAFF_SECOND_FACTOR: bool = env("STAFF_SECOND_FACTOR")
FEEDBACK_EMAIL: str = env("FEEDBACK_EMAIL")
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "AppArt Agent"
MFA_RECOVERY_CODES_SHOW_ONCE = True
SOCIALACCOUNT_ADAPTER = "accounts.adapter.SocialAccountAdapter"
# A provider's word on an e-mail opens no account that has a password.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = (
    {
        "google": {
            "APPS": [
                {"client_id": env("GOOGLE_CLIENT_ID"), "secret": env("GOOGLE_CLIENT_SECRET"), "key": ""}
            ],
            "SCOPE": ["profile", "email"],
            "OAUTH_PKCE_ENABLED": True,
        }
    }
    if env("GOOGLE_CLIENT_ID")
    else {}
)
KNOX_TOKEN_MODEL = "accounts.ApiToken"
MIGRATION_MODULES = {
    "knox": None
}  # its only table is replaced by ours; its migrations would make it all the same
REST_KNOX = {
    "TOKEN_TTL": timedelta(days=90),
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_MODEL": "accounts.ApiToken",
    "TOKEN_PREFIX": "aa_",  # lets secret scanners recognise a leaked token
}

# --- API ----------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "knox.auth.TokenAuthentication",
        "config.api.sessions.BrowserSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.api.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.SearchFilter",
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

# --- mail ---------------------------------------------------------------------------------------------------
_mail = urlsplit(env("EMAIL_URL"))
EMAIL_BACKEND = {
    "console": "django.core.mail.backends.console.EmailBackend",
    "memory": "django.core.mail.backends.locmem.EmailBackend",
}.get(_mail.scheme, "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = _mail.hostname or "localhost"
EMAIL_PORT = _mail.port or 25
EMAIL_HOST_USER = unquote(_mail.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
EMAIL_USE_SSL = _mail.scheme == "smtps"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL: str = env("DEFAULT_FROM_EMAIL")

# --- security -----------------------------------------------------------------------------------------------
HTTPS: bool = env("HTTPS")
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]  # asked from inside, without the proxy
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = HTTPS
if HTTPS:  # a browser takes these from this very host alone, never from a neighbour below the same domain
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "config.error_pages.expired_form"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", S3_PUBLIC_URL],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
}

# --- logs, figures, traces ----------------------------------------------------------------------------------
LOGGING = logging_settings(env("LOG_LEVEL"), as_json=env("LOG_JSON"), sql=DB_ECHO)
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # addresses are personal data
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # that of `config.middleware.request_id`
DJANGO_STRUCTLOG_CELERY_ENABLED = True
METRICS_TOKEN: str = env("METRICS_TOKEN")
SENTRY_DSN: str = env("SENTRY_DSN")
SENTRY_ENVIRONMENT: str = env("SENTRY_ENVIRONMENT")
OTEL_EXPORTER_OTLP_ENDPOINT: str = env("OTEL_EXPORTER_OTLP_ENDPOINT")
OTEL_EXPORTER_OTLP_HEADERS: str = env("OTEL_EXPORTER_OTLP_HEADERS")

# --- back-office --------------------------------------------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": "AppArt Agent",
    "SITE_HEADER": "AppArt Agent",
    "SITE_SUBHEADER": _("Acheter en connaissance de cause"),
    "SITE_URL": None,
    "LOGIN": {"form": "accounts.forms.BackOfficeSignInForm"},
    "SITE_SYMBOL": "apartment",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("config/favicon.svg")}
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "SHOW_LANGUAGES": True,
    "DASHBOARD_CALLBACK": "config.front_page.add_to",
    "STYLES": [lambda request: static("config/backoffice.css")],
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "config.admin.navigation",
    },
    "COLORS": {
        "primary": {
            "50": "#eff8f6", "100": "#d7eeea", "200": "#b2ddd6", "300": "#83c5bc", "400": "#54a69c",
            "500": "#3a8a81", "600": "#2c6f69", "700": "#265a56", "800": "#224947", "900": "#203d3b",
            "950": "#0d2222",
        }
    },
}  # fmt: skip
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
