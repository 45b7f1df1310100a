from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils.translation import override

from reports import writing
from reports.clippings import strips
from reports.drawings import ticks


@pytest.mark.parametrize(
    ("said", "french", "english"),
    [
        (lambda: writing.euros(1234567), "1\u202f234\u202f567\u00a0€", "1,234,567\u00a0€"),
        (lambda: writing.cents(Decimal("2509.645")), "2\u202f509,65\u00a0€", "2,509.65\u00a0€"),
        (lambda: writing.euros(-12.5, sign=True), "−13\u00a0€", "−13\u00a0€"),
        (lambda: writing.euros(None), "–", "–"),
        (lambda: writing.percent(6.05, 1, sign=True), "+6,1\u00a0%", "+6.1%"),
        (lambda: writing.unit(Decimal("62.470"), "m²"), "62,47\u00a0m²", "62.47\u00a0m²"),
        (lambda: writing.unit(1200, "m²"), "1\u202f200\u00a0m²", "1,200\u00a0m²"),
        (lambda: writing.day("2024-09-01"), "01/09/2024", "1 Sep 2024"),
        (lambda: writing.day("sans date"), "sans date", "sans date"),
    ],
)
def test_numbers_and_days(said: object, french: str, english: str) -> None:
    for language, expected in (("fr", french), ("en", english)):
        with override(language):
            assert said() == expected  # type: ignore[operator]


def test_french_spaces_stand_in_our_sentences_only() -> None:
    with override("fr"):
        assert writing.typographic("l'acte « vrai » : oui ?") == "l’acte «\u00a0vrai\u00a0»\u00a0: oui\u202f?"
    with override("en"):
        assert writing.typographic("it's : so") == "it's : so"


def test_control_characters_go_and_endless_words_may_break() -> None:
    shown = writing.printable({"a": ["x\x00y\u2028z", "m" * 60]})
    assert shown["a"][0] == "x y z"
    assert shown["a"][1].replace("\u200b", "") == "m" * 60 and "\u200b" in shown["a"][1]


@pytest.mark.parametrize(("low", "high"), [(0, 1), (101_213, 142_490), (-3, 3), (5, 5), (0.001, 0.0034)])
def test_ticks_are_round_and_few(low: float, high: float) -> None:
    found = ticks(low, high)
    assert len(found) <= 7 and all(low <= value <= high for value in found)


def test_boxes_far_apart_are_cut_apart() -> None:
    close, far = (0.1, 0.10, 0.3, 0.12), (0.1, 0.60, 0.3, 0.62)
    assert strips([far, close, (0.5, 0.11, 0.6, 0.13)]) == [[close, (0.5, 0.11, 0.6, 0.13)], [far]]
    assert len(strips([(0.1, n / 10, 0.2, n / 10 + 0.01) for n in range(9)])) == 3
