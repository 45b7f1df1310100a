# ruff: noqa: E501  # printed lines are kept whole
from __future__ import annotations

import pytest

from documents.classification import classify
from documents.extraction.page import Page
from documents.extraction.tests.paper import page_of


def kind_of(*texts: str) -> tuple[str, str | None]:
    found = classify([page_of(text, number) for number, text in enumerate(texts, start=1)])
    return found.document_type, found.kind


def test_nothing_known_is_other_and_unsure() -> None:
    found = classify([page_of("Bonjour,\nvoici la recette du gâteau au chocolat.")])
    assert (found.document_type, found.kind) == ("other", "other")
    assert found.confidence <= 0.2
    assert classify([Page(1, ())]).document_type == "other"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CONVOCATION À L'ASSEMBLÉE GÉNÉRALE\nProjet de résolution n° 1 : approbation des comptes\nmajorité de l'article 24", ("other", "other")),
        ("PROCÈS-VERBAL DE L'ASSEMBLÉE GÉNÉRALE\nRésolution 1 – Quitus\nPour : 600 Contre : 20 Abstention : 0\nLa séance est levée", ("pv_ag", None)),
        ("PV d'AG du 5 avril 2025\n1. Budget : 2 000 €. Approuvé à l'unanimité.", ("pv_ag", None)),
        ("Compte rendu de l'assemblée générale\nFeuille de présence\nPour : 600 Contre : 20 Abstention : 0\nrésolution adoptée", ("pv_ag", None)),
        ("DIAGNOSTIC DE PERFORMANCE ÉNERGÉTIQUE\n243 kWh/m²/an\nDiagnostiqueur : M. X", ("diags", None)),
        ("ÉTAT DES RISQUES\nzone de sismicité 2", ("diags", None)),
        ("DIAGNOSTIC TECHNIQUE GLOBAL\nAmiante : présence. Plomb : absence. DPE collectif : classe E", ("other", "dtg")),
        ("AVIS D'IMPÔT 2023\nTAXES FONCIÈRES\nFinances publiques\nFrais de gestion de la fiscalité directe locale", ("taxe_fonciere", None)),
        ("APPEL DE FONDS\nCharges générales\t10 000\t253\t598,35 €\nTotal à payer\t598,35 €", ("charges", None)),
        ("2e trimestre 2022 (du 1er avril au 30 juin) – PROVISION SUR\nCHARGES\nTotal à payer\t676,05", ("charges", None)),
        ("APPEL MENSUEL DE PROVISIONS\nCharges générales\t121,50\nTotal\t203,66", ("charges", None)),
        ("RAPPORT DE MISSION DE REPÉRAGE DES MATÉRIAUX ET PRODUITS\nCONTENANT DE L'AMIANTE POUR L'ÉTABLISSEMENT DU CONSTAT ÉTABLI", ("diags", None)),
        ("CENTRE DES FINANCES\tTAXES FONCIÈRES 2022\nCommune\t760 €\nMontant de votre impôt : 1 008 €", ("taxe_fonciere", None)),
        ("RELEVÉ INDIVIDUEL DE CHARGES\nQuote-part du lot, tantièmes, montant\nAssurance de l'immeuble\t120,00 €", ("charges", None)),
        ("CONTRAT TYPE DE SYNDIC\nRémunération forfaitaire. Prestations particulières. État daté : 380 €", ("other", "contrat_syndic")),
        ("PRÉ-ÉTAT DATÉ\nUn état daté sera établi. Appels de fonds : 551,10 €", ("other", "pre_etat_date")),
        ("ÉTAT DATÉ\nArticle 5 du décret", ("other", "etat_date")),
        ("COMPROMIS DE VENTE\nConditions suspensives. Dépôt de garantie. Superficie (loi Carrez)", ("other", "compromis")),
        ("FICHE SYNTHÉTIQUE DE LA COPROPRIÉTÉ\nMontant du fonds de travaux", ("other", "fiche_synthetique")),
        ("CARNET D'ENTRETIEN\nDate de construction\t1971\nDiagnostic technique global\tréalisé le 04/02/2022", ("other", "carnet_entretien")),
        ("CARNET D'ENTRETIEN\nAssurance multirisque immeuble. Plan pluriannuel de travaux : néant", ("other", "carnet_entretien")),
        ("PROJET DE PLAN PLURIANNUEL DE TRAVAUX\nDPE collectif E", ("other", "ppt")),
        ("CONTRAT DE LOCATION\nLe bailleur. Le locataire. Loyer mensuel", ("other", "bail")),
        ("ATTESTATION D'ASSURANCE – MULTIRISQUE IMMEUBLE\nFranchise", ("other", "assurance")),
        ("RÈGLEMENT DE COPROPRIÉTÉ\nPar-devant maître X. Destination de l'immeuble", ("other", "reglement_copropriete")),
    ],
)  # fmt: skip
def test_by_content(text: str, expected: tuple[str, str | None]) -> None:
    assert kind_of(text) == expected


def test_minutes_decide_in_a_bundle() -> None:
    letter = (
        "Objet : notification du procès-verbal et appel de fonds travaux\nMadame, veuillez trouver ci-joint"
    )
    minutes = "PROCÈS-VERBAL D'ASSEMBLÉE GÉNÉRALE ORDINAIRE\n" + "\n".join(
        f"POINT {n} – QUESTION\nPour : 700 Contre : 0 Abstention : 0 Adopté" for n in range(1, 6)
    )
    call = (
        "APPEL DE FONDS TRAVAUX N° 1\nLot\tTantièmes\tMontant appelé\n18\t412\t301,38 €\nÀ régler\t301,38 €"
    )
    assert kind_of(letter, minutes, call) == ("pv_ag", None)


def test_the_reason_names_page_and_words() -> None:
    found = classify([page_of("APPEL DE FONDS\nTotal à payer\t598,35 €")])
    assert found.reason == "« appel de fonds », page 1"
    assert found.page_kinds == ("charges",)
