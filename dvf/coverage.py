"""What the sales cover and where they come from: said with every answer, beside the figures."""

from __future__ import annotations

from typing import TypedDict

from django.utils.translation import gettext_lazy as _

from dvf.models import DVFImport
from dvf.places import NOT_COVERED

ATTRIBUTION = _(
    "Source : Demandes de valeurs foncières, Direction générale des Finances publiques ; "
    "géolocalisation Etalab. Licence Ouverte 2.0."
)
SYNTHETIC_ATTRIBUTION = _("Données synthétiques, produites pour l'essai : aucune vente réelle.")


class Coverage(TypedDict):
    """`reason` is a code: `not_covered` (57, 67, 68, 976) or `no_release` (nothing imported), else null."""

    covered: bool
    release: str | None
    synthetic: bool
    first_date: str | None
    last_date: str | None
    reason: str | None


def department_of(code: str) -> str:
    """The département that a postal code or a commune code begins with (2A, 2B and 97x as they are)."""
    return code[:3] if code.startswith("97") else code[:2]


def coverage(served: DVFImport | None, *places: str) -> Coverage:
    """Coverage of places (postal, commune or département codes); no place asks about the whole."""
    departments = {department_of(place) for place in places if place}
    outside = bool(departments & NOT_COVERED)
    return {
        "covered": served is not None and not outside,
        "release": served.release_label if served else None,
        "synthetic": bool(served and served.is_synthetic),
        "first_date": served.first_date.isoformat() if served and served.first_date else None,
        "last_date": served.last_date.isoformat() if served and served.last_date else None,
        "reason": "not_covered" if outside else None if served else "no_release",
    }


def attribution(served: DVFImport | None) -> str:
    """The sentence that the licence asks for, or that the sales are invented."""
    return str(SYNTHETIC_ATTRIBUTION if served and served.is_synthetic else ATTRIBUTION)
