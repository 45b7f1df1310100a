"""Does a redesign still show the same room? A score from 0 to 1, and what it is made of.

Both pictures are brought to the same width. Three things of the original are looked for in the result, at the
same place and with the same direction, whatever their colour or contrast became:

* edges: pixels with an edge, weighted with its strength; found again within 2 pixels and 20°. The share found
  counts four times as much as the share of the result's own edges that the original explains (F-beta with
  beta 2), for a new covering legitimately brings lines of its own.
* lines: straight segments of at least 4 % of the width, by the share of their length that is found again.
* protected areas (furniture, openings, all that no paint or covering replaces): correlation, whatever its
  sign, of the two pictures in small windows that hold some structure.

Each measure m is corrected for chance, (m − c) / (1 − c), where c is the same measure against the result
turned by 180° — so noise, a shuffled picture or another room score about 0. The pattern inside the old floor
covering is not structure (its borders are) and is left out when its mask is known.

score = 0.4 edges + 0.3 lines + 0.3 protected.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import cv2
import numpy as np

from .image_models.planes import Array, Image8, Mask, segments

WIDTH = 640
THRESHOLD = 0.85  # under it a result is flagged and made once more
NEAR = 2  # pixels at WIDTH
ANGLE = np.radians(20)
WINDOW = 15


@dataclass(frozen=True)
class StructureScore:
    """score and its three parts, all 0–1."""

    score: float
    edges: float
    lines: float
    protected: float

    @property
    def kept(self) -> bool:
        return self.score >= THRESHOLD

    def as_dict(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class _Edges:
    mask: Mask
    strength: Array
    angle: Array  # 0–π: the direction of the gradient without its sign


def _edges(rgb: Image8) -> _Edges:
    """Edges of lightness and colour; thresholds follow the picture's contrast: a dark one has edges too."""
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)
    lab = cv2.GaussianBlur(lab, (0, 0), 1.0).astype(np.float32)
    gx = cv2.Scharr(lab, cv2.CV_32F, 1, 0)
    gy = cv2.Scharr(lab, cv2.CV_32F, 0, 1)
    strongest = np.argmax(gx**2 + gy**2, axis=2)[..., None]
    gx = np.take_along_axis(gx, strongest, 2)[..., 0]
    gy = np.take_along_axis(gy, strongest, 2)[..., 0]
    strength = np.hypot(gx, gy)
    high = float(np.clip(np.percentile(strength, 92), 60, 500))
    scale = 3000.0 / max(float(strength.max()), 1e-3)
    dx, dy = (gx * scale).astype(np.int16), (gy * scale).astype(np.int16)
    mask = cv2.Canny(dx, dy, 0.4 * high * scale, high * scale, L2gradient=True) > 0
    return _Edges(mask, np.minimum(strength, 4 * high), np.asarray(np.arctan2(gy, gx) % np.pi, np.float32))


def _same_direction(a: Array, b: Array) -> Mask:
    turn = np.abs(a - b)
    return np.asarray(np.minimum(turn, np.pi - turn) < ANGLE)


def _found(mask: Mask, angle: Array, other: _Edges) -> Mask:
    """Which pixels of a mask have an edge of the other picture near by that runs the same way."""
    out = np.zeros_like(mask)
    for dy in range(-NEAR, NEAR + 1):
        for dx in range(-NEAR, NEAR + 1):
            if dx * dx + dy * dy <= NEAR * NEAR + 1:
                there = np.roll(other.mask, (dy, dx), (0, 1))
                out |= there & _same_direction(angle, np.roll(other.angle, (dy, dx), (0, 1)))
    return np.asarray(out & mask)


def _edge_measure(before: _Edges, after: _Edges, counted: Mask) -> float:
    old, new = before.mask & counted, after.mask & counted
    if not old.any():
        return 1.0
    recall = float((_found(old, before.angle, after) * before.strength).sum() / (before.strength * old).sum())
    if not new.any():
        return 0.0
    precision = float(
        (_found(new, after.angle, before) * after.strength).sum() / (after.strength * new).sum()
    )
    return 5 * precision * recall / max(4 * precision + recall, 1e-9)


def _line_samples(lines: Array, before: _Edges, counted: Mask) -> tuple[Array, Array]:
    """Pixels (n, 2) y, x along the segments that lie on an edge of the original, and their normals (n,)."""
    h, w = counted.shape
    places: list[Array] = [np.zeros((0, 2), np.int64)]
    normals: list[Array] = [np.zeros(0, np.float32)]
    for x0, y0, x1, y1 in lines:
        n = max(2, int(np.hypot(x1 - x0, y1 - y0)))
        x = np.clip(np.linspace(x0, x1, n).round().astype(np.int64), 0, w - 1)
        y = np.clip(np.linspace(y0, y1, n).round().astype(np.int64), 0, h - 1)
        places.append(np.stack([y, x], 1))
        normals.append(np.full(n, (np.arctan2(y1 - y0, x1 - x0) + np.pi / 2) % np.pi, np.float32))
    place, normal = np.concatenate(places), np.concatenate(normals)
    keep = counted[place[:, 0], place[:, 1]]
    place, normal = place[keep], normal[keep]
    real = _on_edge(place, normal, before)
    return place[real], normal[real]


def _on_edge(place: Array, normal: Array, edges: _Edges) -> Mask:
    h, w = edges.mask.shape
    near = np.zeros(len(place), bool)
    for dy in range(-NEAR, NEAR + 1):
        for dx in range(-NEAR, NEAR + 1):
            y, x = np.clip(place[:, 0] + dy, 0, h - 1), np.clip(place[:, 1] + dx, 0, w - 1)
            near |= edges.mask[y, x] & _same_direction(edges.angle[y, x], normal)
    return near


def _line_measure(place: Array, normal: Array, after: _Edges) -> float:
    return float(_on_edge(place, normal, after).mean()) if len(place) else 1.0


def _correlation(before: Array, after: Array, area: Mask) -> float:
    """Mean |zero-mean normalised correlation| of small windows, weighted with what they hold."""

    def mean(x: Array) -> Array:
        return np.asarray(cv2.boxFilter(x, cv2.CV_32F, (WINDOW, WINDOW)))

    ma, mb = mean(before), mean(after)
    va = np.maximum(mean(before * before) - ma * ma, 0)
    vb = np.maximum(mean(after * after) - mb * mb, 0)
    covariance = mean(before * after) - ma * mb
    correlation = np.abs(covariance) / np.sqrt((va + 1e-6) * (vb + 1e-6))
    weight = np.sqrt(va) * area * (va > 1.0)
    return float((correlation * weight).sum() / weight.sum()) if weight.sum() > 0 else 1.0


def _beyond_chance(measure: float, chance: float) -> float:
    return float(np.clip((measure - chance) / max(1.0 - chance, 1e-6), 0.0, 1.0))


def _turned(edges: _Edges) -> _Edges:
    return _Edges(edges.mask[::-1, ::-1], edges.strength[::-1, ::-1], edges.angle[::-1, ::-1])


def compare(
    before: Image8, after: Image8, protected: Mask | None = None, floor: Mask | None = None
) -> StructureScore:
    """Score a result against its original, both RGB; the result is resized where sizes differ.

    protected, floor: masks (h, w) of the original as `surfaces.find_surfaces` gives them; without, the whole
    picture is protected and no pattern is left out.
    """
    h = max(1, round(before.shape[0] * WIDTH / before.shape[1]))
    size = (WIDTH, h)

    def small(mask: Mask) -> Image8:
        return np.asarray(cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST))

    a = np.asarray(cv2.resize(before, size, interpolation=cv2.INTER_AREA))
    b = np.asarray(cv2.resize(after, size, interpolation=cv2.INTER_AREA))
    counted = np.ones((h, WIDTH), bool)
    if floor is not None:
        counted = cv2.erode(small(floor), np.ones((9, 9), np.uint8), borderValue=1) == 0
    area = np.ones((h, WIDTH), bool) if protected is None else small(protected) > 0
    old, new = _edges(a), _edges(b)
    back = _turned(new)
    lines = segments(np.asarray(cv2.cvtColor(a, cv2.COLOR_RGB2GRAY)))
    lines = lines[np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]) > 0.04 * WIDTH]
    grey_a = cv2.cvtColor(a, cv2.COLOR_RGB2LAB)[..., 0].astype(np.float32)
    grey_b = cv2.cvtColor(b, cv2.COLOR_RGB2LAB)[..., 0].astype(np.float32)
    edges = _beyond_chance(_edge_measure(old, new, counted), _edge_measure(old, back, counted))
    samples = _line_samples(lines, old, counted)
    straight = _beyond_chance(_line_measure(*samples, new), _line_measure(*samples, back))
    kept = _beyond_chance(
        _correlation(grey_a, grey_b, area),
        _correlation(grey_a, np.ascontiguousarray(grey_b[::-1, ::-1]), area),
    )
    return StructureScore(0.4 * edges + 0.3 * straight + 0.3 * kept, edges, straight, kept)
