"""manage.py download_dvf — fetch the official files of sales (geo-DVF), by year and by department."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from dvf.importing.download import DownloadFailed, download
from dvf.management.commands.import_dvf import department_code

YEARS_PUBLISHED = 6  # the present year and the five before it; those not out (yet, or any more) are skipped


class Command(BaseCommand):
    help = "Télécharge les fichiers officiels de ventes (DVF_URL), à donner ensuite à import_dvf."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, default=Path("dvf-files"), help="dossier (défaut : dvf-files)")
        parser.add_argument("--year", type=int, action="append", default=[], help="année (répétable)")
        parser.add_argument(
            "--department", action="append", default=[], help="département (répétable) ; sans : la France"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.localdate().year
        years = options["year"] or list(range(now - YEARS_PUBLISHED + 1, now + 1))
        departments = [department_code(value) for value in options["department"]]
        names = [f"departements/{code}.csv.gz" for code in departments] or ["full.csv.gz"]
        found = 0
        for path in [f"{year}/{name}" for year in years for name in names]:
            try:
                fresh = self._download(f"{settings.DVF_URL.rstrip('/')}/{path}", options["to"] / path)
            except DownloadFailed as error:
                if error.code == "not_found" and not options["year"]:
                    continue
                raise CommandError(f"{error} [{error.code}]") from error
            found += 1
            self.stdout.write(f"{options['to'] / path} : {'reçu' if fresh else 'déjà à jour'}")
        if not found:
            raise CommandError(f"Aucun fichier à {settings.DVF_URL} [not_found]")
        self.stdout.write(f"{found} fichiers ; ensuite : manage.py import_dvf {options['to']}")

    def _download(self, url: str, target: Path) -> bool:
        if not self.stderr.isatty():
            return download(url, target)
        with tqdm(unit="o", unit_scale=True, desc=target.parent.name, file=self.stderr) as bar:

            def progress(done: int, total: int | None) -> None:
                bar.total = total
                bar.update(done - bar.n)

            return download(url, target, progress)
