"""Comparable sales as the valuation's columns, from geo-DVF files: no database.

Loads the import's engine, which what serves requests does without.
"""

from __future__ import annotations

import contextlib
import csv
import tempfile
from pathlib import Path
from typing import Any

from dvf.importing.mutations import SALE_COLUMNS
from dvf.importing.normalise import Normaliser
from dvf.importing.reading import examine, find_files
from dvf.sale_tables import row
from dvf.valuation.sales import Sales, from_rows


def of_files(paths: list[Path], kind: str, memory_mb: int = 400) -> dict[str, Sales]:
    """Comparable sales of one type, by département; reads any layout the import reads.

    Raises `UnreadableFile` and `MixedReleases` as the import does.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    with (
        tempfile.TemporaryDirectory(prefix="dvf-backtest-") as name,
        contextlib.closing(Normaliser(Path(name), memory_mb)) as engine,
    ):
        for path in find_files(paths):
            engine.read(examine(path))
        for _bucket in engine.worked_out():
            file, _lots = engine.write(Path(name), 1, 0)
            with file.open(newline="") as lines:
                for sale in csv.DictReader(lines, fieldnames=SALE_COLUMNS):
                    if sale["is_comparable"] == "true" and sale["type_principal"] == kind:
                        found.setdefault(sale["code_departement"], []).append(row(sale))
    return {department: from_rows(rows) for department, rows in sorted(found.items())}
