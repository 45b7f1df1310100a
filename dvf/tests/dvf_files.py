"""Small DVF files written by tests: a line says only what matters to its test."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from dvf.importing.columns import GEO_COLUMNS
from dvf.importing.normalise import Normaliser, Reading
from dvf.importing.reading import examine

Line = dict[str, str]

FLAT = {
    "code_type_local": "2",
    "type_local": "Appartement",
    "surface_reelle_bati": "50",
    "nombre_pieces_principales": "2",
}
HOUSE = {
    "code_type_local": "1",
    "type_local": "Maison",
    "surface_reelle_bati": "100",
    "nombre_pieces_principales": "4",
}
OUTBUILDING = {"code_type_local": "3", "type_local": "Dépendance", "nombre_pieces_principales": "0"}
SHOP = {
    "code_type_local": "4", "type_local": "Local industriel. commercial ou assimilé",
    "surface_reelle_bati": "80",
    "nombre_pieces_principales": "0",
}  # fmt: skip
LAND: Line = {}


def line(what: Line = FLAT, **values: Any) -> Line:
    """One line of the official format, columns left out being those of an ordinary sale in Toulon."""
    ordinary = {
        "id_mutation": "2024-1", "date_mutation": "2024-03-15", "numero_disposition": "000001",
        "nature_mutation": "Vente", "valeur_fonciere": "200000", "adresse_numero": "12",
        "adresse_nom_voie": "RUE DES ESSAIS", "adresse_code_voie": "0123", "code_postal": "83000",
        "code_commune": "83137", "nom_commune": "Toulon", "code_departement": "83",
        "id_parcelle": "83137000AB0001", "nombre_lots": "0", "longitude": "5.93", "latitude": "43.12",
    }  # fmt: skip
    return ordinary | what | {name: str(value) for name, value in values.items()}


def land(code: str, surface: int) -> Line:
    return {"code_nature_culture": code, "nature_culture": code.lower(), "surface_terrain": str(surface)}


def write(
    path: Path, lines: Iterable[Line], columns: Sequence[str] = GEO_COLUMNS, delimiter: str = ","
) -> Path:
    with gzip.open(path, "wt", newline="") if path.suffix == ".gz" else path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", delimiter=delimiter, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(lines)
    return path


def normalise(
    folder: Path, *files: Path, where: str = "true"
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The sales and the pieces (locals and land) of files read together, each as a list of dicts in a
    stable order.
    """
    work = folder / "work"
    work.mkdir(exist_ok=True)
    engine = Normaliser(work, memory_mb=200, where=where)
    try:
        for file in files:
            engine.read(examine(file))
        sales: list[dict[str, Any]] = []
        lots: list[dict[str, Any]] = []
        for _bucket in engine.worked_out():
            sales += engine.sales(first_id=len(sales) + 1, release_id=1)
            lots += engine.lots()
        return sales, sorted(lots, key=repr)
    finally:
        engine.close()
        for left in work.iterdir():
            left.unlink()


def read(folder: Path, file: Path) -> Reading:
    work = folder / "work"
    work.mkdir(exist_ok=True)
    engine = Normaliser(work, memory_mb=200)
    try:
        return engine.read(examine(file))
    finally:
        engine.close()
        for left in work.iterdir():
            left.unlink()
