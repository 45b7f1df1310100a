"""Works, sums and payment in minutes, each with what it must not read."""

# ruff: noqa: E501  # printed lines are kept whole
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from documents.extraction.flow import fold
from documents.extraction.pv_ag.works import description, is_works, opens_with_works
from documents.extraction.tests.minutes import HEAD, VOTED, read, resolution


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("Quitus\nQuitus est donné pour l'exercice clos le 31/12/2023.", None),
        ("Impayés\nPour mémoire, le budget voté s'élevait à 91 200,00 €.", None),
        ("Ravalement\nEntreprise\tMontant HT\tMontant TTC\nALPHA\t76 700,00 €\t84 370,00 €\nBETA\t80 820,46 €\t88 902,51 €", None),
        ("Ravalement\nEntreprise\tMontant HT\tMontant TTC\nALPHA\t76 700,00 €\t84 370,00 €\nBETA\t80 820,46 €\t88 902,51 €\n"
         "Elle retient la proposition de l'entreprise ALPHA pour un montant de 84 370,00 € TTC.", "84370.00"),
        ("Honoraires\nLes honoraires, soit 3 % du montant hors taxes des travaux, représentant 2 301,00 € HT et 2 761,20 € TTC.", "2761.20"),
        ("Budget\nLe budget, initialement voté pour 38 500,00 €, est porté à la somme de 41 200,00 €.", "41200.00"),
        ("Budget\nL'assemblée porte le budget de l'exercice du 01/01/2024 au 31/12/2024 de 154 500,00 € à 161 400,00 €.", "161400.00"),
        ("Budget\nLe budget 2025, voté l'an dernier à 52 500,00 €, est porté à 54 300,00 €.", "54300.00"),
        ("Budget\nLe budget en cours, voté pour 61 500,00 €, est révisé à 66 800,00 €.", "66800.00"),
        ("Budget\nLe budget 2024, initialement de 279 000,00 €, est modifié à\n291 000,00 €.", "291000.00"),
        ("Budget\nBudget de 84 300,00 €. Budget 2025 voté le 20/06/2024 : 80 500,00 €.", "84300.00"),
        ("Fonds\nCotisation : 2,5 % du montant des travaux du plan adopté (186 400,00 €), soit 4 660,00 € par an.", "4660.00"),
        ("Budget\nBudget arrêté à 68 420,00 € (en hausse de 3,2 % par rapport aux 66 298,00 € de l'exercice précédent).", "68420.00"),
        ("Comptes\nLes comptes, arrêtés à 142 318,07 €, sont approuvés. Le solde, débiteur de 6 118,07 €, est réparti.", "142318.07"),
        ("Forfait\nForfait annuel : 19 850,00 € HT, soit 23 820,00 € TTC. Les honoraires du sortant étaient de 25 140,00 € TTC.", "23820.00"),
        ("Comptes\nDépenses de 171 455,20 euros (budget : 168 000 euros).", "171455.20"),
        ("Budget\nL'assemblée ajuste le budget et le porte de 201.000,00 € à 226.500,00 €.", "226500.00"),
        ("Toiture\nDevis A (ALPHA) : 18 480,00 € TTC. Devis B (BETA) : 16 995,00 € TTC.\nL'assemblée retient le devis B.", "16995.00"),
        ("Syndic\nCandidats : ALPHA (28 800 € TTC par an) et BETA (25 200 € TTC par an). BETA est élu pour un an.", "25200"),
        ("Voirie\nALPHA : 264 880,00 € TTC ; BETA : 251 313,15 € TTC. L'offre BETA est retenue.", "251313.15"),
        ("Mur\nLe devis de ALPHA (15 411,00 € TTC) est retenu de préférence à celui de BETA (16 995,00 € TTC).", "15411.00"),
        ("Voirie\n• ALPHA, pour 27 940,00 EUR TTC\n• BETA, pour 24 618,00 EUR TTC\nl'assemblée décide de confier les travaux à la société BETA.", "24618.00"),
        ("Chaufferie\nALPHA : 118 420,00 € HT soit 124 933,10 € TTC. L'assemblée retient ALPHA. Financement : 30 000,00 € par le fonds travaux.", "124933.10"),
        ("Modalités de financement\nTrois appels de fonds de 5 000,00 € chacun.", None),
        ("Subventions\nLa demande porte sur un montant estimé à 123 795,00 €.", None),
        ("Budget\nLe budget est actualisé de 52 000 € à 55 400 €.", "55400"),
        ("Débiteur\nLe syndic est autorisé à poursuivre M. ALBIN pour la somme de 4 118,92 €.", None),
        ("Saisie\nLe syndic saisit le lot 4 de M. ALBIN, débiteur de 6 912,08 €, la mise à prix étant fixée à 25 000,00 €.", "25000.00"),
        ("Aides\nLe montant prévisionnel des aides est estimé à 95 535,00 €.", None),
    ],
)  # fmt: skip
def test_amount(text: str, amount: str | None) -> None:
    found = resolution(f"{text}\nPour : 600. Contre : 300. Abstention : 0.\nLa résolution est adoptée.")
    assert found.get("amount") == (Decimal(amount) if amount else None)


@pytest.mark.parametrize(
    "title",
    [
        "Honoraires du syndic pour le suivi du ravalement",
        "Souscription d'une assurance dommages-ouvrage",
        "Maîtrise d'œuvre d'exécution",
        "Étude de sol complémentaire",
        "Autorisation donnée à un copropriétaire d'installer une pompe à chaleur",
        "Approbation des comptes de travaux clos",
        "Élaboration du projet de plan pluriannuel de travaux",
        "Changement d'assureur de l'immeuble",
        "Changement de destination du lot 9",
        "Fonds de travaux – taux de cotisation",
        "Modification du règlement de copropriété",
        "Renouvellement du mandat du syndic",
        "Remplacement du gardien",
        "Choix du scénario de rénovation",
        "Climatiseur de M. Pujol en façade",
        "Travaux de réfection des balcons : exigibilité des fonds",
        "Transformation du local poubelles en lot privatif",
    ],
)
def test_no_works(title: str) -> None:
    assert not is_works(title)


@pytest.mark.parametrize(
    "title",
    [
        "Rénovation énergétique globale : choix du scénario",
        "Travaux de ravalement de la façade sur rue",
        "Remplacement de l'interphone par un visiophone",
        "Réfection de la toiture – variante A (tuiles plates, entreprise COUVRAMENT)",
        "Élagage des marronniers",
        "Pose de caméras dans le hall",
        "Lot 1 – Isolation thermique par l'extérieur",
        "Mise en sécurité électrique des caves",
        "Ravalement du bâtiment 3 : principe et choix de l'entreprise",
        "Descente d'eaux pluviales",
    ],
)
def test_works(title: str) -> None:
    assert is_works(title)


@pytest.mark.parametrize(
    ("title", "text", "works"),
    [
        ("Portillon", "Remplacement du portillon par ALPHA, 2 970 € TTC. Art. 24", True),
        ("Cour", "La plantation d'arbres dans la cour (2 750 € TTC) est écartée.", True),
        ("Gardien", "Remplacement du gardien pendant ses congés : 1 200 €.", False),
        ("Budget", "Peinture comprise, 2 000 €.", False),
        ("Divers", "Réparation de la sonnette signalée au syndic.", False),
        ("Cave", "Le syndic rappelle la réfection du sol de 2019 (3 000 €).", False),
    ],
)
def test_works_told_below_a_bare_title(title: str, text: str, works: bool) -> None:
    assert opens_with_works(title, fold(text)) is works


def test_description_leaves_the_firm_out() -> None:
    assert description("Réfection de la toiture – choix de l'entreprise") == "Réfection de la toiture"
    assert description("TRAVAUX : REMPLACEMENT DE LA CHAUDIÈRE") == "REMPLACEMENT DE LA CHAUDIÈRE"


@pytest.mark.parametrize(
    ("text", "funding", "calls"),
    [
        ("L'assemblée retient le devis de 3 000,00 € TTC, imputé sur le budget courant.", None, None),
        ("Devis de 3 000,00 € TTC. La dépense est prélevée en totalité sur le fonds de travaux.", "fonds_travaux", None),
        ("Devis de 3 000,00 € TTC, financé par un emprunt collectif.", "loan", None),
        ("Devis de 3 000,00 € TTC ; il sera fait appel au fonds de travaux pour la totalité.", "fonds_travaux", None),
        ("Devis : 3 000,00 € TTC. Les fonds seront appelés en une fois le 15 mai 2021.", "calls",
         [{"due_date": date(2021, 5, 15), "amount": Decimal("3000.00")}]),
        ("Devis : 3 000,00 € TTC. Deux appels de fonds de 1 500,00 € chacun, exigibles le 1er septembre 2024 et le 1er décembre 2024.", "calls",
         [{"due_date": date(2024, 9, 1), "amount": Decimal("1500.00")}, {"due_date": date(2024, 12, 1), "amount": Decimal("1500.00")}]),
        ("Devis : 3 000,00 € TTC. Les appels interviendront ainsi : 40 % le cinq septembre deux mille vingt-trois, 60 % le cinq décembre deux mille vingt-trois.",
         "calls", [{"due_date": date(2023, 9, 5), "share_pct": Decimal(40)}, {"due_date": date(2023, 12, 5), "share_pct": Decimal(60)}]),
        ("Devis : 3 000,00 € TTC, appelé selon la loi du 10 juillet 1965 : 40 % exigibles le 01/07/2024 soit 1 200,00 € ; 60 % le 01/10/2024 soit 1 800,00 €.", "calls",
         [{"due_date": date(2024, 7, 1), "share_pct": Decimal(40), "amount": Decimal("1200.00")},
          {"due_date": date(2024, 10, 1), "share_pct": Decimal(60), "amount": Decimal("1800.00")}]),
        ("Devis : 3 000,00 € TTC. Trois appels égaux de 999,33 €, 1 000,33 € et 1 000,34 € seront émis les 1er mars, 1er juin et 1er septembre 2024.", "calls",
         [{"due_date": date(2024, 3, 1), "amount": Decimal("999.33")}, {"due_date": date(2024, 6, 1), "amount": Decimal("1000.33")},
          {"due_date": date(2024, 9, 1), "amount": Decimal("1000.34")}]),
        ("ALPHA est retenue pour 3 000,00 € TTC de préférence à BETA (4 000,00 € TTC), les appels étant de 1 400,00 € au 01/07/2025 et 1 600,00 € au 01/10/2025.",
         "calls", [{"due_date": date(2025, 7, 1), "amount": Decimal("1400.00")}, {"due_date": date(2025, 10, 1), "amount": Decimal("1600.00")}]),
        ("Devis : 3 000,00 € TTC, payable le 30 juin 2022.", "calls", [{"due_date": date(2022, 6, 30), "amount": Decimal("3000.00")}]),
        ("Devis : 3 000,00 € TTC. À payer en une fois le 30 juin 2022.", "calls", [{"due_date": date(2022, 6, 30), "amount": Decimal("3000.00")}]),
        ("Devis : 3 000,00 € TTC, selon :\nÉchéance\tTaux\n15/07/2022\t40 %\n15/10/2022\t60 %", "calls",
         [{"due_date": date(2022, 7, 15), "share_pct": Decimal(40)}, {"due_date": date(2022, 10, 15), "share_pct": Decimal(60)}]),
        ("Devis : 3 000,00 € TTC. Une part de 860,00 € sera prélevée sur le fonds travaux ; le solde sera appelé le 15/07/2022.", "mixed", None),
    ],
)  # fmt: skip
def test_payment(text: str, funding: str | None, calls: list[dict[str, Any]] | None) -> None:
    body = (
        f"{HEAD}Résolution n° 1 – Réfection du porche\n{text}\nArticle 24\n{VOTED}\nLa résolution est adoptée.\n"
        f"Résolution n° 2 – Questions diverses\nSans vote.\nLa séance est levée."
    )
    works = read(body).facts["works"]
    assert isinstance(works, list)
    assert works[0].get("funding") == funding
    if calls is not None:
        assert works[0].get("calls") == calls


def test_what_one_owner_asks_for_is_not_the_building_s() -> None:
    asked = f"Résolution n° 1 – Création d'une ouverture en façade\nDemande de la SCI ALBIN.\nArticle 25\n{VOTED}\nAdoptée.\n"
    assert "works" not in read(f"{HEAD}{asked}Résolution n° 2 – Divers\nSans vote.").facts


def test_a_fee_for_works_is_not_the_yearly_one() -> None:
    fee = f"Résolution n° 1 – Rémunération du syndic (chaudière)\n3 % HT soit 1 276,04 € TTC.\nArticle 24\n{VOTED}\nAdoptée.\n"
    assert "syndic_fee_annual" not in read(f"{HEAD}{fee}Résolution n° 2 – Divers\nSans vote.").facts


def test_refused_works_have_no_funding() -> None:
    body = (
        f"{HEAD}Résolution n° 1 – Réfection du porche\nDevis : 3 000,00 € TTC, appelés le 15/07/2022.\nArticle 24\n"
        "Pour : 100. Contre : 300.\nRejetée.\nRésolution n° 2 – Divers\nSans vote."
    )
    works = read(body).facts["works"]
    assert isinstance(works, list)
    assert works == [
        {
            "resolution": "1",
            "description": "Réfection du porche",
            "status": "rejected",
            "amount": Decimal("3000.00"),
        }
    ]


def test_rival_quotes_of_a_question_put_off_are_no_sum() -> None:
    quotes = "Trois devis : ALPHA 9 350 € TTC, BETA 8 910 € TTC. Le point est reporté."
    found = read(
        f"{HEAD}1. Hall\n{quotes}\n2. Porte\nDevis ALPHA 4 300 € TTC. Le point est reporté.\n3. Divers\nSans vote."
    )
    resolutions = found.facts["resolutions"]
    assert isinstance(resolutions, list)
    assert [item.get("amount") for item in resolutions] == [None, Decimal(4300), None]


def test_budgets_of_two_years_in_one_resolution() -> None:
    facts = read(
        f"{HEAD}1. Budget\na) Exercice du 1er janvier 2025 au 31 décembre 2025 : 15 900,00 €.\n"
        f"b) Exercice du 1er janvier 2026 au 31 décembre 2026 : 16 300,00 €.\n{VOTED}\nAdoptée.\n2. Divers\nSans vote."
    ).facts
    budgets = facts["budgets"]
    assert isinstance(budgets, list)
    assert [(b["year_start"].year, b["amount"]) for b in budgets] == [
        (2025, Decimal(15900)),
        (2026, Decimal(16300)),
    ]


@pytest.mark.parametrize(
    ("printed", "amount", "rule"),
    [
        ("42 600,00 € HT", Decimal("42600.00"), "pv_ag.works_ht"),
        ("42 600,00 € HT, soit 46 860,00 € TTC", Decimal("46860.00"), "pv_ag.works"),
        ("46 860,00 €", Decimal("46860.00"), "pv_ag.works"),
    ],
)
def test_works_printed_before_tax_only_say_so(printed: str, amount: Decimal, rule: str) -> None:
    text = (
        f"{HEAD}Résolution n° 4 – Quitus\nArticle 24\n{VOTED}\nLa résolution est adoptée.\n"
        "Résolution n° 5 – Travaux de réfection de la toiture\n"
        f"L'assemblée décide de confier les travaux à l'entreprise TOITS pour un montant de {printed}.\n"
        f"Article 24\n{VOTED}\nLa résolution est adoptée.\n"
        f"Résolution n° 6 – Nettoyage\nArticle 24\n{VOTED}\nLa résolution est adoptée.\nLa séance est levée."
    )
    (found,) = [f for f in read(text).findings if f.path == "works[0].amount"]
    assert (found.value, found.rule) == (amount, rule)
