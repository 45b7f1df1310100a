# ruff: noqa: E501  # printed lines are kept whole
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from documents.extraction import other
from documents.extraction.tests.paper import page_of


def facts(text: str, kind: str) -> dict[str, Any]:
    return other.extract([page_of(text)], kind).facts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Contrat à effet le 01/01/2025, échéance le 31/12/2025", None),
        ("Comptes approuvés le 14/12/2022, visite du 3 octobre 2024", None),
        ("Décret du 17 mars 1967 modifié", None),
        (
            "Fait à Lille, le 27 septembre 2024. L'acte sera signé au plus tard le 17 janvier 2025.",
            date(2024, 9, 27),
        ),
        (
            "Document établi le 9 septembre 2024, sur la base des comptes arrêtés au 31 août 2024",
            date(2024, 9, 9),
        ),
        ("données mises à jour le 11/10/2023", date(2023, 10, 11)),
        ("Rapport n° 24-117 du 19 avril 2024 – visites des 5 et 6 mars 2024", date(2024, 4, 19)),
        ("MUTUELLE DES ESSAIS\tLimoges, le 22/12/2022", date(2022, 12, 22)),
        ("L'AN MIL NEUF CENT SOIXANTE-HUIT, le dix-sept octobre, par-devant Maître X", date(1968, 10, 17)),
        ("Délivré le 26/03/2024 – Date envisagée du transfert : 30/04/2024", date(2024, 3, 26)),
        ("Le 2 décembre 2024\nAvis d'échéance", date(2024, 12, 2)),
        ("8 rue Neuve, 41000 BLOIS\nDevis n° 12\nDate : 03/03/2025", date(2025, 3, 3)),
        ("L'an deux mille vingt-cinq, le trois février,\nà Rennes", date(2025, 2, 3)),
    ],
)
def test_document_date(text: str, expected: date | None) -> None:
    assert facts(text, "compromis").get("document_date") == expected


@pytest.mark.parametrize(
    ("text", "lots"),
    [
        ("divisé en cent dix-huit (118) lots, numérotés de 1 à 118", None),
        ("fonds de travaux attaché aux lots vendus : 764,15 €", None),
        ("3 lots en copropriété", None),
        ("Lots vendus\tN° 14 (appartement, 245 tantièmes) et n° 37 (cave, 8 tantièmes)", ["14", "37"]),
        ("Lot numéro quatorze (14) : un appartement", ["14"]),
        ("57000 Metz : le lot\nn° 9 (appartement) et le lot n° 21\n(grenier)", ["9", "21"]),
        ("Lot 31 — 97/10000 — cédant : Mme Untel", ["31"]),
        ("12 rue Neuve : lot numéro\nquatorze (14) : un appartement", ["14"]),
        ("Lots cédés\tLot 22 (appartement, 330/10000) et lot 58 (cave, 11/10000)", ["22", "58"]),
        ("Lot(s) : 48, 112 et 130", ["48", "112", "130"]),
        ("Lots n° 23 et 61 – tantièmes généraux : 342 / 10 000", ["23", "61"]),
        ("\n".join(f"LOT N° {n} : une cave" for n in range(1, 9)), None),
        ("Lots objets de la vente\tn° 5 et n° 38\nTantièmes généraux\t322 / 10 000", ["5", "38"]),
        ("un appartement, 5 rue des Tanneurs, 81000 ALBI, lot 14, 52 m² habitables", ["14"]),
    ],
)
def test_lot_numbers(text: str, lots: list[str] | None) -> None:
    assert facts(text, "pre_etat_date").get("lot_numbers") == lots


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("Par exemple, pour un lot de 412 / 10 000 tantièmes, l'effort serait de 1 395 €", None),
        ("section KP n° 218/12", None),
        (
            "Lot n° 1 : (245/10.000èmes) du sol et des parties communes générales ; (596/10.000èmes) des parties communes spéciales au bâtiment A",
            (245, 10000),
        ),
        ("n° 14 (245 tantièmes) et n° 37 (8 tantièmes), soit 253 / 10 000 tantièmes généraux", (253, 10000)),
        ("et les six cents dix-millièmes (600/10000 èmes) des parties communes générales", (600, 10000)),
        (
            "Lot n° 33 : les 145/10000èmes des parties communes. Lot n° 7 : les 3/10000èmes des parties communes",
            None,
        ),
        ("Lot n° 33 : 145/10000èmes. Lot n° 7 : 3/10000èmes, soit ensemble 148/10000èmes", (148, 10000)),
        (
            "Un lot 12 : 35/1000 des parties communes ; un lot 13 : 41/1000 ; un lot 14 : 28/1000 des parties communes",
            None,
        ),
        ("Total des quotes-parts : 10 000/10 000 dix-millièmes", None),
        ("Total tantièmes cédés : 418 sur 100000", (418, 100000)),
    ],
)
def test_share(text: str, share: tuple[int, int] | None) -> None:
    found = facts(text, "pre_etat_date").get("tantiemes")
    assert found == ({"lot": share[0], "total": share[1]} if share else None)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Nombre de lots à usage d'habitation\t61", None),
        ("Nombre total de lots inscrits au règlement\t173\ndont lots à usage d'habitation\t61", 173),
        ("28 lots principaux et 31 lots secondaires, soit 59 lots", 59),
        ("L'immeuble, construit en 1988, comprend 24 lots principaux (51 lots au total)", 51),
        ("divisé en quarante-quatre lots numérotés de 1 à 44", 44),
        ("52 lots principaux, 118 lots au total", 118),
    ],
)
def test_number_of_lots(text: str, number: int | None) -> None:
    assert facts(text, "fiche_synthetique").get("number_of_lots") == number


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("Période de construction : de 1961 à 1974", None),
        ("Règlement du 21/03/1974", None),
        ("Année d'achèvement de la construction\t1973", 1973),
        ("Bâtiment achevé en 1974, 36 lots", 1974),
        ("Date de construction\t1991", 1991),
    ],
)
def test_construction_year(text: str, year: int | None) -> None:
    assert facts(text, "carnet_entretien").get("construction_year") == year


STATEMENT = """PRÉ-ÉTAT DATÉ
Montant annuel des charges courantes du lot (exercice en cours)\t2 509,64 €
Travaux votés et non encore appelés – ravalement : 4 appels de 551,10 €\t2 204,40 €
Cotisation annuelle au fonds de travaux\t119,67 €
Frais de relance\t36,00 €
Total des sommes restant dues par le vendeur\t36,00 €
Quote-part du fonds de travaux attachée aux lots vendus\t318,42 €
Avance de trésorerie (à rembourser au vendeur par l'acquéreur)\t150,00 €
Impayés de charges de l'ensemble des copropriétaires\t14 077,90 €
Solde global du fonds de travaux\t12 586,00 €
"""


def test_the_lot_s_sums_and_not_the_building_s() -> None:
    found = facts(STATEMENT, "pre_etat_date")
    assert found["annual_charges"] == Decimal("2509.64")
    assert found["works_remaining_calls"] == Decimal("2204.40")
    assert found["seller_arrears"] == Decimal("36.00")
    assert found["fonds_travaux_balance"] == Decimal("318.42")
    assert [o["amount"] for o in found["obligations"]] == [Decimal("150.00")]


def test_a_statement_of_the_building_alone_says_nothing_of_the_lot() -> None:
    text = "PRÉ-ÉTAT DATÉ\nImpayés de charges de l'ensemble des copropriétaires\t14 077,90 €\nSolde global du fonds de travaux\t12 586,00 €"
    assert facts(text, "pre_etat_date") == {"kind": "pre_etat_date"}


DATED = """ÉTAT DATÉ
Date de l'état : 14 février 2023
1ère partie - sommes dues par le copropriétaire cédant
Charges impayées\t87,12
TOTAL (A + B)\t301,67
2ème partie - sommes dont le syndicat pourrait être débiteur à l'égard du cédant
TOTAL (A + B)\t180,00
3ème partie - sommes incombant au nouveau copropriétaire
Reconstitution des avances\t180,00
Provisions du budget prévisionnel exigibles le 01/04/2023\t428,60
Dépenses non comprises dans le budget prévisionnel : pignons\t1 340,00
"""


def test_the_three_parts_of_an_etat_date() -> None:
    found = facts(DATED, "etat_date")
    assert found["document_date"] == date(2023, 2, 14)
    assert (found["seller_arrears"], found["works_remaining_calls"]) == (Decimal("301.67"), Decimal(1340))
    assert [o["amount"] for o in found["obligations"]] == [Decimal(180)]


def test_several_works_to_come_without_their_sum_are_not_one() -> None:
    assert "works_remaining_calls" not in facts(DATED + "exigible le 01/09/2023\t900,00\n", "etat_date")


def test_a_deposit_named_after_its_sum() -> None:
    text = (
        "COMPROMIS DE VENTE\nL'acquéreur verse ce jour une somme de 9 850,00 € à titre de dépôt de garantie."
    )
    assert [o["amount"] for o in facts(text, "compromis")["obligations"]] == [Decimal(9850)]


def test_an_agent_paid_by_the_buyer() -> None:
    text = "PROMESSE DE VENTE\nNégociation par l'agence Rive-Verte.\nLa rémunération, d'un montant de ONZE MILLE EUROS (11 000,00 EUR) TTC, est à la charge du BÉNÉFICIAIRE."
    assert [o["amount"] for o in facts(text, "compromis")["obligations"]] == [Decimal(11000)]


DEED = """COMPROMIS DE VENTE
La vente est consentie moyennant le prix principal de DEUX CENT QUARANTE-HUIT
MILLE EUROS (248.000,00 EUR), payable comptant. L'acquéreur versera une
commission de NEUF MILLE NEUF CENTS EUROS (9.900,00 EUR) TTC à l'agence.
Prêt d'un montant maximum de 198.000,00 EUR. La clause pénale est fixée à 24.800,00 EUR.
Il verse à titre de dépôt de garantie la somme de 12.400,00 EUR.
"""


def test_sure_sums_of_a_deed() -> None:
    found = facts(DEED, "compromis")["obligations"]
    assert [(o["amount"], o["frequency"]) for o in found] == [
        (Decimal(248000), "once"),
        (Decimal(9900), "once"),
        (Decimal("12400.00"), "once"),
    ]


def test_tariffs_bind_nobody() -> None:
    text = "CONTRAT DE SYNDIC\nCoût horaire\t96,00 €\nÉtat daté\t380,00 €\nAssemblée supplémentaire, forfait\t540,00 €"
    assert "obligations" not in facts(text, "contrat_syndic")
    text = "MULTIRISQUE IMMEUBLE\nDégâts des eaux, franchise\t230,00 €\nVol, plafond\t25 000,00 €"
    assert "obligations" not in facts(text, "assurance")


@pytest.mark.parametrize(
    ("text", "kind", "amount", "frequency"),
    [
        (
            "La rémunération forfaitaire annuelle s'élève à 11 520,00 € hors taxes, soit 13 824,00 € toutes taxes comprises.",
            "contrat_syndic",
            "13824.00",
            "yearly",
        ),
        (
            "La cotisation annuelle s'élève à 6 412,88 € TTC (5 890,20 € hors taxes)",
            "assurance",
            "6412.88",
            "yearly",
        ),
        (
            "Loyer mensuel hors charges : 685,00 €\nLe loyer du dernier locataire était de 660,00 €",
            "bail",
            "685.00",
            "monthly",
        ),
    ],
)
def test_yearly_and_monthly_sums(text: str, kind: str, amount: str, frequency: str) -> None:
    (found,) = facts(text, kind)["obligations"]
    assert (found["amount"], found["frequency"]) == (Decimal(amount), frequency)


def test_a_fund_named_before_its_amount() -> None:
    text = "FICHE SYNTHÉTIQUE\nPrésence d'un fonds de travaux\tOui\nFonds de travaux : montant\t12 980,50 €"
    assert facts(text, "fiche_synthetique")["fonds_travaux_balance"] == Decimal("12980.50")


def test_a_fact_sheet_speaks_of_the_whole_building() -> None:
    text = "FICHE SYNTHÉTIQUE\nCharges pour opérations courantes\t128 447,52 €\nCharges pour travaux et opérations exceptionnelles\t22 180,00 €\nMontant du fonds de travaux\t31 204,66 €\nPrésence d'un fonds de travaux\tOui"
    found = facts(text, "fiche_synthetique")
    assert found["annual_charges"] == Decimal("128447.52")
    assert found["fonds_travaux_balance"] == Decimal("31204.66")
    assert "tantiemes" not in found


def test_a_year_above_the_word_is_no_number_of_lots() -> None:
    assert (
        facts("Année de construction\t1985\nLots\t55 lots (dont 28 principaux)", "ppt")["number_of_lots"]
        == 55
    )


def test_what_the_buyer_owes_his_agent_is_no_arrears_of_the_seller() -> None:
    text = "Le bénéficiaire doit à l'agence des honoraires d'un montant de 8 800,00 EUR TTC."
    assert "seller_arrears" not in facts(text, "compromis")


def test_the_third_part_names_works_not_yet_due() -> None:
    text = (
        "Travaux décidés non encore exigibles (pignon)\t640,00 €\n"
        "Avance constituant la réserve (D. art. 35. 1°), à rembourser au cédant\t125,00 €"
    )
    found = facts(text, "etat_date")
    assert found["works_remaining_calls"] == Decimal("640.00")
    assert found["obligations"][0]["amount"] == Decimal("125.00")


def test_what_the_buyer_pays_at_the_signing_of_a_deed() -> None:
    text = (
        "Dépôt de garantie – L'acquéreur verse ce jour 10 725 € au notaire.\n"
        "Le budget prévisionnel représente pour les lots 2 016 € par an."
    )
    found = facts(text, "compromis")
    assert found["annual_charges"] == Decimal("2016")
    assert found["obligations"][0]["amount"] == Decimal("10725")


def test_a_sum_after_nothing_is_another_lines() -> None:
    text = (
        "Montant dû par le vendeur au syndicat à ce jour : 410,33 €\n"
        "Travaux votés restant à appeler : néant\nImpayés de l'ensemble des copropriétaires : 5 900,00 €"
    )
    found = facts(text, "pre_etat_date")
    assert found["seller_arrears"] == Decimal("410.33")
    assert "works_remaining_calls" not in found


def test_charges_of_a_lease_at_a_flat_rate() -> None:
    text = "Les charges font l'objet d'un forfait mensuel de 60 €."
    assert facts(text, "bail")["obligations"][0]["amount"] == Decimal("60")
