from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand

from documents.orphans import find


class Command(BaseCommand):
    help = "Cherche les fichiers sans document et les documents sans fichier ; --fix efface les premiers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--fix", action="store_true", help="effacer les fichiers qu'aucun document ne nomme"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        orphans = find()
        for key in orphans.files:
            if options["fix"]:
                default_storage.delete(key)
            self.stdout.write(f"{'effacé' if options['fix'] else 'sans document'} : {key}")
        for pk in orphans.rows:
            self.stdout.write(f"sans fichier : document {pk}")
        self.stdout.write(
            f"{len(orphans.files)} fichiers sans document, {len(orphans.rows)} documents sans fichier"
        )
