"""No migration is missing, and each app goes back to zero and forward again."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

APPS = ["reports", "photos", "documents", "properties", "dvf", "accounts"]
NAME = "appart_migrations"


def test_no_migration_is_missing(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.fixture
def empty(django_db_blocker: object) -> Iterator[str]:
    """The alias of a database of the test's own: the others keep theirs whole."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        main = connections["default"]
        settings = {**connections.settings["default"], "NAME": NAME}
        admin = psycopg.connect(
            host=settings["HOST"],
            port=settings["PORT"],
            user=settings["USER"],
            password=settings["PASSWORD"],
            dbname="postgres",
            autocommit=True,
        )
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME))
        admin.execute(drop)
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(NAME)))
        own = main.copy(alias="default")
        own.settings_dict = {**main.settings_dict, "NAME": NAME}
        connections["default"] = own
        try:
            yield "default"
        finally:
            own.close()
            connections["default"] = main
            admin.execute(drop)
            admin.close()


def tables() -> set[str]:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name for (name,) in cursor.fetchall()}


def functions() -> set[str]:
    with connections["default"].cursor() as cursor:
        # Those of extensions are not ours.
        cursor.execute(
            """SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
               WHERE nspname = 'public' AND NOT EXISTS (
                   SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"""
        )
        return {name for (name,) in cursor.fetchall()}


def test_every_migration_goes_to_zero_and_back(empty: str) -> None:
    call_command("migrate", verbosity=0)
    forward = tables()
    for app in APPS:
        call_command("migrate", app, "zero", verbosity=0)
    left = {name for app in APPS for name, model_app in owned() if model_app == app} & tables()
    assert left == set()
    assert not {name for name in tables() if name.startswith(("activities", "dvf_"))}
    assert functions() == set()
    call_command("migrate", verbosity=0)
    assert tables() == forward


def owned() -> list[tuple[str, str]]:
    """(table, app) of every model, in the state of the last migrations."""
    state = MigrationExecutor(connections["default"]).loader.project_state()
    return [
        (model._meta.db_table, model._meta.app_label)
        for model in state.apps.get_models(include_auto_created=True)
    ]
