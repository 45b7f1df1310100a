from __future__ import annotations

import pytest

from documents.rules import dpe_class
from documents.rules.tests.cases import case, diagnostic, found
from documents.synthesis.papers import Paper


@pytest.mark.parametrize(
    ("stated", "code"), [("E", "dpe_class_e"), ("F", "dpe_class_f"), ("G", "dpe_class_g")]
)
def test_bad_classes_are_named(stated: str, code: str) -> None:
    assert set(found(dpe_class, case(diagnostic("dpe", energy_class=stated)))) == {code}


@pytest.mark.parametrize("papers", [[], [diagnostic("dpe", energy_class="D")], [diagnostic("gaz")]])
def test_good_or_unknown_is_silent(papers: list[Paper]) -> None:
    assert found(dpe_class, case(*papers)) == {}


def test_a_class_that_stands_nowhere_on_its_page_is_not_believed() -> None:
    doubtful = frozenset({"diagnostics[0].energy_class"})
    assert found(dpe_class, case(diagnostic("dpe", doubtful, energy_class="G"))) == {}


def test_the_newest_certificate_counts() -> None:
    old = Paper(1, "diags", {"diagnostics": [{"type": "dpe", "date": "2021-09-01", "energy_class": "G"}]})
    new = Paper(2, "diags", {"diagnostics": [{"type": "dpe", "date": "2025-09-01", "energy_class": "C"}]})
    assert found(dpe_class, case(new, old)) == {}


def test_a_class_against_its_figures() -> None:
    """260 kWh is E (250 to 330), 20 kg is C: E, not C."""
    of = case(diagnostic("dpe", date="2023-01-10", energy_class="C", energy_kwh_m2=260, ges_kg_m2=20))
    assert found(dpe_class, of)["dpe_class_inconsistent"].values["computed"] == "E"


def test_above_800_m_both_results_are_right() -> None:
    """370 kWh is F, and E above 800 m in zone H1c (Savoie): neither is wrong there; in the Var E is."""
    paper = diagnostic("dpe", date="2023-01-10", energy_class="E", energy_kwh_m2=370, ges_kg_m2=20)
    assert "dpe_class_inconsistent" not in found(dpe_class, case(paper, department="73"))
    assert "dpe_class_inconsistent" in found(dpe_class, case(paper, department="83"))
