"""Tables of calls and statements: which column is the owner's, which total is whose, which lot a row is of."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from decimal import Decimal as D
from typing import Any

from documents.extraction.charges import extract
from documents.extraction.tests.sheets import sheet


def read(text) -> dict[str, Any]:
    return extract([sheet(text)]).facts


def breakdown(text):
    return {key["category"]: key["amount"] for key in read(text).get("breakdown", [])}


def test_the_owners_shares_are_no_column_of_sums():
    text = (
        "# APPEL DE PROVISIONS\nNature | Montant annuel | Base | Vos millièmes | Provision trimestrielle\n"
        "Charges générales | 61 200,00 € | 1 000 | 21 | 321,30 €\nEau froide | 14 000,00 € | 1 000 | 21 | 73,50 €\nTotal | | | | 394,80 €"
    )
    assert breakdown(text) == {"Charges générales": D("321.30"), "Eau froide": D("73.50")}


def test_a_key_under_the_lot_is_no_further_lot():
    facts = read(
        "# APPEL DE FONDS\nDésignation | À répartir | Tantièmes | Quote-part\nLOT 0045 - APPARTEMENT\n001 CHARGES GÉNÉRALES | 900,00 | 187 | 350,63\n"
        "LOT 0112 - PARKING\n001 CHARGES GÉNÉRALES | 900,00 | 12 | 22,50\nTotal | | | 373,13"
    )
    assert facts["lot_numbers"] == ["45", "112"]
    assert [key["category"] for key in facts["breakdown"]] == [
        "CHARGES GÉNÉRALES (lot 0045)",
        "CHARGES GÉNÉRALES (lot 0112)",
    ]


def test_the_share_in_the_rows_of_the_general_key():
    facts = read(
        "# DÉCOMPTE DE CHARGES\nNature | Dépenses | Tantièmes | Quote-part\nCHARGES GÉNÉRALES\nAssurance | 9 870,12 | 214/10062 | 209,92\n"
        "Honoraires | 100,00 | 214/10062 | 2,13\nTotal charges générales | | | 212,05\nASCENSEUR\nEntretien | 90,00 | 305/9800 | 2,80\nTotal ascenseur | | | 2,80"
    )
    assert facts["tantiemes"] == {"lot": 214, "total": 10062}


def test_the_quarter_is_asked_and_not_the_part_of_the_year():
    text = (
        "# APPEL DE FONDS\nCode | Libellé | Budget annuel | Tantièmes | Votre quote-part annuelle | Appel du trimestre\n"
        "01 | Charges générales | 88 000,00 | 312 / 10 000 | 2 745,60 | 686,40\nTotal de l'appel | | | | | 686,40"
    )
    assert breakdown(text) == {"Charges générales": D("686.40")}


def test_the_first_column_names_the_lot_of_a_row():
    facts = read(
        "# APPEL DE FONDS\nLot | Nature | Clé | Millièmes | Montant appelé\n0008 - Appartement | Charges générales | 1000 | 96 | 412,80 €\n"
        "0008 - Appartement | Ascenseur | 500 | 55 | 61,05 €\n0019 - Cave | Charges générales | 1000 | 3 | 12,90 €\nTotal | | | | 486,75 €\n"
        "Situation du compte | Débit | Crédit\nSolde au 01/10/2022 | 486,10 € |"
    )
    assert facts["lot_numbers"] == ["8", "19"]
    assert [key["category"] for key in facts["breakdown"]] == [
        "Charges générales (lot 8)",
        "Ascenseur",
        "Charges générales (lot 19)",
    ]


def test_the_quarter_within_the_year_is_the_period():
    facts = read(
        "# APPEL DE FONDS\nExercice du 01/01/2024 au 31/12/2024\nTrimestre du 01/10/2024 au 31/12/2024"
    )
    assert (str(facts["period_start"]), str(facts["period_end"])) == ("2024-10-01", "2024-12-31")


def test_an_instalment_of_heating_is_a_key():
    text = "# APPEL DE FONDS\nCharges | Tantièmes | Votre part\nChauffage - acompte | 239 | 533,94\nCharges générales | 241 | 391,63\nTotal | | 925,57"
    assert breakdown(text) == {"Chauffage - acompte": D("533.94"), "Charges générales": D("391.63")}


def test_a_bare_total_sums_up_its_heading_where_a_later_one_covers_more():
    text = (
        "# RELEVÉ DE CHARGES\nPoste | Total immeuble | Votre part\nCHARGES GÉNÉRALES | |\nMénage | 900,00 | 95,02\nAssurance | 410,00 | 20,82\n"
        "TOTAL | 1 310,00 | 115,84\nGARAGES | |\nPorte | 640,00 | 20,00\nTOTAL | 640,00 | 20,00\nTOTAL GÉNÉRAL | 1 950,00 | 135,84"
    )
    assert breakdown(text) == {"CHARGES GÉNÉRALES": D("115.84"), "GARAGES": D("20.00")}
    assert read(text)["total_amount"] == D("135.84")
