"""Tax notices: one rule, one test."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from datetime import date
from decimal import Decimal

import pytest

from documents.extraction.page import Line, Page, Word
from documents.extraction.taxe_fonciere import extract
from documents.extraction.tests.sheets import sheet

HEADS = "Propriétés bâties | Commune | Syndicat de communes | Inter communalité | Taxes spéciales | Taxe ordures ménagères | Taxe GEMAPI | Total"


def read(text):
    return extract([sheet(text)]).facts


def test_the_own_year_is_read_and_not_the_one_beside():
    facts = read(
        f"Avis d'impôt 2023\n{HEADS}\n"
        "Taux 2022 | 20,3 % | | 2 % | 1 % | 9 % | 0,1 %\nBase | 1 837 | | 1 837 | 1 837 | 1 837 | 1 837\n"
        "Cotisation 2022 | 900 | | 40 | 18 | 160 | 2 | 1 120\nCotisation 2023 | 967 | | 41 | 19 | 165 | 3 | 1 195"
    )
    assert facts == {
        "tax_year": 2023, "base_nette": 1837, "commune": 967, "intercommunalite": 41, "taxes_speciales": 19,
        "ordures_menageres": 165, "gemapi": 3,
    }  # fmt: skip


def test_a_column_left_empty_gives_no_fact():
    facts = read(
        f"Avis d'impôt 2023\n{HEADS}\nTaux 2023 | 20,3 % | | | 1 % | 9 % | \n"
        "Base | 1 837 | | | 1 837 | 1 837 | \nCotisation 2023 | 967 | | | 19 | 165 | | 1 151"
    )
    assert "intercommunalite" not in facts
    assert "gemapi" not in facts
    assert facts["ordures_menageres"] == 165


def test_the_departement_column_is_not_the_commune():
    facts = read(
        "Avis d'impôt 2019\nPropriétés bâties | Commune | Inter communalité | Département | Taxes spéciales | Total\n"
        "Taux 2019 | 27 % | 6 % | 15 % | 0,2 %\nBase | 2 412 | 2 412 | 2 412 | 2 412\n"
        "Cotisation 2019 | 673 | 154 | 362 | 5 | 1 194"
    )
    assert (facts["commune"], facts["intercommunalite"], facts["taxes_speciales"]) == (673, 154, 5)


def test_bases_of_several_properties_are_read_only_where_their_total_is_printed():
    rows = (
        "Taux 2023 | 20 % | | | 1 %\nBase | 2 955 | | | 2 955\nCotisation | 601 | | | 19\n"
        "Base | 214 | | | 214\nCotisation | 44 | | | 1\n"
    )
    assert "base_nette" not in read(f"Avis d'impôt 2023\n{HEADS}\n{rows}Cotisation 2023 | 645 | | | 20")
    total = read(
        f"Avis d'impôt 2023\n{HEADS}\n{rows}Total base | 3 169 | | | 3 169\nCotisation 2023 | 645 | | | 20"
    )
    assert (total["base_nette"], total["commune"]) == (3169, 645)


def test_one_tax_a_row():
    facts = read(
        "Taxes foncières 2024\nDétail du calcul\n | Taux 2024 | Base | Cotisation 2023 | Cotisation 2024\n"
        "Commune | 58,91 % | 1 984 | 1 125 | 1 169\nTaxes spéciales | 0,1 % | 1 984 | 2 | 3\n"
        "Taxe GEMAPI | 0,39 % | 1 984 | 7 | 8"
    )
    assert (facts["commune"], facts["taxes_speciales"], facts["gemapi"], facts["base_nette"]) == (
        1169,
        3,
        8,
        1984,
    )


def test_where_heads_are_lost_the_order_of_the_form_serves():
    facts = read(
        "Avis d'impôt 2019\nDétail du calcul\nTaux 2019 | 27 % | | 6 % | 15 % | 0,2 % | 7,6 % | 0,1 %\n"
        "Base | 2 412 | | 2 412 | 2 412 | 2 412 | 2 412 | 2 412\n"
        "Cotisation 2019 | 673 | | 154 | 362 | 5 | 183 | 5 | 1 382"
    )
    assert (facts["commune"], facts["intercommunalite"], facts["ordures_menageres"]) == (673, 154, 183)


def test_where_heads_are_lost_and_the_row_does_not_add_up_nothing_is_read():
    facts = read(
        "Avis d'impôt 2019\nDétail du calcul\nTaux 2019 | 27 % | | 6 % | 15 %\n"
        "Base | 2 412 | | 2 412 | 2 412\nCotisation 2019 | 673 | | 154 | 362 | 9 999"
    )
    assert "commune" not in facts


def test_the_table_of_unbuilt_land_is_left_out():
    facts = read(
        f"Avis d'impôt 2024\n{HEADS}\nTaux 2024 | 42 % | | 2 %\nBase | 3 310 | | 3 310\nCotisation 2024 | 1 402 | | 66 | | | | 1 468\n"
        "Propriétés non bâties | Commune | Inter communalité\nBase | 210 | 210\nCotisation 2024 | 83 | 7"
    )
    assert (facts["commune"], facts["base_nette"]) == (1402, 3310)


@pytest.mark.parametrize(
    "text",
    [
        "Montant de votre impôt : 1 428,00 €",
        "Somme à payer au plus tard le 15 octobre 2021\n1 428,00 €",
        "Montant de votre impôt | 1 428 €",
        "Montant à payer au plus tard le 16/10/2023 : 1 428,00 €",
        "Total à payer : 1.428,00 EUR",
    ],
)
def test_the_total_due(text):
    assert read(text)["total_amount"] == Decimal(1428)


@pytest.mark.parametrize(
    "text",
    [
        "Montant supérieur à 300 € : paiement en ligne",
        "Mensualités : 10 x 74,00 € = 740,00 €",
        "Solde à prélever : 87,00 €",
    ],
)
def test_other_sums_are_no_total(text):
    assert "total_amount" not in read(text)


@pytest.mark.parametrize(
    "text",
    [
        "À payer au plus tard le 15/10/2019",
        "Date limite de paiement | 15/10/2019",
        "À régler au plus tard le 15 octobre 2019",
    ],
)
def test_the_day_to_pay_by(text):
    assert read(text)["due_date"] == date(2019, 10, 15)


@pytest.mark.parametrize(
    "text",
    [
        "Vous pouvez payer en ligne jusqu'au 20/10/2019",
        "Pour adhérer, connectez-vous au plus tard le 30/09/2023",
        "Date d'établissement : 23/08/2019",
        "Le prélèvement interviendra le 25/10/2019",
    ],
)
def test_other_days_are_no_due_date(text):
    assert "due_date" not in read(text)


def test_fees_are_the_last_number_of_their_row():
    assert read("Frais de gestion de la fiscalité directe locale | + 44")["frais_gestion"] == 44
    assert "frais_gestion" not in read("Frais de dossier | 44")


def test_the_property_and_not_the_owner():
    text = "MME X\n12 RUE DES LILAS\n34000 MONTPELLIER\nCommune : 172 MONTPELLIER | Adresse : 38 ALLÉE DU CIGALON"
    assert read(text)["property_address"] == "38 ALLÉE DU CIGALON, MONTPELLIER"
    assert "property_address" not in read("MME X\n12 RUE DES LILAS\n34000 MONTPELLIER")


def test_the_owner_who_lives_there_gives_the_postal_code():
    text = "MME X\n12 RUE DES LILAS\n34000 MONTPELLIER\nAdresse : 12 RUE DES LILAS"
    assert read(text)["property_address"] == "12 RUE DES LILAS, 34000 MONTPELLIER"


def test_another_paper_gives_nothing():
    assert read("Procès-verbal de l'assemblée générale\nRésolution 1 adoptée") == {}


def test_a_column_without_a_readable_head_is_left_out():
    facts = read(
        "Avis d'impôt 2023\nPropriétés bâties | Commune | illisible | Taxes spéciales | Taxe ordures ménagères\n"
        "Taux 2023 | 20 % | 2 % | 1 % | 9 %\nBase | 1 790 | 1 790 | 1 790 | 1 790\nCotisation 2023 | 431 | 16 | 3 | 204"
    )
    assert (facts["commune"], facts["taxes_speciales"], facts["ordures_menageres"]) == (431, 3, 204)
    assert "intercommunalite" not in facts


def test_sums_set_to_the_right_edge_of_wide_columns():
    head = [
        ("Commune", 0.2),
        ("Syndicat", 0.3),
        ("Intercommunalité", 0.4),
        ("Spéciales", 0.56),
        ("Ordures", 0.65),
        ("GEMAPI", 0.78),
    ]
    sums = [
        ("Cotisation", 0.1),
        ("2025", 0.16),
        ("1300", 0.235),
        ("139", 0.509),
        ("17", 0.617),
        ("227", 0.72),
        ("4", 0.82),
    ]
    lines = [
        Line(
            tuple(Word(text, (x, y, x + 0.006 * len(text), y + 0.011)) for text, x in words),
            stops=tuple(range(1, len(words))),
        )
        for words, y in (
            ([("Taxes", 0.1), ("foncières", 0.2), ("2025", 0.4)], 0.05),
            (head, 0.1),
            ([("Taux", 0.1), ("9,1%", 0.24)], 0.13),
        )
    ]
    row = tuple(Word(text, (x, 0.17, x + 0.006 * len(text), 0.181)) for text, x in sums)
    facts = extract([Page(1, (*lines, Line(row, stops=(2, 3, 4, 5, 6))))]).facts
    found = [
        facts[tax]
        for tax in ("commune", "intercommunalite", "taxes_speciales", "ordures_menageres", "gemapi")
    ]
    assert found == [1300, 139, 17, 227, 4]


def test_the_base_of_the_forest_contract_is_no_base():
    text = f"Avis d'impôt 2023\n{HEADS}\nTaux 2023 | 20 %\nBase | 1 790\nCotisation 2023 | 431\nBase du forfait forestier | 58"
    assert read(text)["base_nette"] == 1790


def test_the_total_of_the_year_before_is_not_this_years():
    text = f"Avis d'impôt 2024\n{HEADS}\nTaux 2024 | 20 %\nBase | 1 790\nTotal cotisations 2023 | 431 | | 12\nTotal cotisations 2024 | 450 | | 13"
    assert (read(text)["commune"], read(text)["intercommunalite"]) == (450, 13)


def test_the_day_in_the_line_below_the_sum():
    facts = read(
        "Taxes foncières - avis d'impôt 2025\nVous devez payer : 1 091,00 €\nAvant le : 15/10/2025\nVotre bien : 77 RUE DE L'ESTACADE 62100 CALAIS"
    )
    assert facts["due_date"] == date(2025, 10, 15)
    assert facts["property_address"] == "77 RUE DE L'ESTACADE 62100 CALAIS"


def test_taxes_in_sentences():
    facts = read(
        "Taxes foncières 2022\nCommune : base 1 837, taux 52,63 %, cotisation 967 €\nTaxe GEMAPI : base 1 837, taux 0,3 %, cotisation 5 €"
    )
    assert (facts["base_nette"], facts["commune"], facts["gemapi"]) == (1837, 967, 5)


def test_an_empty_page_gives_nothing():
    assert extract([]).facts == {}


def test_an_address_broken_in_a_narrow_column():
    facts = read(
        "Taxes foncières 2025\n | Commune | Taxe GEMAPI | Total\nTaux 2025 | 42,05 % | 0,104 % |\n"
        "Adresse : 118 avenue\ndes Calanques-\nBasses\nBase | 3 604 | 3 604 |\nCotisation 2025 | 1 515 | 4 | 1 519"
    )
    assert facts["property_address"] == "118 avenue des Calanques- Basses"


def test_a_street_above_the_base_is_the_address_where_its_label_is_lost():
    text = (
        "Taxes foncières 2024\n | Commune | Taxe GEMAPI | Total\nTaux 2024 | 45,70 % | 0,19 % |\n"
        "ie | {} | |\nBase | 1101 | 1101 |\nCotisation 2024 | 503 | 2 | 505"
    )
    assert read(text.format("8 passage de l'Horloge"))["property_address"] == "8 passage de l'Horloge"
    assert "property_address" not in read(text.format("8 lots de copropriété"))
