"""Diagnostics: one rule, one test."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from documents.extraction.diags import extract
from documents.extraction.diags.ticks import after, before, yes_or_no
from documents.extraction.tests.sheets import sheet

ELECTRICITY = "# État de l'installation intérieure d'électricité\n"
GAS = "# État de l'installation intérieure de gaz\n"
LEAD = "# Constat de risque d'exposition au plomb\n"
ASBESTOS = "# Constat de repérage amiante\n"
TERMITES = "# État relatif à la présence de termites dans le bâtiment\n"
RISKS = "# État des risques\n"
NOISE = "# État des nuisances sonores aériennes\n"
SEWAGE = "# Contrôle de l'assainissement\n"
DPE = "# Diagnostic de performance énergétique (logement)\n"


def read(*texts):
    facts: dict[str, Any] = extract([sheet(text, number) for number, text in enumerate(texts, 1)]).facts
    return {
        one["type"]: {k: v for k, v in one.items() if k != "type"} for one in facts.get("diagnostics", [])
    }


def one(text):
    (facts,) = read(text).values()
    return facts


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


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("Superficie privative totale du lot : 62,47 m²", "62.47"),
        ("Surface loi Carrez totale : 48,31 m² (quarante-huit)\nSurface au sol totale : 49,39 m²", "48.31"),
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


def test_the_ticked_zone_under_the_heads_of_all_zones():
    text = "zone 1 | zone 2 | zone 3 | zone 4 | zone 5\n☐ | ☐ | ☐ | ☒ | ☐\nzonage de sismicité"
    assert one(RISKS + text)["seismic_zone"] == 4
    none = "zone 1 | zone 2 | zone 3 | zone 4 | zone 5\n☐ | ☐ | ☐ | ☐ | ☐\nradon : zone 3"
    assert "seismic_zone" not in one(RISKS + none)


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


def test_a_bordering_row_of_the_risks_is_no_report_on_noise():
    assert list(read(RISKS + "Sismicité : zone 2\nNuisances sonores aériennes (PEB) | Non exposé")) == ["erp"]


def test_lead_classes_one_a_row():
    facts = one(
        LEAD
        + "Classement | Nombre | %\nClasse 0 | 58 | 72,5 %\nClasse 1 | 4 | 5 %\nClasse 2 | 0 | 0 %\nClasse 3 | 6 | 7,5 %"
    )
    assert [facts[f"lead_class_{n}"] for n in (1, 2, 3)] == [4, 0, 6]


def test_an_empty_page_gives_nothing():
    assert extract([]).facts == {}
