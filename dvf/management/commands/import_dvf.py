"""manage.py import_dvf FILE… — make these files the served release of sales, or add them to it."""

from __future__ import annotations

import argparse
import datetime
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from dvf.import_errors import told
from dvf.import_panels import WORDS
from dvf.importing.load import Options, Outcome, Watch, import_files
from dvf.importing.reading import UnreadableFile, passed_over
from dvf.importing.refusals import ImportRefused, kept
from dvf.models import ExclusionReason


class Bar(Watch):
    """The steps as progress bars on a terminal; silent elsewhere."""

    def __init__(self, stream: Any) -> None:
        super().__init__()
        self.stream = stream
        self.bar: tqdm[Any] | None = None

    def step(self, name: str, total: int = 0) -> None:
        super().step(name, total)
        if self.stream.isatty():
            unit = {"examine": "o", "read": "o", "normalise": " lignes"}.get(name, "")
            self.bar = tqdm(
                total=total or None, desc=str(WORDS[name]), unit=unit, unit_scale=True, file=self.stream
            )

    def advance(self, amount: int) -> None:
        if self.bar is not None:
            self.bar.update(amount)

    def stop(self) -> None:
        super().stop()
        if self.bar is not None:
            self.bar.close()
            self.bar = None


class Command(BaseCommand):
    help = "Lit des fichiers DVF (.csv, .csv.gz, .txt, dossiers) et en fait le millésime servi."
    # They bring the back-office, the API and all these depend on: more memory than a small import.
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        os.nice(10)  # those who read while it works come first
        super().run_from_argv(argv)

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FICHIER", help="fichier ou dossier")
        parser.add_argument(
            "--add", action="store_true", help="ajoute au millésime servi au lieu de le remplacer"
        )
        parser.add_argument("--dry-run", action="store_true", help="lit et compte, sans rien changer")
        parser.add_argument(
            "--department", action="append", default=[], help="ne garde que ce département (répétable)"
        )
        parser.add_argument(
            "--since", type=day, metavar="AAAA-MM-JJ", help="ne garde que les ventes depuis ce jour"
        )
        parser.add_argument(
            "--keep-previous", action="store_true", help="garde les tables remplacées (schéma dvf_previous)"
        )
        parser.add_argument(
            "--force", action="store_true", help="importe même si ces fichiers sont déjà servis"
        )
        parser.add_argument("--release", default="", help="nom du millésime, par exemple « octobre 2024 »")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = Options(
            add=options["add"],
            dry_run=options["dry_run"],
            force=options["force"],
            keep_previous=options["keep_previous"],
            departments=tuple(department_code(value) for value in options["department"]),
            since=options["since"],
            release_label=options["release"],
        )
        watch = Bar(self.stderr)
        try:
            outcome = import_files(options["files"], chosen, watch)
        except (UnreadableFile, ImportRefused) as error:
            code, text, parameters = kept(error)
            raise CommandError(f"{told(text, parameters)} [{code}]") from error
        finally:
            watch.stop()
        if others := passed_over(options["files"]):
            self.stdout.write(f"non lus : {', '.join(others[:10])}{' …' if others[10:] else ''}")
        self.stdout.write(report(outcome))


def day(value: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError(
            _("« %(value)s » n'est pas un jour (AAAA-MM-JJ)") % {"value": value}
        ) from None


def department_code(value: str) -> str:
    code = value.strip().upper().zfill(2)
    if not (
        (len(code) == 2 and code[0].isdigit() and (code[1].isdigit() or code in ("2A", "2B")))
        or code[:2] in ("97", "98")
    ):
        raise CommandError(_("Département inconnu : %(value)s") % {"value": value})
    return code


def report(outcome: Outcome) -> str:
    """Counts that a person can check against the files."""
    run = outcome.run
    if outcome.status == "unchanged":
        return _("Ces fichiers sont déjà servis (import %(id)d, %(label)s) : rien à changer.") % {
            "id": run.pk,
            "label": run.release_label,
        }
    lines = [
        f"{source.name} : {source.layout.name}, {reading.lines} lignes"
        for source, reading in outcome.readings
    ]
    lines += [
        f"{run.rows} lignes, {run.mutations} mutations, {run.sales} ventes de logements, {run.lots} lots",
        f"{run.left_out.get('no_dwelling', 0)} mutations laissées (sans logement)",
        f"ventes écartées des médianes : {_counts(run.flagged)}",
        f"lignes rejetées : {_counts(run.rejected)}",
    ]
    lines += [
        f"  {item['file']} ligne {item['line']} : {_word(item['reason'])} [{item['reason']}]"
        for item in run.rejected_lines[:10]
    ]
    if run.restored:
        lines.append(f"valeurs restaurées : {_counts(run.restored)}")
    if outcome.already_served:
        lines.append(f"{outcome.already_served} ventes étaient déjà servies")
    if outcome.status == "dry_run":
        lines.append("Essai : rien n'a été changé.")
    else:
        lines.append(f"Servi : {run.total_sales} ventes ({run.release_label}), import {run.pk}")
        lines.append(f"durées : {_counts(run.durations)} s ; mémoire au plus haut {run.peak_memory_mb} Mo")
    return "\n".join(lines)


def _counts(counts: dict[str, Any]) -> str:
    return ", ".join(f"{_word(name)} {count}" for name, count in counts.items()) or "aucune"


def _word(code: str) -> str:
    labels = WORDS | dict(ExclusionReason.choices)
    return str(labels.get(code, code)).lower()
