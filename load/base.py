"""The sales and accounts that the load needs: `python -m load.base sales N` and `… accounts N FILE`."""

from __future__ import annotations

import json
import random
import secrets
import sys
from pathlib import Path

import django

PROPERTIES = 3
AREAS = 2
"""Départements whose valuation is fitted beforehand, as it is some minutes after an import."""


def make_sales(count: int) -> None:
    from django.core.management import call_command

    from bench._sales_data import fill
    from dvf import fitting
    from dvf.models import DVFSale, TypePrincipal
    from dvf.valuation_models import ValuationModel

    call_command("migrate", verbosity=0)
    if not DVFSale.objects.exists():
        fill(count)
    for department in departments():
        for kind in TypePrincipal.values:
            if not ValuationModel.objects.filter(code_departement=department, type_principal=kind).exists():
                fitting.fit_department(department, kind)


def departments() -> list[str]:
    return [f"{number:02d}" for number in range(2, 2 + AREAS)]


def make_accounts(count: int, path: Path) -> None:
    """Accounts with a token and properties in towns that have sales, and what they may ask for."""
    from knox.models import get_token_model

    from accounts.models import User
    from dvf.models import DVFSale
    from properties.models import Property

    chance = random.Random(1)  # noqa: S311 - a measurement
    sales = list(
        DVFSale.objects.comparable()
        .filter(code_departement__in=departments(), longitude__isnull=False)
        .order_by("-date_mutation", "-id")[:5000]
    )
    accounts = []
    for number in range(count):
        email, password = f"load-{number}@example.org", secrets.token_urlsafe(16)
        user = User.objects.create_user(email, password)
        user.verify_email()
        mine = chance.sample(sales, PROPERTIES)
        made = [
            Property.objects.create(
                user=user,
                address=sale.adresse_complete,
                postal_code=sale.code_postal,
                city=sale.nom_commune,
                department=sale.code_departement,
                asking_price=sale.prix,
                surface_area=sale.surface_bati,
                longitude=sale.longitude,
                latitude=sale.latitude,
            )
            for sale in mine
        ]
        _token, secret = get_token_model().objects.create(user=user, name="load")
        accounts.append(
            {
                "email": email,
                "password": password,
                "token": secret,
                "properties": [subject.pk for subject in made],
                "places": [
                    {
                        "postal_code": sale.code_postal,
                        "street": sale.adresse_nom_voie,
                        "address": sale.adresse_complete,
                        "near": f"{sale.longitude},{sale.latitude}",
                        "kind": sale.type_principal,
                        "surface": int(sale.surface_bati or 50),
                        "sale": sale.id_mutation,
                    }
                    for sale in mine
                ],
            }
        )
    path.write_text(json.dumps(accounts), encoding="utf-8")


def make_plain_account(path: Path) -> None:
    """One account with one property, where no sales are needed."""
    from knox.models import get_token_model

    from accounts.models import User
    from properties.models import Property

    user = User.objects.create_user("load@example.org", secrets.token_urlsafe(16))
    subject = Property.objects.create(user=user, address="3 rue des Essais", postal_code="83000")
    _token, secret = get_token_model().objects.create(user=user, name="load")
    path.write_text(json.dumps([{"token": secret, "properties": [subject.pk]}]), encoding="utf-8")


def state() -> None:
    """Counts that tell whether anything was lost, doubled or left over, as JSON."""
    from django.db.models import Count

    from documents import orphans
    from documents.models import Analysis, Document
    from properties.models import Property

    found = orphans.find()
    statuses = Document.objects.values_list("status").annotate(n=Count("id"))
    current = Analysis.objects.values("document").annotate(n=Count("id")).filter(n__gt=1)
    counts = {
        "statuses": dict(statuses),
        "ids": list(Document.objects.values_list("pk", flat=True)),
        "properties": list(Property.objects.values_list("pk", flat=True)),
        "read_twice": current.count(),
        "files_without_rows": len(found.files),
        "rows_without_files": len(found.rows),
    }
    sys.stdout.write(json.dumps(counts) + "\n")


if __name__ == "__main__":
    django.setup()
    match sys.argv[1:]:
        case ["sales", count]:
            make_sales(int(count))
        case ["accounts", count, path]:
            make_accounts(int(count), Path(path))
        case ["plain", path]:
            make_plain_account(Path(path))
        case ["state"]:
            state()
