"""Diagnostics, their titles, days, boxes and places: one rule, one test."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from datetime import date
from decimal import Decimal as D

import pytest

from documents.extraction.diags import extract
from documents.extraction.diags.ticks import after, before, yes_or_no
from documents.extraction.tests.diagnostics import ASBESTOS, DPE, ELECTRICITY, GAS, RISKS, TERMITES, one, read
from documents.extraction.tests.sheets import sheet


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        (
            "RAPPORT DE MISSION DE REPÉRAGE DES MATÉRIAUX ET PRODUITS\nCONTENANT DE L'AMIANTE\nAbsence d'amiante",
            "amiante",
        ),
        ("# Constat amiante\nAbsence d'amiante", "amiante"),
        ("CREP\nAbsence de plomb", "plomb"),
        ("C.R.E.P. - Constat de Risque d'Exposition au Plomb\nAbsence de plomb", "plomb"),
        (
            "# Rapport de l'état de l'installation intérieure d'électricité des immeubles\nAucune anomalie",
            "electricite",
        ),
        ("# RAPPORT DE VISITE DE L'ÉTAT DE L'INSTALLATION INTÉRIEURE DE GAZ\nAucune anomalie", "gaz"),
        (
            "ÉTAT DU BÂTIMENT RELATIF À LA PRÉSENCE DE TERMITES\nIl n'a pas été repéré d'indices de termites",
            "termites",
        ),
        ("# État des risques et pollutions\nZone de sismicité : 2", "erp"),
        ("# ERNMT\nZone de sismicité : 2", "erp"),
        ("# Certificat de superficie\nSuperficie privative : 40,10 m²", "carrez"),
        ("# Attestation de surface habitable\nSurface habitable : 40,10 m²", "boutin"),
        ("# Contrôle de l'assainissement collectif\nRaccordement conforme", "assainissement"),
        ("# Audit énergétique\nÉtat initial : classe F", "audit_energetique"),
        ("# État des nuisances sonores aériennes\nLe bien n'est situé dans aucune zone de bruit", "bruit"),
        ("# DPE (logement)\nÉtiquette énergie : D", "dpe"),
    ],
)
def test_the_title_tells_the_diagnostic(title, kind):
    assert list(read(title)) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "# Attestation d'assurance\nRepérage amiante, constat plomb, DPE : activités garanties",
        "# Certificat de compétences\nDiagnostic de performance énergétique - amiante - gaz",
        "# Sommaire\nConstat de repérage amiante\nÉtat de l'installation intérieure de gaz\nÉtat des risques\nDPE logement",
        "# Procès-verbal\nLe diagnostic de performance énergétique collectif est voté.",
    ],
)
def test_other_mentions_are_no_diagnostic(text):
    assert read(text) == {}


def test_a_bundle_is_cut_at_its_titles():
    found = read(
        f"Date de visite : 18/02/2025\n{TERMITES}Absence d'indices d'infestation de termites\n"
        f"{ASBESTOS}Il a été repéré des matériaux et produits contenant de l'amiante.\n{GAS}L'installation ne comporte aucune anomalie."
    )
    assert {kind: facts["outcome"] for kind, facts in found.items()} == {
        "termites": "clear", "amiante": "issues", "gaz": "clear",
    }  # fmt: skip
    assert {facts["date"] for facts in found.values()} == {date(2025, 2, 18)}


def test_the_summary_serves_where_there_is_no_report():
    found = read(
        "# Note de synthèse des conclusions\nDiagnostic | Conclusion | Validité\n"
        "Loi Carrez | 31,74 m² | -\nÉlectricité | 5 anomalies relevées | -\nPlomb | Sans objet | -"
    )
    assert found["carrez"]["surface_m2"] == D("31.74")
    assert found["electricite"]["outcome"] == "issues"
    assert found["electricite"]["anomalies_count"] == 5
    assert "plomb" not in found


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Date(s) de visite : 17 septembre 2019\nDate du rapport : 20 septembre 2019", date(2019, 9, 17)),
        ("Rapport du 20/09/2019 - Visite effectuée le 17/09/2019", date(2019, 9, 17)),
        ("Date du diagnostic | Date de la visite\n20/09/2019 | 17/09/2019", date(2019, 9, 17)),
        ("Établi le 20/09/2019", date(2019, 9, 20)),
        ("Date de l'intervention : le dix-sept septembre deux mille dix-neuf", date(2019, 9, 17)),
    ],
)
def test_the_visit_comes_before_the_report(text, day):
    assert one(f"{ASBESTOS}{text}\nAbsence d'amiante")["date"] == day


def test_risks_are_dated_by_their_issue():
    assert one(f"Date de visite : 11/04/2024\n{RISKS}Établi le 15/04/2024\nZone de sismicité : 2")[
        "date"
    ] == date(2024, 4, 15)


@pytest.mark.parametrize(
    "text",
    [
        "Arrêté du 19 août 2011",
        "Certification délivrée le 04/05/2018",
        "Date de commande : 02/04/2024",
        "Permis de construire du 03/03/1985",
    ],
)
def test_other_days_are_no_date(text):
    assert "date" not in one(f"{ASBESTOS}{text}\nAbsence d'amiante")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Durée de validité en cas de vente : 3 ans, jusqu'au 02.10.2025", date(2025, 10, 2)),
        ("Fin de validité : 02/10/2025", date(2025, 10, 2)),
        ("valable jusqu'au : 02/10/2025", date(2025, 10, 2)),
        (
            "Certification valable jusqu'au 15/09/2024 - Rapport valable jusqu'au 02/10/2025",
            date(2025, 10, 2),
        ),
    ],
)
def test_validity(text, day):
    facts = one(f"{ELECTRICITY}Visite du 03/10/2022\n{text}\nAucune anomalie")
    assert facts["valid_until"] == day


@pytest.mark.parametrize(
    "text",
    [
        "Certification n° 12, valable jusqu'au 15/09/2024",
        "Assurance RC n° 117, validité 31/12/2025",
        "Validité : 3 ans",
        "Le constat n'a pas de durée de validité. Fait le 05/10/2022",
        "Valable jusqu'au 01/01/2020",
    ],
)
def test_no_other_validity(text):
    assert "valid_until" not in one(f"{ELECTRICITY}Visite du 03/10/2022\n{text}\nAucune anomalie")


@pytest.mark.parametrize(
    ("text", "offset", "state"),
    [
        ("☑ oui", 2, True),
        ("☐ oui", 2, False),
        ("[X] oui", 4, True),
        ("[ ] oui", 4, False),
        ("oui", 0, None),
        ("☒ oui", 2, True),
    ],
)
def test_the_box_before(text, offset, state):
    assert before(text.lower(), offset) is state


def test_the_box_after():
    assert after("oui ☑ non ☐", 3) is True
    assert after("oui ☑ non ☐", 9) is False
    assert after("oui non", 3) is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("☑ oui ☐ non", True),
        ("oui ☐ non ☒", False),
        ("oui - approuvé le 1/1/2020", True),
        ("non", False),
        ("oui / non", None),
    ],
)
def test_yes_or_no(text, answer):
    assert yes_or_no(text) is answer


def test_the_town_in_a_line_of_its_own():
    facts = extract(
        [sheet(ELECTRICITY + "Commune : BREST (29200)\nAdresse : 5 rue de la Bernique\nVisite du 10/06/2021")]
    ).facts
    assert facts["property_address"] == "5 rue de la Bernique BREST (29200)"


def test_the_address_of_the_property_and_not_the_offices():
    facts = extract(
        [
            sheet(
                f"{DPE}DIAGÉLIS SARL, 7 cité des Fondeurs, 75020 PARIS\nAdresse : 44 rue de la Lanterne, 75011 PARIS\n"
                "Propriétaire : M. X, 3 rue Basse, 69001 LYON\nN° : 2375E0902256V"
            )
        ]
    ).facts
    assert facts["property_address"] == "44 rue de la Lanterne, 75011 PARIS"


def test_an_empty_page_gives_nothing():
    assert extract([]).facts == {}
