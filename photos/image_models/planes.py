"""Where floor, walls and ceiling are, from the straight lines of a photograph of a room.

A room is taken for a box seen in perspective. Its edges run in three directions of space, and the images of
parallel edges meet in a vanishing point. Segments (LSD) vote for the three points; then the box whose drawn
edges lie on most segments wins. Hypothesis and search after the idea of Hedau, Hoiem and Forsyth,
"Recovering the spatial layout of cluttered rooms" (ICCV 2009), without its trained classifiers.

Everything works on a reduced picture (`WORK_WIDTH`); masks are refined at full size by the caller.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # float32 unless said otherwise
Array64 = NDArray[Any]  # float64
Image8 = NDArray[Any]  # uint8, (h, w, 3) RGB or (h, w)
Mask = NDArray[Any]  # bool, (h, w)

WORK_WIDTH = 640  # longest side: the shortest visible room edges still span some tens of pixels
CEILING, BACK, LEFT, RIGHT, FLOOR = 0, 1, 2, 3, 4
HOMOGENEITY_WEIGHT = 0.02  # a Lab unit of mean spread against a share of supported length
PURITY_WEIGHT = 0.5
LARGE_BACK_WALL = 0.45  # a back wall over this share of the picture costs as much as unsupported edges
FAINT = 0.6  # weight of a segment that shows only with raised contrast
EDGE_PRIOR = 1.5  # widths of unsupported edge added, so that a box with few visible edges does not win
MIN_CONFIDENCE = 0.30  # under it the drawn box rests on too few segments to lay a new floor on it


@dataclass(frozen=True)
class Layout:
    """The box of a room in the pixels of the working picture.

    labels: (h, w) plane of every pixel (CEILING … FLOOR); corners: the back wall, top left, top right,
    bottom right, bottom left; depth: vanishing point of the depth direction (x, y), inside the back wall;
    across: vanishing point (homogeneous) of the other horizontal direction;
    confidence: 0–1, the share of the visible box edges that lie on segments of the picture.
    """

    labels: Image8
    corners: Array64
    depth: tuple[float, float]
    across: Array64
    confidence: float

    @property
    def reliable(self) -> bool:
        return self.confidence >= MIN_CONFIDENCE


def segments(grey: Image8) -> Array64:
    """Straight segments (n, 4) x0 y0 x1 y1, longest first, without the shortest (3 % of the width)."""
    detector = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD)
    found: Any = detector.detect(cv2.GaussianBlur(grey, (0, 0), 0.8))[0]
    if found is None:
        return np.zeros((0, 4))
    lines = found.reshape(-1, 4).astype(np.float64)
    length = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
    keep = length > 0.03 * grey.shape[1]
    order = np.argsort(-length[keep])
    return np.asarray(lines[keep][order][:400])


def _deviation(lines: Array64, point: Array64) -> Array64:
    """|sine| of the angle between each segment and the direction from its middle to a homogeneous point."""
    mid = (lines[:, :2] + lines[:, 2:]) / 2
    run = lines[:, 2:] - lines[:, :2]
    towards = point[:2] - mid * point[2]
    cross = run[:, 0] * towards[:, 1] - run[:, 1] * towards[:, 0]
    return np.asarray(np.abs(cross) / (np.linalg.norm(run, axis=1) * np.linalg.norm(towards, axis=1) + 1e-9))


def _vanishing(
    lines: Array64,
    rng: np.random.Generator,
    allowed: Callable[[Array64], bool],
) -> Array64 | None:
    """Best meeting point (homogeneous) of pairs of segments, by votes weighted with their length."""
    if len(lines) < 2:
        return None
    homogeneous = np.cross(np.c_[lines[:, :2], np.ones(len(lines))], np.c_[lines[:, 2:], np.ones(len(lines))])
    length = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
    weight = length / length.sum()
    best, best_score = None, 0.0
    for _ in range(500):
        i, j = rng.choice(len(lines), 2, replace=False, p=weight)
        point = np.cross(homogeneous[i], homogeneous[j])
        norm = np.linalg.norm(point)
        if norm < 1e-9:
            continue
        point = point / norm
        if not allowed(point):
            continue
        score = float((length * np.exp(-((_deviation(lines, point) / 0.03) ** 2))).sum())
        if score > best_score:
            best, best_score = point, score
    return best


def _through(point: Array64, x: Array64, y: Array64) -> Array64:
    """Homogeneous lines (n, 3) from a point to positions."""
    return np.asarray(np.cross(point[None, :], np.c_[x, y, np.ones(len(x))]))


def _meet(first: Array64, second: Array64) -> Array64:
    """Intersections (…, 2) of homogeneous lines; far away rather than infinite when parallel."""
    crossed = np.cross(first, second)
    w = crossed[..., 2:]
    w = np.where(np.abs(w) < 1e-9, 1e-9, w)
    return np.asarray(np.clip(crossed[..., :2] / w, -1e5, 1e5))


def _support(lines: Array64, shape: tuple[int, int]) -> Array:
    """How close (0–1) every pixel is to one of the segments."""
    canvas = np.full(shape, 255, np.uint8)
    for x0, y0, x1, y1 in lines:
        cv2.line(canvas, (round(x0), round(y0)), (round(x1), round(y1)), 0, 1)
    distance = np.minimum(cv2.distanceTransform(canvas, cv2.DIST_L2, 3), shape[1])
    return np.asarray(np.exp(-((distance / (0.006 * shape[1])) ** 2)), np.float32)


def _sampled(support: Array, start: Array64, end: Array64) -> tuple[Array64, Array64]:
    """Supported and whole length, inside the picture, of n drawn edges from start (n, 2) to end (n, 2)."""
    h, w = support.shape
    steps = np.linspace(0.0, 1.0, 32)
    # Rays run far beyond the picture: clip them to its diagonal so that samples stay dense.
    run = end - start
    length = np.linalg.norm(run, axis=1, keepdims=True)
    reach = np.minimum(length, 1.3 * np.hypot(h, w))
    run = run / (length + 1e-9) * reach
    x = start[:, :1] + run[:, :1] * steps
    y = start[:, 1:] + run[:, 1:] * steps
    inside = (x >= 0) & (x < w - 1) & (y >= 0) & (y < h - 1)
    value = support[np.clip(y, 0, h - 1).astype(int), np.clip(x, 0, w - 1).astype(int)] * inside
    unit = reach[:, 0] / len(steps)
    return value.sum(axis=1) * unit, inside.sum(axis=1) * unit


def _candidates(found: Array64, low: float, high: float, outside: float) -> Array64:
    """Positions to try: those of the longest segments, not two neighbours, a coarse grid, and one outside."""
    kept: list[float] = []
    for value in found:
        if len(kept) < 12 and all(abs(value - other) > 0.03 * (high - low) for other in kept):
            kept.append(float(value))
    return np.array([*kept, *np.linspace(low, high, 3), outside])


def _draw(shape: tuple[int, int], corners: Array64, depth: Array64) -> Image8:
    """Label every pixel with the face of the box that it shows."""
    h, w = shape
    labels = np.full(shape, BACK, np.uint8)
    far = 4.0 * (h + w)
    rays = corners - depth
    outer = depth + rays / (np.linalg.norm(rays, axis=1, keepdims=True) + 1e-9) * far
    top_left, top_right, bottom_right, bottom_left = corners
    faces = (
        (LEFT, [top_left, outer[0], outer[3], bottom_left]),
        (RIGHT, [top_right, outer[1], outer[2], bottom_right]),
        (CEILING, [top_left, outer[0], outer[1], top_right]),
        (FLOOR, [bottom_left, outer[3], outer[2], bottom_right]),
    )
    for label, polygon in faces:
        cv2.fillPoly(labels, [np.clip(np.array(polygon), -30000, 30000).astype(np.int32)], int(label))
    return labels


def _homogeneity(labels: Image8, lab: Array) -> float:
    """Mean robust spread of colour inside the faces, in Lab units: lower is better."""
    spread = 0.0
    for face in (CEILING, BACK, LEFT, RIGHT, FLOOR):
        inside = lab[labels == face]
        if len(inside) < 20:
            continue
        centre = np.median(inside, axis=0)
        spread += float(np.minimum(np.abs(inside - centre).sum(axis=1), 40).sum())
    return spread / labels.size


def _purity(labels: Image8, regions: Array, count: int) -> float:
    """Share (0–1) of the picture whose region of even colour lies mostly on the face that holds the pixel."""
    votes = np.bincount(regions.ravel() * 5 + labels.ravel(), minlength=count * 5).reshape(count, 5)
    return float(votes.max(axis=1).sum() / labels.size)


def find_layout(rgb: Image8, regions: Array, seed: int = 0) -> Layout:
    """The most likely box of the room. Deterministic by seed.

    rgb: (h, w, 3), at most WORK_WIDTH wide; regions: (h, w) region of even colour of each pixel.
    """
    rng = np.random.default_rng(seed)
    h, w = rgb.shape[:2]
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    lines = segments(grey)
    run = lines[:, 2:] - lines[:, :2]
    slope = np.abs(np.degrees(np.arctan2(run[:, 1], run[:, 0])))
    upright = np.abs(slope - 90) < 20
    vertical = _vanishing(lines[upright], rng, lambda p: abs(p[1]) > abs(p[2]) * 2 * h)
    if vertical is None:
        vertical = np.array([0.0, 1.0, 0.0])
    is_vertical = upright & (_deviation(lines, vertical) < 0.04)

    def in_picture(p: Array64) -> bool:
        if abs(p[2]) < 1e-9:
            return False
        x, y = p[:2] / p[2]
        return bool(-0.1 * w < x < 1.1 * w and 0.15 * h < y < 0.8 * h)

    oblique = np.abs(np.where(slope > 90, 180 - slope, slope)) > 6
    depth = _vanishing(lines[~upright & oblique], rng, in_picture)
    if depth is None:
        depth = np.array([w / 2, h * 0.48, 1.0])
    depth = depth / depth[2]
    to_depth = ~upright & (_deviation(lines, depth) < 0.04)

    # The second horizontal direction meets the horizon, the line through `depth` across the vertical.
    def on_horizon(p: Array64) -> bool:
        if abs(p[2]) < 1e-9:
            return bool(abs(p[1]) < 0.1 * abs(p[0]))
        x, y = p[:2] / p[2]
        away = x - depth[0]
        return bool(abs(away) > 0.8 * w and abs(y - depth[1]) < 0.05 * h + 0.06 * abs(away))

    across = _vanishing(lines[~upright & ~to_depth], rng, on_horizon)
    if across is None:
        across = np.array([1.0, 0.0, 0.0])

    # White walls meet in faint edges: once the directions are known, segments of the picture with its local
    # contrast raised may count too, for those off the directions fall away.
    faint = segments(cv2.createCLAHE(3.0, (8, 8)).apply(grey))
    strong = len(lines)
    lines = np.r_[lines, faint]
    run = lines[:, 2:] - lines[:, :2]
    upright = np.abs(np.abs(np.degrees(np.arctan2(run[:, 1], run[:, 0]))) - 90) < 20
    is_vertical = upright & (_deviation(lines, vertical) < 0.04)
    to_depth = ~upright & (_deviation(lines, depth) < 0.03)
    is_across = ~upright & (_deviation(lines, across) < 0.03) & (_deviation(lines, depth) > 0.03)
    supports = {
        name: np.maximum(
            _support(lines[:strong][chosen[:strong]], (h, w)),
            FAINT * _support(lines[strong:][chosen[strong:]], (h, w)),
        )
        for name, chosen in (("vertical", is_vertical), ("across", is_across), ("depth", to_depth))
    }
    # Candidates are named by where they cross the row (columns) or the column (rows) of `depth`.
    mid = (lines[:, :2] + lines[:, 2:]) / 2
    row = np.cross([0.0, depth[1], 1.0], [1.0, depth[1], 1.0])
    column = np.cross([depth[0], 0.0, 1.0], [depth[0], 1.0, 1.0])
    xs = _meet(_through(vertical, *mid[is_vertical].T), row[None, :])[:, 0]
    ys = _meet(_through(across, *mid[is_across].T), column[None, :])[:, 1]
    lefts = _candidates(xs[xs < depth[0]], 0.02 * w, depth[0] - 0.06 * w, -0.3 * w)
    rights = _candidates(xs[xs > depth[0]], depth[0] + 0.06 * w, 0.98 * w, 1.3 * w)
    tops = _candidates(ys[ys < depth[1]], 0.02 * h, depth[1] - 0.08 * h, -0.3 * h)
    bottoms = _candidates(ys[ys > depth[1]], depth[1] + 0.08 * h, 0.95 * h, 1.3 * h)
    grid = np.stack(np.meshgrid(lefts, rights, tops, bottoms, indexing="ij"), -1).reshape(-1, 4)
    grid = grid[(grid[:, 1] - grid[:, 0] > 0.15 * w) & (grid[:, 3] - grid[:, 2] > 0.2 * h)]
    left = _through(vertical, grid[:, 0], np.full(len(grid), depth[1]))
    right = _through(vertical, grid[:, 1], np.full(len(grid), depth[1]))
    top = _through(across, np.full(len(grid), depth[0]), grid[:, 2])
    bottom = _through(across, np.full(len(grid), depth[0]), grid[:, 3])
    corners = np.stack([_meet(left, top), _meet(right, top), _meet(right, bottom), _meet(left, bottom)], 1)

    supported, whole = np.zeros(len(grid)), np.zeros(len(grid))
    for name, a, b in (("across", 0, 1), ("vertical", 1, 2), ("across", 3, 2), ("vertical", 0, 3)):
        s, n = _sampled(supports[name], corners[:, a], corners[:, b])
        supported, whole = supported + s, whole + n
    for k in range(4):
        away = corners[:, k] + (corners[:, k] - depth[:2]) * 50
        s, n = _sampled(supports["depth"], corners[:, k], away)
        supported, whole = supported + s, whole + n
    share = supported / (whole + EDGE_PRIOR * w)
    best = np.argsort(-share)[:250]

    small = (160, max(1, round(160 * h / w)))
    lab = cv2.cvtColor(cv2.resize(rgb, small, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB).astype(
        np.float32
    )
    lab[..., 0] *= 0.5  # light varies inside a face more than colour does
    parts = cv2.resize(regions.astype(np.int32), small, interpolation=cv2.INTER_NEAREST)
    count = int(regions.max()) + 1
    scale = small[0] / w
    winner, winner_score = int(best[0]), -np.inf
    for k in best:
        labels = _draw((small[1], small[0]), corners[k] * scale, depth[:2] * scale)
        score = (
            float(share[k])
            - HOMOGENEITY_WEIGHT * _homogeneity(labels, lab)
            + PURITY_WEIGHT * _purity(labels, parts, count)
            - max(0.0, float(np.mean(labels == BACK)) - LARGE_BACK_WALL)
        )
        if score > winner_score:
            winner, winner_score = int(k), score
    chosen = corners[winner]
    confidence = float(supported[winner] / (whole[winner] + 1e-9))
    return Layout(
        _draw((h, w), chosen, depth[:2]), chosen, (float(depth[0]), float(depth[1])), across, confidence
    )
