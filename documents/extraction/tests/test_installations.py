"""Electricity and gas: one rule, one test."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
import pytest

from documents.extraction.tests.diagnostics import ELECTRICITY, GAS, one, read


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (
            "[ ] L'installation ne comporte aucune anomalie.\n[X] L'installation comporte une ou des anomalies.",
            "issues",
        ),
        (
            "[X] L'installation ne comporte aucune anomalie.\n[ ] L'installation comporte une ou des anomalies.",
            "clear",
        ),
        (
            "L'installation ne comporte aucune anomalie.\nL'installation comporte une ou des anomalies.",
            "clear",
        ),
        (
            "L'installation ne comporte aucune anomalie.\nL'installation comporte une ou des anomalies.\nB.3.3.6 a1 | Socle",
            "issues",
        ),
        (
            "Le 18.02.2025, l'installation n'étant pas sous tension, le diagnostic n'a pas pu être réalisé.",
            "not_performed",
        ),
    ],
)
def test_the_conclusion_on_electricity(text, outcome):
    assert one(ELECTRICITY + text)["outcome"] == outcome


def test_a_supposition_concludes_nothing():
    assert read(ELECTRICITY + "Si l'installation comporte des anomalies, il est recommandé d'agir.") == {}


def test_anomalies_are_the_rows_with_a_code_but_not_the_information():
    facts = one(
        ELECTRICITY
        + "L'installation comporte une ou des anomalies.\nArticle | Libellé des anomalies\nB.3.3.6 a1 | Socle sans terre\n"
        "B.8.3 e | Conducteurs\nInformations complémentaires\nArticle | Libellé\nB.11 a1 | Dispositif différentiel\nB11 b2 | Obturateurs"
    )
    assert facts["anomalies_count"] == 2


def test_a_stated_number_of_anomalies_comes_first():
    facts = one(
        ELECTRICITY + "L'installation comporte des anomalies (4 anomalies).\nB.3.3.6 a1 | Socle sans terre"
    )
    assert facts["anomalies_count"] == 4


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("L'installation ne comporte aucune anomalie.", "clear"),
        (
            "L'installation comporte des anomalies de type A1 qui devront être réparées ultérieurement.",
            "issues",
        ),
        ("L'installation comporte des anomalies de type DGI (danger grave et immédiat).", "danger"),
        (
            "☑ L'installation ne comporte aucune anomalie. ☐ L'installation comporte des anomalies de type A1. ☐ de type A2. ☐ de type DGI.",
            "clear",
        ),
        (
            "☐ L'installation ne comporte aucune anomalie.\n☒ L'installation comporte des anomalies de type A2.\n☐ L'installation comporte des anomalies de type DGI.",
            "issues",
        ),
        (
            "Points de contrôle | A1, A2, DGI ou 32c | Libellé\nC.7 - 7a2 | A1 | Robinet\nL'installation ne comporte aucune anomalie.\n"
            "L'installation comporte des anomalies de type A1.\nL'installation comporte des anomalies de type DGI.",
            "issues",
        ),
    ],
)
def test_the_conclusion_on_gas(text, outcome):
    assert one(GAS + text)["outcome"] == outcome


def test_the_legend_of_a_gas_report_is_no_danger():
    text = "(6) DGI (danger grave et immédiat) : l'installation présente des anomalies suffisamment graves pour interrompre l'alimentation."
    assert one(GAS + "L'installation ne comporte aucune anomalie.\n" + text)["outcome"] == "clear"


def test_gas_anomalies_under_a_head_without_their_kinds():
    rows = "N° | Anomalie | Type | Lieu\nC.7 | Robinet absent | A2 | Cuisine\nT1 | Justificatif absent | A1 | Cave"
    assert one(GAS + rows + "\nL'installation comporte des anomalies de type A1")["anomalies_count"] == 2


def test_gas_anomalies_are_counted_in_their_table():
    facts = one(
        GAS
        + "Points de contrôle | A1, A2, DGI ou 32c | Libellé des anomalies\nC.7 - 7d4 | A1 | Date limite\nC.19 - 19.1 | A2 | Sortie d'air\n"
        "Conclusion : l'installation comporte des anomalies de type A1."
    )
    assert facts["anomalies_count"] == 2


def test_what_is_said_to_be_absent_is_no_danger():
    text = "L'installation comporte des anomalies de type A1 et A2. Pas d'anomalie DGI ni 32c."
    assert one(GAS + text)["outcome"] == "issues"
    assert one(GAS + "L'installation comporte une anomalie DGI.")["outcome"] == "danger"


def test_what_could_not_be_done_without_a_not():
    text = "L'installation étant coupée le jour de la visite, le diagnostic n'a pu être réalisé."
    assert one(GAS + text)["outcome"] == "not_performed"
