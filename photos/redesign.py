"""From a photograph and a wish to a labelled picture with its structure score; one retry where it falls
short.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from PIL import Image

from photos.image_models.protocol import (
    ImageModel,
    ImageModelError,
    RedesignRequest,
    RedesignResult,
    Tokens,
)
from photos.image_models.surfaces import find_surfaces
from photos.imaging import DISPLAY_SIDE, ImageRefused, read_picture
from photos.labels import labelled
from photos.structure import WIDTH, StructureScore, compare


@dataclass(frozen=True)
class Redesign:
    """image: labelled JPEG; structure: against the photograph; tokens: what each picture asked
    of the engine took, two after a retry."""

    image: bytes
    width: int
    height: int
    engine: str
    version: str
    source_type: str
    structure: StructureScore
    tokens: tuple[Tokens | None, ...]

    @property
    def tries(self) -> int:
        return len(self.tokens)

    @property
    def is_flagged(self) -> bool:
        return not self.structure.kept


def generate(model: ImageModel, request: RedesignRequest, *, language: str, original: str) -> Redesign:
    """Ask an engine, score, ask once more under the threshold, keep the better, label it.

    original: address of the photograph, for the label. Raises ImageModelError.
    """
    before = _pixels(request.image, "unreadable_image")
    reduced = before.copy()
    reduced.thumbnail((WIDTH, WIDTH), Image.Resampling.LANCZOS)  # what the score looks at
    surfaces = find_surfaces(np.asarray(reduced))
    protected, floor = surfaces.protected, surfaces.floor > 0.5
    best: tuple[StructureScore, Image.Image, RedesignResult] | None = None
    tokens: list[Tokens | None] = []
    for attempt in range(2):
        try:
            result = model.redesign(replace(request, seed=request.seed + attempt * 7919))
        except ImageModelError:
            if best is None:
                raise
            break  # the retry is a bonus: what the first gave is kept
        tokens.append(result.tokens)
        after = _pixels(result.image, "provider_answer_invalid")
        score = _score(before, after, protected, floor)
        if best is None or score.score > best[0].score:
            best = score, after, result
        if score.kept:
            break
    assert best is not None
    score, after, result = best
    image = labelled(
        after,
        language=language,
        engine=result.engine,
        version=result.version,
        source_type=result.source_type,
        made=datetime.now(UTC),
        original=original,
    )
    return Redesign(
        image, after.width, after.height, result.engine, result.version, result.source_type, score,
        tuple(tokens),
    )  # fmt: skip


def _pixels(image: bytes, code: str) -> Image.Image:
    """Decoded like an upload: an answer of a provider is not trusted more than a client."""
    try:
        picture = read_picture(io.BytesIO(image)).image
    except ImageRefused as error:
        raise ImageModelError(code, permanent=code == "unreadable_image") from error
    picture.thumbnail((DISPLAY_SIDE, DISPLAY_SIDE), Image.Resampling.LANCZOS)
    return picture


def _score(before: Image.Image, after: Image.Image, protected: object, floor: object) -> StructureScore:
    """Compare what both pictures show: a result of another shape shows the middle of the photograph."""
    p, f = np.asarray(protected), np.asarray(floor)
    height, width = p.shape[:2]
    a = np.asarray(before.resize((width, height), Image.Resampling.LANCZOS))
    shape = after.width / after.height
    if abs(shape / (width / height) - 1) > 0.02:
        w = min(width, round(height * shape))
        h = min(height, round(width / shape))
        box = np.s_[(height - h) // 2 : (height - h) // 2 + h, (width - w) // 2 : (width - w) // 2 + w]
        a, p, f = a[box], p[box], f[box]
    return compare(a, np.asarray(after), p, f)
