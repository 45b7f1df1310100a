"""Minutes cut into resolutions, each way with what it must not cut."""

# ruff: noqa: E501  # printed lines are kept whole
from decimal import Decimal

import pytest

from documents.extraction import pv_ag
from documents.extraction.page import Line, Page, Word
from documents.extraction.pv_ag.blocks import blocks_of
from documents.extraction.pv_ag.numbering import ordinal
from documents.extraction.tests.minutes import HEAD, VOTED, read, resolution
from documents.extraction.tests.paper import flow_of, page_of


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


def test_an_empty_cell_of_a_table_has_no_votes_of_its_neighbour() -> None:
    head = "N°\tRésolution\tArt.\tPour\tContre\tAbst.\tRésultat\n"
    rows = [("1", "Quitus", "24", "3310", "0", "0", "Adoptée"), ("2", "Budget", "24", "3310", "", "", "Adoptée"),
            ("3", "Divers", "24", "3310", "0", "0", "Adoptée")]  # fmt: skip
    lines = [page_of(HEAD + head).lines[-1]]
    columns = [word.box[0] for word in lines[0].words]
    made = [
        Line(
            tuple(
                Word(text, (x, 0.2 + 0.02 * i, x + 0.008 * len(text), 0.212 + 0.02 * i))
                for x, text in zip(columns, row, strict=True)
                if text
            )
        )
        for i, row in enumerate(rows)
    ]
    found = pv_ag.extract([Page(1, (*page_of(HEAD).lines, *lines, *made))]).facts["resolutions"]
    assert isinstance(found, list)
    assert [(item.get("votes_for"), item.get("votes_against")) for item in found] == [
        (3310, 0),
        (3310, None),
        (3310, 0),
    ]


def test_the_fee_of_a_syndic_named_behind_the_first_line_of_a_cell() -> None:
    """Not a sum of resolutions told one by one, whose votes a form or a table lists again at the end."""
    head = "N°\tRésolution\tArt.\tPour\tContre\tAbst.\tRésultat\n"
    told = "1. Comptes\nLe syndic présente les comptes de 211 407,63 €.\n2. Portail\nDevis refusé.\n3. Bail\nLoyer de 40 €.\n"
    rows = "".join(
        f"{n}\t{title}\t24\t7190\t270\t140\tAdopté\n"
        for n, title in enumerate(("Comptes", "Portail", "Bail"), 1)
    )
    assert "syndic_fee_annual" not in read(HEAD + told + head + rows).facts
    table = f"{HEAD}{head}1\tQuitus\t24\t7190\t270\t140\tAdopté\n2\tDésignation. La société ALPHA est nommée syndic, 21 600,00 € TTC\t25\t7190\t270\t140\tAdopté\n3\tDivers\t–\t–\t–\t–\tSans vote"
    assert read(table).facts["syndic_fee_annual"] == Decimal("21600.00")


def test_a_row_of_a_table_cut_by_the_end_of_the_page() -> None:
    head = "N°\tRésolution\tArt.\tPour\tContre\tAbst.\tRésultat\n"
    first = f"{HEAD}{head}1\tQuitus\t24\t7190\t270\t140\tAdopté\n2\tRemplacement de la pompe par l'entreprise\t24\t7190\t270\t140\tAdopté\n"
    rest = page_of("9\tALPHA pour 15 950,00 € TTC", 2).lines[0].words[1:]
    last = page_of(f"\n{head}3\tContrat du syndic\t24\t7190\t270\t140\tAdopté", 2).lines
    found = pv_ag.extract([page_of(first), Page(2, (last[0], Line(rest), *last[1:]))]).facts["resolutions"]
    assert isinstance(found, list)
    assert [item.get("amount") for item in found] == [None, Decimal("15950.00"), None]


@pytest.mark.parametrize(
    ("printed", "topic"),
    [
        ("Budget 2024 L'assemblée vote le budget de 402 000,00 €.", "Budget 2024"),
        ("Impayés Le syndic indique que les impayés atteignent 96 340,12 €.", "Impayés"),
        ("Élection du président de l'assemblée", "Élection du président de l'assemblée"),
        ("RAPPORT DU CONSEIL POUR LE SYNDIC", "RAPPORT DU CONSEIL POUR LE SYNDIC"),
    ],
)
def test_a_title_run_into_its_text(printed: str, topic: str) -> None:
    assert resolution(f"{printed}\n{VOTED}\nAdoptée.")["topic"] == topic


def test_numbered_lines_behind_the_close_are_no_resolutions() -> None:
    sheet = "\n".join(f"{n}\tM. ALBIN\tlot {n}\t{n}30" for n in range(3, 12))
    form = "12\tQuitus\tPour\tContre\tAbstention"
    text = f"{HEAD}1. Comptes\n{VOTED}\nAdoptée.\n2. Quitus\n{VOTED}\nAdoptée.\nLa séance est levée.\nFeuille de présence\n{sheet}\n{form}"
    assert [block.number for block in blocks_of(flow_of(text))] == ["1", "2"]
    # two meetings one after the other, numbered on
    text = f"{HEAD}1. Comptes\n{VOTED}\nAdoptée.\n2. Quitus\n{VOTED}\nAdoptée.\nLa séance est levée.\n3. Toiture\n{VOTED}\nAdoptée.\n4. Porche\n{VOTED}\nRejetée."
    assert [block.number for block in blocks_of(flow_of(text))] == ["1", "2", "3", "4"]


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
