"""Works whose sum is printed before tax only: what they cost with it, by the rate of their kind.

In homes over two years old: 5.5 % for energy renovation (Code général des impôts, art. 278-0 bis A), 10 % for
other works on the building (art. 279-0 bis), 20 % for what both leave out, such as a new lift, the garden or,
since 1 March 2025 (finance act for 2025), a boiler that may burn gas or oil. Which rate a label means is our
reading of its words, not a legal opinion: the quotation is to be asked for.
"""

from __future__ import annotations

import re
from decimal import Decimal

from documents.synthesis.themes import plain

ENERGY, HOMES, FULL = Decimal("5.5"), Decimal(10), Decimal(20)
_FULL = re.compile(
    r"(?:creation|installation|pose) d'un (?:nouvel )?ascenseur|espaces? verts?|jardin|elagage|piscine"
)
_ENERGY = re.compile(
    r"isol(?:ation|er|ant)|renovation energetique|calorifug|pompe a chaleur|vmc\b|ventilation|"
    r"(?:remplacement|changement) des (?:fenetres|menuiseries)"
)
_BOILER = re.compile(r"chaudiere")
_RENEWABLE = re.compile(r"\bbois\b|biomasse|granules|pellets")
_UPKEEP = re.compile(r"entretien|reparation|desembouage|ramonage")


def rate_of(label: str) -> Decimal:
    """The rate in % of works so described."""
    said = plain(label)
    if _BOILER.search(said) and not _UPKEEP.search(said):
        return ENERGY if _RENEWABLE.search(said) else FULL
    return FULL if _FULL.search(said) else ENERGY if _ENERGY.search(said) else HOMES


def with_tax(amount: Decimal, label: str) -> Decimal:
    """To the cent."""
    return (amount * (1 + rate_of(label) / 100)).quantize(Decimal("0.01"))
