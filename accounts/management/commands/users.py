"""Accounts from the command line: what the back-office does, for whoever has only a terminal."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q

from accounts import erasure, export
from accounts.activity import record
from accounts.models import User, normalise_email


class Command(BaseCommand):
    help = "Comptes : list, create, disable, enable, sign-out, export, erase."

    def add_arguments(self, parser: CommandParser) -> None:
        todo = parser.add_subparsers(dest="todo", required=True, metavar="ACTION")
        listing = todo.add_parser("list", help="les comptes, du plus récent au plus ancien")
        listing.add_argument("--search", default="", help="dans l’adresse ou le nom")
        listing.add_argument("--limit", type=int, default=50)
        for name, text in (
            ("create", "un compte d’adresse vérifiée ; le mot de passe est demandé, ou lu sur l’entrée"),
            ("disable", "ferme l’accès partout, n’efface rien"),
            ("enable", "rouvre l’accès"),
            ("sign-out", "ferme toutes les sessions et tous les jetons"),
            ("export", "tout ce qui est gardé du compte, dans un ZIP"),
            ("erase", "efface le compte, ses lignes et ses fichiers, pour toujours"),
        ):
            one = todo.add_parser(name, help=text)
            one.add_argument("email")
            if name == "create":
                one.add_argument("--name", default="")
                one.add_argument(
                    "--staff", action="store_true", help="ouvre le back-office, selon les groupes"
                )
            if name == "export":
                one.add_argument("--out", type=Path, required=True, metavar="FICHIER.zip")
            if name == "erase":
                one.add_argument("--yes", action="store_true", help="ne demande pas de confirmer")

    def handle(self, *args: Any, **options: Any) -> None:
        todo: str = options["todo"]
        if todo == "list":
            return self._list(options["search"], options["limit"])
        email = normalise_email(options["email"])
        if todo == "create":
            return self._create(email, options["name"], options["staff"])
        user = User.objects.filter(email=email).first()
        if user is None:
            raise CommandError(f"Aucun compte n’a l’adresse {email}.")
        if todo in ("disable", "enable"):
            self._open(user, is_active=todo == "enable")
        elif todo == "sign-out":
            with transaction.atomic():
                user.end_everywhere()
                record("account.signed_out_everywhere", user)
            self.stdout.write(f"{email} : déconnecté partout.")
        elif todo == "export":
            self._export(user, options["out"])
        else:
            self._erase(user, sure=options["yes"])
        return None

    def _list(self, search: str, limit: int) -> None:
        users = User.objects.order_by("-id")
        if search:
            users = users.filter(Q(email__icontains=search) | Q(full_name__icontains=search))
        found = list(users[: limit + 1])
        for user in found[:limit]:
            kind = "superuser" if user.is_superuser else "staff" if user.is_staff else "client"
            state = "actif" if user.is_active else "fermé"
            self.stdout.write(f"{user.pk}\t{user.email}\t{kind}\t{state}\t{user.created_at:%Y-%m-%d}")
        more = f", et d’autres (--limit {limit})" if len(found) > limit else ""
        self.stderr.write(f"{len(found[:limit])} comptes{more}")

    def _create(self, email: str, name: str, staff: bool) -> None:
        password = getpass.getpass("Mot de passe : ") if sys.stdin.isatty() else sys.stdin.readline().strip()
        user = User(email=email, full_name=name)
        try:
            validate_email(email)
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        with transaction.atomic():
            if User.objects.filter(email=email).exists():
                raise CommandError(f"{email} a déjà un compte.")
            user = User.objects.create_user(email, password, full_name=name, is_staff=staff)
            record("account.created", user)
        self.stdout.write(f"{email} : compte {user.pk} créé{', de l’équipe' if staff else ''}.")

    def _open(self, user: User, *, is_active: bool) -> None:
        if user.is_active == is_active:
            self.stdout.write(f"{user.email} : déjà {'ouvert' if is_active else 'fermé'}.")
            return
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(is_active=is_active)
            if not is_active:
                user.end_everywhere()
            action = "account.enabled" if is_active else "account.disabled"
            record(action, user, changes={"is_active": [not is_active, is_active]})
        self.stdout.write(f"{user.email} : {'rouvert' if is_active else 'fermé et déconnecté partout'}.")

    def _export(self, user: User, out: Path) -> None:
        files = export.keys(user)
        try:
            descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{out} ne peut être créé : {error.strerror}.") from None
        try:
            with os.fdopen(descriptor, "w+b") as target:
                export.write(user, files, target)
                size = target.tell()
            record("account.exported", user)
        except BaseException:
            out.unlink()
            raise
        self.stdout.write(f"{user.email} : {len(files)} fichiers, {size} octets → {out}")

    def _erase(self, user: User, *, sure: bool) -> None:
        if not sure:
            self.stdout.write(f"Effacer {user.email}, ses lignes et ses {len(export.keys(user))} fichiers ?")
            if sys.stdin.readline().strip().lower() != user.email:
                raise CommandError("Rien n’est effacé : écrivez l’adresse pour confirmer, ou donnez --yes.")
        number = user.pk
        erasure.erase(user)
        self.stdout.write(f"Compte {number} effacé ; ses fichiers le sont par la file, puis vérifiés.")
