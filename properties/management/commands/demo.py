from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from properties import demo


class Command(BaseCommand):
    help = (
        "Prépare la démonstration : comptes, ventes synthétiques s'il n'y en a aucune, trois biens analysés."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--run-file", type=Path, default=Path(".local/run.json"), help="où écrire les comptes"
        )
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="adresse à écrire dans ce fichier")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            demo.prepare(options["run_file"], options["url"], self.stdout.write)
        except demo.DemoRefused as error:
            raise CommandError(str(error)) from error
