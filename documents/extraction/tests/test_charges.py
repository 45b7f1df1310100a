"""Calls for funds and yearly statements: one rule, one test."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from datetime import date
from decimal import Decimal as D

import pytest

from documents.extraction.charges import extract
from documents.extraction.tests.sheets import sheet

CALL = "# APPEL DE FONDS\nClé | Budget annuel | Base | Vos tantièmes | Votre quote-part\n"


def read(*texts):
    return extract([sheet(text, number) for number, text in enumerate(texts, 1)]).facts


def breakdown(*texts):
    return {key["category"]: key["amount"] for key in read(*texts).get("breakdown", [])}


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("APPEL DE FONDS", "appel_de_fonds"),
        ("Appel de provisions - 3ème trimestre 2023", "appel_de_fonds"),
        ("Avis d'appel de charges n° 12", "appel_de_fonds"),
        ("APPEL DE FONDS - TRAVAUX", "appel_travaux"),
        ("Appel exceptionnel - réfection de la toiture", "appel_travaux"),
        ("RELEVÉ INDIVIDUEL DE CHARGES", "decompte_annuel"),
        ("COMPTE INDIVIDUEL DE CHARGES", "decompte_annuel"),
        ("Décompte individuel de régularisation des charges", "decompte_annuel"),
        ("Répartition des charges - exercice 2023", "decompte_annuel"),
    ],
)
def test_the_title_tells_the_kind(title, kind):
    assert read(f"# {title}\nMadame Untel")["kind"] == kind


def test_a_works_fund_in_a_call_makes_no_call_for_works():
    assert read("# APPEL DE FONDS\n1er trimestre 2024 et fonds de travaux")["kind"] == "appel_de_fonds"


def test_a_letter_has_no_kind():
    assert "kind" not in read("# Convocation\nVous êtes invité à l'assemblée")


def test_the_lots_column_is_read_and_not_the_buildings():
    assert breakdown(
        CALL + "Charges générales | 94 600,00 € | 10 000 | 253 | 598,35 €\nTOTAL | | | | 598,35 €"
    ) == {"Charges générales": D("598.35")}


def test_the_recoverable_part_is_not_the_share():
    text = (
        "# RELEVÉ DE CHARGES\nNature | À répartir | Votre quote-part | Dont récupérable\n"
        "Ascenseur | 2 988,00 | 122,51 | 110,00\nEau | 900,00 | 80,00 | 80,00\nTotal | 3 888,00 | 202,51 | 190,00"
    )
    assert read(text)["total_amount"] == D("202.51")
    assert breakdown(text) == {"Ascenseur": D("122.51"), "Eau": D("80.00")}


def test_the_works_fund_has_its_own_field():
    facts = read(
        CALL
        + "Charges générales | | | | 100,00 €\nCotisation fonds de travaux (art. 14-2-1) | | | | 5,00 €\nTOTAL | | | | 105,00 €"
    )
    assert facts["fonds_travaux"] == D("5.00")
    assert len(facts["breakdown"]) == 1


def test_works_inside_a_call_have_their_own_field():
    facts = read(
        CALL
        + "Charges générales | | | | 100,00 €\nTravaux ascenseur - appel 1/5 | | | | 412,50 €\nTOTAL DE L'APPEL | | | | 512,50 €"
    )
    assert facts["works_calls"] == D("412.50")
    assert facts["total_amount"] == D("512.50")
    assert len(facts["breakdown"]) == 1


def test_several_works_are_not_added_up():
    rows = "Charges générales | | | | 100,00 €\nTravaux toiture | | | | 10,00 €\nTravaux façade | | | | 20,00 €\n"
    assert "works_calls" not in read(CALL + rows + "TOTAL | | | | 130,00 €")
    assert read(CALL + rows + "Sous-total travaux | | | | 30,00 €\nTOTAL | | | | 130,00 €")[
        "works_calls"
    ] == D("30.00")


def test_in_a_call_for_works_the_works_are_the_total():
    facts = read(
        "# APPEL DE FONDS TRAVAUX\nPoste | Quote-part\nRavalement | 516,77 €\nHonoraires | 17,46 €\nTotal à régler | 534,23 €"
    )
    assert facts["works_calls"] == facts["total_amount"] == D("534.23")
    assert len(facts["breakdown"]) == 2


def test_the_earlier_balance_is_left_out_of_the_total():
    facts = read(
        "# Appel de charges\nPoste | Montant\nSolde antérieur | 210,15 €\nCharges générales | 402,60 €\nEau froide | 88,20 €\n"
        "Total de l'appel | 490,80 €\nTotal à payer (solde antérieur inclus) | 700,95 €"
    )
    assert facts["total_amount"] == D("490.80")
    assert [key["amount"] for key in facts["breakdown"]] == [D("402.60"), D("88.20")]


def test_movements_of_the_account_are_no_keys():
    text = CALL + (
        "Charges générales | | | | 287,44 €\nTOTAL DE L'APPEL | | | | 287,44 €\n"
        "Date | Opération | | Débit | Crédit\n01.04.2023 | Appel précédent | | 608,37 € |\n14.04.2023 | Votre virement | | | 440,00 €"
    )
    assert breakdown(text) == {"Charges générales": D("287.44")}
    assert read(text)["total_amount"] == D("287.44")


def test_subtotals_stand_for_their_details():
    text = (
        "# DÉCOMPTE DE CHARGES\nNature | À répartir | Votre part\nCHARGES GÉNÉRALES\nSyndic | 9 200,00 | 214,36\n"
        "Assurance | 4 310,00 | 100,44\nSous-total charges générales | | 314,80\nASCENSEUR\nContrat | 2 410,00 | 122,91\n"
        "Électricité | 611,00 | 31,17\nSous-total ascenseur | | 154,08\nTotal des charges de l'exercice | | 468,88"
    )
    assert breakdown(text) == {"charges générales": D("314.80"), "ascenseur": D("154.08")}


def test_a_total_by_number_takes_the_name_of_its_heading():
    text = (
        "# DÉCOMPTE DE CHARGES\nNature | À répartir | Votre part\nCLÉ 03 ASCENSEUR\nContrat | 2 410,00 | 122,91\n"
        "Électricité | 611,00 | 31,17\nTotal clé 03 | | 154,08\nTOTAL GÉNÉRAL | | 154,08"
    )
    assert breakdown(text) == {"CLÉ 03 ASCENSEUR": D("154.08")}


def test_details_after_their_key_are_covered_by_it():
    text = (
        "# DÉCOMPTE DE CHARGES\nNature | Votre part\nCharges générales | 314,80\nSyndic | 214,36\nAssurance | 100,44\n"
        "Eau | 50,00\nTotal des charges | 364,80"
    )
    assert breakdown(text) == {"Charges générales": D("314.80"), "Eau": D("50.00")}


def test_a_subtotal_of_all_keys_adds_no_key():
    text = (
        CALL
        + "Charges générales | | | | 100,00 €\nEau | | | | 50,00 €\nProvisions sur budget | | | | 150,00 €\nTotal appelé | | | | 150,00 €"
    )
    assert breakdown(text) == {"Charges générales": D("100.00"), "Eau": D("50.00")}


def test_the_heading_names_rows_that_are_called_alike():
    text = CALL + (
        "001 CHARGES GÉNÉRALES\nBudget trimestre | 12 480,00 | 100 000 | 1 560 | 194,69\n020 ASCENSEUR\n"
        "Budget trimestre | 1 180,00 | 20 000 | 1 905 | 112,40\nTOTAL | | | | 307,09"
    )
    assert breakdown(text) == {"CHARGES GÉNÉRALES": D("194.69"), "ASCENSEUR": D("112.40")}


def test_blocks_by_lot_keep_the_lot():
    text = CALL + (
        "LOT 22\nCharges générales | | | | 451,00 €\nTotal lot 22 | | | | 451,00 €\nLOT 140\nCharges générales | | | | 33,00 €\n"
        "Total lot 140 | | | | 33,00 €\nTOTAL À PAYER | | | | 484,00 €"
    )
    assert breakdown(text) == {
        "Charges générales (lot 22)": D("451.00"),
        "Charges générales (lot 140)": D("33.00"),
    }


def test_a_table_goes_on_over_pages():
    one = "# RELEVÉ DE CHARGES\nNature | À répartir | Votre quote-part\nEAU FROIDE"
    two = "Nature | À répartir | Votre quote-part\nConsommation | 263,68 | 263,68\nCompteur | 21,84 | 21,84\nSous-total eau froide | | 285,52\nTotal des charges | | 285,52"
    assert breakdown(one, two) == {"eau froide": D("285.52")}


STATEMENT = "# DÉCOMPTE DE CHARGES\nClé | Votre part\nGénérales | 1 000,00\nEau | 587,60\nTotal de vos charges | 1 587,60\n"


@pytest.mark.parametrize(
    ("rows", "provisions", "balance"),
    [
        ("Provisions versées | - 1 712,00\nSolde en votre faveur | 124,40", "1712.00", "-124.40"),
        ("Provisions appelées (4 x 300,00 €) | 1 200,00\nSolde débiteur | 387,60", "1200.00", "387.60"),
        ("Acomptes versés | 1 712,00 C\nSolde | 124,40 C", "1712.00", "-124.40"),
        ("Provisions appelées : 1 440,00 €\nReste à payer : 147,60 €", "1440.00", "147.60"),
    ],
)
def test_provisions_and_the_sign_of_the_balance(rows, provisions, balance):
    facts = read(STATEMENT + rows)
    assert facts["provisions"] == D(provisions)
    assert facts["balance"] == D(balance)


@pytest.mark.parametrize(
    "row", ["Solde antérieur | 57,20", "Solde de l'exercice précédent | 57,20", "Solde | 57,20"]
)
def test_other_balances_are_not_the_years(row):
    assert "balance" not in read(STATEMENT + row)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Période du 01/01/2024 au 31/03/2024", date(2024, 1, 1), date(2024, 3, 31)),
        ("4e trimestre 2021 (du 1er octobre au 31 décembre 2021)", date(2021, 10, 1), date(2021, 12, 31)),
        ("Exercice ouvert le 01-07-2022 et clos le 30-06-2023", date(2022, 7, 1), date(2023, 6, 30)),
    ],
)
def test_the_period(text, start, end):
    facts = read(f"# APPEL DE FONDS\n{text}")
    assert (facts["period_start"], facts["period_end"]) == (start, end)


@pytest.mark.parametrize(
    "text", ["1er trimestre de l'exercice 2023/2024", "Exercice 2022", "2e trimestre 2025"]
)
def test_no_period_is_guessed(text):
    assert "period_start" not in read(f"# APPEL DE FONDS\n{text}")


@pytest.mark.parametrize(
    "text",
    [
        "Exigible le 01/04/2025",
        "Somme exigible le mardi 1er avril 2025",
        "Date d'exigibilité : 01.04.2025",
        "À payer au plus tard le 1er avril 2025",
        "Montant à régler avant le 1er avril 2025",
        "Échéance 01/04/2025",
        "Date limite de paiement | Référence\n01/04/2025 | 402-AG",
    ],
)
def test_the_due_date(text):
    assert read(f"# APPEL DE FONDS\n{text}")["due_date"] == date(2025, 4, 1)


@pytest.mark.parametrize(
    "text",
    ["Prélèvement présenté le 05/04/2025", "Dernier appel exigible le 01/01/2025", "Lyon, le 15/12/2023"],
)
def test_other_days_are_no_due_date(text):
    assert "due_date" not in read(f"# APPEL DE FONDS\n{text}")


def test_a_statement_has_no_due_date():
    assert "due_date" not in read("# DÉCOMPTE DE CHARGES\nExigible le 01/04/2025")


@pytest.mark.parametrize(
    ("text", "lots"),
    [
        ("Lots n° 14 (appartement, 2e étage) et n° 37 (cave)", ["14", "37"]),
        ("Lots : 3, 51 et 88", ["3", "51", "88"]),
        ("Lots concernés : C12 (appartement), P44 (parking)", ["C12", "P44"]),
        ("Lot(s) : 0012 - Appartement, 0045 - Cave", ["12", "45"]),
        ("Lot n° 9 - 62/1000èmes", ["9"]),
        ("Lot(s) n° 15/16", ["15", "16"]),
    ],
)
def test_lot_numbers(text, lots):
    assert read(f"# APPEL DE FONDS\n{text}")["lot_numbers"] == lots


@pytest.mark.parametrize("text", ["Immeuble de 24 lots", "Marché lot 3 gros œuvre : entreprise lot 4"])
def test_other_numbers_are_no_lots(text):
    assert "lot_numbers" not in read(f"# APPEL DE FONDS\n{text}") or "24" not in read(f"# APPEL\n{text}").get(
        "lot_numbers", []
    )


@pytest.mark.parametrize(
    ("text", "lot", "total"),
    [
        ("Tantièmes généraux : 253 / 10 000", 253, 10000),
        ("Lot 402 (local commercial) - 1 184 / 100 000 tantièmes", 1184, 100000),
        ("Quote-part générale : 356 / 12.500", 356, 12500),
        ("62/1000èmes", 62, 1000),
        ("145 millièmes sur 1 000", 145, 1000),
    ],
)
def test_the_share(text, lot, total):
    assert read(f"# APPEL DE FONDS\n{text}")["tantiemes"] == {"lot": lot, "total": total}


def test_the_share_of_several_lots_is_their_printed_sum():
    text = "# APPEL DE FONDS TRAVAUX\nLot | Objet | Tantièmes | Quote-part\n14 | Travaux | 245 / 10 000 | 516,77 €\n37 | Travaux | 8 / 10 000 | 16,87 €\n14 et 37 | Honoraires | 253 / 10 000 | 17,46 €"
    assert read(text)["tantiemes"] == {"lot": 253, "total": 10000}


def test_the_share_in_the_columns_of_the_general_key():
    facts = read(CALL + "Charges générales | 94 600,00 € | 10 000 | 253 | 598,35 €")
    assert facts["tantiemes"] == {"lot": 253, "total": 10000}


@pytest.mark.parametrize("text", ["Ascenseur 2 / 50", "appel 1/5", "Dossier 12/2024"])
def test_other_fractions_are_no_share(text):
    assert "tantiemes" not in read(f"# APPEL DE FONDS\n{text}")


def test_sums_in_a_letter():
    facts = read(
        "Objet : appel de fonds du 1er trimestre 2024\n- charges générales : 181,25 €\n- eau froide : 42,00 €\n"
        "- cotisation au fonds de travaux : 9,06 €\nTotal à régler : 232,31 €\nLe budget voté est de 5 000,00 €."
    )
    assert facts["total_amount"] == D("232.31")
    assert facts["fonds_travaux"] == D("9.06")
    assert [key["amount"] for key in facts["breakdown"]] == [D("181.25"), D("42.00")]


def test_a_call_printed_as_movements_has_its_keys_in_the_debit_column():
    facts = read(
        "# AVIS D'ÉCHÉANCE\nDate | Libellé | Débit | Crédit\n31/03/2024 | Solde précédent | | 45,10\n"
        "01/04/2024 | Provision charges générales | 268,75 |\n01/04/2024 | Provision ascenseur | 42,60 |\n"
        "01/04/2024 | Fonds travaux ALUR | 13,44 |\n | Total de l'appel | 324,79 |\n | Net à payer | 279,69 |"
    )
    assert [key["amount"] for key in facts["breakdown"]] == [D("268.75"), D("42.60")]
    assert (facts["fonds_travaux"], facts["total_amount"]) == (D("13.44"), D("324.79"))


def test_lots_in_their_own_column_open_blocks():
    text = (
        "# APPEL DE FONDS\nLot | Libellé | Base | Tantièmes | Montant TTC\n0087 | APPARTEMENT | | |\n"
        " | Charges générales | 10 000 | 174 | 317,55\n0152 | PARKING | | |\n | Charges générales | 10 000 | 6 | 10,95\n"
        " | Fonds travaux ALUR | 10 000 | 180 | 16,43\n | TOTAL APPEL DE FONDS | | | 344,93"
    )
    assert breakdown(text) == {
        "Charges générales (lot 87)": D("317.55"),
        "Charges générales (lot 152)": D("10.95"),
    }
    assert read(text)["tantiemes"] == {"lot": 180, "total": 10000}
    assert read(text)["lot_numbers"] == ["87", "152"]


def test_shares_of_several_lots_are_not_added_up():
    text = (
        "# APPEL DE FONDS\nLots 87 et 152\nLibellé | Base | Tantièmes | Montant TTC\nLOT 87\nCharges générales | 10 000 | 174 | 317,55\n"
        "LOT 152\nCharges générales | 10 000 | 6 | 10,95\nTOTAL APPEL | | | 328,50"
    )
    assert "tantiemes" not in read(text)


def test_a_sum_without_name_closes_its_heading():
    text = (
        "# DÉCOMPTE DE CHARGES\nLibellé | Montant total | Quote-part TTC\nCharges générales\nEntretien immeuble | 31 887,60 | 166,13\n"
        "Assurance | 17 904,12 | 93,28\n | 49 791,72 | 259,41\nTOTAL | | 259,41"
    )
    assert breakdown(text) == {"Charges générales": D("259.41")}


def test_a_refund_among_the_details_of_a_key():
    text = (
        "# DÉCOMPTE DE CHARGES\nPoste | Votre part\nCharges générales | 606,60\nNettoyage | 295,47\nSyndic | 269,01\n"
        "Assurance | 89,96\nRemboursement | -47,84\nEau | 10,00\nTotal à votre charge | 616,60"
    )
    assert breakdown(text) == {"Charges générales": D("606.60"), "Eau": D("10.00")}


def test_the_rest_of_a_broken_label_is_no_heading():
    text = (
        CALL
        + "Charges d'ascenseur et\ntravaux d'entretien\nEau froide | | | | 50,00 €\nTOTAL | | | | 50,00 €"
    )
    assert breakdown(text) == {"Eau froide": D("50.00")}
    assert "works_calls" not in read(text)


def test_what_the_building_spends_is_no_share():
    text = "# DÉCOMPTE DE CHARGES\nPoste | Votre part\nEau | 50,00\nTotal de vos charges | 50,00\nTotal des dépenses de l'immeuble | 136 018,24"
    assert read(text)["total_amount"] == D("50.00")


def test_an_empty_page_gives_nothing():
    assert extract([]).facts == {}


def test_shares_printed_lot_by_lot_are_not_the_owners():
    text = "# RELEVÉ DE CHARGES\nLot n° 22 - Appartement - 640/10000e\nLot n° 71 - Garage - 15/10000e"
    assert "tantiemes" not in read(text)
    assert read(text + "\nTotal : 655/10000e")["tantiemes"] == {"lot": 655, "total": 10000}
