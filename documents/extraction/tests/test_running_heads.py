"""What is printed on every sheet, and what only looks like it."""

from __future__ import annotations

import pytest

from documents.extraction.page import Line, Page, Word
from documents.extraction.running_heads import without_running_heads


def sheet(number: int, *lines: tuple[float, str]) -> Page:
    """A page of lines: (height of the top, in page heights; text)."""
    made = []
    for top, text in lines:
        words = tuple(
            Word(piece, (0.1 + 0.05 * place, top, 0.14 + 0.05 * place, top + 0.012))
            for place, piece in enumerate(text.split())
        )
        made.append(Line(words))
    return Page(number, tuple(made))


def kept(*pages: Page) -> list[str]:
    return [line.text for page in without_running_heads(pages) for line in page.lines]


def test_heads_and_feet_go_but_for_the_first_head() -> None:
    pages = [
        sheet(
            n, (0.04, "CABINET MARTINEAU"), (0.5, f"texte {n}"), (0.95, f"PV AG du 12 juin 2024 page {n} / 3")
        )
        for n in (1, 2, 3)
    ]
    assert kept(*pages) == ["CABINET MARTINEAU", "texte 1", "texte 2", "texte 3"]


@pytest.mark.parametrize(
    "row",
    ["Tantièmes {0} 45{0} 28{0}", "Ont voté pour : 3{0} copropriétaires", "le {0} mars 2024 à {0} h 30"],
)
def test_rows_of_the_same_words_and_other_numbers_stay(row: str) -> None:
    rows = [row.format(number) for number in (7, 2, 5, 9)]
    assert (
        kept(*(sheet(n, (0.05, text), (0.5, "texte")) for n, text in enumerate(rows, 1))).count("texte") == 4
    )
    assert kept(*(sheet(n, (0.05, text)) for n, text in enumerate(rows, 1))) == rows


def test_lines_at_other_heights_and_heads_of_votes_stay() -> None:
    moved = [sheet(n, (0.04 * n, "Cette décision est prise.")) for n in (1, 2, 3)]
    assert len(kept(*moved)) == 3
    votes = [
        sheet(n, (0.05, "VOTE Copropriétaires Tantièmes Base"), (0.95, "POUR CONTRE ABSTENTION"))
        for n in (1, 2, 3)
    ]
    assert len(kept(*votes)) == 6
