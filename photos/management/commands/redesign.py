from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from photos.engines import configured
from photos.image_models.offline import OfflineImages
from photos.image_models.protocol import ImageModelError, RedesignRequest
from photos.imaging import DISPLAY_SIDE, ImageRefused, read_picture
from photos.presets import error_text
from photos.redesign import generate
from photos.styles import COLOR_SCHEMES, FURNITURE_STYLES, LIGHTINGS, PRESETS
from photos.uploads import reason


class Command(BaseCommand):
    help = "Refait une photo du disque dans un style, sans aucun service."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--style", choices=PRESETS)
        parser.add_argument("--prompt", default="", help="demande libre, en français ou en anglais")
        parser.add_argument("--color-scheme", choices=sorted(COLOR_SCHEMES))
        parser.add_argument("--furniture-style", choices=sorted(FURNITURE_STYLES))
        parser.add_argument("--lighting", choices=sorted(LIGHTINGS))
        parser.add_argument("--out", type=Path, required=True)
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--lang", choices=["fr", "en"], default="fr")
        parser.add_argument("--engine", choices=["offline", "configured"], default="offline")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["style"] and not options["prompt"]:
            raise CommandError("--style ou --prompt est nécessaire.")
        names = ("color_scheme", "furniture_style", "lighting")
        start = time.monotonic()
        try:
            with options["file"].open("rb") as file:
                photograph = read_picture(file).jpeg(DISPLAY_SIDE, 95)
            made = generate(
                OfflineImages() if options["engine"] == "offline" else configured(),
                RedesignRequest(
                    image=photograph,
                    preset=options["style"],
                    prompt=options["prompt"],
                    preferences={name: options[name] for name in names if options[name]},
                    seed=options["seed"],
                ),
                language=options["lang"],
                original=options["file"].name,
            )
            options["out"].write_bytes(made.image)
        except ImageRefused as error:
            raise CommandError(f"{error.code} : {reason(error.code)}") from error
        except ImageModelError as error:
            raise CommandError(f"{error.code} : {error_text(error.code)}") from error
        except OSError as error:
            raise CommandError(str(error)) from error
        score = made.structure
        self.stdout.write(
            f"{options['out']} : {made.width} × {made.height}, {made.engine} {made.version}, structure "
            f"{score.score:.2f} (contours {score.edges:.2f}, lignes {score.lines:.2f}, "
            f"protégé {score.protected:.2f}), {made.tries} essai(s), {time.monotonic() - start:.1f} s"
        )
