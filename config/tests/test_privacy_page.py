"""docs/privacy.md tells of every table there is, and of the times that the code keeps to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings

from accounts import export, idempotency, tasks

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")


def test_every_table_is_on_the_page() -> None:
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    named = set(re.findall(r"`([a-z_]+)`", PAGE))
    assert sorted(tables - named) == []
    rows = set(re.findall(r"`([a-z_]+)`", "\n".join(x for x in PAGE.splitlines() if x.startswith("| `"))))
    assert sorted(rows - tables) == [], "no such table"


def test_the_times_are_those_of_the_code() -> None:
    def row(table: str) -> str:
        return next(line for line in PAGE.splitlines() if line.startswith("| `") and f"`{table}`" in line)

    assert f"{tasks.RETENTION_YEARS} years" in row("activities")
    assert f"{export.KEPT.days} days" in row("exports")
    token: Any = settings.REST_KNOX["TOKEN_TTL"]
    assert f"{token.days} days" in row("api_tokens")
    assert settings.SESSION_COOKIE_AGE == 14 * 86400 and "two weeks" in row("django_session")
    assert idempotency.KEPT.total_seconds() == 24 * 3600 and "24 hours" in row("idempotent_answers")
