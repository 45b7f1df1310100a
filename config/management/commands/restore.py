"""`manage.py restore FOLDER`: a backup into an empty database and store; `--check` only reads it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from config import backup


class Command(BaseCommand):
    help = "Restaure une sauvegarde dans une base et un stockage vides ; --check la vérifie seulement."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", metavar="DIR|s3://…", help="le dossier que `backup` a nommé")
        parser.add_argument("--check", action="store_true", help="lire et vérifier, sans rien écrire")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            source = backup.place(options["source"])
            if options["check"]:
                backup.check(source, self.stdout.write)
            else:
                backup.restore(source, connection, default_storage, self.stdout.write)
        except backup.BackupError as error:
            raise CommandError(f"{error.code} : {error}") from error
        except (OSError, BotoCoreError, ClientError) as error:
            raise CommandError(f"storage_failed : {error}") from error
