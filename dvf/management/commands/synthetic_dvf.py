"""manage.py synthetic_dvf — write a file of invented sales in the official format."""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from dvf.importing.synthetic import LINES_PER_MUTATION, SALES_PER_MUTATION, last_release_end, write_sales


class Command(BaseCommand):
    help = "Écrit un fichier de ventes inventées au format officiel (geo-DVF), marquées comme telles."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        size = parser.add_mutually_exclusive_group(required=True)
        size.add_argument("--rows", type=int, help="nombre de lignes, exact")
        size.add_argument("--sales", type=int, help="nombre de ventes de logements, environ")
        parser.add_argument("--out", type=Path, required=True, help="fichier .csv ou .csv.gz")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--communes",
            type=int,
            default=0,
            help="0 : cinq villes, ou 36 000 au-delà d'un million de lignes",
        )
        parser.add_argument("--until", type=datetime.date.fromisoformat, help="dernier jour, AAAA-MM-JJ")

    def handle(self, *args: Any, **options: Any) -> None:
        rows, sales = options["rows"], options["sales"]
        if (rows or sales or 0) <= 0:
            raise CommandError(_("Le nombre demandé doit être positif."))
        mutations = (
            round(rows / LINES_PER_MUTATION * 1.02) + 100 if rows else round(sales / SALES_PER_MUTATION)
        )
        communes = options["communes"] or (36_000 if mutations * LINES_PER_MUTATION > 1_000_000 else 5)
        until = options["until"] or last_release_end(timezone.localdate())
        write_sales(
            options["out"], mutations, seed=options["seed"], communes=communes, until=until, lines=rows
        )
        self.stdout.write(f"{options['out']} : {options['out'].stat().st_size} octets")
