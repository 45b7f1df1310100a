"""Production. Every value that differs from place to place comes from the environment (`config.env`)."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.config import Config

from config.env import database, env
from config.logs import logging_settings
from config.settings._accounts import *  # noqa: F403
from config.settings._api import *  # noqa: F403
from config.settings._back_office import *  # noqa: F403
from config.settings._jobs import *  # noqa: F403
from config.settings._jobs import REDIS_URL
from config.settings._site import *  # noqa: F403
from config.settings._site import TRUSTED_PROXIES

BASE_DIR = Path(__file__).resolve().parents[2]
DEBUG = False
PRODUCTION = True

# web | worker | command: set by wsgi.py and celery.py; decides on the connection pool and the time limits.
PROCESS = os.environ.get("APPART_PROCESS", "command")

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
    "config.middleware.unread_bodies",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "config.middleware.request_id",
    "config.middleware.private_answers",
    "config.middleware.ContentSecurityPolicy",  # around all that may refuse a request with a page
    "config.middleware.no_nul",
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
IMAGE_PRICES: dict[str, tuple[Decimal, ...]] = env("IMAGE_PRICES")
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
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
FORMAT_MODULE_PATH = "config.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"  # for display; stored times are UTC

# --- files --------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"

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
