"""Where an address is, from the sales alone."""

from __future__ import annotations

import pytest

from dvf.models import DVFImport, DVFStreet
from dvf.places import locate
from dvf.tests.factories import DVFImportFactory, DVFSaleFactory


@pytest.fixture
def release(db: None) -> DVFImport:
    return DVFImportFactory()


def street(commune: str, name: str, longitude: float, sales: int = 1) -> None:
    DVFStreet.objects.create(
        code_postal="83000", code_commune=commune, nom_commune=name, code_departement="83", code_voie="0001",
        nom_voie="RUE DES ESSAIS", street_key="RUE ESSAIS", sales_count=sales, longitude=longitude,
        latitude=43.12,
    )  # fmt: skip


def test_no_sale_no_place(release: DVFImport) -> None:
    assert locate("12 rue des Essais", "83000") is None


def test_the_number_gives_the_building_and_its_parcel(release: DVFImport) -> None:
    street("83137", "Toulon", 5.93)
    DVFSaleFactory(release=release, adresse_numero="12", longitude=5.9311, id_parcelle="83137000AA0012")
    DVFSaleFactory(release=release, adresse_numero="12", adresse_suffixe="B", id_parcelle="83137000AA0013")
    place = locate("12, rue des essais", "83000")
    assert place is not None
    assert (place.precision, place.longitude, place.parcels) == ("building", 5.9311, ("83137000AA0012",))


def test_an_unknown_number_is_its_street_only(release: DVFImport) -> None:
    street("83137", "Toulon", 5.93)
    DVFSaleFactory(release=release, adresse_numero="12")
    place = locate("99 rue des Essais", "83000")
    assert place is not None and (place.precision, place.parcels) == ("street", ())


def test_a_point_that_is_given_is_kept(release: DVFImport) -> None:
    place = locate("somewhere", "83000", 5.5, 43.5)
    assert place is not None and (place.precision, place.longitude) == ("given", 5.5)


def test_two_communes_with_the_same_street_and_postal_code_are_told_apart(release: DVFImport) -> None:
    street("83137", "Toulon", 5.93, sales=50)
    street("83062", "La Garde", 6.01)
    for place in (
        locate("12 rue des Essais", "83000", city="La Garde"),
        locate("12 rue des Essais", "83000", 6.012, 43.12),
    ):
        assert place is not None and place.street == ("83062", "0001")
    biggest = locate("12 rue des Essais", "83000")
    assert biggest is not None and biggest.street == ("83137", "0001")


def test_an_unknown_street_is_the_middle_of_its_postal_code(release: DVFImport) -> None:
    DVFSaleFactory(release=release, longitude=5.90)
    DVFSaleFactory(release=release, longitude=5.94, id_mutation="x")
    place = locate("3 allée introuvable", "83000")
    assert place is not None and place.precision == "postal_code" and place.longitude == pytest.approx(5.92)
