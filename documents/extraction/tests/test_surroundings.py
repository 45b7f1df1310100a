"""Risks, noise, sewage: one rule, one test."""

# one rule, one line: patterns are read across
import pytest

from documents.extraction.tests.diagnostics import NOISE, RISKS, SEWAGE, one, read


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Zone de sismicité | 2 - faible", 2),
        ("Zone de sismicité 3 (modérée).", 3),
        ("Sismicité\nZone 1 (très faible) ☐ Zone 2 (faible) ☑ Zone 3 (modérée) ☐", 2),
        ("Sismicité classée en\n☐ zone 1 ☐ zone 2 ☐ zone 3 ☒ zone 4 ☐ zone 5", 4),
        ("Sismicité : moyenne", 4),
    ],
)
def test_the_seismic_zone(text, zone):
    assert one(RISKS + text)["seismic_zone"] == zone


@pytest.mark.parametrize(
    "text", ["Sismicité\nzone 1 zone 2 zone 3 zone 4 zone 5", "Zones de sismicité 1 à 5 : définitions"]
)
def test_no_zone_without_an_answer(text):
    assert "seismic_zone" not in read(RISKS + text + "\nRadon : zone 3").get("erp", {})


def test_the_register_on_line_names_the_plan_that_affects_the_property():
    assert (
        one(RISKS + "Le PPR Moselle a été approuvé le 28/07/2005 et affecte votre bien.")["outcome"]
        == "issues"
    )


def test_radon():
    assert one(RISKS + "Radon (2) | Commune à potentiel radon de niveau 1")["radon_zone"] == 1
    assert "radon_zone" not in one(RISKS + "Radon : niveau 3 oui ☐ non ☒\nSismicité : moyenne")
    assert one(RISKS + "Potentiel radon de la commune | zone 3")["radon_zone"] == 3


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("L'immeuble est situé dans le périmètre d'un PPR naturels ☑ oui ☐ non", "issues"),
        ("L'immeuble est situé dans le périmètre d'un PPR naturels ☐ oui ☑ non\nSismicité zone 1", "clear"),
        ("L'immeuble est situé dans le périmètre d'un PPR naturels ☐ oui ☑ non\nSismicité zone 3", "issues"),
        ("PPRN littoral | Approuvé", "issues"),
        ("Le bien n'est concerné par aucun plan de prévention.", "clear"),
    ],
)
def test_risks(text, outcome):
    assert one(RISKS + text)["outcome"] == outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("L'immeuble est situé dans le périmètre d'un plan d'exposition au bruit (PEB) ☐ oui ☑ non", "clear"),
        ("L'immeuble est situé dans le périmètre d'un plan d'exposition au bruit : ☒ oui ☐ non", "issues"),
        ("Le bien n'est exposé à aucune zone de bruit aérien.", "clear"),
        ("L'immeuble est situé en zone D du plan.", "issues"),
    ],
)
def test_noise(text, outcome):
    assert one(NOISE + text)["outcome"] == outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Avis : raccordement conforme.", "clear"),
        ("Installation non conforme, travaux dans un délai d'un an.", "issues"),
        ("Aucune non-conformité relevée.", "clear"),
        ("L'installation n'est pas conforme.", "issues"),
    ],
)
def test_sewage(text, outcome):
    assert one(SEWAGE + text)["outcome"] == outcome


def test_the_ticked_zone_under_the_heads_of_all_zones():
    text = "zone 1 | zone 2 | zone 3 | zone 4 | zone 5\n☐ | ☐ | ☐ | ☒ | ☐\nzonage de sismicité"
    assert one(RISKS + text)["seismic_zone"] == 4
    none = "zone 1 | zone 2 | zone 3 | zone 4 | zone 5\n☐ | ☐ | ☐ | ☐ | ☐\nradon : zone 3"
    assert "seismic_zone" not in one(RISKS + none)


def test_a_bordering_row_of_the_risks_is_no_report_on_noise():
    assert list(read(RISKS + "Sismicité : zone 2\nNuisances sonores aériennes (PEB) | Non exposé")) == ["erp"]


def test_the_grades_of_the_form_on_line():
    facts = one(
        RISKS + "SISMICITÉ : 3/5\n1 - très faible, 2 - faible\nRADON : 2/3\n1 - faible, 3 - significatif"
    )
    assert (facts["seismic_zone"], facts["radon_zone"]) == (3, 2)


def test_a_question_whose_boxes_were_not_read_has_no_answer():
    asked = "commune à potentiel radon classée en niveau 3 : oui non\nSismicité : moyenne"
    assert "radon_zone" not in one(RISKS + asked)


def test_the_day_beside_the_place_under_its_head():
    text = "vendeur | date / lieu | acquéreur\nSCI DES ESSAIS | NICE, le 02/12/2021 |\nSismicité : moyenne"
    assert str(one(RISKS + text)["date"]) == "2021-12-02"


def test_a_significant_potential_that_is_denied_is_none():
    text = (
        "Commune à potentiel radon significatif (niveau 3) | non\nNiveau radon de la commune | 1\nPPR | non"
    )
    facts = one(RISKS + text)
    assert (facts["radon_zone"], facts["outcome"]) == (1, "clear")
