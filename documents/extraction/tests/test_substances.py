"""Asbestos, termites, lead: one rule, one test."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
import pytest

from documents.extraction.tests.diagnostics import ASBESTOS, LEAD, TERMITES, one, read


@pytest.mark.parametrize(
    ("text", "presence"),
    [
        ("Il a été repéré des matériaux et produits contenant de l'amiante.", True),
        (
            "Dans le cadre de la mission, il n'a pas été repéré de matériaux et produits contenant de l'amiante.",
            False,
        ),
        ("Aucun matériau ou produit contenant de l'amiante n'a été repéré.", False),
        ("Après analyse, les dalles ne contiennent pas d'amiante.", False),
        ("Liste A : absence. Liste B : présence.", True),
        (
            "Il n'a pas été repéré de matériaux de la liste A contenant de l'amiante.\nIl a été repéré des produits de la liste B contenant de l'amiante.",
            True,
        ),
        (
            "Si des matériaux contenant de l'amiante ont été repérés, se reporter aux recommandations.\nAbsence d'amiante",
            False,
        ),
    ],
)
def test_asbestos(text, presence):
    facts = one(ASBESTOS + text)
    assert facts["presence"] is presence
    assert facts["outcome"] == ("issues" if presence else "clear")


def test_suspected_asbestos_is_neither_found_nor_absent():
    facts = one(ASBESTOS + "Il a été repéré des matériaux susceptibles de contenir de l'amiante.")
    assert facts == {"outcome": "issues"}


@pytest.mark.parametrize(
    ("text", "presence"),
    [
        ("Il n'a pas été repéré d'indices d'infestation de termites le jour de la visite.", False),
        ("Absence de traces visibles d'infestation de termites. Présence d'indices de capricornes.", False),
        ("Le présent état fait apparaître la présence d'indices d'infestation de termites : plinthe.", True),
        (
            "Présence d'indices d'infestation d'insectes à larves xylophages.\nAbsence d'indices d'infestation de termites",
            False,
        ),
        (
            "Cave | Absence d'indices d'infestation de termites\nSéjour | Présence d'indices d'infestation de termites",
            True,
        ),
    ],
)
def test_termites(text, presence):
    assert one(TERMITES + text)["presence"] is presence


def test_the_name_of_the_report_is_no_presence_of_termites():
    assert (
        read(TERMITES + "Le présent état relatif à la présence de termites est établi selon la norme.") == {}
    )


def test_lead_classes_are_the_numbers_and_not_the_percentages():
    text = "Unités | Total | Non mesurées | Classe 0 | Classe 1 | Classe 2 | Classe 3\nNombre | 117 | 14 | 88 | 7 | 3 | 5\n% | 100 | 12 | 75 | 6 | 3 | 4"
    facts = one(LEAD + text)
    assert [facts[f"lead_class_{n}"] for n in (1, 2, 3)] == [7, 3, 5]
    assert (facts["presence"], facts["outcome"]) == (True, "issues")


def test_lead_classes_in_words():
    facts = one(
        LEAD
        + "Le constat a révélé la présence de plomb : 5 unités de classe 1 et trois unités de classe 2. Pas d'unité de classe 3."
    )
    assert [facts[f"lead_class_{n}"] for n in (1, 2, 3)] == [5, 3, 0]


def test_the_percentage_of_the_row_above_is_no_number_of_units():
    text = "Mesures | Nombre | %\nUD de classe 0 | 55 | 46\nUD de classe 1 | 9 | 8\nUD de classe 2 | 8 | 7\nUD de classe 3 | 6 | 5"
    assert [one(LEAD + text)[f"lead_class_{n}"] for n in (1, 2, 3)] == [9, 8, 6]


def test_no_lead():
    facts = one(LEAD + "Le constat n'a pas révélé la présence de revêtements contenant du plomb.")
    assert (facts["presence"], facts["outcome"]) == (False, "clear")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Le présent constat met en évidence une situation de risque de saturnisme infantile.", "danger"),
        ("Situations de risque de saturnisme infantile : OUI.", "danger"),
        ("Situations de risque de saturnisme infantile : NON.", "issues"),
        ("Aucune situation de risque de saturnisme infantile n'a été constatée.", "issues"),
        (
            "Situations | OUI | NON\nAu moins un local présente au moins 50 % d'unités de classe 3 | X |",
            "danger",
        ),
        (
            "Situations | OUI | NON\nAu moins un local présente au moins 50 % d'unités de classe 3 | | X",
            "issues",
        ),
    ],
)
def test_the_risk_of_lead(text, outcome):
    assert one(LEAD + "Le constat a révélé la présence de plomb.\n" + text)["outcome"] == outcome


def test_lead_classes_one_a_row():
    facts = one(
        LEAD
        + "Classement | Nombre | %\nClasse 0 | 58 | 72,5 %\nClasse 1 | 4 | 5 %\nClasse 2 | 0 | 0 %\nClasse 3 | 6 | 7,5 %"
    )
    assert [facts[f"lead_class_{n}"] for n in (1, 2, 3)] == [4, 0, 6]


def test_the_end_of_an_insurance_named_long_before_is_no_validity():
    text = (
        "Visite effectuée le 28/01/2025. Absence d'indices d'infestation de termites.\n"
        "Organisme d'assurance professionnelle : ESSAIS n° 865178 - Date de validité : 31/12/2025\n"
        "Le présent rapport est valable jusqu'au : 27/07/2025"
    )
    assert str(one(TERMITES + text)["valid_until"]) == "2025-07-27"


def test_classes_counted_in_a_sentence():
    text = (
        "Date de notre visite : 08/10/2024\n58 unités de diagnostic : 47 de classe 0, 2 de classe 1,\n"
        "1 de classe 2, aucune de classe 3 ; 8 non mesurées."
    )
    facts = one(LEAD + text)
    assert [facts[f"lead_class_{n}"] for n in (1, 2, 3)] == [2, 1, 0]
    assert str(facts["date"]) == "2024-10-08"
