"""A backup restored elsewhere is the same, row by row and byte by byte; a damaged one is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql
from storages.backends.s3 import S3Storage

from accounts.models import User
from config.backup import BackupError, make, place
from config.backup import restore as load
from config.tests.objects import objects_of
from config.tests.rows import one_of_each
from config.tests.workers import environment
from documents.orphans import walk
from dvf.tests.factories import DVFSaleFactory

AUTO = {"AutoField", "BigAutoField"}
NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


def connect(database: str) -> psycopg.Connection[Any]:
    at = connection.settings_dict
    return psycopg.connect(
        host=at["HOST"], port=at["PORT"], user=at["USER"], password=at["PASSWORD"], dbname=database,
        autocommit=True,
    )  # fmt: skip


def rows_of(database: str) -> dict[str, list[str]]:
    """Every table's rows as text, sorted: compared as they are, by no digest."""
    with connect(database) as session:
        tables = session.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        return {
            f"{schema}.{table}": sorted(
                row[0]
                for row in session.execute(
                    sql.SQL("SELECT t::text FROM ONLY {} t").format(sql.Identifier(schema, table))
                )
            )
            for schema, table in tables
        }


def objects_in(database: str) -> list[tuple[str, ...]]:
    """Indexes, constraints and triggers by name (PostgreSQL rewords definitions when it reads them)."""
    with connect(database) as session:
        return session.execute(
            "SELECT 'index', tablename, indexname FROM pg_indexes WHERE schemaname = 'public' UNION ALL"
            " SELECT 'trigger', tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal"
            " UNION ALL"
            " SELECT 'constraint', conrelid::regclass::text, conname FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2, 3"
        ).fetchall()


def counters_of(database: str) -> list[tuple[str, ...]]:
    """What the next number of each table is: numbers once given are never given again."""
    with connect(database) as session:
        return session.execute(
            "SELECT schemaname, sequencename, last_value::text FROM pg_sequences ORDER BY 1, 2"
        ).fetchall()


PLAIN: dict[str, Any] = {
    "BigIntegerField": 1, "BinaryField": b"\x00\xff", "BooleanField": True, "CharField": "1",
    "DateField": NOW.date(), "DateTimeField": NOW, "DecimalField": 1, "FloatField": 0.1, "IntegerField": 1,
    "JSONField": {"é": [None]}, "PositiveIntegerField": 1, "PositiveSmallIntegerField": 1,
    "SmallIntegerField": 1, "TextField": "1", "URLField": "1", "UUIDField": uuid4(),
}  # fmt: skip


def fill_empty_tables() -> None:
    """One row in every table that has none yet, whatever it is: a new one is not forgotten here."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy and not model._base_manager.exists():
            values = {}
            field: Any
            for field in model._meta.concrete_fields:
                if field.remote_field:
                    values[field.name] = field.related_model._base_manager.first()
                elif not (field.primary_key and field.get_internal_type() in AUTO):
                    values[field.name] = PLAIN[field.get_internal_type()]
            model._base_manager.create(**values)


def contents(storage: Storage) -> dict[str, bytes]:
    found = {}
    for key in walk(storage):
        with storage.open(key) as stream:
            found[key] = stream.read()
    return found


def store(bucket: str) -> S3Storage:
    from django.conf import settings

    return S3Storage(**{**settings.STORAGES["default"]["OPTIONS"], "bucket_name": bucket})


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The name of an empty database, of an empty bucket, and (with `-backups`) of a bucket for backups."""
    name = f"elsewhere-{uuid4().hex[:8]}"
    maintenance = str(connection.settings_dict["NAME"])
    with connect(maintenance) as session:
        session.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    buckets = [store(name).bucket, store(f"{name}-backups").bucket]
    for bucket in buckets:
        bucket.create()
    yield name
    for bucket in buckets:
        bucket.objects.all().delete()
        bucket.delete()
    with connect(maintenance) as session:
        session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def files() -> Iterator[list[str]]:
    """Files in the store besides those of the objects: an empty one, one of several reads, an odd name."""
    contents = {"empty.pdf": b"", "large.jpg": os.urandom(3 * 1024 * 1024 + 7), "été à l'ouest.pdf": b"%PDF"}
    keys = [
        default_storage.save(f"{uuid4()}/documents/{name}", ContentFile(data))
        for name, data in contents.items()
    ]
    yield keys
    for key in keys:
        default_storage.delete(key)


def backup(to: object) -> str:
    out = StringIO()
    call_command("backup", to=str(to), stdout=out)
    return out.getvalue().splitlines()[-1].removeprefix("sauvegarde : ")


def restore(source: str, name: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """As an operator does: a process of its own, on the other database and bucket."""
    given = environment(tmp_path)
    given["DATABASE_URL"] = f"{given['DATABASE_URL'].rpartition('/')[0]}/{name}"
    given["S3_BUCKET_NAME"] = name
    command = [sys.executable, "manage.py", "restore", source]
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_is_restored_is_what_was_there(
    owner: User, elsewhere: str, files: list[str], tmp_path: Path
) -> None:
    DVFSaleFactory.create_batch(5)
    one_of_each()
    with objects_of(owner, []):
        fill_empty_tables()
        source = backup(f"s3://{elsewhere}-backups/nightly")
        here = str(connection.settings_dict["NAME"])
        rows = rows_of(here)
        kept = contents(default_storage)
        # An empty database, but a store in use: nothing is begun.
        empty = connection.copy()
        empty.settings_dict = {**connection.settings_dict, "NAME": elsewhere}
        foreign = store(elsewhere).save("1/documents/of another.pdf", ContentFile(b"%PDF"))
        with pytest.raises(BackupError, match=foreign) as refused:
            load(place(source), empty, store(elsewhere), str)
        assert refused.value.code == "store_not_empty" and rows_of(elsewhere) == {}
        empty.close()
        store(elsewhere).delete(foreign)
        first = restore(source, elsewhere, tmp_path)
        assert first.returncode == 0, first.stderr
        assert rows_of(elsewhere) == rows
        assert objects_in(elsewhere) == objects_in(here)
        assert counters_of(elsewhere) == counters_of(here)
        assert contents(store(elsewhere)) == kept
    assert [table for table, found in rows.items() if not found] == [
        "public.activities"
    ]  # its parts hold all
    assert set(files) <= set(kept)
    # What is there is never overwritten.
    with pytest.raises(CommandError, match="database_not_empty"):
        call_command("restore", source, stdout=StringIO())


@pytest.fixture
def saved(transactional_db: None, files: list[str], tmp_path: Path) -> Path:
    """A backup on disk, during which the owner of one file deleted it."""
    folder = default_storage.save(f"{uuid4()}/a.pdf", ContentFile(b"first")).rpartition("/")[0]
    gone = default_storage.save(f"{folder}/b.pdf", ContentFile(b"deleted meanwhile"))

    class Target(FileSystemStorage):
        def save(self, name: Any, content: Any, max_length: int | None = None) -> str:
            if name == f"files/{folder}/a.pdf":
                default_storage.delete(gone)
            return super().save(name, content, max_length)

    said: list[str] = []
    at = tmp_path / "backups"
    private = Target(location=at, file_permissions_mode=0o600, directory_permissions_mode=0o700)
    manifest = make(connection, default_storage, private, said.append)
    default_storage.delete(f"{folder}/a.pdf")
    assert f"effacé pendant la sauvegarde : {gone}" in said
    assert f"{folder}/a.pdf" in manifest["files"] and gone not in manifest["files"]
    return at


@pytest.mark.slow
def test_a_damaged_backup_is_refused_by_name(saved: Path, files: list[str]) -> None:
    out = StringIO()
    call_command("restore", str(saved), check=True, stdout=out)
    assert f"{len(json.loads((saved / 'manifest.json').read_text())['files'])} fichiers" in out.getvalue()
    with pytest.raises(BackupError) as full:
        make(connection, default_storage, place(str(saved)), out.write)
    assert full.value.code == "target_not_empty"
    assert (saved / "files").stat().st_mode & 0o77 == 0 and (
        saved / "database.dump"
    ).stat().st_mode & 0o77 == 0
    one, two = saved / "files" / files[1], saved / "files" / files[2]
    data = bytearray(one.read_bytes())
    data[1_500_000] ^= 1
    one.write_bytes(data)
    two.unlink()
    with pytest.raises(CommandError, match="backup_damaged") as refused:
        call_command("restore", str(saved), check=True, stdout=out)
    assert f"différent : files/{files[1]}" in str(refused.value)
    assert f"absent : files/{files[2]}" in str(refused.value)
    # Restoring checks first: it is the same refusal, although the database is not empty either.
    with pytest.raises(CommandError, match="backup_damaged"):
        call_command("restore", str(saved), stdout=out)
    (saved / "manifest.json").unlink()
    with pytest.raises(CommandError, match="not_a_backup"):
        call_command("restore", str(saved), check=True, stdout=out)


@pytest.mark.parametrize("address", ["s3://", "s3:///x"])
def test_an_address_without_a_bucket_is_refused(address: str) -> None:
    with pytest.raises(CommandError, match="address_invalid"):
        call_command("restore", address, check=True)
