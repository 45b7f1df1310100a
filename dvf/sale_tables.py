"""Comparable sales as the valuation's columns, from rows of the sales or from those that are served."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from dvf.models import DVFSale
from dvf.valuation.sales import Sales, from_rows

COLUMNS = (
    "fingerprint", "date_mutation", "prix", "surface_bati", "surface_carrez", "nombre_pieces", "longitude",
    "latitude", "id_parcelle", "code_commune", "code_voie", "adresse_nom_voie", "adresse_numero",
    "adresse_suffixe", "code_postal",
    "n_dependances", "nombre_lots", "surface_terrain",
)  # fmt: skip


def address_key(commune: str, street: str, number: str, suffix: str) -> str:
    """One building's address; "" without a number: a street is not an address."""
    return f"{commune}/{street}/{number}{suffix}" if number else ""


def row(sale: Mapping[str, Any]) -> dict[str, Any]:
    """One sale (a row of `dvf_sales`, by column name) with the field names of `Sales`."""
    day = sale["date_mutation"]
    street = sale["code_voie"] or sale["adresse_nom_voie"]
    address = address_key(sale["code_commune"], street, sale["adresse_numero"], sale["adresse_suffixe"])
    return {
        "key": str(sale["fingerprint"]),
        "day": date.fromisoformat(day) if isinstance(day, str) else day,
        "price": sale["prix"],
        "surface": sale["surface_bati"],
        "carrez": sale["surface_carrez"],
        "rooms": sale["nombre_pieces"],
        "lon": sale["longitude"],
        "lat": sale["latitude"],
        "building": sale["id_parcelle"] or address,
        "street": f"{sale['code_commune']}/{street}" if street else "",
        "address": address,
        "postal_code": sale["code_postal"],
        "commune": sale["code_commune"],
        "annexes": sale["n_dependances"],
        "lots": sale["nombre_lots"],
        "land": sale["surface_terrain"] or 0.0,
    }


def table(sales: Iterable[Mapping[str, Any]]) -> Sales:
    return from_rows(row(sale) for sale in sales)


def of_department(department: str, kind: str) -> Sales:
    """Comparable sales of one type and département, as served."""
    sales = DVFSale.objects.comparable().filter(code_departement=department, type_principal=kind)
    return table(sales.values(*COLUMNS).iterator(chunk_size=20_000))


def departments(kind: str) -> list[str]:
    """Départements with comparable sales of the type, as served: a loose index scan."""
    codes = DVFSale.objects.order_by("code_departement").values_list("code_departement", flat=True)
    found: list[str] = []
    last = ""
    while (code := codes.filter(code_departement__gt=last).first()) is not None:
        last = code
        if DVFSale.objects.comparable().filter(code_departement=code, type_principal=kind).exists():
            found.append(code)
    return found
