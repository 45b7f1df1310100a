from decimal import Decimal

import pytest

from documents.extraction.amounts import amounts, decimal, number_in_words, percents, whole
from documents.extraction.tests.paper import flow_of


@pytest.mark.parametrize(
    "text",
    [
        "lot n° 14, bâtiment B",
        "le 12.03.2024 et le 31.12.2020.",
        "5 % du budget",
        "7,50 % l'an",
        "62,47 m²",
        "60 000,00 F de capital, soit 1 200 francs",
        "article 14-2-1 de la loi du 10 juillet 1965",
        "deux cent quarante-huit mille copropriétaires",
        "10 000 tantièmes",
    ],
)
def test_no_sum(text: str) -> None:
    assert [a.value for a in amounts(flow_of(text))] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("la somme de 1 234,56 €", [("1234.56", None)]),
        ("la somme de 1\u202f234,56\u00a0€", [("1234.56", None)]),
        ("la somme de 1\u2009234,56 €", [("1234.56", None)]),
        ("soit 1.234,56", [("1234.56", None)]),
        ("12 500 euros TTC", [("12500", "ttc")]),
        ("12500 EUR", [("12500", None)]),
        ("11 250,00 € HT, soit 13 500,00 € TTC", [("11250.00", "ht"), ("13500.00", "ttc")]),
        ("42 600,00 Euros H.T., soit 46 860,00 Euros T.T.C.", [("42600.00", "ht"), ("46860.00", "ttc")]),
        ("montant TTC : 3 564,00", [("3564.00", "ttc")]),
        ("58 740 € hors taxes", [("58740", "ht")]),
        ("deux cent quarante-huit mille euros", [("248000", None)]),
        ("mille deux cents euros et cinquante centimes", [("1200.5", None)]),
        ("solde : -74,12 €", [("-74.12", None)]),
        ("budget - 74,12 €", [("74.12", None)]),
        ("€ 1.500,00", [("1500.00", None)]),
        ("deux appels de EUR 15.125,00", [("15125.00", None)]),
        ("montant EUR 12 mois", []),
        ("soit 68 402 € 15 de charges et 46 788 euros 30 TTC.", [("68402.15", None), ("46788.30", "ttc")]),
        ("1 200 € 10 ans de garantie, 500 € 25 %", [("1200", None), ("500", None)]),
        ("12,50 € 30 de plus, 40 € 12 mars", [("12.50", None), ("40", None)]),
    ],
)
def test_sums(text: str, expected: list[tuple[str, str | None]]) -> None:
    found = [(a.value, a.tax) for a in amounts(flow_of(text))]
    assert found == [(Decimal(value), tax) for value, tax in expected]


def test_number_cut_at_the_end_of_a_line_of_prose() -> None:
    flow = flow_of("Honoraires annuels de base : 4 950,00 EUR HT, soit 5\n940,00 EUR TTC.")
    assert [a.value for a in amounts(flow)] == [Decimal("4950.00"), Decimal("5940.00")]


def test_two_rows_of_a_table_are_two_numbers() -> None:
    flow = flow_of("Eau froide\t12\nGardien\t281,52 €")
    assert [a.value for a in amounts(flow)] == [Decimal("281.52")]


def test_columns_are_not_joined() -> None:
    flow = flow_of("Charges générales\t10 000\t253\t598,35 €")
    assert [a.value for a in amounts(flow)] == [Decimal("598.35")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("6 902", 6902),
        ("6.902", 6902),
        ("7'340", 7340),
        ("12", 12),
        ("6902,00", 6902),
        ("12,5", None),
        ("x", None),
    ],
)
def test_whole(text: str, value: int | None) -> None:
    assert whole(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("quatre-vingt", 80),
        ("quatre-vingt-dix-neuf", 99),
        ("soixante et onze", 71),
        ("mil neuf cent soixante-huit", 1968),
        ("deux cent un", 201),
        ("quatre-vingt-quatorze mille", 94000),
        ("un million deux cent mille", 1200000),
        ("cent", 100),
        ("", None),
        ("deux tantièmes", None),
    ],
)
def test_number_in_words(text: str, value: int | None) -> None:
    assert number_in_words(text) == value


def test_decimal_of_lone_point() -> None:
    assert decimal("15.50") == Decimal("15.50")
    assert decimal("1.550") == Decimal("1550")
    assert decimal("sans") is None


def test_percents() -> None:
    assert [v for v, _ in percents(flow_of("25 %, 7,5 % et 100% ; 12 pour cent"))] == [
        Decimal(25),
        Decimal("7.5"),
        Decimal(100),
    ]
