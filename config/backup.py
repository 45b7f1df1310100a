"""A backup: one folder with `database.dump` (pg_dump), `files/…` (the store) and, last, `manifest.json`.

A folder without a manifest is a backup that was not finished. The manifest counts and digests every table and
every file, so that what was restored can be compared with what was there:

    {"format": 1, "made_at": "2026-01-31T03:00:00+00:00",
     "database": {"sha256": …, "bytes": …, "server": "18.1"},
     "tables": {"public.properties": {"rows": 3, "digest": "…"}, …},
     "files": {"1/documents/….pdf": {"sha256": …, "bytes": …}, …}}

The database comes first, in one snapshot, then the files: keys are never used twice, so every file that a row
of the snapshot names is copied, unless its owner deleted it in between.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from psycopg import sql
from psycopg.conninfo import make_conninfo
from storages.backends.s3 import S3Storage

from config.env import env
from documents.orphans import walk

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DUMP: Final = "database.dump"
FILES: Final = "files/"
CHUNK_BYTES: Final = 1024 * 1024

Say = Callable[[str], object]


class BackupError(Exception):
    """The backup cannot be made, read or restored. `code` is stable; the text is for the operator."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def place(address: str) -> Storage:
    """The folder `s3://bucket/prefix` (of the store BACKUP_S3_… names), or a private one of the disk."""
    if not address.startswith("s3://"):
        return FileSystemStorage(
            location=Path(address).absolute(), file_permissions_mode=0o600, directory_permissions_mode=0o700
        )
    bucket, _, prefix = address.removeprefix("s3://").rstrip("/").partition("/")
    if not bucket:
        raise BackupError("address_invalid", "Une adresse s3://seau/dossier est attendue.")
    options = dict(settings.STORAGES["default"]["OPTIONS"])
    own = {
        "endpoint_url": env("BACKUP_S3_ENDPOINT_URL"),
        "access_key": env("BACKUP_S3_ACCESS_KEY_ID"),
        "secret_key": env("BACKUP_S3_SECRET_ACCESS_KEY"),
        "region_name": env("BACKUP_S3_REGION"),
    }
    options |= {name: value for name, value in own.items() if value}
    options |= {"bucket_name": bucket, "location": prefix, "max_memory_size": 16 * CHUNK_BYTES}
    return S3Storage(**options)  # type: ignore[no-any-return]


def make(database: BaseDatabaseWrapper, store: Storage, target: Storage, say: Say) -> dict[str, Any]:
    """Write database and files to `target`, which must be empty; the manifest. Raises BackupError."""
    with suppress(FileNotFoundError):  # a folder yet to be made
        if next(walk(target), None) is not None:
            raise BackupError("target_not_empty", "La destination n'est pas vide.")
    made_at = timezone.now().isoformat(timespec="seconds")
    with tempfile.TemporaryDirectory(prefix="appart-backup-") as folder:
        dump = Path(folder) / DUMP
        with _snapshot(database) as snapshot:
            _postgres(
                database, "pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={dump}",
                "--no-owner", "--no-privileges",
            )  # fmt: skip
            tables = digest(database)
        with dump.open("rb") as stream:
            described = _describe(stream)
            target.save(DUMP, File(stream))
    rows = sum(table["rows"] for table in tables.values())
    say(f"base : {len(tables)} tables, {rows} lignes, {described['bytes']} octets")
    files = {}
    for key in walk(store):
        try:
            with store.open(key) as stream:
                files[key] = _describe(stream)
                target.save(FILES + key, File(stream))
        except FileNotFoundError:
            say(f"effacé pendant la sauvegarde : {key}")
    say(f"fichiers : {len(files)}, {sum(file['bytes'] for file in files.values())} octets")
    server = f"{database.pg_version // 10000}.{database.pg_version % 10000}"  # type: ignore[attr-defined]
    manifest = {
        "format": FORMAT,
        "made_at": made_at,
        "database": described | {"server": server},
        "tables": tables,
        "files": files,
    }
    target.save(MANIFEST, ContentFile(json.dumps(manifest, indent=1, ensure_ascii=False).encode()))
    return manifest


def check(source: Storage, say: Say) -> dict[str, Any]:
    """Read every byte of a backup and compare it with its manifest; the manifest. Raises BackupError."""
    manifest = _manifest(source)
    expected = {DUMP: manifest["database"], **{FILES + key: file for key, file in manifest["files"].items()}}
    bad = []
    for name, wanted in expected.items():
        try:
            with source.open(name) as stream:
                found = _describe(stream)
        except FileNotFoundError:
            bad.append(f"absent : {name}")
            continue
        if any(found[part] != wanted[part] for part in found):
            bad.append(f"différent : {name}")
    if bad:
        raise BackupError("backup_damaged", _list("La sauvegarde est abîmée.", bad))
    with _local(source, DUMP) as dump:
        _run([_binary("pg_restore"), "--list", str(dump)], {})
    rows = sum(table["rows"] for table in manifest["tables"].values())
    say(
        f"sauvegarde du {manifest['made_at']} intacte : {len(manifest['tables'])} tables, {rows} lignes, "
        f"{len(manifest['files'])} fichiers"
    )
    return manifest


def restore(source: Storage, database: BaseDatabaseWrapper, store: Storage, say: Say) -> None:
    """Load a backup into an empty database and store, then compare every table and file with the manifest.

    The files come first, and those already there with the same content stay; the database is one transaction.
    What was interrupted is therefore started again as it was. Raises BackupError, before anything is written
    when the backup is damaged, or the database or the store holds something else.
    """
    manifest = check(source, say)
    with database.cursor() as cursor:
        if names := _tables(cursor):
            raise BackupError("database_not_empty", f"La base n'est pas vide : {len(names)} tables.")
    there = set(walk(store))
    foreign = sorted(there - set(manifest["files"])) + _differing(store, manifest, there)
    if foreign:
        raise BackupError("store_not_empty", _list("Le stockage contient d'autres fichiers.", foreign))
    for key in sorted(set(manifest["files"]) - there):
        with source.open(FILES + key) as stream:
            store.save(key, File(stream))
    with _local(source, DUMP) as dump:
        _postgres(
            database, "pg_restore", "--single-transaction", "--exit-on-error",
            "--no-owner", "--no-privileges", str(dump),
        )  # fmt: skip
    wrong = [f"fichier : {key}" for key in _differing(store, manifest, set(manifest["files"]))]
    tables = digest(database)
    wrong += [
        f"table {name} : {tables.get(name)} au lieu de {manifest['tables'].get(name)}"
        for name in sorted(tables.keys() | manifest["tables"].keys())
        if tables.get(name) != manifest["tables"].get(name)
    ]
    if wrong:
        raise BackupError("restored_differs", _list("Ce qui est restauré diffère de la sauvegarde.", wrong))
    with database.cursor() as cursor:
        cursor.execute("ANALYZE")
    rows = sum(table["rows"] for table in tables.values())
    say(f"restauré et comparé : {len(tables)} tables, {rows} lignes, {len(manifest['files'])} fichiers")


def digest(database: BaseDatabaseWrapper) -> dict[str, dict[str, Any]]:
    """Rows of each table and the sum of 64 bits of each row's MD5: whatever their order, the same rows.

    The text of a row must not depend on the session: hence the settings, of this transaction alone.
    """
    found = {}
    with transaction.atomic(using=database.alias), database.cursor() as cursor:
        for setting in (
            "timezone = 'UTC'", "datestyle = 'ISO'", "intervalstyle = 'postgres'", "bytea_output = 'hex'",
            "extra_float_digits = 1", "statement_timeout = 0",
        ):  # fmt: skip
            cursor.execute(f"SET LOCAL {setting}")
        for schema, table in _tables(cursor):
            cursor.execute(
                sql.SQL(
                    "SELECT count(*),"
                    " coalesce(sum(('x' || left(md5(t::text), 16))::bit(64)::bigint::numeric), 0)::text"
                    " FROM ONLY {} t"
                ).format(sql.Identifier(schema, table))
            )
            rows, total = cursor.fetchone()
            found[f"{schema}.{table}"] = {"rows": rows, "digest": total}
    return found


def _tables(cursor: Any) -> list[tuple[str, str]]:
    """Ordinary tables, partitions among them, that belong neither to the server nor to an extension."""
    cursor.execute(
        """
        SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence <> 't'
          AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                          AND d.objid = c.oid AND d.deptype = 'e')
        ORDER BY 1, 2
        """
    )
    return list(cursor.fetchall())


@contextmanager
def _snapshot(database: BaseDatabaseWrapper) -> Iterator[str]:
    """One moment of the database, which pg_dump and our own counts both see."""
    with transaction.atomic(using=database.alias), database.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def _postgres(
    database: BaseDatabaseWrapper,
    program: str,
    *arguments: str,
) -> None:
    """Run pg_dump or pg_restore on this database; the password goes by the environment."""
    given = database.get_connection_params()
    parameters = {
        name: value
        for name, value in given.items()
        if name in {"dbname", "host", "port", "user"} or name.startswith("ssl")
    }
    password = {"PGPASSWORD": str(given["password"])} if given.get("password") else {}
    connect = f"--dbname={make_conninfo(**parameters)}"
    _run([_binary(program), connect, *arguments], password)


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    if done.returncode != 0:
        text = done.stderr.decode(errors="replace").strip()[-2000:]
        raise BackupError("postgres_failed", f"{Path(command[0]).name} : {text}")


def _binary(program: str) -> str:
    """The development server's own where that is installed (clients refuse newer servers), else on PATH."""
    from config.local_services import ServiceError
    from config.local_services.postgres import binaries

    try:
        embedded = binaries() / program
    except ServiceError:
        embedded = None
    if embedded is not None and embedded.is_file():
        return str(embedded)
    if found := shutil.which(program):
        return found
    raise BackupError("postgres_client_missing", f"{program} n'est pas installé (paquet postgresql-client).")


def _manifest(source: Storage) -> dict[str, Any]:
    try:
        with source.open(MANIFEST) as stream:
            manifest: dict[str, Any] = json.loads(stream.read())
    except FileNotFoundError:
        raise BackupError(
            "not_a_backup", f"Pas de {MANIFEST} : ni sauvegarde, ni sauvegarde achevée."
        ) from None
    except ValueError:
        raise BackupError("backup_damaged", f"{MANIFEST} n'est pas lisible.") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BackupError("format_unknown", "Cette sauvegarde est d'un autre format.")
    return manifest


def _differing(store: Storage, manifest: dict[str, Any], keys: set[str]) -> list[str]:
    """Those of `keys` in the manifest whose content in the store is another, or that are not there."""
    bad = []
    for key in sorted(keys & set(manifest["files"])):
        try:
            with store.open(key) as stream:
                same = _describe(stream) == manifest["files"][key]
        except FileNotFoundError:
            same = False
        if not same:
            bad.append(key)
    return bad


def _describe(stream: IO[bytes] | File[bytes]) -> dict[str, Any]:
    """SHA-256 and size of what is left to read; the stream is then at its beginning."""
    hashed, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK_BYTES):
        hashed.update(chunk)
        size += len(chunk)
    stream.seek(0)
    return {"sha256": hashed.hexdigest(), "bytes": size}


@contextmanager
def _local(source: Storage, name: str) -> Iterator[Path]:
    """The file on this machine's disk: pg_restore reads it there and back."""
    with tempfile.TemporaryDirectory(prefix="appart-restore-") as folder:
        path = Path(folder) / "dump"
        with source.open(name) as stream, path.open("wb") as copy:
            shutil.copyfileobj(stream, copy, CHUNK_BYTES)
        yield path


def _list(title: str, lines: list[str]) -> str:
    more = [f"… et {len(lines) - 20} autres"] if len(lines) > 20 else []
    return "\n".join([title, *lines[:20], *more])
