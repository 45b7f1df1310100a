"""Votes, results and the meeting in minutes, each with what it must not read."""

# ruff: noqa: E501  # printed lines are kept whole
from datetime import date
from decimal import Decimal

import pytest

from documents.extraction import pv_ag
from documents.extraction.flow import Flow
from documents.extraction.tests.minutes import HEAD, VOTED, read, resolution
from documents.extraction.tests.paper import page_of


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
        ("Titre\nPour : 14 voix (3 900 tantièmes) – Contre : 1 voix (220 tantièmes) – Abstention : 0 voix (0 tantième)\nAdoptée.", (3900, 220, 0)),
        ("Titre\nArticle 24. Pour 5 000. Contre 230. Abstentions 0. Adopté.", (5000, 230, 0)),
        ("Titre\nPour = 6 905 ; contre = 0 ; abstention\n= 0. Adopté.", (6905, 0, 0)),
        ("Titre\nTravaux pour 5 000. Le syndic est contre 230 bruits.\nAdoptée.", (None, None, None)),
        ("Titre\nMajorité : article 24 de la loi du 10 juillet 1965\nPour ........... 4 300 tantièmes\nContre ......... 171 tantièmes\nAbstention ...... 0 tantième\nAdoptée.", (4300, 171, 0)),
        ("Titre\nArticle 24 de la loi du 10 juillet 1965\nPour le bien de tous, 12 contre un.\nAdoptée.", (None, None, None)),
        ("Titre\nVoix favorables : 6 002\tVoix défavorables : 375\tAbstentions : 0\nAdoptée.", (6002, 375, 0)),
        ("Titre\nArticle 24 - Pour 790 - Contre @ - Abstention @ : adopté.", (790, 0, 0)),
        ("Titre\nArt. 24. Pour 6 811\n- Contre 393 - Abst. 0. Adoptée.", (6811, 393, 0)),
        ("Titre\nPour : 3 947 voix ; contre : 341 voix (M. ALBIN 341) ; abstention\n: 0 voix. Adoptée.", (3947, 341, 0)),
        ("Titre\nAvis favorable du conseil syndical.\nPour : 12. Contre : 3. Abstention : 0.\nAdoptée.", (12, 3, 0)),
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
        ("Titre\nNon traité faute de temps, reporté à la prochaine assemblée.", "deferred"),
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
        (f"(article 25)\nTitre\nEn vertu de l'article 24 de la loi.\n{VOTED}\nAdoptée.", "25"),
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
        ("Copropriétaires présents ou représentés : 37 sur 96, totalisant 4 120 tantièmes sur un\ntotal de 10 080.", 4120, 10080),
        ("Présents, représentés ou ayant voté par correspondance : 26, détenant\n5 615 voix sur les 8 000 voix du syndicat.", 5615, 8000),
        ("16 copropriétaires présents, représentés ou votant par correspondance (5 230 voix) sur 25 (8 000 voix).", 5230, 8000),
        ("112 copropriétaires présents, représentés ou votants par correspondance, soit 71 208 voix, sur 170 copropriétaires détenant 100 000 voix.", 71208, 100000),
        ("Sont présents\nou représentés 18 copropriétaires disposant de 6 377 voix sur un total de 9 990 voix.", 6377, 9990),
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


def test_votes_parted_from_their_heads_by_the_end_of_a_page() -> None:
    first = f"{HEAD}Résolution n° 1 – Quitus\nArticle 24\n{VOTED}\nAdoptée.\nRésolution n° 2 – Syndic\nArticle 25\nPour\tContre\tAbstentions"
    second = "2 210\t1 910\t0\nRejetée.\nRésolution n° 3 – Divers\nSans vote."
    found = pv_ag.extract([page_of(first), page_of(second, 2)]).facts["resolutions"]
    assert isinstance(found, list)
    assert [found[1].get(name) for name in ("votes_for", "votes_against", "abstentions")] == [2210, 1910, 0]


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
