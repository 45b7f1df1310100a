"""Energy and areas: one rule, one test."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from decimal import Decimal as D

import pytest

from documents.extraction.tests.diagnostics import DPE, one, read


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("Superficie privative totale du lot : 62,47 m²", "62.47"),
        ("Surface loi Carrez totale : 48,31 m² (quarante-huit)\nSurface au sol totale : 49,39 m²", "48.31"),
        (
            "La superficie, au sens de l'article 46 de la loi du 10 juillet 1965, est de :\n102,35 m²",
            "102.35",
        ),
        ("La superficie privative du lot 31 est de 46,06 m².", "46.06"),
        (
            "Pièce | Superficie Carrez (m²) | Hors Carrez (m²)\nSéjour | 27,66 | 4,15\nTotal | 46,06 | 4,15",
            "46.06",
        ),
    ],
)
def test_the_private_area(text, surface):
    assert read("# Certificat de superficie\n" + text)["carrez"]["surface_m2"] == D(surface)


def test_rooms_are_no_area_of_the_lot():
    assert read("# Certificat de superficie\nPièce | Superficie Carrez\nSéjour | 27,66 m²") == {}


def test_both_areas_of_one_attestation():
    found = read(
        "# Attestation de surfaces\nSuperficie privative (loi Carrez) : 96,31 m². Surface habitable : 88,17 m²."
    )
    assert (found["carrez"]["surface_m2"], found["boutin"]["surface_m2"]) == (D("96.31"), D("88.17"))


@pytest.mark.parametrize(
    "text",
    [
        "Consommation conventionnelle : 243 kWh ep/m²/an. Émissions : 47 kg CO₂/m²/an.",
        "Consommation : 243 kWh/m²/an, dont énergie finale 131 kWh/m²/an\nÉmissions : 47 kgéqCO2/m².an",
        "Avant travaux 243 kWh/m²/an et 47 kg CO2/m²/an ; avec pack 1 : 150 kWh/m²/an et 8 kg CO2/m²/an",
        "Après travaux : 104 kWh/m²/an, 11 kg CO2/m²/an.\nÉtat actuel : 243 kWh/m²/an, 47 kg CO2/m²/an.",
    ],
)
def test_consumption_and_emissions_of_the_present_state(text):
    facts = one(DPE + text)
    assert (facts["energy_kwh_m2"], facts["ges_kg_m2"]) == (243, 47)


def test_values_over_their_units():
    facts = one(DPE + "243 | 47\nkWh/m²/an | kg CO2/m²/an")
    assert (facts["energy_kwh_m2"], facts["ges_kg_m2"]) == (243, 47)


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("Étiquette énergie : F. Étiquette climat : C.", ("F", "C")),
        ("Classe énergie : F - Classe climat : C", ("F", "C")),
        ("Classe F (391 kWh/m²/an) - GES C (12 kg/m²/an)", ("F", "C")),
        ("Consommation : 391 kWh/m²/an (classe F) - Émissions : 12 kg CO2/m²/an (classe C)", ("F", "C")),
        ("Étiquette DPE : F\nÉtiquette GES : C", ("F", "C")),
    ],
)
def test_stated_classes(text, classes):
    facts = one(DPE + text)
    assert (facts["energy_class"], facts["ges_class"]) == classes


@pytest.mark.parametrize(
    "text",
    [
        "Après travaux : classe C",
        "Avec pack 1 : 268 kWh/m²/an (classe E)",
        "Logement interdit à la location si la classe n'est pas améliorée",
    ],
)
def test_other_classes_are_not_the_dwellings(text):
    assert "energy_class" not in read(DPE + "N° : 2375E0902256V\n" + text)["dpe"]


def test_the_class_level_with_the_value():
    scale = "\n".join(f"{letter} | {'391' if letter == 'F' else ''}" for letter in "ABCDEFG")
    facts = one(f"{DPE}Consommation conventionnelle : 391 kWhEP/m².an\n{scale}")
    assert facts["energy_class"] == "F"


def test_the_larger_letter_of_a_scale():
    scale = "\n".join(("# " if letter == "F" else "") + letter for letter in "ABCDEFG")
    assert one(f"{DPE}N° : 2375E0902256V\n{scale}")["energy_class"] == "F"


def test_a_scale_without_mark_gives_no_class():
    assert "energy_class" not in one(f"{DPE}N° : 2375E0902256V\n" + "\n".join("ABCDEFG"))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("Chauffage | entre 610 € et 840 €\nÉnergie totale | entre 860 € et 1 210 € par an", "860", "1210"),
        ("Coûts annuels d'énergie estimés : entre 860 € et 1 210 € par an", "860", "1210"),
        ("Dépenses annuelles d'énergie estimées : de 860 € à 1 210 € par an", "860", "1210"),
        ("Consommation d'énergie pour les usages recensés | 16 198 | 1 031,00 €", "1031", "1031"),
    ],
)
def test_yearly_costs(text, low, high):
    facts = one(DPE + text)
    assert (facts["energy_cost_min"], facts["energy_cost_max"]) == (D(low), D(high))


@pytest.mark.parametrize(
    "text", ["Remplacement des fenêtres : 3 100 à 4 700 €", "Coût du présent diagnostic : 120,00 € TTC"]
)
def test_other_sums_are_no_energy_cost(text):
    assert "energy_cost_min" not in one(DPE + "N° : 2375E0902256V\n" + text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("N° : 2375E0902256V", "2375E0902256V"), ("N° ADEME : 1621V1002417J", "1621V1002417J")],
)
def test_the_ademe_number(text, number):
    assert one(DPE + text)["ademe_number"] == number


def test_another_reference_is_no_ademe_number():
    assert read(DPE + "N° : 2016-0843-A") == {}


def test_classes_in_a_sentence():
    text = "Il est en classe G pour la performance énergétique et en classe C pour les émissions de gaz à effet de serre."
    facts = one(DPE + text)
    assert (facts["energy_class"], facts["ges_class"]) == ("G", "C")


def test_classes_in_the_rows_of_a_table():
    facts = one(
        DPE
        + " | Valeur | Unité | Classe\nÉnergie primaire | 198 | kWh/m²/an | D\nÉmissions | 6 | kg CO₂/m²/an | A"
    )
    assert (facts["energy_class"], facts["ges_class"]) == ("D", "A")


def test_an_audit_is_read_in_its_first_state():
    facts = one(
        "# Audit énergétique\nÉtat initial : classe F, 352 kWh/m²/an, 78 kg CO₂/m²/an\n"
        "Scénario 1 | B (98 kWh/m²/an ; 3 kg CO₂/m²/an) | 54 300 €"
    )
    assert (facts["energy_class"], facts["energy_kwh_m2"], facts["ges_kg_m2"]) == ("F", 352, 78)


def test_values_under_a_heading_of_works_are_not_the_dwellings():
    text = "Avec travaux 1 + 2\n168 kWh/m²/an 5 kg CO2/m²/an\nÉtat actuel\n287 kWh/m²/an 9 kg CO2/m²/an"
    facts = one(DPE + text)
    assert (facts["energy_kwh_m2"], facts["ges_kg_m2"]) == (D(287), D(9))


def test_the_emissions_with_a_star_where_their_unit_cannot_be_read():
    text = "* Dont émissions de gaz à effet de serre\n478 kWh/m²/an\n94*"
    assert one(DPE + text)["ges_kg_m2"] == D(94)
    assert "ges_kg_m2" not in one(DPE + "478 kWh/m²/an\n94*")


def test_the_form_of_2021_is_known_by_its_first_sentence():
    text = (
        "N° : 2235E2114408P\nCe document vous permet de savoir si votre logement est économe en énergie\n"
        "Surface habitable : 44 m²"
    )
    later = "# Diagnostic de performance énergétique (logement) p. 2\nSystème de ventilation"
    assert read(text, later)["dpe"]["surface_m2"] == D(44)


def test_who_certifies_to_have_measured_names_a_day():
    text = (
        "Je certifie avoir procédé le 8 juillet 2020 au mesurage. Superficie privative du lot 7 : 102,35 m²\n"
    )
    assert str(one("# Attestation de superficie (loi Carrez)\n" + text)["date"]) == "2020-07-08"


def test_brackets_grade_what_stands_before_them():
    facts = one(DPE + "État initial : 298 kWh/m²/an\n(classe E), 61 kg CO2/m²/an (classe F).")
    assert (facts["energy_class"], facts["ges_class"]) == ("E", "F")
    facts = one(DPE + "L'étiquette du logement est F (énergie E, climat F).")
    assert (facts["energy_class"], facts["ges_class"]) == ("E", "F")
