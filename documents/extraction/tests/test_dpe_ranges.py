"""The two scales of a DPE before July 2021, where the ranges of the classes are printed."""

# ruff: noqa: E501  # one rule, one line: patterns are read across
from decimal import Decimal as D
from typing import Any

import pytest

from documents.extraction.diags import extract
from documents.extraction.tests.sheets import sheet

DPE = "# Diagnostic de performance énergétique (logement)\n"
ENERGY = "\n≤ 50 A\n51 à 90 B\n91 à 150 C\n151 à 230 D\n231 à 330 E\n331 à 450 F\n> 450 G"
CLIMATE = "\n≤ 5 A\n6 à 10 B\n11 à 20 C\n21 à 35 D\n36 à 55 E\n56 à 80 F\n> 80 G"


def one(text):
    facts: dict[str, Any] = extract([sheet(DPE + text)]).facts
    return facts["diagnostics"][0]


@pytest.mark.parametrize(
    ("kwh", "letter"), [("50", "A"), ("150", "C"), ("150,6", "D"), ("230", "D"), ("450", "F"), ("451", "G")]
)
def test_the_range_that_holds_the_consumption(kwh, letter):
    assert one(f"Consommation conventionnelle : {kwh} kWhEP/m².an{ENERGY}")["energy_class"] == letter


def test_emissions_have_ranges_of_their_own():
    facts = one(f"Consommation : 233 kWhEP/m².an{ENERGY}\nÉmissions : 42 kg éqCO2/m².an{CLIMATE}")
    assert (facts["energy_class"], facts["ges_class"]) == ("E", "E")


def test_no_class_without_a_value_or_a_printed_range():
    assert "energy_class" not in one(f"N° 1533V1000874B{ENERGY}")
    assert "energy_class" not in one("Consommation : 233 kWhEP/m².an")


def test_costs_between_two_sums_a_year():
    facts = one(
        "Coûts annuels estimés\nPour une utilisation standard de tous les usages recensés dans le logement : de 480 € à 690 € par an"
    )
    assert (facts["energy_cost_min"], facts["energy_cost_max"]) == (480, 690)


def test_a_unit_in_the_line_below_its_value():
    assert one("Consommation conventionnelle : 233\nkWhEP/m².an")["energy_kwh_m2"] == D(233)
