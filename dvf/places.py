"""Where an address is, from the sales alone: its parcels and its point, and how sure that is.

Works without any network. A building is its number, suffix and street (or its parcel), never its street.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Avg, Q

from dvf.addresses import parse_address, same_street
from dvf.models import DVFSale, DVFStreet
from dvf.street_names import fold

NOT_COVERED = frozenset({"57", "67", "68", "976"})
"""Départements whose sales are in the livre foncier (57, 67, 68) or not recorded (976): never in DVF."""

MOST_PARCELS = 20

Precision = Literal["given", "building", "street", "postal_code"]


@dataclass(frozen=True, slots=True)
class Place:
    longitude: float
    latitude: float
    precision: Precision
    numbers: tuple[str, ...] = ()
    suffix: str = ""
    street: tuple[str, str] | None = None  # code_commune, code_voie
    parcels: tuple[str, ...] = ()


def _streets(postal_code: str, key: str, city: str, point: tuple[float, float] | None) -> list[DVFStreet]:
    """The street of this key, else one of this postal code that a person would call the same.

    Communes that share a postal code may each have a street of the name: the one of the given city first,
    then the one nearest to the given point, then the one with most sales.
    """
    streets = DVFStreet.objects.filter(code_postal=postal_code)
    exact = list(streets.filter(street_key=key).order_by("-sales_count", "pk")[:20])
    if exact or not key:

        def rank(street: DVFStreet) -> tuple[bool, float]:
            here = point is not None and street.longitude is not None and street.latitude is not None
            gap = math.dist(point, (street.longitude, street.latitude)) if here else 0.0  # type: ignore[arg-type]
            return fold(street.nom_commune) != fold(city), gap

        return sorted(exact, key=rank)[:3]
    return [
        street for street in streets.order_by("-sales_count")[:3000] if same_street(street.street_key, key)
    ][:1]


def locate(
    address: str,
    postal_code: str,
    longitude: float | None = None,
    latitude: float | None = None,
    city: str = "",
) -> Place | None:
    """The place of an address, or None where no sale of its postal code has coordinates.

    A point given by the client is kept; the building's parcels are looked up all the same.
    """
    parsed = parse_address(address)
    numbers = tuple(str(number) for number in parsed.numbers)
    given = longitude is not None and latitude is not None
    point = (longitude, latitude) if longitude is not None and latitude is not None else None
    for street in _streets(postal_code, parsed.key, city or parsed.city, point):
        sales = DVFSale.objects.filter(code_commune=street.code_commune, code_voie=street.code_voie)
        parcels: list[str] = []
        x, y = longitude, latitude
        precision: Precision = "given"
        if numbers:
            building = sales.filter(adresse_numero__in=numbers, adresse_suffixe=parsed.suffix)
            known = building.aggregate(
                x=Avg("longitude"),
                y=Avg("latitude"),
                parcels=ArrayAgg(
                    "id_parcelle",
                    distinct=True,
                    filter=~Q(id_parcelle=""),
                    order_by="id_parcelle",
                    default=[],
                ),
            )
            parcels = known["parcels"][:MOST_PARCELS]
            if not given:
                x, y, precision = known["x"], known["y"], "building"
        if x is None or y is None:
            x, y, precision = street.longitude, street.latitude, "street"
        if x is not None and y is not None:
            way = (street.code_commune, street.code_voie)
            return Place(x, y, precision, numbers, parsed.suffix, way, tuple(parcels))
    if longitude is not None and latitude is not None:
        return Place(longitude, latitude, "given")
    centre = DVFSale.objects.filter(
        pk__in=DVFSale.objects.filter(code_postal=postal_code, position__isnull=False)
        .order_by("-date_mutation", "-id")
        .values("pk")[:500]
    ).aggregate(x=Avg("longitude"), y=Avg("latitude"))
    return Place(centre["x"], centre["y"], "postal_code") if centre["x"] is not None else None
