"""What a person typed in the search box of the sales, by its shape: each shape has its index."""

from __future__ import annotations

import re
import uuid

from django.db.models import Q

from dvf.addresses import parse_address
from dvf.models import DVFSale, DVFStreet
from dvf.streets import communes_named, find_streets

MUTATION = re.compile(r"(19|20)\d{2}-\d{1,12}")
PARCEL = re.compile(r"(\d{2}|2[AB])\d{3}[0-9A-Z]{3}[0-9A-Z]{2}\d{4}")
FINGERPRINT = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")
PLACE_CODE = re.compile(r"(\d{2}|2[AB])\d{3}")
MOST_STREETS = 10
MOST_CODES = 100  # of a list that is pasted


def condition_for(term: str) -> Q:
    """The filter for a mutation, a fingerprint, a parcel (or a list of them), a postal or commune code, a
    commune, an address.
    """
    term = term.strip()
    if codes := listed(term):
        found = Q(pk__in=[])
        for each in codes[:MOST_CODES]:
            found |= condition_for(each)
        return found
    code = term.upper().replace(" ", "")
    if MUTATION.fullmatch(code):
        return Q(id_mutation=code)
    if PARCEL.fullmatch(code):
        return Q(id_parcelle=code)
    if PLACE_CODE.fullmatch(code):
        postal = DVFSale.objects.filter(code_postal=code)[:1]
        return Q(code_postal=code) if postal.exists() else Q(code_commune=code)
    try:
        return Q(fingerprint=uuid.UUID(term))
    except ValueError:
        pass
    communes = communes_named(term, whole=True)
    if communes:
        return Q(code_commune__in=communes)
    return _address(term)


def listed(term: str) -> list[str]:
    """The mutations, parcels and fingerprints of a list that was pasted; [] for anything else."""
    codes = re.split(r"[\s,;]+", term.strip().strip(" ,;"))
    return codes if len(codes) > 1 and all(map(_names_sales, codes)) else []


def _names_sales(code: str) -> bool:
    return bool(
        MUTATION.fullmatch(code) or PARCEL.fullmatch(code.upper()) or FINGERPRINT.fullmatch(code.lower())
    )


def _address(term: str) -> Q:
    parsed = parse_address(term)
    found = Q(pk__in=[])
    for street in find_streets(parsed, parsed.postal_code, MOST_STREETS):
        found |= _in_street(street)
    if parsed.numbers:
        found &= Q(adresse_numero__in=[str(number) for number in parsed.numbers])
        if parsed.suffix:
            found &= Q(adresse_suffixe=parsed.suffix)
    return found


def _in_street(street: DVFStreet) -> Q:
    return Q(code_commune=street.code_commune, code_voie=street.code_voie, adresse_nom_voie=street.nom_voie)
