from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand

from reports.models import Report
from reports.orphans import find


class Command(BaseCommand):
    help = (
        "Cherche les fichiers sans rapport et les rapports sans fichier ; --fix efface les uns et les "
        "autres : un rapport se refait quand on le demande."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fix", action="store_true", help="effacer ce qui s'est perdu")

    def handle(self, *args: Any, **options: Any) -> None:
        orphans = find()
        for key in orphans.files:
            if options["fix"]:
                default_storage.delete(key)
            self.stdout.write(f"{'effacé' if options['fix'] else 'sans rapport'} : {key}")
        for pk in orphans.rows:
            self.stdout.write(f"sans fichier : rapport {pk}")
        if options["fix"]:
            Report.objects.filter(pk__in=orphans.rows).delete()
        self.stdout.write(
            f"{len(orphans.files)} fichiers sans rapport, {len(orphans.rows)} rapports sans fichier"
        )
