"""`manage.py backup --to DIR|s3://…`: the database and every file, as a new folder there."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from config import backup


class Command(BaseCommand):
    help = "Sauvegarde la base et les fichiers dans un nouveau dossier, avec leurs empreintes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", required=True, metavar="DIR|s3://…", help="dossier, ou s3://seau/dossier")

    def handle(self, *args: Any, **options: Any) -> None:
        address = f"{options['to'].rstrip('/')}/appart-{timezone.now():%Y%m%dT%H%M%SZ}"
        try:
            backup.make(connection, default_storage, backup.place(address), self.stdout.write)
        except backup.BackupError as error:
            raise CommandError(f"{error.code} : {error}") from error
        except (OSError, BotoCoreError, ClientError) as error:
            raise CommandError(f"storage_failed : {error}") from error
        self.stdout.write(f"sauvegarde : {address}")
