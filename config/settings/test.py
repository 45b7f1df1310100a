"""Tests: the same code on real services; only what makes a test slow or chatty differs."""

from __future__ import annotations

import os
import secrets

for _name, _value in {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "PUBLIC_URL": "http://testserver",
    "HTTPS": "false",
    "LOG_JSON": "false",
    "LOG_LEVEL": "WARNING",
    "EMAIL_URL": "memory://",
    "DATABASE_URL": "postgresql://appart@127.0.0.1:1/appart_agent",
    "REDIS_URL": "redis://127.0.0.1:1",
    "S3_ENDPOINT_URL": "http://127.0.0.1:1",
    "S3_ACCESS_KEY_ID": "none",
    "S3_SECRET_ACCESS_KEY": "none",
}.items():
    os.environ.setdefault(_name, _value)

from config.settings.base import *  # noqa: E402, F403
from config.settings.base import REST_FRAMEWORK, STORAGES  # noqa: E402

PRODUCTION = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = True
REPORT_WAIT_SECONDS = 0  # most tests run no worker to wait for
# Limits have tests of their own, which turn them on again.
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}
