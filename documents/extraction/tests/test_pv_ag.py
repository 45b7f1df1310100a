"""Rules of minutes, each with what it must not read."""

# ruff: noqa: E501  # printed lines are kept whole
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from documents.extraction import pv_ag
from documents.extraction.flow import Flow
from documents.extraction.page import Reading
from documents.extraction.pv_ag.blocks import blocks_of
from documents.extraction.pv_ag.numbering import ordinal
from documents.extraction.pv_ag.works import description, is_works
from documents.extraction.tests.paper import flow_of, page_of

HEAD = """Procès-verbal de l'assemblée générale ordinaire du 18 juin 2024
Présents et représentés : 32 copropriétaires totalisant 6 902 / 10 000 tantièmes
"""
VOTED = "Pour : 6 902 tantièmes. Contre : 0. Abstention : 0."


def read(text: str) -> Reading:
    return pv_ag.extract([page_of(text)])


def resolution(text: str, number: str = "5") -> dict[str, Any]:
    """Facts of resolution 5 with `text` after its number, between two neighbours."""
    body = (
        f"{HEAD}Résolution n° 4 – Quitus\nArticle 24\n{VOTED}\nLa résolution est adoptée.\n"
        f"Résolution n° 5 – {text}\n"
        f"Résolution n° 6 – Nettoyage des caves\nArticle 24\n{VOTED}\nLa résolution est adoptée.\nLa séance est levée."
    )
    found = read(body).facts["resolutions"]
    assert isinstance(found, list)
    return next(item for item in found if item["number"] == number)


@pytest.mark.parametrize(
    ("printed", "numbers"),
    [
        ("Résolution n° {} – Titre", ["1", "2", "3"]),
        ("QUESTION N°0{} : TITRE", ["01", "02", "03"]),
        ("POINT {} – TITRE", ["1", "2", "3"]),
        ("{}ème résolution : titre", ["1", "2", "3"]),
        ("{}. Titre de la question", ["1", "2", "3"]),
        ("{}°) Titre de la question", ["1", "2", "3"]),
        ("{} - Titre de la question", ["1", "2", "3"]),
        ("Résolution 7.{} : Titre", ["7.1", "7.2", "7.3"]),
        ("Décision n° 4-{} Titre", ["4-1", "4-2", "4-3"]),
        ("4-{} Titre de la question", ["4-1", "4-2", "4-3"]),
    ],
)
def test_numbers(printed: str, numbers: list[str]) -> None:
    text = HEAD + "\n".join(f"{printed.format(n)}\nTexte.\n{VOTED}\nRésolution adoptée." for n in (1, 2, 3))
    assert [block.number for block in blocks_of(flow_of(text))] == numbers


def test_numbers_in_words() -> None:
    text = HEAD + "\n".join(
        f"{n} RESOLUTION : Titre\n{VOTED}" for n in ("VINGTIEME", "VINGT ET UNIEME", "VINGT-DEUXIEME")
    )
    assert [block.number for block in blocks_of(flow_of(text))] == ["20", "21", "22"]
    assert ordinal("vingt et unieme") == 21
    assert ordinal("resolution") is None


@pytest.mark.parametrize(
    ("printed", "numbers"),
    [
        ("{} - TITRE DE LA QUESTION", ["II", "III", "IV"]),
        ("Résolution {} : Titre", ["A", "B", "C"]),
        ("{} – Titre de la question", ["R1", "R2", "R3"]),
        ("{} Titre de la question", ["A-1", "A-2", "B-1"]),
        ("Résolution n° {} – Titre", ["3", "3 BIS", "4"]),
        ("{} TITRE SANS SIGNE", ["01", "02", "03", "04"]),
        ("{} Titre", ["1.1", "1.2", "2", "3.1", "3.2"]),
        ("Point {} de l'ordre du jour – Titre", ["4", "5", "6"]),
    ],
)
def test_other_ways_of_numbering(printed: str, numbers: list[str]) -> None:
    text = HEAD + "\n".join(f"{printed.format(n)}\nTexte.\n{VOTED}\nRésolution adoptée." for n in numbers)
    blocks = blocks_of(flow_of(text))
    assert [block.number for block in blocks] == numbers
    flow = flow_of(text)
    assert {flow.text[b.title.start : b.title.end].split()[0] for b in blocks} == {"titre"}


def test_chapters_above_their_resolutions_are_none() -> None:
    text = (
        HEAD
        + f"B – Travaux\nB.1 – Ravalement\n{VOTED}\nAdopté.\nB.2 – Toiture\n{VOTED}\nAdopté.\nC – Vente\n{VOTED}\nRejeté."
    )
    assert [block.number for block in blocks_of(flow_of(text))] == ["B.1", "B.2", "C"]


def test_a_title_told_in_one_paragraph() -> None:
    text = (
        HEAD
        + f"1 / Bureau : M. Albin est élu. {VOTED} Adoptée (art. 24).\n"
        + f"2 / Fonds travaux. La cotisation est de 250 €. {VOTED} Adoptée (art. 25).\n"
        + f"3 / Porte du garage : le devis Portal à 4.180 € TTC est accepté. {VOTED} Adoptée (art. 24)."
    )
    found = read(text).facts["resolutions"]
    assert isinstance(found, list)
    assert [item["topic"] for item in found] == ["Bureau", "Fonds travaux", "Porte du garage"]
    assert [item.get("amount") for item in found] == [None, Decimal(250), Decimal(4180)]
    assert {item["votes_for"] for item in found} == {6902}


def test_votes_in_a_table_at_the_end() -> None:
    text = (
        HEAD
        + "R1 – Comptes. Ils sont arrêtés à 7 490,08 €.\nR2 – Travaux. Devis de 3 000,00 € TTC.\nR3 – Divers.\n"
        + "Résolution\tArticle\tPour\tContre\tAbst.\tDécision\n"
        + "R1\t24\t6 802\t100\t0\tAcceptée\nR2\t25\t1 840\t3 252\t120\tRefusée\nR3\t–\t–\t–\t–\tSans vote"
    )
    found = read(text).facts["resolutions"]
    assert found == [
        {"number": "R1", "topic": "Comptes", "status": "adopted", "majority": "24", "amount": Decimal("7490.08"),
         "votes_for": 6802, "votes_against": 100, "abstentions": 0},
        {"number": "R2", "topic": "Travaux", "status": "rejected", "majority": "25", "amount": Decimal("3000.00"),
         "votes_for": 1840, "votes_against": 3252, "abstentions": 120},
        {"number": "R3", "topic": "Divers", "status": "no_vote"},
    ]  # fmt: skip


def test_variants() -> None:
    text = HEAD + "\n".join(f"{n} - Titre de la question\n{VOTED}" for n in ("5A", "5B", "6 bis", "7"))
    assert [block.number for block in blocks_of(flow_of(text))] == ["5A", "5B", "6 bis", "7"]


def test_agenda_lists_and_years_are_no_resolutions() -> None:
    text = (
        HEAD
        + "ORDRE DU JOUR\n1. Élection du bureau\n2. Comptes\n3. Travaux\n"
        + f"1. Élection du bureau\n{VOTED}\nAdoptée.\n"
        + f"2. Comptes\n1) compte courant\n2) compte de travaux\n{VOTED}\nAdoptée.\n"
        + f"3. Travaux\n2024 - première tranche\n{VOTED}\nAdoptée."
    )
    blocks = blocks_of(flow_of(text))
    assert [block.number for block in blocks] == ["1", "2", "3"]
    assert all("pour" in flow_of(text).text[b.body.start : b.body.end] for b in blocks)


def test_minutes_in_one_table() -> None:
    text = (
        HEAD + "N°\tRésolution\tMajorité\tPour\tContre\tAbst.\tRésultat\n"
        "1\tQuitus au syndic\tArt. 24\t3 491\t89\t350\tADOPTÉE\n"
        "2\tPose de caméras : 720,00 € TTC\tArt. 25\t1 200\t2 450\t280\tNON ADOPTÉE\n"
        "3\tQuestions diverses\t–\t–\t–\t–\tSans vote"
    )
    found = read(text).facts["resolutions"]
    assert found == [
        {"number": "1", "topic": "Quitus au syndic", "status": "adopted", "majority": "24",
         "votes_for": 3491, "votes_against": 89, "abstentions": 350},
        {"number": "2", "topic": "Pose de caméras : 720,00 € TTC", "status": "rejected", "majority": "25",
         "votes_for": 1200, "votes_against": 2450, "abstentions": 280, "amount": Decimal("720.00")},
        {"number": "3", "topic": "Questions diverses", "status": "no_vote"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Titre\nL'assemblée confie pour 24 mois le contrat contre remise de 2 clés.\nAdoptée.", (None, None, None)),
        ("Titre\nContre : M. ALBIN (120), Mme BORIS (80)\nAdoptée.", (None, None, None)),
        ("Titre\nPour : 12 copropriétaires. Contre : 2 copropriétaires.\nAdoptée.", (None, None, None)),
        ("Titre\nPour : 4 885 voix (31 copropriétaires) ; contre : 382 voix (2) ; abstention : 203 voix (1)\nAdoptée.", (4885, 382, 203)),
        ("Titre\nVotes POUR : 27 copropriétaire(s) représentant 5 839 / 6 676 tantièmes\n"
         "Votes CONTRE : 3 copropriétaire(s) représentant 837 / 6 676 tantièmes : Mme PEYRUREL (269)\n"
         "Abstentions : 2 copropriétaire(s) représentant 226 tantièmes : M. MESLIGNAT (104)\nAdoptée.", (5839, 837, 226)),
        ("Titre\nVOTE\tCopropriétaires\tMillièmes\tNominatif\nPOUR\t16\t603 / 649\nCONTRE\t1\t46 / 649\tMme M. [46]\n"
         "ABSTENTION\t2\t65\tM. et Mme X [36], Mme C [29]\nAdoptée.", (603, 46, 65)),
        ("Titre\nArticle 24\tPOUR\tCONTRE\tABSTENTION\nVoix (têtes)\t24\t2\t2\nTantièmes\t6 447 / 7 164\t717\t281\nAdoptée.", (6447, 717, 281)),
        ("Titre\nOnt voté pour : 25 copropriétaires totalisant 5402 / 5979 tantièmes.\nOnt voté contre : néant.\n"
         "S'est abstenu : 1 copropriétaire totalisant 577 tantièmes.\nAdoptée.", (5402, 0, 577)),
        ("Titre\nOnt voté pour : 4 689/5 988 (28 copropriétaires)\nOnt voté contre : 1 299/5 988 (8 copropriétaires)\n"
         "Se sont abstenus : 282/10 000 (2 copropriétaires)\nAdoptée.", (4689, 1299, 282)),
        ("Titre\nOnt voté pour : 5 680/5 680\nOnt voté contre : 0/5 680\nSe sont abstenus : 191/10 000\nAdoptée.", (5680, 0, 191)),
        ("Titre\nSont pour : 10 copropriétaires représentant 39.436/100.000. Sont contre : Monsieur A (3.574), Madame B\n"
         "(3.756), ensemble 7.330/100.000. Abstentions : Monsieur C (5.252), ensemble\n5.252/100.000. Adoptée.", (39436, 7330, 5252)),
        ("Titre\nPour : 39 / 4 790\nContre : 1 / 108\nAbstention : 0 / 0\nAdoptée.", (4790, 108, 0)),
        ("Titre\nDécision prise à l'unanimité des votants (824 millièmes sur 1 000) – art. 24.", (824, None, None)),
        ("Titre\nVote : 555 voix pour, 145 voix contre, 12 abstentions.\nAdoptée.", (555, 145, 12)),
        ("Titre\nAdoptée à l'unanimité des votants, soit 5 470 voix (article 24).", (5470, None, None)),
        ("Titre\nVOTE : à l'unanimité des copropriétaires présents, soit 712/712.", (712, None, None)),
        ("Titre\nDécision prise : 6 130 voix pour ; aucune voix contre ; aucune abstention.", (6130, 0, 0)),
        ("Titre\nPour : 39 / 4790 – Contre : 1 / 108 – Abstention : 0 / 0\nAdoptée.", (4790, 108, 0)),
        ("Titre\nPour : 650/712 – Contre : 62/712 – Abstention : 0\nAdoptée.", (650, 62, 0)),
        ("Titre\nVotent pour : 655 tantièmes. Votent contre : M. BORIS (47 tantièmes). S'abstiennent : aucun.\nAdoptée.", (655, 47, 0)),
        ("Titre\nAdoptée par 6.102/6.408èmes. Votent contre : M. ALBIN (306), Mme BORIS (306). S'abstient : SCI C (306).", (6102, None, 306)),
        ("Titre\nRejetée par 4.266/6.714èmes.", (None, 4266, None)),
        ("Titre\nContre : 6/1290 – Abstentions : 0/0 – Pour : 15/4343\nAdoptée.", (4343, 1290, 0)),
        ("Titre\n\tOui\tNon\tAbstention\nVoix\t2 745\t0\t100\nAcceptée.", (2745, 0, 100)),
        ("Titre\nRésultat : Pour 6 011 sur 6 288 tantièmes ; Contre 277 tantièmes : M. ALBIN (88) ; Abstentions 138 tantièmes. Adoptée.",
         (6011, 277, 138)),
        ("Titre\nPremier vote\nPour : 4 740 / 10 000. Contre : 2 058. Abstention : 104.\n"
         "Second vote – article 25-1\nPour : 4 741 / 6 798. Contre : 2 057. Abstention : 104.\nAdoptée.", (4741, 2057, 104)),
    ],
)  # fmt: skip
def test_votes(text: str, counts: tuple[int | None, ...]) -> None:
    found = resolution(text)
    assert tuple(found.get(name) for name in ("votes_for", "votes_against", "abstentions")) == counts


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Titre\nLe budget adopté lors de la précédente assemblée est rappelé.", "no_vote"),
        ("Titre\nCe point ne donne pas lieu à un vote.", "no_vote"),
        ("Titre\nLa variante A ayant été retenue, cette question est sans objet.", "no_vote"),
        ("Titre\nPour : 600. Contre : 300. Abstention : 0.\nLa résolution est adoptée.", "adopted"),
        ("Titre\nPour : 600. Contre : 300. Abstention : 0.\nDÉCISION : ADOPTÉE", "adopted"),
        ("Titre\nDécision prise à l'unanimité des votants – art. 24.", "adopted"),
        ("Titre\nPour : 200. Contre : 300. Abstention : 0.\nLa résolution n'est pas adoptée.", "rejected"),
        ("Titre\nPour : 200. Contre : 300. Abstention : 0.\nLa résolution, soumise au vote à la majorité de l'article 24, est rejetée.", "rejected"),
        ("Titre\nPour : 200. Contre : 300. Abstention : 0.", "rejected"),
        ("Titre\nL'assemblée décide à l'unanimité d'ajourner ce point.", "deferred"),
        ("Titre\nProjet reporté, faute de plan. Point reporté, sans vote.", "deferred"),
        ("Titre\nCette question est reportée à une prochaine assemblée générale.", "deferred"),
        ("Titre\nLa proposition de bail, au loyer annuel de 9 000 €, est retirée à la demande du conseil.", "deferred"),
        ("Titre\nVote – pour 402 – contre 379 – abstention 0 – rejetée art. 25", "rejected"),
        ("Titre\nArt. 26 pour 402 contre 379 abstention 0 refusé", "rejected"),
        ("Titre\nPour : 400. Contre : 100.\nLa résolution n'est pas adoptée à la majorité de l'article 25. Nouveau vote :\n"
         "Pour : 400. Contre : 100.\nLa résolution est adoptée.", "adopted"),
    ],
)  # fmt: skip
def test_status(text: str, status: str) -> None:
    assert resolution(text)["status"] == status


@pytest.mark.parametrize(
    ("text", "majority"),
    [
        (f"Titre\n{VOTED}\nAdoptée à l'unanimité des voix exprimées.", None),
        (f"Titre\n{VOTED}\nAdoptée à la majorité absolue.", "25"),
        (f"Titre\n{VOTED}\nNi majorité simple ni majorité absolue. Adoptée.", None),
        (f"Titre [Art. 24]\n{VOTED}\nAdoptée.", "24"),
        (f"Titre (Art. 25 – 25-1)\n{VOTED}\nAdoptée.", "25"),
        (f"Titre\nMajorité : 25.\n{VOTED}\nAdoptée.", "25"),
        (f"Mise en conformité (article 24 f)\nMajorité de l'article 25\n{VOTED}\nAdoptée.", "25"),
        (f"Titre\nEn application de l'article 25 du règlement, il est proposé.\nMajorité : art. 24\n{VOTED}\nAdoptée.", "24"),
        (f"Titre\nMajorité absolue – article 25\n{VOTED}\nAdoptée.", "25"),
        (f"Titre\nConditions de majorité de l'article 25 avec possibilité de second vote article 25-1.\n{VOTED}\nAdoptée.", "25"),
        ("Titre\nArticle 25\nPour : 400 / 1000. Contre : 100.\nSecond vote à la majorité de l'article 24 (article 25-1)\n"
         "Pour : 400 / 500. Contre : 100.\nAdoptée.", "25-1"),
        (f"Titre\nDouble majorité (article 26 de la loi du 10 juillet 1965)\n{VOTED}\nAdoptée.", "26"),
        ("Titre\nArticle 26\nPour : 590 / 1000. Contre : 100.\nDeuxième vote (article 26-1)\nPour : 590 / 1000. Contre : 100.\nAdoptée.", "26-1"),
        (f"Titre\nCette décision requiert l'unanimité de tous les copropriétaires.\n{VOTED}\nRejetée.", "unanimite"),
    ],
)  # fmt: skip
def test_majority(text: str, majority: str | None) -> None:
    assert resolution(text).get("majority") == majority


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
        ("Voirie\nALPHA : 264 880,00 € TTC ; BETA : 251 313,15 € TTC. L'offre BETA est retenue.", "251313.15"),
        ("Mur\nLe devis de ALPHA (15 411,00 € TTC) est retenu de préférence à celui de BETA (16 995,00 € TTC).", "15411.00"),
        ("Voirie\n• ALPHA, pour 27 940,00 EUR TTC\n• BETA, pour 24 618,00 EUR TTC\nl'assemblée décide de confier les travaux à la société BETA.", "24618.00"),
        ("Chaufferie\nALPHA : 118 420,00 € HT soit 124 933,10 € TTC. L'assemblée retient ALPHA. Financement : 30 000,00 € par le fonds travaux.", "124933.10"),
        ("Modalités de financement\nTrois appels de fonds de 5 000,00 € chacun.", None),
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


def test_description_leaves_the_firm_out() -> None:
    assert description("Réfection de la toiture – choix de l'entreprise") == "Réfection de la toiture"
    assert description("TRAVAUX : REMPLACEMENT DE LA CHAUDIÈRE") == "REMPLACEMENT DE LA CHAUDIÈRE"


@pytest.mark.parametrize(
    ("text", "funding", "calls"),
    [
        ("L'assemblée retient le devis de 3 000,00 € TTC, imputé sur le budget courant.", None, None),
        ("Devis de 3 000,00 € TTC. La dépense est prélevée en totalité sur le fonds de travaux.", "fonds_travaux", None),
        ("Devis de 3 000,00 € TTC, financé par un emprunt collectif.", "loan", None),
        ("Devis : 3 000,00 € TTC. Les fonds seront appelés en une fois le 15 mai 2021.", "calls",
         [{"due_date": date(2021, 5, 15), "amount": Decimal("3000.00")}]),
        ("Devis : 3 000,00 € TTC. Deux appels de fonds de 1 500,00 € chacun, exigibles le 1er septembre 2024 et le 1er décembre 2024.", "calls",
         [{"due_date": date(2024, 9, 1), "amount": Decimal("1500.00")}, {"due_date": date(2024, 12, 1), "amount": Decimal("1500.00")}]),
        ("Devis : 3 000,00 € TTC. Les appels interviendront ainsi : 40 % le cinq septembre deux mille vingt-trois, 60 % le cinq décembre deux mille vingt-trois.",
         "calls", [{"due_date": date(2023, 9, 5), "share_pct": Decimal(40)}, {"due_date": date(2023, 12, 5), "share_pct": Decimal(60)}]),
        ("Devis : 3 000,00 € TTC, appelé selon la loi du 10 juillet 1965 : 40 % exigibles le 01/07/2024 soit 1 200,00 € ; 60 % le 01/10/2024 soit 1 800,00 €.", "calls",
         [{"due_date": date(2024, 7, 1), "share_pct": Decimal(40), "amount": Decimal("1200.00")},
          {"due_date": date(2024, 10, 1), "share_pct": Decimal(60), "amount": Decimal("1800.00")}]),
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


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("Assemblée générale ordinaire du 18 juin 2024, sur convocation du 22/05/2024", date(2024, 6, 18)),
        ("Le Pouliguen, le 04.05.2021\nAssemblée tenue par correspondance le 28.04.2021", date(2021, 4, 28)),
        ("L'an deux mille vingt-trois, le vingt-six mai, à dix heures, sur convocation du deux mai deux mille vingt-trois", date(2023, 5, 26)),
        ("L'an 2022 le 3 mars à 18 heures", date(2022, 3, 3)),
    ],
)  # fmt: skip
def test_meeting_date(head: str, expected: date) -> None:
    facts = read(f"Procès-verbal\n{head}\n1. Quitus\n{VOTED}\nAdoptée.\n2. Divers\nSans vote.").facts
    assert facts["meeting_date"] == expected


@pytest.mark.parametrize(
    ("head", "present", "total"),
    [
        ("Présents : 12 (5.609/10.000èmes), représentés : 4 (1.446/10.000èmes). L'assemblée réunit donc 7.055/10.000èmes.", 7055, 10000),
        ("Présents\t14\t3 920\nReprésentés\t9\t1 844\nTotal\t23\t5 764\nAbsents\t12\t4 236\nEnsemble\t35\t10 000", 5764, 10000),
        ("Présents et représentés\t31\t5 508\nCorrespondance\t4\t622\nTotal\t35\t6 130\nAbsents\t20\t3 870\nTotal des voix du syndicat : 10 000.", 6130, 10000),
        ("Total : 21 copropriétaires (5 795 tantièmes) sur 30 (8 000 tantièmes)", 5795, 8000),
        ("Quorum : 5 212 millièmes présents, représentés ou votant par correspondance, sur 8 000.", 5212, 8000),
        ("Sont présents ou représentés 15 copropriétaires formant 712 / 1000 tantièmes.\n"
         "Sont absents et non représentés : MM. ALBIN (58), BORIS (230), soit 288 / 1000 tantièmes.", 712, 1000),
        ("Sur 40 copropriétaires totalisant 4 000 voix, 26 sont présents ou représentés et détiennent 2 745 voix.", 2745, 4000),
        ("soit au total 725 millièmes sur 1 000. Absents : 275 millièmes.", 725, 1000),
        ("TOTAL : 36 / 58 copropriétaires soit 6 020 / 10 000 tantièmes", 6020, 10000),
        ("Présents\tReprésentés\tTOTAL\tAbsents\n15 / 4 191 t.\t9 / 2 293 t.\t24 / 6 484 t.\t10 / 3 516 t.\nsur un total de 10 000 tantièmes", 6484, 10000),
        ("Présents ou représentés\tAbsents\tTotal\n714 millièmes\t286 millièmes\t1000 millièmes", 714, 1000),
    ],
)  # fmt: skip
def test_attendance(head: str, present: int, total: int) -> None:
    facts = read(
        f"Procès-verbal d'assemblée générale du 3 mars 2022\n{head}\n1. Quitus\n{VOTED}\nAdoptée.\n2. Divers\nSans vote."
    ).facts
    assert (facts["present_tantiemes"], facts["total_tantiemes"]) == (present, total)


def test_minutes_behind_their_notice() -> None:
    letter = "".join(f"Ligne {word}\n" for word in "abcdefgh")
    head = "".join(f"Mention {word}\n" for word in "ijklmnop")
    notice = page_of(
        f"{letter}Convocation\nL'assemblée se tiendra le jeudi 30 mai 2024 à 17 h 30, à défaut le 27 juin 2024.\n1 – Quitus\n2 – Divers"
    )
    minutes = page_of(
        f"{head}Procès-verbal de l'assemblée générale ordinaire du jeudi 30 mai 2024\n1 – Quitus\n{VOTED}\nAdoptée.\n2 – Divers\nSans vote.",
        2,
    )
    reading = pv_ag.extract([notice, minutes])
    assert reading.facts["meeting_date"] == date(2024, 5, 30)
    assert {finding.page for finding in reading.findings} == {2}


def test_the_syndic_is_the_one_elected() -> None:
    text = (
        f"{HEAD}Syndic : ALPHA GESTION\n5.1 CANDIDATURE D'ALPHA GESTION\nForfait annuel : 17 640 € TTC.\n"
        "Pour : 100. Contre : 900.\nRejeté.\n5.2 CANDIDATURE DE BETA COPROPRIÉTÉ\n"
        "BETA COPROPRIÉTÉ est élu syndic pour un an. Forfait annuel : 16 200 € TTC.\nPour : 900. Contre : 100.\nAdopté."
    )
    facts = read(text).facts
    assert (facts["syndic"], facts["syndic_fee_annual"]) == ("BETA COPROPRIÉTÉ", Decimal(16200))


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


def test_arrears_of_one_owner_are_not_the_building_s() -> None:
    text = f"{HEAD}1. Quitus\n{VOTED}\nAdoptée.\n2. Point sur les impayés\nM. ALBIN doit 4 200,00 €, dont impayés anciens.\n3. Divers\nSans vote."
    assert "arrears" not in read(text).facts


def test_every_figure_keeps_its_place() -> None:
    page = page_of(f"{HEAD}1. Quitus\n{VOTED}\nAdoptée.\n2. Divers\nSans vote.")
    reading = pv_ag.extract([page])
    votes = next(f for f in reading.findings if f.path == "resolutions[0].votes_for")
    assert votes.quote == "6 902"
    inside = [
        word.text
        for line in page.lines
        for word in line.words
        if any(
            b[0] <= word.box[0] and word.box[2] <= b[2] and b[1] <= word.box[1] < b[3] for b in votes.boxes
        )
    ]
    assert inside == ["6", "902"]
    assert Flow([page]).text


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


def test_minutes_in_one_table_with_what_was_decided_in_a_column_of_its_own() -> None:
    head = "N°\tRésolution\tDécision de l'assemblée\tMaj.\tPour\tContre\tAbst.\tRésultat\n"
    rows = (
        "1\tQuitus\tQuitus donné au syndic.\t24\t527\t150\t67\tAdoptée\n"
        "2\tSyndic\tGestia est réélu.\t25 puis 25-1\t1er vote : 391 2nd vote : 402\t1er vote : 276 2nd vote : 265\t77\tAdoptée\n"
        "3\tBudget\tBudget voté : 21 400,00 €. Rappel du budget 2023 : 20 600,00 €.\t24\t690\t54\t0\tAdoptée\n"
        "4\tPortail\tDevis de 9 000,00 € TTC.\t26\t90\t577\t77\tRejetée"
    )
    found = read(HEAD + head + rows).facts["resolutions"]
    assert isinstance(found, list)
    assert [
        (row["status"], row["majority"], row["votes_for"], row["votes_against"], row.get("amount")) for row in found
    ] == [
        ("adopted", "24", 527, 150, None),
        ("adopted", "25-1", 402, 265, None),
        ("adopted", "24", 690, 54, Decimal("21400.00")),
        ("rejected", "26", 90, 577, Decimal("9000.00")),
    ]  # fmt: skip
