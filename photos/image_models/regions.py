"""Regions of even colour in a photograph, and what can be measured of each."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .planes import CEILING, Array, Image8, Layout, segments

GRAPH_K = 60.0  # graph segmentation: larger joins more
SMALLEST = 200  # pixels of the working picture


@dataclass
class Regions:
    labels: Array
    count: int
    area: Array
    lab: Array  # (n, 3) mean L 0–100, a, b
    texture: Array  # (n,) mean gradient of L inside
    colour: Array  # (n, 2) reflectance of the mean
    joints: Array  # (n,) pixels of straight segments inside, against the square root of the area
    along: Array  # (n,) pixels that the region runs along the foot of the ceiling
    share: Array  # (n, 5) share of the region in each face of the box
    touch: Array  # (n, n) length of the common border
    step: Array  # (n, n) mean Lab difference across the common border


def to_lab(rgb: Image8) -> Array:
    return np.asarray(cv2.cvtColor(rgb.astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB))


def even_regions(rgb: Image8, join: float = GRAPH_K) -> tuple[Array, Array]:
    """Regions of even colour (larger with join), and the smoothed Lab picture that they were found in."""
    lab = cv2.bilateralFilter(to_lab(rgb), 7, 6, 5)
    lab = cv2.bilateralFilter(lab, 7, 6, 5)
    graph = cv2.ximgproc.segmentation.createGraphSegmentation(0.5, join, SMALLEST)
    return graph.processImage(lab).astype(np.int32), np.asarray(lab)


def measure(rgb: Image8, labels: Array, lab: Array, layout: Layout) -> Regions:
    n = int(labels.max()) + 1
    flat = labels.ravel()
    area = np.bincount(flat, minlength=n).astype(np.float32)
    raw = to_lab(rgb)
    mean = np.stack([np.bincount(flat, raw[..., c].ravel(), n) / area for c in range(3)], 1)
    gx, gy = cv2.Sobel(raw[..., 0], cv2.CV_32F, 1, 0), cv2.Sobel(raw[..., 0], cv2.CV_32F, 0, 1)
    gradient = cv2.magnitude(gx, gy)
    # The borders of a region are edges by construction: texture is what remains inside them.
    edge = cv2.morphologyEx(labels.astype(np.float32), cv2.MORPH_GRADIENT, np.ones((5, 5))) > 0
    inner = (~edge).ravel()
    texture = np.bincount(flat[inner], gradient.ravel()[inner], n) / np.maximum(
        np.bincount(flat[inner], minlength=n), 1
    )
    share = np.stack([np.bincount(flat[layout.labels.ravel() == f], minlength=n) / area for f in range(5)], 1)
    linear = (np.where(rgb > 10, ((rgb / 255.0 + 0.055) / 1.055) ** 2.4, rgb / 255.0 / 12.92)).astype(
        np.float32
    )
    light = np.stack([np.bincount(flat, linear[..., c].ravel(), n) / area for c in range(3)], 1)
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    canvas = np.zeros(grey.shape, np.uint8)
    for x0, y0, x1, y1 in segments(cv2.createCLAHE(3.0, (8, 8)).apply(grey)):
        # Uprights stand on the floor, they do not lie in it (save those that run to the depth of the room).
        lean = abs(np.degrees(np.arctan2(abs(x1 - x0), abs(y1 - y0))))
        away = np.degrees(
            np.arctan2(abs((x0 + x1) / 2 - layout.depth[0]), abs((y0 + y1) / 2 - layout.depth[1]))
        )
        if lean < 14 and abs(lean - away) > 4:
            continue
        cv2.line(canvas, (round(x0), round(y0)), (round(x1), round(y1)), 1, 1)
    joints = np.bincount(flat[inner], canvas.ravel()[inner], n) / np.sqrt(area)
    # How wide the region runs along the drawn edge between ceiling and walls.
    reach = max(3, round(0.02 * rgb.shape[0])) * 2 + 1
    near = cv2.dilate((layout.labels == CEILING).astype(np.uint8), np.ones((reach, reach), np.uint8))
    strip = (near > 0) & (layout.labels != CEILING)
    strip[: reach // 2] = True  # a wall may also leave through the top of the picture
    along = np.bincount(flat, strip.ravel(), n) / (reach / 2)
    touch = np.zeros((n, n), np.int64)
    step = np.zeros((n, n), np.float64)
    for axis in (0, 1):
        gap = 4  # across the blurred border, not on it
        a, b = (labels[:-gap], labels[gap:]) if axis == 0 else (labels[:, :-gap], labels[:, gap:])
        la, lb = (lab[:-gap], lab[gap:]) if axis == 0 else (lab[:, :-gap], lab[:, gap:])
        border = a != b
        difference = np.linalg.norm(la[border] - lb[border], axis=1)
        np.add.at(touch, (a[border], b[border]), 1)
        np.add.at(step, (a[border], b[border]), difference)
    touch = touch + touch.T
    step = (step + step.T) / np.maximum(touch, 1)
    return Regions(
        labels,
        n,
        area,
        mean.astype(np.float32),
        texture.astype(np.float32),
        reflectance(light.astype(np.float32)),
        joints.astype(np.float32),
        along.astype(np.float32),
        share.astype(np.float32),
        touch,
        step.astype(np.float32),
    )


def reflectance(linear: Array) -> Array:
    """Colour freed of the amount of light: logarithms of R/G and B/G of linear RGB (…, 3) → (…, 2)."""
    safe = np.maximum(linear, 0.004)
    return np.asarray(
        np.stack([np.log(safe[..., 0] / safe[..., 1]), np.log(safe[..., 2] / safe[..., 1])], -1)
    )


def hue_gap(a: Array, b: Array) -> Array:
    """Angle in degrees between colours (…, 2)."""
    turn = np.degrees(np.arctan2(a[..., 1], a[..., 0]) - np.arctan2(b[..., 1], b[..., 0]))
    return np.asarray(np.abs((turn + 180) % 360 - 180))
