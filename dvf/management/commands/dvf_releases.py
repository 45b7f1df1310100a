"""manage.py dvf_releases — the releases imported, and what changed from one to the next."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dvf.models import DVFImport

FIGURES = ("added", "removed", "altered")
HEADINGS = ("ajoutées", "retirées", "modifiées")


class Command(BaseCommand):
    help = "Liste les imports de ventes ; avec un ou deux numéros, ce qui a changé, par département."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "imports",
            nargs="*",
            type=int,
            metavar="IMPORT",
            help="un import (contre le précédent), ou de l'un à l'autre",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        numbers: list[int] = options["imports"]
        if len(numbers) > 2:
            raise CommandError("Un ou deux numéros d'import.")
        if not numbers:
            self._list()
            return
        runs = list(
            DVFImport.objects.filter(pk__in=numbers, finished_at__isnull=False).exclude(status="failed")
        )
        if len(runs) != len(set(numbers)):
            raise CommandError("Import inconnu ou inachevé ; manage.py dvf_releases les liste.")
        last = max(numbers)
        since = DVFImport.objects.exclude(status__in=["failed", "running"]).filter(pk__lte=last)
        steps = since.filter(pk__gt=min(numbers)) if len(numbers) == 2 else since.filter(pk=last)
        self._changes(list(steps.order_by("pk")))

    def _list(self) -> None:
        for run in DVFImport.objects.order_by("pk"):
            total = {name: sum(one[name] for one in run.changes.values()) for name in FIGURES}
            changed = ", ".join(
                f"{total[name]} {heading}" for name, heading in zip(FIGURES, HEADINGS, strict=True)
            )
            self.stdout.write(
                f"{run.pk:>4}  {run.started_at:%Y-%m-%d %H:%M}  {run.get_status_display():<9}"
                f" {'ajout' if run.mode == DVFImport.Mode.ADD else '':<5}"
                f" {run.release_label or '—'} : {run.sales} ventes"
                + (f" ({changed})" if run.changes else "")
                + (f" — {run.error_message.splitlines()[0]}" if run.error else "")
                + (f" [{run.error_code}]" if run.error_code else "")
            )
        if not DVFImport.objects.exists():
            self.stdout.write("Aucun import.")

    def _changes(self, steps: list[DVFImport]) -> None:
        """Changes are counted at each import against what it replaced; over several imports, step by step."""
        for run in steps:
            self.stdout.write(f"Import {run.pk} ({run.release_label}), contre ce qu'il a remplacé :")
            if "compare" not in run.durations:
                self.stdout.write("non comparé (interrompu après la bascule)")
                continue
            self.stdout.write(f"{'département':<12}" + "".join(f"{heading:>12}" for heading in HEADINGS))
            for department, one in sorted(run.changes.items()):
                self.stdout.write(f"{department:<12}" + "".join(f"{one[name]:>12}" for name in FIGURES))
            if not run.changes:
                self.stdout.write("aucun changement")
