"""Tables of calls and statements: which column is the owner's, which total is whose, which lot a row is of."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from decimal import Decimal as D
from typing import Any

import pytest

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


def test_a_recapitulation_says_the_lots_blocks_again():
    facts = read(
        "# APPEL DE PROVISIONS\nNature | Base | Vos tantièmes | Votre quote-part\nLOT 23 - APPARTEMENT | | |\n"
        "Charges générales | 10000 | 285 | 385,18\nChauffage | 9880 | 169 | 241,55\nLOT 108 - PARKING | | |\n"
        "Charges générales | 10000 | 13 | 17,59\nRÉCAPITULATIF | | |\nCharges générales | 10000 | 298 | 402,77\n"
        "Chauffage | 9880 | 169 | 241,55\nTOTAL DE L'APPEL | | | 644,32"
    )
    assert {key["category"]: key["amount"] for key in facts["breakdown"]} == {
        "Charges générales": D("402.77"),
        "Chauffage": D("241.55"),
    }
    assert facts["tantiemes"] == {"lot": 298, "total": 10000}


def test_a_summary_of_the_account_says_nothing_again():
    text = (
        "# APPEL DE FONDS\nNature | Votre quote-part\nCharges générales | 385,18 €\nAscenseur | 14,82 €\n"
        "Récapitulatif |\nTotal de l'appel | 400,00 €"
    )
    assert breakdown(text) == {"Charges générales": D("385.18"), "Ascenseur": D("14.82")}


def test_a_subtotal_by_the_number_of_a_key_takes_the_name_of_its_heading():
    text = (
        "# RELEVÉ GÉNÉRAL DE CHARGES\nLibellé | Dépenses immeuble | Votre quote-part\n001 CHARGES GENERALES | |\n"
        "Ménage | 9 412,50 | 350,15\nAssurance | 7 310,22 | 271,94\nTOTAL CLE 001 | 16 722,72 | 622,09\n"
        "TOTAL GÉNÉRAL DE VOS CHARGES | | 622,09"
    )
    assert breakdown(text) == {"CHARGES GENERALES": D("622.09")}


def test_the_subtotal_before_the_earlier_balance_is_the_call():
    text = (
        "# AVIS D'ÉCHÉANCE\nLibellé | Appelé\nCharges générales | 371,20 €\nEau | 84,30 €\n"
        "Sous-total | 455,50 €\nReport de votre solde | -120,00 €\nSolde à régler | 335,50 €"
    )
    assert read(text)["total_amount"] == D("455.50")


def test_the_timetable_of_a_works_call_is_not_called_at_once():
    facts = read(
        "# APPEL DE FONDS POUR TRAVAUX\nAppel | Date d'exigibilité | Votre quote-part\n1/2 | 15/07/2024 | 528,16 €\n"
        "2/2 | 15/11/2024 | 792,24 €\nMontant de cet appel : 792,24 €, exigible le 15 novembre 2024."
    )
    assert (facts["total_amount"], facts["works_calls"]) == (D("792.24"), D("792.24"))
    assert str(facts["due_date"]) == "2024-11-15"
    assert "breakdown" not in facts


@pytest.mark.parametrize(
    ("line", "due"),
    [
        ("Référence à rappeler : 4711 - Exigible le 1er juillet 2024", "2024-07-01"),
        ("Solde à régler : 398,90 € au 1er janvier 2025.", "2025-01-01"),
        ("Rappel : appel précédent exigible le 1er avril 2024", None),
        ("Solde à régler : 398,90 €. Édité le 1er janvier 2025.", None),
    ],
)
def test_the_day_to_pay(line, due):
    found = read(f"# APPEL DE FONDS\n{line}").get("due_date")
    assert (str(found) if found else None) == due


def test_a_title_over_two_lines():
    assert read("# 2e trimestre 2022 - PROVISION SUR\n# CHARGES\nMadame Untel")["kind"] == "appel_de_fonds"


def test_a_calculation_in_brackets_is_no_part_of_a_name():
    text = (
        "# APPEL DE FONDS\nLibellé | Votre part\nCharges courantes (1 472 € x 250/1000) | 368,00 €\n"
        "Eau froide (relevé compteur) | 20,00 €\nTotal | 388,00 €"
    )
    assert list(breakdown(text)) == ["Charges courantes", "Eau froide (relevé compteur)"]


def test_a_row_of_sums_is_no_title():
    text = (
        "CABINET DES ESSAIS - Décompte individuel des dépenses\nNature | À répartir | Quote-part\n"
        "Syndic | 4 900,00 | 362,60\nTotal général | 4 900,00 | 362,60\nAppels provisionnels | | - 400,00\n"
        "Solde créditeur | | - 37,40"
    )
    facts = read(text)
    assert (facts["kind"], facts["provisions"], facts["balance"]) == (
        "decompte_annuel",
        D("400.00"),
        D("-37.40"),
    )


def test_a_year_between_two_days_with_a_dash():
    text = (
        "# ARRÊTÉ DE COMPTES INDIVIDUEL DE CHARGES\nExercice 01/01/2022 - 31/12/2022\nCharges | Votre quote-part\n"
        "Charges communes | 880,16 €\nTotal de vos charges | 880,16 €\nTotal de vos provisions | 1 000,00 €"
    )
    facts = read(text)
    assert (str(facts["period_start"]), str(facts["period_end"])) == ("2022-01-01", "2022-12-31")
    assert facts["provisions"] == D("1000.00")
