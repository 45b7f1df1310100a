from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

import factory

from dvf.models import DVFImport, DVFPrice, DVFSale, DVFSaleLot, DVFStreet
from dvf.street_names import street_key


class DVFImportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = DVFImport

    status = DVFImport.Status.SERVED
    release_label = "essai"
    last_date = datetime.date(2024, 12, 31)
    finished_at = factory.LazyFunction(lambda: datetime.datetime.now(datetime.UTC))


class DVFSaleFactory(factory.django.DjangoModelFactory):
    """A comparable flat of 50 m² at 3,000 €/m² in an invented street of Toulon's postal code."""

    class Meta:
        model = DVFSale

    release = factory.SubFactory(DVFImportFactory)
    id_mutation = factory.Sequence(lambda n: f"2024-{n + 1}")
    fingerprint = factory.LazyFunction(uuid.uuid4)
    date_mutation = datetime.date(2024, 6, 1)
    annee = factory.LazyAttribute(lambda o: o.date_mutation.year)
    nature_mutation = "Vente"
    surface_bati = 50.0
    prix = factory.LazyAttribute(lambda o: (o.prix_m2 * Decimal(o.surface_bati)).quantize(Decimal("0.01")))
    prix_m2 = Decimal("3000")
    adresse_numero = "12"
    adresse_suffixe = ""
    adresse_nom_voie = "RUE DES ESSAIS"
    adresse_complete = factory.LazyAttribute(
        lambda o: " ".join(filter(None, (o.adresse_numero, o.adresse_suffixe, o.adresse_nom_voie)))
    )
    code_voie = "0001"
    code_postal = "83000"
    code_commune = "83137"
    nom_commune = "Toulon"
    code_departement = "83"
    id_parcelle = "83137000AA0001"
    longitude = 5.93
    latitude = 43.12
    type_principal = "Appartement"
    nombre_pieces = 2
    nombre_lots = 1
    n_appartements = 1
    is_comparable = True
    exclusion_reasons = factory.LazyFunction(list)


class DVFSaleLotFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = DVFSaleLot

    sale = factory.SubFactory(DVFSaleFactory)
    lot_type = "Appartement"
    surface_bati = 50.0
    nombre_pieces = 2
    numeros_lots = "14"
    id_parcelle = "83137000AA0001"


class DVFPriceFactory(factory.django.DjangoModelFactory):
    """The apartments of Toulon's postal code in 2024."""

    class Meta:
        model = DVFPrice

    place_kind = "code_postal"
    place_code = "83000"
    type_principal = "Appartement"
    year = 2024
    quarter = None
    sales_count = 10
    mean = Decimal("3100")
    median = Decimal("3000")
    first_quartile = Decimal("2500")
    third_quartile = Decimal("3500")
    minimum = Decimal("2000")
    maximum = Decimal("5000")


class DVFStreetFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = DVFStreet

    nom_voie = "RUE DES ESSAIS"
    street_key = factory.LazyAttribute(lambda street: street_key(street.nom_voie))
    code_voie = "0001"
    code_postal = "83000"
    code_commune = "83137"
    nom_commune = "Toulon"
    code_departement = "83"
    sales_count = 1
    is_main = True
    longitude = 5.93
    latitude = 43.12


def served_import() -> DVFImport:
    """The release that the sales of a test belong to: one for all."""
    release: DVFImport = DVFImport.objects.served().first() or DVFImportFactory()
    return release


def sales_with(count: int, **fields: Any) -> list[DVFSale]:
    """Many sales of one release in one INSERT."""
    batch = DVFSaleFactory.build_batch(count, **{"release": served_import(), **fields})
    return DVFSale.objects.bulk_create(batch)
