"""One HTML page: how good the valuation and the reading are here, and how fast; each figure with its n."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from tqdm import tqdm

from config import quality_charts as charts
from config import quality_figures as figures
from config.quality_charts import Row
from documents.models import DocumentType
from dvf.models import DVFImport, TypePrincipal

MOST_AREAS = 40
"""Areas drawn; all are in the table."""


class Command(BaseCommand):
    help = "Écrit une page HTML datée : précision des estimations par secteur, intervalles, lecture, vitesse."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="report.html")
        parser.add_argument("--lang", choices=["fr", "en"], default="fr", help="langue de la page")
        parser.add_argument(
            "--days", type=int, default=365, help="lectures et vitesses de ces derniers jours"
        )
        parser.add_argument("--truth", type=Path, help="dossier de faits vrais (<nom>.json) à comparer")
        parser.add_argument("--documents", type=Path, help="leurs fichiers (par défaut : ../pdf du dossier)")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        if not out.parent.is_dir():
            raise CommandError(f"Le dossier {out.parent} n’existe pas.")
        truth: Path | None = options["truth"]
        files: Path | None = options["documents"] or (truth.parent / "pdf" if truth else None)
        for folder in (truth, files):
            if folder is not None and not folder.is_dir():
                raise CommandError(f"Le dossier {folder} n’existe pas.")
        since = timezone.now() - timedelta(days=options["days"])
        scored: list[figures.Score] = []
        if truth and files:

            def progress(read: Any) -> Any:
                return tqdm(read, unit="doc", disable=not sys.stderr.isatty())

            scored = figures.scores(truth, files, progress)
        value, read, fast = figures.valuation(), figures.readings(since), figures.speeds(since)
        with translation.override(options["lang"]):
            page = render_to_string("config/quality_report.html", context(value, read, scored, fast, options))
        out.write_text(page, encoding="utf-8")
        self.stdout.write(
            f"{len(value.areas)} secteurs ({value.tested} ventes estimées), "
            f"{sum(r.documents for r in read)} documents lus, {sum(s.documents for s in scored)} comparés, "
            f"{sum(s.n for s in fast)} durées → {out}"
        )


def context(
    value: figures.Valuation,
    read: list[figures.Reading],
    scored: list[figures.Score],
    fast: list[figures.Speed],
    options: dict[str, Any],
) -> dict[str, Any]:
    kinds = dict(TypePrincipal.choices)
    types = dict(DocumentType.choices)
    works = {
        "reading": _("Lecture d’un document"),
        "redesign": _("Rendu d’une photo"),
        "fit": _("Calcul d’un secteur"),
        "import": _("Import de ventes"),
    }

    details = {**types, **kinds, **dict(DVFImport.Mode.choices)}

    def place(area: figures.Area) -> str:
        return f"{area.department} {kinds.get(area.type, area.type)}"

    shown = value.areas[:MOST_AREAS]
    strata = {
        "building seen": _("immeuble déjà vendu"),
        "building unseen": _("immeuble jamais vu"),
        "surer half": _("moitié la plus sûre"),
        "other half": _("autre moitié"),
        "given (not abstained)": _("estimation donnée"),
    }
    return {
        "language": translation.get_language(),
        "made_at": timezone.localtime(),
        "days": options["days"],
        "release": DVFImport.objects.served().first(),
        "value": value,
        "areas": [(place(area), area) for area in value.areas],
        "history": figures.history(),
        "left_out": len(value.areas) - len(shown),
        "error_chart": charts.bars(
            [
                Row(
                    place(a), a.error, a.n, marks=(("reference", a.reference), ("neighbours", a.neighbours))
                )
                for a in shown
            ],
            unit=" %",
        ),
        "coverage_chart": charts.dots(
            [Row(place(a), a.coverage, a.n, margin=a.margin) for a in shown],
            target=80, low=50, high=100, unit=" %",
        ),
        "strata_chart": charts.bars(
            [
                Row(strata.get(name, name.replace("–inf m²", _(" m² et plus"))), error, n)
                for name, n, error in value.strata
            ],
            unit=" %",
        ),
        "readings": [(types.get(r.type, r.type), r) for r in read],
        "changed_chart": charts.bars(
            [Row(str(types.get(r.type, r.type)), r.changed_percent or 0, r.facts) for r in read if r.facts],
            unit=" %",
        ),
        "scores": [(types.get(s.type, s.type), s) for s in scored],
        "score_chart": charts.bars(
            [Row(str(types.get(s.type, s.type)), s.f1 or 0, s.true) for s in scored], unit=" %", top=100
        ),
        "speeds": [(works[s.work], details.get(s.detail, s.detail), s) for s in fast],
    }  # fmt: skip
