"""Search of addresses: what is not found first, then what is, however it is typed."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dvf.models import DVFStreet
from dvf.streets import search_addresses
from dvf.tests.factories import DVFStreetFactory, sales_with

pytestmark = pytest.mark.django_db

STREETS = [
    # name, postal code, commune code, commune, sales
    ("AV DU GAL DE GAULLE", "83000", "83137", "Toulon", 30),
    ("AV DU GAL DE GAULLE", "94160", "94067", "Saint-Mandé", 50),
    ("RUE PASTEUR", "83000", "83137", "Toulon", 20),
    ("RUE PASTEUR", "06000", "06088", "Nice", 80),
    ("RUE PASTEUR", "75011", "75111", "Paris 11e Arrondissement", 5),
    ("RUE DU FBG ST ANTOINE", "75011", "75111", "Paris 11e Arrondissement", 90),
    ("RUE DU FBG ST ANTOINE", "75012", "75112", "Paris 12e Arrondissement", 95),
    ("RUE OBERKAMPF", "75011", "75111", "Paris 11e Arrondissement", 70),
    ("GR GRANDE RUE", "25000", "25056", "Besançon", 12),
    ("RUE DES LAVANDIERES STE OPPORT", "75001", "75101", "Paris 1er Arrondissement", 9),
    ("LES COTEAUX", "83200", "83137", "Toulon", 3),
]


@pytest.fixture(autouse=True)
def _streets() -> None:
    for code_voie, (name, postal, commune, city, count) in enumerate(STREETS):
        DVFStreetFactory(
            nom_voie=name,
            code_postal=postal,
            code_commune=commune,
            nom_commune=city,
            code_departement=postal[:2],
            sales_count=count,
            code_voie=f"{code_voie:04d}",
        )


@pytest.mark.parametrize(
    ("q", "postal_code"),
    [
        ("", ""),
        ("ru", ""),
        ("12", ""),
        ("rue de l'inconnu célèbre", ""),
        ("rue pasteur", "33000"),
        ("boulevard oberkampf", "83000"),
        ("%", ""),
        ("_____", ""),
        ("'; DROP TABLE dvf_streets; --", ""),
        ("\x00", ""),
        ("🏠🏠🏠🏠", ""),
        ("x " * 500, ""),
    ],
)
def test_nothing_is_found(q: str, postal_code: str) -> None:
    assert search_addresses(q, postal_code) == []
    assert DVFStreet.objects.count() == len(STREETS)


@pytest.mark.parametrize(
    ("q", "postal_code", "first"),
    [
        ("rue pasteur", "", "RUE PASTEUR, 06000 Nice"),
        ("rue pasteur", "83000", "RUE PASTEUR, 83000 Toulon"),
        ("rue pasteur 83000", "", "RUE PASTEUR, 83000 Toulon"),
        ("12 rue Pasteur, 83000 Toulon", "", "RUE PASTEUR, 83000 Toulon"),
        ("rue pasteur, toulon", "", "RUE PASTEUR, 83000 Toulon"),
        ("rue pasteur toulon", "", "RUE PASTEUR, 83000 Toulon"),
        ("rue pasteur paris", "", "RUE PASTEUR, 75011 Paris 11e Arrondissement"),
        ("rue pasteur paris 11e", "", "RUE PASTEUR, 75011 Paris 11e Arrondissement"),
        ("rue pasteur 75000 Paris", "", "RUE PASTEUR, 75011 Paris 11e Arrondissement"),
        ("avenue du Général-de-Gaulle", "", "AV DU GAL DE GAULLE, 94160 Saint-Mandé"),
        ("avenue du Général-de-Gaulle, St-Mandé", "", "AV DU GAL DE GAULLE, 94160 Saint-Mandé"),
        ("av general de gaulle saint mande", "", "AV DU GAL DE GAULLE, 94160 Saint-Mandé"),
        ("av du gal de gaule", "83000", "AV DU GAL DE GAULLE, 83000 Toulon"),
        (
            "rue du faubourg saint antoine paris 12",
            "",
            "RUE DU FBG ST ANTOINE, 75012 Paris 12e Arrondissement",
        ),
        ("rue du fbg st-antoine", "75011", "RUE DU FBG ST ANTOINE, 75011 Paris 11e Arrondissement"),
        ("Grand-Rue besancon", "", "GR GRANDE RUE, 25000 Besançon"),
        ("grande rue", "25000", "GR GRANDE RUE, 25000 Besançon"),
        ("oberkampf", "75011", "RUE OBERKAMPF, 75011 Paris 11e Arrondissement"),
        ("rue oberk", "", "RUE OBERKAMPF, 75011 Paris 11e Arrondissement"),
        ("rue oberkamf", "", "RUE OBERKAMPF, 75011 Paris 11e Arrondissement"),
        ("rue oebrkampf", "", "RUE OBERKAMPF, 75011 Paris 11e Arrondissement"),
        ("rue oberkampff", "", "RUE OBERKAMPF, 75011 Paris 11e Arrondissement"),
        ("rue patseur", "", "RUE PASTEUR, 06000 Nice"),
        ("rue obrekampf", "75011", "RUE OBERKAMPF, 75011 Paris 11e Arrondissement"),
        (
            "rue des Lavandières Sainte-Opportune",
            "",
            "RUE DES LAVANDIERES STE OPPORT, 75001 Paris 1er Arrondissement",
        ),
        ("les coteaux", "83200", "LES COTEAUX, 83200 Toulon"),
    ],
)
def test_found_first(q: str, postal_code: str, first: str) -> None:
    found = search_addresses(q, postal_code)
    assert found[0]["label"] == first
    assert found[0]["source"] == "dvf"


def test_the_street_asked_for_has_score_one_and_others_less() -> None:
    assert [a["score"] for a in search_addresses("rue pasteur")] == [1.0, 1.0, 1.0]
    assert search_addresses("rue oberkamf")[0]["score"] < 1


def test_numbers_known_to_the_sales() -> None:
    street = {"adresse_nom_voie": "RUE PASTEUR", "code_voie": "0002"}
    for number, suffix in (("2", ""), ("10", ""), ("10", "B"), ("9", "")):
        address = " ".join(filter(None, (number, suffix, "RUE PASTEUR")))
        sales_with(2, adresse_numero=number, adresse_suffixe=suffix, adresse_complete=address, **street)
    sales_with(1, adresse_nom_voie="RUE PASTEUR", code_commune="06088", adresse_numero="77")
    (found,) = search_addresses("rue pasteur", "83000")
    assert found["numbers"] == ["2", "9", "10", "10 B"]
    exact, street_itself = search_addresses("10 bis rue pasteur 83000")
    assert exact["label"] == "10 B RUE PASTEUR, 83000 Toulon"
    assert (exact["kind"], exact["number"], exact["suffix"], exact["sales_count"]) == (
        "number",
        "10",
        "B",
        2,
    )
    assert (exact["longitude"], exact["latitude"]) == (5.93, 43.12)
    assert (street_itself["kind"], street_itself["sales_count"]) == ("street", 20)
    assert [a["label"] for a in search_addresses("9-10 rue pasteur 83000")[:3]] == [
        "9 RUE PASTEUR, 83000 Toulon",
        "10 RUE PASTEUR, 83000 Toulon",
        "10 B RUE PASTEUR, 83000 Toulon",
    ]
    assert [a["kind"] for a in search_addresses("11 rue pasteur 83000")] == ["street"]


def test_limit() -> None:
    assert len(search_addresses("rue pasteur", limit=2)) == 2


def test_a_few_queries_and_no_scan_of_sales() -> None:
    with CaptureQueriesContext(connection) as captured:
        search_addresses("12 rue pasteur")
    statements = [q["sql"] for q in captured.captured_queries if q["sql"].startswith("SELECT")]
    assert len(statements) <= 5
    (sales,) = [sql for sql in statements if '"dvf_sales"' in sql]
    assert '"code_commune" = ' in sales
    assert '"code_voie" = ' in sales


@pytest.mark.parametrize("postal_code", ["", "51100"])
def test_a_last_word_that_may_be_an_abbreviation_may_also_be_half_typed(postal_code: str) -> None:
    for code, name in enumerate(("RUE CHANZY", "RUE DU CHANOINE COLLIN", "RUE CHAPTAL")):
        DVFStreetFactory(
            nom_voie=name, code_postal="51100", code_commune="51454", nom_commune="Reims",
            code_departement="51", code_voie=f"{code:04d}",
        )  # fmt: skip
    found = search_addresses("12 rue chan", postal_code)
    assert {one["street"] for one in found} == {"RUE CHANZY", "RUE DU CHANOINE COLLIN"}
    assert {one["score"] for one in found} == {0.95}
