from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand

from photos import files


class Command(BaseCommand):
    help = "Cherche les fichiers sans photo et les photos sans fichier ; --fix efface les premiers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fix", action="store_true", help="effacer les fichiers que rien ne nomme")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["fix"]:
            self.stdout.write(f"{files.remove()} effacements en attente faits")
        found = files.orphans()
        for key in found.files:
            if options["fix"]:
                default_storage.delete(key)
            self.stdout.write(f"{'effacé' if options['fix'] else 'sans photo'} : {key}")
        for row in found.rows:
            self.stdout.write(f"sans fichier : {row}")
        self.stdout.write(f"{len(found.files)} fichiers sans photo, {len(found.rows)} lignes sans fichier")
