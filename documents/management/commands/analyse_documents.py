"""Read files from disk and write their facts as JSON: no database, no services."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from documents.analysis import analyse_file, dumps
from documents.reading import ReadingError

SUFFIXES = {".pdf", ".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif"}


class Command(BaseCommand):
    help = "Lit des documents (PDF, photos) et écrit les faits trouvés dans <nom>.json, avec leurs preuves."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="fichier ou dossier")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="dossier des résultats")
        parser.add_argument("--format", choices=["json"], default="json")
        parser.add_argument("--processes", type=int, choices=[1, 2], default=2, help="lectures en parallèle")

    def handle(self, *args: Any, **options: Any) -> None:
        files = _files(options["paths"])
        if not files:
            raise CommandError("Aucun fichier à lire.")
        out: Path = options["out"]
        out.mkdir(parents=True, exist_ok=True)
        facts = failures = 0
        # Threads: each reading runs in a child process of its own.
        with ThreadPoolExecutor(options["processes"]) as pool:
            results = pool.map(_analyse, files)
            for file, (text, count, error) in zip(
                files,
                tqdm(results, total=len(files), unit="doc", disable=not sys.stderr.isatty()),
                strict=True,
            ):
                (out / f"{file.stem}.json").write_text(text, encoding="utf-8")
                facts += count
                if error:
                    failures += 1
                    self.stderr.write(f"{file.name} : {error}")
        self.stdout.write(
            f"{len(files)} documents, {len(files) - failures} lus, {failures} refusés, {facts} faits → {out}"
        )


def _analyse(path: Path) -> tuple[str, int, str]:
    try:
        reading = analyse_file(path)
    except ReadingError as error:
        answer = {"document_type": None, "error": {"code": error.code, "message": str(error)}}
        return json.dumps(answer, ensure_ascii=False, indent=2), 0, f"{error} ({error.code})"
    return dumps(reading), len(reading.findings), ""


def _files(paths: list[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(item for item in path.iterdir() if item.suffix.lower() in SUFFIXES)
        elif path.is_file():
            files.append(path)
        else:
            raise CommandError(f"{path} n’existe pas.")
    return files
