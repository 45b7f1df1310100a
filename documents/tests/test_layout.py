"""Reading order from geometry alone."""

from __future__ import annotations

from documents.extraction.page import Word
from documents.layout import lines_of

ASPECT = 0.7071


def line(text: str, x: float, y: float, step: float = 0.0085) -> list[Word]:
    words = []
    for piece in text.split():
        width = step * len(piece)
        words.append(Word(piece, (x, y, x + width, y + 0.012)))
        x += width + step * 0.6
    return words


def read(words: list[Word], rulings: list[tuple[float, float, float, float]] | None = None) -> list[str]:
    return [found.text for found in lines_of(words, rulings or [], ASPECT)]


def test_nothing() -> None:
    assert read([]) == []


def test_words_in_any_order_make_lines_from_top_to_bottom() -> None:
    words = line("première ligne", 0.1, 0.1) + line("seconde ligne", 0.1, 0.13)
    assert read(words[::-1]) == ["première ligne", "seconde ligne"]


def test_small_print_beside_large_stays_on_the_line() -> None:
    large = [Word("TITRE", (0.1, 0.1, 0.3, 0.13))]
    assert read(large + line("le 4 mai", 0.6, 0.109)) == ["TITRE le 4 mai"]


def test_slightly_sloping_line() -> None:
    words = [
        Word(f"m{i}", (0.1 + 0.08 * i, 0.1 + 0.0012 * i, 0.15 + 0.08 * i, 0.112 + 0.0012 * i))
        for i in range(10)
    ]
    assert read(words) == [" ".join(f"m{i}" for i in range(10))]


def test_a_table_without_rulings_is_read_by_rows() -> None:
    words = []
    for row in range(8):
        words += line(f"Poste de charges {row}", 0.1, 0.1 + 0.02 * row) + line(
            f"{row}00,00 €", 0.8, 0.1 + 0.02 * row
        )
    assert read(words)[0] == "Poste de charges 0 000,00 €"


def test_labels_and_values_are_no_columns() -> None:
    words = []
    for row, label in enumerate(
        ("Syndic", "Adresse", "Lots", "Date", "Immatriculation", "Vendeur", "Notaire")
    ):
        words += line(label, 0.1, 0.1 + 0.02 * row)
        words += line("une valeur assez longue pour remplir la ligne", 0.45, 0.1 + 0.02 * row)
    assert read(words)[0].startswith("Syndic une valeur")


def test_two_columns_of_prose_one_after_the_other() -> None:
    words = []
    for row in range(8):
        words += line(f"gauche le locataire doit payer son terme {row}", 0.06, 0.1 + 0.02 * row)
        words += line(f"droite le bailleur doit garantir la chose {row}", 0.54, 0.1 + 0.02 * row)
    found = read(words)
    assert [text.split()[0] for text in found] == ["gauche"] * 8 + ["droite"] * 8


def test_cells_of_several_lines_stay_together() -> None:
    words = (
        line("7", 0.12, 0.13)
        + line("Remplacement des boîtes", 0.22, 0.12)
        + line("aux lettres", 0.22, 0.14)
        + line("3 313", 0.7, 0.13)
    )
    level = [(0.1, y, 0.9, y) for y in (0.11, 0.16)]
    upright = [(x, 0.11, x, 0.16) for x in (0.1, 0.2, 0.65, 0.9)]
    found = lines_of(words, level + upright, ASPECT)
    assert [(f.cell, f.text) for f in found] == [
        ((0, 0), "7"),
        ((0, 1), "Remplacement des boîtes"),
        ((0, 1), "aux lettres"),
        ((0, 2), "3 313"),
    ]


def test_two_columns_whose_rows_stand_unlike() -> None:
    """The right column opens above the left, beside whose short first line it goes on."""
    left = ["1. Bureau", *(f"la phrase {i} du texte va jusqu'au bord" for i in range(8))]
    right = ["7. Couverture", *(f"la suite {i} du texte va jusqu'au bord" for i in range(8))]
    words = [w for i, text in enumerate(left) for w in line(text, 0.08, 0.2 + 0.015 * i)]
    words += [w for i, text in enumerate(right) for w in line(text, 0.53, 0.187 + 0.015 * i)]
    assert read(line("Procès-verbal", 0.4, 0.1) + words) == ["Procès-verbal", *left, *right]


def test_two_columns_of_short_numbered_paragraphs() -> None:
    left = [
        "Point 1. Bureau",
        "Art. 24 : pour 3 020, contre 0.",
        "Point 2. Comptes",
        "25 110,40 €",
        "Art. 24 : pour 2 900.",
    ]
    right = ["Point 3. Syndic", "Art. 25 : pour 2 900.", "0. Adopté.", "Point 4. Budget", "26 400 €"]
    words = [w for i, text in enumerate(left) for w in line(text, 0.08, 0.2 + 0.015 * i)]
    words += [w for i, text in enumerate(right) for w in line(text, 0.53, 0.2 + 0.015 * i)]
    assert read(words) == [*left, *right]
    # the rows of a table stay whole
    rows = [f"Lot {i}" for i in range(1, 7)], [f"{i}0 tantièmes" for i in range(1, 7)]
    words = [
        w
        for x, side in zip((0.08, 0.53), rows, strict=True)
        for i, text in enumerate(side)
        for w in line(text, x, 0.2 + 0.015 * i)
    ]
    assert read(words) == [f"{a} {b}" for a, b in zip(*rows, strict=True)]


def test_a_frame_around_the_page_is_no_table() -> None:
    words = line("dans le cadre", 0.2, 0.3) + line("deuxième ligne", 0.2, 0.33)
    frame = [
        (0.05, 0.05, 0.95, 0.05),
        (0.05, 0.95, 0.95, 0.95),
        (0.05, 0.05, 0.05, 0.95),
        (0.95, 0.05, 0.95, 0.95),
    ]
    assert read(words, frame) == ["dans le cadre", "deuxième ligne"]


def test_two_tables_side_by_side_with_rows_of_unlike_height() -> None:
    def grid(x: float, step: float) -> list[tuple[float, float, float, float]]:
        lines = [(x, 0.1 + n * step, x + 0.4, 0.1 + n * step) for n in range(3)]
        return lines + [(x + dx, 0.1, x + dx, 0.1 + 2 * step) for dx in (0.0, 0.2, 0.4)]

    words = [
        word
        for x, name in ((0.05, "gauche"), (0.55, "droite"))
        for row in (0.11, 0.18)
        for word in line(name, x + 0.01, row) + line("12", x + 0.21, row)
    ]
    found = read(words, grid(0.05, 0.05) + grid(0.55, 0.07))
    assert sorted(" ".join(found).split()) == sorted(word.text for word in words)
