"""Sales and lots into the new tables: COPY while the next are worked out, then indexes, keys and figures."""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import duckdb

from dvf.importing import figures, swap
from dvf.importing.mutations import LOT_COLUMNS, SALE_COLUMNS
from dvf.importing.normalise import MixedReleases
from dvf.importing.swap import NEXT, Connection


def copy_in(batches: Iterable[tuple[Path, Path]], prefix: str = "") -> None:
    """Create the new tables of sales and lots (their names after ``prefix``) and fill them from pairs of
    CSV files.
    """
    sales_writer, lots_writer = (
        _Writer("dvf_sales", prefix, SALE_COLUMNS),
        _Writer("dvf_sale_lots", prefix, LOT_COLUMNS),
    )
    with sales_writer as sales, lots_writer as lots:
        for sales_file, lots_file in batches:
            sales.put(sales_file)
            lots.put(lots_file)


def join_served(own: Connection) -> None:
    """New tables from the served sales and those of the files that are not among them."""
    mixed = own.execute(
        f"SELECT id_mutation FROM {NEXT}.new_dvf_sales AS added JOIN dvf_sales AS served USING (id_mutation)"
        " WHERE added.fingerprint <> served.fingerprint ORDER BY 1 LIMIT 5"
    ).fetchall()
    if mixed:
        raise MixedReleases(", ".join(row[0] for row in mixed))
    own.execute(
        f"DELETE FROM {NEXT}.new_dvf_sales AS added USING dvf_sales AS served"
        " WHERE added.id_mutation = served.id_mutation OR added.fingerprint = served.fingerprint"
    )
    for table in ("dvf_sales", "dvf_sale_lots"):
        swap.create(own, table)
    sale, lot = ", ".join(SALE_COLUMNS), ", ".join(LOT_COLUMNS)
    own.execute(f"INSERT INTO {NEXT}.dvf_sales ({sale}) SELECT {sale} FROM dvf_sales")
    own.execute(f"INSERT INTO {NEXT}.dvf_sales ({sale}) SELECT {sale} FROM {NEXT}.new_dvf_sales")
    own.execute(f"INSERT INTO {NEXT}.dvf_sale_lots ({lot}) SELECT {lot} FROM dvf_sale_lots")
    own.execute(
        f"INSERT INTO {NEXT}.dvf_sale_lots ({lot}) SELECT {lot} FROM {NEXT}.new_dvf_sale_lots"
        f" WHERE id_mutation IN (SELECT id_mutation FROM {NEXT}.new_dvf_sales)"
    )
    own.execute(f"DROP TABLE {NEXT}.new_dvf_sales, {NEXT}.new_dvf_sale_lots")


def complete(own: Connection, engine: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Indexes, keys, statistics and figures of the new tables: after this they lack nothing but their
    place.
    """

    def make_figures(own: Connection) -> None:
        prices, streets = folder / "prices.csv", folder / "streets.csv"
        figures.write_prices(engine, prices)
        figures.write_streets(engine, streets)
        for table, columns, file in (
            ("dvf_prices", figures.PRICE_COLUMNS, prices),
            ("dvf_streets", figures.STREET_COLUMNS, streets),
        ):
            with own.transaction():
                swap.create(own, table)
                _copy_file(own, table, columns, file)
            for statement in swap.index_statements(own, table):
                own.execute(statement)
            own.execute(f"ANALYZE {table}")

    sales, lots = (swap.index_statements(own, table) for table in ("dvf_sales", "dvf_sale_lots"))
    swap.build([sales[0], make_figures, *lots, *sales[1:]])
    keys, checks = zip(*(swap.key_statements(own, table) for table in swap.TABLES), strict=True)
    own.execute(f"SET search_path = {NEXT}, {swap.served_schema(own)}")
    for statement in itertools.chain(*keys):
        own.execute(statement)
    for table in swap.TABLES:
        own.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 1)) FROM {table}"
        )
    own.execute("RESET search_path")
    # Such a check locks the table it is on, not the one it refers to: sales and lots go side by side.
    swap.build([*itertools.chain(*checks), "ANALYZE dvf_sales", "ANALYZE dvf_sale_lots"])


def read_back(own: Connection, file: Path) -> None:
    """Write what the figures need of the new sales to a CSV file."""
    columns = ", ".join(figures.SOLD)
    query = f"COPY (SELECT {columns} FROM {NEXT}.dvf_sales) TO STDOUT (FORMAT csv)"
    with file.open("wb") as out, own.cursor() as cursor, cursor.copy(query) as copy:
        for block in copy:
            out.write(block)


def _copy_file(own: Connection, table: str, columns: tuple[str, ...], file: Path) -> None:
    """COPY a CSV file into a new table created in the same transaction, then delete it."""
    command = f"COPY {NEXT}.{table} ({', '.join(columns)}) FROM STDIN (FORMAT csv, FREEZE)"
    with own.cursor() as cursor, cursor.copy(command) as copy, file.open("rb") as data:
        while block := data.read(1 << 18):
            copy.write(block)
    file.unlink()


def count(own: Connection, query: str) -> int:
    row = own.execute(query).fetchone()
    assert row is not None
    return int(row[0])


class _Writer:
    """Copies CSV files into one new table, on its own connection, while the next ones are made.

    One transaction creates the table and fills it: its rows come in frozen, and need no vacuum once served.
    """

    def __init__(self, table: str, prefix: str, columns: tuple[str, ...]) -> None:
        self.like, self.table, self.columns = table, prefix + table, columns
        self.files: queue.Queue[Path | None] = queue.Queue(maxsize=1)
        self.error: BaseException | None = None
        self.stopped = False
        self.thread = threading.Thread(target=self._work, name=f"dvf-copy-{table}")

    def put(self, file: Path) -> None:
        """Hand over a file, which is moved away and deleted once read. Raises what the copy met."""
        mine = file.with_name(f"{self.table}-{time.monotonic_ns()}.csv")
        file.rename(mine)
        self.files.put(mine)
        if self.error:
            raise self.error

    def _work(self) -> None:
        ended = False
        try:
            with swap.connect() as own, own.transaction():
                swap.create(own, self.like, self.table)
                while file := self.files.get():
                    _copy_file(own, self.table, self.columns, file)
                ended = True
                if self.stopped:
                    raise _Stopped
        except _Stopped:
            pass
        except BaseException as error:
            self.error = error
            # Let the maker of the files go on to where it sees the error; after the last there are no more.
            while not ended and self.files.get():
                pass

    def __enter__(self) -> _Writer:
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.stopped = kind is not None
        self.files.put(None)
        self.thread.join()
        if self.error and kind is None:
            raise self.error


class _Stopped(Exception):
    pass
