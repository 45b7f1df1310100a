"""A drawn room in perspective, for the demonstration and for tests: no photograph of anybody's home."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

DEPTH = (0.5, 0.45)  # vanishing point
BACK_WALL = (0.30, 0.25, 0.72, 0.62)  # left, top, right, bottom


def room(
    width: int = 640,
    height: int = 427,
    seed: int = 0,
    side: tuple[int, int, int] = (150, 172, 160),
    floor: tuple[int, int, int] = (158, 116, 78),
) -> NDArray[Any]:
    """RGB picture of an empty room: grey-white back wall with a window, coloured left wall, planks, a rug,
    a dark chest."""
    rng = np.random.default_rng(seed)
    w, h = width, height
    left, top, right, bottom = BACK_WALL[0] * w, BACK_WALL[1] * h, BACK_WALL[2] * w, BACK_WALL[3] * h
    vx, vy = DEPTH[0] * w, DEPTH[1] * h

    def out(x: float, y: float) -> tuple[float, float]:
        return vx + (x - vx) * 6, vy + (y - vy) * 6

    canvas = np.zeros((h, w, 3), np.float32)

    def fill(points: list[tuple[float, float]], colour: tuple[int, int, int]) -> None:
        cv2.fillPoly(canvas, [np.array(points, np.int32)], colour)

    fill([(left, top), out(left, top), out(right, top), (right, top)], (214, 212, 208))
    fill([(left, bottom), out(left, bottom), out(right, bottom), (right, bottom)], floor)
    fill([(left, top), out(left, top), out(left, bottom), (left, bottom)], side)
    fill([(right, top), out(right, top), out(right, bottom), (right, bottom)], (190, 187, 182))
    fill([(left, top), (right, top), (right, bottom), (left, bottom)], (202, 199, 193))
    for n in range(-30, 60):  # planks run into the depth
        x = left + (right - left) * n / 12
        end = out(x, bottom)
        cv2.line(canvas, (int(x), int(bottom)), (int(end[0]), int(end[1])), tuple(c * 0.78 for c in floor), 1)
    a, b = int(left + 0.5 * (right - left)), int(left + 0.75 * (right - left))
    c, d = int(top + 0.2 * (bottom - top)), int(top + 0.65 * (bottom - top))
    cv2.rectangle(canvas, (a, c), (b, d), (206, 218, 236), -1)
    cv2.rectangle(canvas, (a, c), (b, d), (120, 120, 120), 2)
    cv2.line(canvas, ((a + b) // 2, c), ((a + b) // 2, d), (120, 120, 120), 2)
    rug = [(0.38, 0.74), (0.60, 0.74), (0.66, 0.92), (0.30, 0.92)]
    fill([(x * w, y * h) for x, y in rug], (150, 60, 60))
    cv2.rectangle(canvas, (int(0.74 * w), int(0.55 * h)), (int(0.86 * w), int(0.75 * h)), (60, 52, 48), -1)
    light = 1.0 - 0.18 * np.abs(np.linspace(-1, 1, w))[None, :, None]
    noisy = canvas * light + rng.normal(0, 1.2, canvas.shape)
    return np.clip(cv2.GaussianBlur(noisy, (0, 0), 0.7), 0, 255).astype(np.uint8)


def jpeg(picture: NDArray[Any] | None = None, **options: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(room() if picture is None else picture).save(out, "JPEG", quality=92, **options)
    return out.getvalue()
