"""One machine, one person: the services of `make run`, plain logs, mails on the console."""

from __future__ import annotations

import os
from pathlib import Path

from config.env import read_file

_root = Path(__file__).resolve().parents[2]
read_file(_root / ".env")

# A key of this checkout's own: sessions survive a restart, and no key stands in the code.
_key = _root / ".local" / "secret_key"
if "SECRET_KEY" not in os.environ:
    if not _key.is_file():
        from django.core.management.utils import get_random_secret_key

        _key.parent.mkdir(mode=0o700, exist_ok=True)
        _key.touch(mode=0o600)
        _key.write_text(get_random_secret_key(), encoding="utf-8")
    os.environ["SECRET_KEY"] = _key.read_text(encoding="utf-8")

for _name, _value in {
    "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "HTTPS": "false",
    "LOG_JSON": "false",
    # Without services (`analyse_documents`, `--help`): addresses where nothing answers.
    "DATABASE_URL": "postgresql://appart@127.0.0.1:1/appart_agent",
    "REDIS_URL": "redis://127.0.0.1:1",
    "S3_ENDPOINT_URL": "http://127.0.0.1:1",
    "S3_ACCESS_KEY_ID": "none",
    "S3_SECRET_ACCESS_KEY": "none",
}.items():
    os.environ.setdefault(_name, _value)

from config.settings.base import *  # noqa: E402, F403
from config.settings.base import STORAGES  # noqa: E402

PRODUCTION = False
# Served from the apps' own folders: no collectstatic, whose compression takes half a minute.
STATIC_ROOT = None  # type: ignore[assignment]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
