"""Which sales to compare a dwelling with: its building first, then the nearest similar ones."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from dvf.models import DVFSale
from dvf.places import Place

SIMILAR_SURFACE = (0.6, 1.6)
"""Share of the dwelling's surface between which another is similar."""
WIDENING_M = (250, 500, 1000, 2000, 5000)
ENOUGH = 15
MOST = 40


def same_building(place: Place, type_principal: str, since: date, limit: int = MOST) -> list[DVFSale]:
    """Comparable sales at the same number and suffix of a street, or on the same parcel, newest first."""
    building = Q(pk=None)
    if place.street and place.numbers:
        building |= Q(
            code_commune=place.street[0],
            code_voie=place.street[1],
            adresse_numero__in=place.numbers,
            adresse_suffixe=place.suffix,
        )
    if place.parcels:
        building |= Q(id_parcelle__in=place.parcels)
    if building == Q(pk=None):
        return []
    sales = DVFSale.objects.comparable().filter(
        building, type_principal=type_principal, date_mutation__gte=since
    )
    return list(sales.order_by("-date_mutation", "-id")[:limit])


def nearby(
    place: Place, type_principal: str, surface: float, since: date, limit: int = MOST
) -> list[DVFSale]:
    """The nearest similar comparable sales, with `distance_m`: the circle widens until there are enough."""
    low, high = (surface * share for share in SIMILAR_SURFACE)
    sales = (
        DVFSale.objects.comparable()
        .near(place.longitude, place.latitude, WIDENING_M[-1])
        .filter(type_principal=type_principal, surface_bati__range=(low, high), date_mutation__gte=since)
    )
    found = list(sales[: limit * 2])
    for radius in WIDENING_M:
        within = [sale for sale in found if sale.distance_m <= radius]  # type: ignore[attr-defined]
        if len(within) >= ENOUGH:
            return within[:limit]
    return found[:limit]
