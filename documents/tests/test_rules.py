"""Every rule has a test file, every code a weight and words; weights make the level."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils.translation import gettext, override

from documents import rules, wording, wording_texts
from documents.rules.level import HIGH, MEDIUM, WEIGHTS, level
from documents.synthesis import missing
from documents.synthesis.actions import FROM_RISKS

RULES = Path(__file__).parents[1] / "rules"


def test_one_rule_one_file_one_test() -> None:
    for rule in rules.RULES:
        name = rule.__name__.rpartition(".")[2]
        assert rule.__doc__ and rule.SOURCE
        assert (RULES / "tests" / f"test_{name}.py").exists(), name


LAWS = ("Loi n°", "Décret n°", "Code de la construction et de l'habitation, art. L.721")


def test_sources_are_told_in_english_too() -> None:
    stated = {rule.SOURCE for rule in rules.RULES} | {
        value for name, value in vars(missing).items() if name.endswith("_SOURCE")
    }
    with override("en"):
        french = {source for source in stated if gettext(source) == source and not source.startswith(LAWS)}
        assert not french
        assert wording.sentence(wording_texts.RISKS, "rent_frozen", {"class": "F", "from": "2022-08-24"}) == (
            "Class F: the rent has been frozen since 24 Aug 2022."
        )


def test_figures_in_a_sentence_have_no_decimals_to_spare() -> None:
    values = {"measured": 48.76, "advertised": 53.0, "short_pct": 8.0}
    said = wording.sentence(wording_texts.RISKS, "carrez_short", values)
    assert said == "Surface Carrez de 48,76 m² pour 53 m² annoncés : il manque 8 %."


def test_every_code_has_a_weight_and_words() -> None:
    sources = "".join(p.read_text(encoding="utf-8") for p in RULES.glob("*.py") if p.name != "level.py")
    for code in WEIGHTS:
        stem = "dpe_class_" if re.fullmatch("dpe_class_[a-g]", code) else code
        assert stem in sources, code
    assert set(WEIGHTS) == set(wording_texts.RISKS)
    assert set(FROM_RISKS) <= set(WEIGHTS)
    assert {action for action, _priority in FROM_RISKS.values()} <= set(wording_texts.ACTIONS)


@pytest.mark.parametrize(
    ("weights", "name"),
    [([], "low"), ([MEDIUM - 1], "low"), ([10, 10], "medium"), ([HIGH - 1], "medium"), ([50], "high")],
)
def test_levels(weights: list[int], name: str) -> None:
    risks = [{"code": f"c{n}", "weight": weight, "values": {}} for n, weight in enumerate(weights)]
    found = level(risks)
    assert found["level"] == name and found["points"] == sum(weights)
    assert sum(reason["points"] for reason in found["reasons"]) == sum(weights)
