"""The environment: parsed, documented, checked; production refuses to start half configured."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import checks
from config.env import VARIABLES, database, env, problem, read_file

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_POOL_SIZE", "-1"),
        ("DB_POOL_SIZE", "many"),
        ("HTTPS", "perhaps"),
        ("DATABASE_URL", "sqlite:///db"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("EMAIL_URL", "pigeon://loft"),
        ("IMAGE_PRICES", "0.04"),
        ("IMAGE_PRICES", "model=free"),
        ("IMAGE_PRICES", "model=1/2/3"),
        ("IMAGE_PRICES", "model=-1"),
    ],
)
def test_a_bad_value_is_refused_by_name_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        env(name)
    messages = [m for m in checks.environment(None) if name in str(m.msg)]
    assert len(messages) == 1
    assert messages[0].id == "config.E001" and messages[0].hint
    if VARIABLES[name].secret:
        assert value not in str(messages[0].msg)


def test_example_file_lists_every_variable_and_no_other() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    listed = re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", text, re.M)
    assert sorted(listed) == sorted(VARIABLES)


def test_env_file_does_not_override_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    monkeypatch.delenv("S3_REGION", raising=False)
    file = tmp_path / ".env"
    file.write_text("# a comment = none\nLOG_LEVEL=DEBUG\nS3_REGION='eu-west-3'\n", encoding="utf-8")
    try:
        read_file(file)
        assert os.environ["LOG_LEVEL"] == "ERROR"
        assert os.environ["S3_REGION"] == "eu-west-3"
    finally:
        os.environ.pop("S3_REGION", None)


def test_a_value_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NAME_FILE, as Docker's secrets; NAME itself wins, and a file that is not there is an error by name."""
    file = tmp_path / "secret_key"
    file.write_text("from the file\n", encoding="utf-8")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SECRET_KEY_FILE", str(file))
    assert env("SECRET_KEY") == "from the file"
    assert problem(VARIABLES["SECRET_KEY"]) is None
    monkeypatch.setenv("SECRET_KEY", "from the environment")
    assert env("SECRET_KEY") == "from the environment"
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "elsewhere"))
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FILE cannot be read"):
        env("SECRET_KEY")
    assert "SECRET_KEY_FILE" in (problem(VARIABLES["SECRET_KEY"]) or "")


@pytest.mark.parametrize("missing", [name for name, v in VARIABLES.items() if v.default is None])
def test_what_production_needs_has_no_default(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.delenv(missing, raising=False)
    with pytest.raises(ImproperlyConfigured, match=f"{missing} is not set"):
        env(missing)


def test_production_does_not_start_half_configured() -> None:
    kept = {k: v for k, v in os.environ.items() if k not in VARIABLES and k != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "SECRET_KEY is not set" in done.stderr


def test_web_processes_pool_and_others_do_not() -> None:
    url = "postgresql://u%40x:p%2Fw@db:5433/appart_agent?sslmode=require"
    web = database(url, web=True, pool_size=5, overflow=10, recycle=3600, timeout_ms=15_000)
    assert web["OPTIONS"]["pool"]["min_size"] == 5 and web["OPTIONS"]["pool"]["max_size"] == 15
    assert web["CONN_MAX_AGE"] == 0 and web["CONN_HEALTH_CHECKS"]
    assert web["USER"] == "u@x" and web["PASSWORD"] == "p/w" and web["OPTIONS"]["sslmode"] == "require"
    job = database(url, web=False, pool_size=5, overflow=10, recycle=3600, timeout_ms=60_000)
    assert "pool" not in job["OPTIONS"] and job["OPTIONS"]["options"] == "-c statement_timeout=60000"


def test_deploy_checks_refuse_example_values(settings: object) -> None:
    settings.SECRET_KEY = "change-me"  # type: ignore[attr-defined]
    settings.ALLOWED_HOSTS = ["*"]  # type: ignore[attr-defined]
    settings.HTTPS = False  # type: ignore[attr-defined]
    assert [m.id for m in checks.production(None)] == [
        *(f"config.{code}" for code in ("E002", "E003", "E004", "W001"))
    ]
