"""`manage.py backtest_valuation`: how far off the valuation is, on files or on the served sales."""

from __future__ import annotations

import csv
import json
import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from dvf import sale_files, sale_tables
from dvf.importing.normalise import MixedReleases
from dvf.importing.reading import UnreadableFile
from dvf.models import TypePrincipal
from dvf.valuation import backtest
from dvf.valuation.model import TooFewSales
from dvf.valuation.sales import Sales

TYPES = {"flat": TypePrincipal.APARTMENT, "house": TypePrincipal.HOUSE}
FIGURES = ("n", "mdape", "mape", "ppe10", "ppe20", "median_ratio", "cod", "prd", "prb")


class Command(BaseCommand):
    help = (
        "Fit the valuation on what came before a day and value what came after: errors, ratios and coverage, "
        "untrimmed, beside plain methods. With --file nothing is read from or written to the database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--file", nargs="+", type=Path, default=[], help="DVF files, instead of the served sales"
        )
        parser.add_argument("--split-date", type=date.fromisoformat, help="first day valued (AAAA-MM-JJ)")
        parser.add_argument(
            "--share", type=float, default=0.8, help="share of the sales that teach (default 0.8)"
        )
        parser.add_argument("--type", choices=[*TYPES, *TypePrincipal.values], default="flat")
        parser.add_argument("--department", nargs="+", default=[], help="only these départements")
        parser.add_argument("--format", choices=["text", "json"], default="text")
        parser.add_argument("--predictions", type=Path, help="write one line per sale valued (CSV)")
        parser.add_argument("--no-controls", action="store_true", help="the model alone, faster")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["share"] < 1:
            raise CommandError("--share: between 0 and 1.")
        kind = str(TYPES.get(options["type"], options["type"]))
        parts: dict[str, backtest.Backtest] = {}
        left: dict[str, str] = {}
        areas = self._areas(options, kind)
        for department in tqdm(areas, unit="dép.", disable=None, file=sys.stderr):
            try:
                sales = areas[department] or sale_tables.of_department(department, kind)
                split = options["split_date"]
                day = float(split.toordinal()) if split else backtest.split_day(sales, options["share"])
                parts[department] = backtest.run(sales, kind, day, not options["no_controls"])
            except (TooFewSales, backtest.NothingToMeasure) as error:
                left[department] = str(error)
        if not parts:
            raise CommandError(
                "; ".join(f"{k}: {v}" for k, v in left.items()) or f"no comparable sale ({kind})"
            )
        report = backtest.joined(list(parts.values())).report()
        report |= {"type": kind, "departments": sorted(parts), "left_out": left}
        if options["predictions"]:
            self._write(options["predictions"], parts)
        if options["format"] == "json":
            self.stdout.write(json.dumps(backtest.plain(report), ensure_ascii=False, indent=1))
        else:
            self._print(report)

    def _areas(self, options: dict[str, Any], kind: str) -> dict[str, Sales | None]:
        wanted = set(options["department"])
        if options["file"]:
            try:
                found: dict[str, Sales | None] = dict(sale_files.of_files(options["file"], kind))
            except (UnreadableFile, MixedReleases) as error:
                raise CommandError(str(error)) from error
        else:
            found = dict.fromkeys(sale_tables.departments(kind))
        return {code: sales for code, sales in found.items() if not wanted or code in wanted}

    def _print(self, report: dict[str, Any]) -> None:
        self.stdout.write(
            f"{report['type']}, {', '.join(report['departments'])}: {report['train_sales']} sales teach, "
            f"{report['test_sales']} valued from {date.fromordinal(report['split_day'])}, "
            f"{report['refused']} refused"
        )
        for department, reason in report["left_out"].items():
            self.stdout.write(f"  left out {department}: {reason}")
        self.stdout.write(f"{'':26}{'method':12}" + "".join(f"{name:>13}" for name in FIGURES))
        for row in report["strata"]:
            for method, figures in row["methods"].items():
                if row["stratum"] != "all" and method in {"shuffled", "leaked"}:
                    continue
                line = "".join(_shown(figures.get(name)) for name in FIGURES)
                self.stdout.write(f"{row['stratum'] if method == backtest.OWN else '':26}{method:12}{line}")
                if method == backtest.OWN:
                    cover = ", ".join(
                        f"{level} %: covers {figures[f'coverage_{level}']:.1f} %"
                        f" width {figures[f'width_{level}']:.0f} %"
                        for level in (50, 80, 95)
                        if f"coverage_{level}" in figures
                    )
                    self.stdout.write(f"{'':38}  abstained {row['abstained_percent']:.1f} %; {cover}")

    def _write(self, path: Path, parts: dict[str, backtest.Backtest]) -> None:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            methods = list(next(iter(parts.values())).estimates)
            writer.writerow(
                ["fingerprint", "date_mutation", "code_departement", "code_postal", "surface", "price",
                 *methods, "low_50", "high_50", "low_80", "high_80", "low_95", "high_95",
                 "abstained", "building_seen", "same_building_sales", "effective_sample"]
            )  # fmt: skip
            for department, part in parts.items():
                for i, key in enumerate(part.targets.key):
                    bounds = [f"{v:.0f}" for level in (50, 80, 95) for v in part.intervals[level][i]]
                    writer.writerow(
                        [key, date.fromordinal(int(part.targets.day[i])), department,
                         part.targets.postal_code[i],
                         f"{part.targets.living_surface[i]:g}", f"{part.targets.price[i]:.2f}",
                         *(f"{part.estimates[name][i]:.0f}" for name in methods), *bounds,
                         int(part.abstained[i]), int(part.seen[i]), int(part.foresight.same_building[i]),
                         f"{part.foresight.effective[i]:.1f}"]
                    )  # fmt: skip


def _shown(value: float | int | None) -> str:
    return f"{'–':>13}" if value is None else f"{value:>13}" if isinstance(value, int) else f"{value:>13.3f}"
