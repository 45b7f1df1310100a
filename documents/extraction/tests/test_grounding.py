from datetime import date
from decimal import Decimal

import pytest

from documents.extraction.grounding import states


@pytest.mark.parametrize(
    ("quote", "value"),
    [
        ("soit 1 234,56 €", Decimal("1234.65")),
        ("le 12 mars 2024", date(2024, 3, 13)),
        ("Pour : 6 902 / 10 000", 6903),
        ("", Decimal(5)),
        ("Contre : 12", 0),
        ("exercice 2024", date(2024, 1, 1)),
    ],
)
def test_not_stated(quote: str, value: object) -> None:
    assert not states(quote, value)


@pytest.mark.parametrize(
    ("quote", "value"),
    [
        ("soit 1 234,56 €", Decimal("1234.56")),
        ("12.450,00", Decimal(12450)),
        ("DEUX CENT QUARANTE-HUIT MILLE EUROS", Decimal(248000)),
        ("Contre : néant", 0),
        ("Pour : 6 902 / 10 000", 6902),
        ("du 1er janvier au 31 décembre 2024", date(2024, 1, 1)),
        ("L’an deux mille vingt-trois, le vingt-six mai", date(2023, 5, 26)),
        ("TROISIEME RESOLUTION", "3"),
        ("La résolution est adoptée", "adopted"),
        ("5,00 %", Decimal(5)),
        ("68 402 € 15", Decimal("68402.15")),
        ("Contre @", 0),
    ],
)
def test_stated(quote: str, value: object) -> None:
    assert states(quote, value)
