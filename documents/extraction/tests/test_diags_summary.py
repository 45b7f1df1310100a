"""A page that sums up all diagnostics, without the reports themselves."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from datetime import date
from typing import Any

from documents.classification import classify
from documents.extraction.diags import extract
from documents.extraction.tests.sheets import sheet

SUMMARY = sheet(
    "# DOSSIER TECHNIQUE\nVisite | 23/07/2024 |\n# Tableau récapitulatif\nDiagnostic | Conclusion | Date de fin de validité\n"
    "DPE | Classe F - 341 kWh/m²/an / Classe C - 12 kg CO2/m²/an | 24/07/2034\nÉlectricité | 7 anomalies relevées | 22/07/2027\n"
    "Gaz | Anomalies A2 | 22/07/2027\nPlomb | Présence de plomb | 22/07/2025\nAmiante | Absence | -"
)


def test_its_rows_tell_the_kind_of_paper():
    assert classify([SUMMARY]).document_type == "diags"
    assert (
        classify([sheet("# CARNET D'ENTRETIEN\nAmiante | dossier tenu | 2019\nPlomb | néant | -")]).kind
        == "carnet_entretien"
    )


def test_each_row_is_a_diagnostic_of_the_day_of_the_visit():
    facts: dict[str, Any] = extract([SUMMARY]).facts
    read = {one["type"]: one for one in facts["diagnostics"]}
    assert {one["date"] for one in read.values()} == {date(2024, 7, 23)}
    assert (read["dpe"]["energy_class"], read["dpe"]["ges_class"]) == ("F", "C")
    assert (read["electricite"]["anomalies_count"], read["electricite"]["valid_until"]) == (
        7,
        date(2027, 7, 22),
    )
    assert (read["gaz"]["outcome"], read["plomb"]["presence"], read["amiante"]["presence"]) == (
        "issues",
        True,
        False,
    )


def test_a_title_with_signs_that_ocr_put_before_it():
    page = sheet(
        "D PE Diagnostic de performance énergétique (logement)\nN° : 2422E0551902H\nLe logement est une maison",
        source="ocr",
    )
    facts: dict[str, Any] = extract([page]).facts
    assert facts["diagnostics"][0]["type"] == "dpe"


def test_numbered_titles_and_a_table_of_contents():
    text = (
        "Date de la visite : 15/05/2024\nSOMMAIRE\n1. Constat amiante ........ page 2\n2. État de l'installation d'électricité ........ page 3\n"
        "# 1. CONSTAT DE REPÉRAGE AMIANTE\nAucun matériau contenant de l'amiante n'a été repéré.\n# 2. | ÉTAT DE L'INSTALLATION INTÉRIEURE D'ÉLECTRICITÉ\n"
        "L'installation comporte des anomalies.\nValidité : 3 ans, soit jusqu'au 14/05/2027"
    )
    facts: dict[str, Any] = extract([sheet(text)]).facts
    asbestos, electricity = facts["diagnostics"]
    assert "valid_until" not in asbestos
    assert (electricity["type"], electricity["valid_until"]) == ("electricite", date(2027, 5, 14))
