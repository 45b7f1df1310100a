from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

import factory

from dvf.models import DVFImport, DVFSale


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
