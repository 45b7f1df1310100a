"""Which sales to compare a dwelling with: its building, then the nearest of its type. One query each."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Q

from dvf.models import DVFSale
from dvf.places import Place
from dvf.sale_querysets import DVFSaleQuerySet
from dvf.sale_tables import COLUMNS
from dvf.valuation.pool import NEAREST, SAME_BUILDING
from dvf.valuation.sales import MIN_PRICE, PRICE_PER_M2_BOUNDS, SURFACE_BOUNDS

SHOWN = ("id_mutation", "adresse_complete", "nom_commune", "prix_m2")
FARTHEST_M = 25_000.0
"""A sale farther than this compares with nothing here."""

Row = dict[str, Any]


def plausible(department: str, kind: str, until: date | None = None) -> DVFSaleQuerySet:
    """Comparable sales within the bounds the valuation learns from."""
    sales = DVFSale.objects.comparable().filter(
        code_departement=department,
        type_principal=kind,
        surface_bati__range=SURFACE_BOUNDS[kind],
        prix__gte=MIN_PRICE,
        prix_m2__range=PRICE_PER_M2_BOUNDS,
    )
    return sales.filter(date_mutation__lte=until) if until else sales


def in_building(place: Place) -> Q | None:
    """The same number and suffix of a street, or the same parcel; None where the number is unknown."""
    building = Q()
    if place.street and place.numbers:
        building |= Q(
            code_commune=place.street[0],
            code_voie=place.street[1],
            adresse_numero__in=place.numbers,
            adresse_suffixe=place.suffix,
        )
    if place.parcels:
        building |= Q(id_parcelle__in=place.parcels)
    return building or None


def same_building(
    place: Place, department: str, kind: str, excluded: Collection[str] = (), until: date | None = None
) -> list[Row]:
    """The latest sales of the dwelling's building, newest first."""
    building = in_building(place)
    if building is None:
        return []
    sales = plausible(department, kind, until).filter(building).exclude(fingerprint__in=excluded)
    return list(sales.order_by("-date_mutation", "-id").values(*COLUMNS, *SHOWN)[:SAME_BUILDING])


def nearest(
    place: Place, department: str, kind: str, excluded: Collection[str] = (), until: date | None = None
) -> list[Row]:
    """The nearest sales, whatever their building."""
    sales = plausible(department, kind, until).exclude(fingerprint__in=excluded).values(*COLUMNS, *SHOWN)
    return sales.first_near(kind, place.longitude, place.latitude, FARTHEST_M, NEAREST)  # type: ignore[no-any-return]
