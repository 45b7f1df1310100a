"""The demonstration of `make run`: accounts to try, and three properties where sales are known.

Never in production: `prepare` refuses. Passwords are random, made once and kept in the run file.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Avg, Count
from django.utils.translation import gettext as _
from knox.models import get_token_model

from accounts import staff_groups
from accounts.models import User
from dvf.importing.load import load_synthetic
from dvf.models import DVFImport, DVFSale
from properties.models import Property
from properties.price_analysis import stored

STAFF_EMAIL = "equipe@example.org"
CLIENT_EMAILS = ("client1@example.org", "client2@example.org")
# Asking prices of the three properties, against the mean of their building: one dear, one fair, one cheap.
ASKING = (Decimal("1.12"), Decimal("1.00"), Decimal("0.93"))


class DemoRefused(Exception):
    """The demonstration does not belong here."""


@dataclass(frozen=True, slots=True)
class Account:
    email: str
    password: str
    token: str | None = None

    def as_json(self) -> dict[str, str]:
        answer = {"email": self.email, "password": self.password}
        return {**answer, "token": self.token} if self.token else answer


def _known(run_file: Path) -> dict[str, dict[str, str]]:
    """Accounts of an earlier start, by e-mail; an unreadable file is no file."""
    try:
        data = json.loads(run_file.read_text(encoding="utf-8"))
        return {entry["email"]: entry for entry in [data["staff"], *data["clients"]]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _account(email: str, full_name: str, known: dict[str, str], *, staff: bool) -> Account:
    user, created = User.objects.get_or_create(
        email=email, defaults={"full_name": full_name, "is_staff": staff, "is_superuser": staff}
    )
    if created:
        user.verify_email()  # nobody reads the mails of a demonstration
    password = known.get("password", "")
    if created or not password or not user.check_password(password):
        password = secrets.token_urlsafe(12)
        user.set_password(password)
        user.save(update_fields=["password", "updated_at"])
    if staff:
        return Account(email, password)
    return Account(email, password, _token(user, known.get("token", "")))


def _token(user: User, known: str) -> str:
    from knox.auth import TokenAuthentication
    from rest_framework.exceptions import AuthenticationFailed

    try:
        found, _token = TokenAuthentication().authenticate_credentials(known.encode())
        if found == user:
            return known
    except AuthenticationFailed:
        pass
    secret: str = get_token_model().objects.create(user=user, name=_("Démonstration"))[1]
    return secret


def _buildings() -> list[dict[str, Any]]:
    """Up to three buildings with many comparable flats sold, in different communes where there are."""
    # No ordering by the whole base: a sample of recent sales says where flats are sold.
    recent = (
        DVFSale.objects.comparable()
        .filter(type_principal="Appartement", adresse_numero__gt="", position__isnull=False)
        .order_by("-date_mutation", "-id")
        .values_list("pk", flat=True)[:20_000]
    )
    rows = (
        DVFSale.objects.filter(pk__in=list(recent))
        .values(
            "adresse_complete",
            "code_postal",
            "nom_commune",
            "code_commune",
            "code_departement",
            "id_parcelle",
        )
        .annotate(
            sales=Count("id"),
            price=Avg("prix_m2"),
            surface=Avg("surface_bati"),
            longitude=Avg("longitude"),
            latitude=Avg("latitude"),
        )
        .order_by("-sales", "code_commune", "adresse_complete")[:200]
    )
    chosen: list[dict[str, Any]] = []
    for row in rows:
        if len(chosen) < len(ASKING) and row["code_commune"] not in {c["code_commune"] for c in chosen}:
            chosen.append(dict(row))
    for row in rows:
        if len(chosen) < len(ASKING) and dict(row) not in chosen:
            chosen.append(dict(row))
    return chosen


def _properties(client: User) -> list[Property]:
    made = []
    for row, factor in zip(_buildings(), ASKING, strict=False):
        surface = Decimal(str(round(row["surface"])))
        made.append(
            Property.objects.create(
                user=client,
                address=row["adresse_complete"],
                postal_code=row["code_postal"],
                city=row["nom_commune"],
                department=row["code_departement"],
                asking_price=round(row["price"] * surface * factor, -3),
                surface_area=surface,
                property_type=Property.Type.APARTMENT,
                rooms=max(1, round(float(surface) / 22)),
                longitude=row["longitude"],
                latitude=row["latitude"],
            )
        )
    return made


def prepare(run_file: Path, url: str, say: Callable[[str], object]) -> dict[str, Any]:
    """Make what is missing of the demonstration and write `run_file` (mode 600). Safe to repeat.

    Returns what was written: {"url", "staff": {email, password}, "clients": [{email, password, token}, …]}.
    """
    if settings.PRODUCTION:
        raise DemoRefused(_("La démonstration n'a pas sa place en production."))
    if not DVFImport.objects.served().exists():
        run = load_synthetic().run
        say(_("Ventes inventées : %(sales)d (%(label)s)") % {"sales": run.sales, "label": run.release_label})
    known = _known(run_file)
    with transaction.atomic():
        staff_groups.write()  # ready to be tried; the demonstration's own staff are superusers and open all
        staff = _account(STAFF_EMAIL, "Équipe (démo)", known.get(STAFF_EMAIL, {}), staff=True)
        clients = [
            _account(email, f"Client {number} (démo)", known.get(email, {}), staff=False)
            for number, email in enumerate(CLIENT_EMAILS, start=1)
        ]
    first = User.objects.get(email=CLIENT_EMAILS[0])
    if not Property.all_objects.filter(user=first).exists():
        for made in _properties(first):
            stored(made)
            say(_("Bien de démonstration : %(property)s") % {"property": made})
    data = {"url": url, "staff": staff.as_json(), "clients": [client.as_json() for client in clients]}
    run_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    run_file.touch(mode=0o600, exist_ok=True)
    run_file.chmod(0o600)
    run_file.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return data
