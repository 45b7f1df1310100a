"""Redesigns of the sample rooms in every style: structure score, seconds of one core, memory; a sheet.

`python -m bench redesigns`, with the sample photos beside the checkout; `BENCH_SHEET=file.jpg` writes the
contact sheet.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from config.tests.shared import SHARED
from photos.image_models.offline import redesign
from photos.image_models.surfaces import find_surfaces
from photos.imaging import read_picture
from photos.structure import compare
from photos.styles import PRESETS, STYLES

ROOMS = (
    "sejour",
    "cuisine",
    "chambre_orientation6",
    "salle_de_bains_orientation6",
    "bureau_sans_exif",
    "sejour_vide",
)
TILE = (300, 200)


def main() -> None:
    if SHARED is None:
        sys.stdout.write("no sample photos beside the checkout\n")
        return
    cv2.setNumThreads(1)
    sheet = Image.new("RGB", (TILE[0] * (len(PRESETS) + 1), TILE[1] * len(ROOMS)))
    rng = np.random.default_rng(0)
    for row, name in enumerate(ROOMS):
        with (SHARED / f"samples/photos/{name}.jpg").open("rb") as file:
            picture = np.asarray(read_picture(file).image)
        start = time.process_time()
        found = find_surfaces(picture)
        seconds = time.process_time() - start
        masks = (found.protected, found.floor > 0.5)
        pictures, words = [picture], []
        for preset in PRESETS:
            start = time.process_time()
            made = redesign(picture, STYLES[preset], 1, found)
            longest = seconds + time.process_time() - start
            pictures.append(made)
            words.append(f"{preset} {compare(picture, made, *masks).score:.2f}")
        shuffled = rng.permutation(picture.reshape(-1, 3)).reshape(picture.shape)
        sys.stdout.write(
            f"{name} {picture.shape[1]} × {picture.shape[0]}: {', '.join(words)}; shuffled "
            f"{compare(picture, shuffled, *masks).score:.2f}; {longest:.1f} s of one core\n"
        )
        for column, shown in enumerate(pictures):
            tile = Image.fromarray(shown).resize(TILE, Image.Resampling.LANCZOS)
            sheet.paste(tile, (column * TILE[0], row * TILE[1]))
    sys.stdout.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB at most\n")
    if target := os.environ.get("BENCH_SHEET"):
        sheet.save(Path(target), quality=85, optimize=True, progressive=True)
