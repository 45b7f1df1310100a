"""New tables built beside those that are served, then put in their place in one short transaction.

The new ones live in a schema of their own, so that they bear the same names, indexes and constraints
included: the catalogue of the served tables says what to build, and a migration that adds an index needs no
change here. Readers see the old release until the new one is whole; a run killed before the swap leaves
only that schema, which the next drops.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
from django.db import connection

TABLES = ("dvf_sales", "dvf_sale_lots", "dvf_streets", "dvf_prices")
NEXT = "dvf_next"
PREVIOUS = "dvf_previous"

LOCK_KEY = 0x44564649  # "DVFI": one import at a time in a database
BUILDERS = 2  # indexes built at the same time
SWAP_TRIES = 60
SWAP_WAIT = "2s"  # readers queue behind a waiting ACCESS EXCLUSIVE lock: better to give up soon and try again

Connection = psycopg.Connection[tuple[Any, ...]]
Task = str | Callable[[Connection], None]


class SwapTimeout(RuntimeError):
    """The served tables were held by long readers at every try."""


def connect() -> Connection:
    """A connection of our own to the default database: no pool, no time limit, given up when this
    process dies.
    """
    parameters = connection.get_connection_params()
    for name in ("pool", "cursor_factory", "context", "prepare_threshold", "options"):
        parameters.pop(name, None)
    own: Connection = psycopg.connect(**parameters, autocommit=True)
    own.execute("SET statement_timeout = 0")
    own.execute("SET idle_in_transaction_session_timeout = 0")
    # Without this a backend goes on building an index after its importer was killed.
    own.execute("SET client_connection_check_interval = '2s'")
    own.execute("SET client_min_messages = warning")
    own.execute("SET timezone = 'UTC'")
    return own


@contextlib.contextmanager
def only_import() -> Iterator[bool]:
    """Hold the lock of imports. Gives False where another run holds it. A dead process's lock is free at
    once.
    """
    with connect() as own:
        row = own.execute("SELECT pg_try_advisory_lock(%s)", [LOCK_KEY]).fetchone()
        yield bool(row and row[0])


def served_schema(own: Connection) -> str:
    """The schema of the served tables, also while ours stands before it in the search path."""
    row = own.execute(
        "SELECT nspname FROM pg_namespace JOIN pg_class ON relnamespace = pg_namespace.oid"
        " WHERE relname = 'dvf_sales' AND nspname = ANY (current_schemas(false)) AND nspname <> %s"
        " ORDER BY array_position(current_schemas(false), nspname) LIMIT 1",
        [NEXT],
    ).fetchone()
    if row is None:
        raise RuntimeError("dvf_sales: no such table; run the migrations first")
    return str(row[0])


def clear(own: Connection) -> None:
    """Drop what an earlier run left."""
    own.execute(f"DROP SCHEMA IF EXISTS {NEXT} CASCADE")


def prepare(own: Connection) -> None:
    clear(own)
    own.execute(f"CREATE SCHEMA {NEXT}")


def create_statement(own: Connection, table: str, name: str = "") -> str:
    """What makes the table without indexes or keys. In the transaction of the COPY that fills it, rows can
    come in frozen.
    """
    return (
        f"CREATE TABLE {NEXT}.{name or table} (LIKE {served_schema(own)}.{table} INCLUDING DEFAULTS"
        " INCLUDING GENERATED INCLUDING IDENTITY INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMMENTS)"
    )


def create(own: Connection, table: str, name: str = "") -> None:
    own.execute(create_statement(own, table, name))


def index_statements(own: Connection, table: str) -> list[str]:
    """What builds on the new table the indexes of the served one, in the order worth starting them in
    (GIN is slow).
    """
    schema = served_schema(own)
    rows = own.execute(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = %s AND tablename = %s"
        " ORDER BY indexdef NOT LIKE '%% USING gin %%', indexdef NOT LIKE '%% USING gist %%', indexname",
        [schema, table],
    )
    return [definition.replace(f" ON {schema}.{table} ", f" ON {NEXT}.{table} ", 1) for (definition,) in rows]


def key_statements(own: Connection, table: str) -> tuple[list[str], list[str]]:
    """What turns the unique indexes built on the new table into the keys of the served one and adds its
    foreign keys, at once; then what checks these, row by row.
    """
    schema = served_schema(own)
    rows = own.execute(
        "SELECT conname, contype, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = (%s || '.' || %s)::regclass AND contype IN ('p', 'u', 'f')"
        " ORDER BY contype DESC, conname",
        [schema, table],
    ).fetchall()
    what = {"p": "PRIMARY KEY USING INDEX {0}", "u": "UNIQUE USING INDEX {0}", "f": "{1} NOT VALID"}
    change = f"ALTER TABLE {NEXT}.{table}"
    return (
        [f"{change} ADD CONSTRAINT {name} {what[kind].format(name, rule)}" for name, kind, rule in rows],
        [f"{change} VALIDATE CONSTRAINT {name}" for name, kind, _rule in rows if kind == "f"],
    )


def build(tasks: Sequence[Task]) -> None:
    """Run tasks that do not wait for one another on BUILDERS connections. The first error stops all."""
    todo: queue.SimpleQueue[Task] = queue.SimpleQueue()
    for task in tasks:
        todo.put(task)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            with connect() as own:
                # A foreign key names the sales without their schema: ours must come first.
                own.execute(f"SET search_path = {NEXT}, {served_schema(own)}")
                own.execute("SET maintenance_work_mem = '256MB'")
                own.execute("SET max_parallel_maintenance_workers = 0")
                own.execute("SET work_mem = '128MB'")
                while not errors:
                    task = todo.get_nowait()
                    if callable(task):
                        task(own)
                    else:
                        own.execute(task)
        except queue.Empty:
            pass
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, name=f"dvf-builder-{n}") for n in range(BUILDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def swap(own: Connection, and_then: str, parameters: dict[str, Any]) -> None:
    """Put the new tables in the place of the served ones, and run ``and_then`` in the same transaction.

    The tables that were served are left in the schema PREVIOUS.
    """
    schema = served_schema(own)
    own.execute(f"DROP SCHEMA IF EXISTS {PREVIOUS} CASCADE")
    served = ", ".join(f"{schema}.{table}" for table in TABLES)
    for attempt in range(SWAP_TRIES):
        try:
            with own.transaction():
                own.execute(f"SET LOCAL lock_timeout = '{SWAP_WAIT}'")
                own.execute(f"CREATE SCHEMA {PREVIOUS}")
                own.execute(f"LOCK TABLE {served} IN ACCESS EXCLUSIVE MODE")
                for table in TABLES:
                    own.execute(f"ALTER TABLE {schema}.{table} SET SCHEMA {PREVIOUS}")
                    own.execute(f"ALTER TABLE {NEXT}.{table} SET SCHEMA {schema}")
                own.execute(f"DROP SCHEMA {NEXT}")
                own.execute(and_then, parameters)
            return
        except psycopg.errors.LockNotAvailable:
            time.sleep(min(5.0, 0.2 * (attempt + 1)))
    raise SwapTimeout("des lectures trop longues retiennent les tables servies")


def drop_previous(own: Connection) -> None:
    own.execute(f"DROP SCHEMA IF EXISTS {PREVIOUS} CASCADE")
