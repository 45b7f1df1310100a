"""Coverings of a floor in perspective: planks, herringbone, tiles, carpet, concrete.

A texture is a function of the position on the floor in metres. The position comes from the vanishing points:
with a camera held upright at EYE_HEIGHT, each pixel under the horizon is a ray that meets the floor once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .planes import Array, Layout

EYE_HEIGHT = 1.5  # metres: photographs of flats are taken from chest to eye height
Positions = Array


@dataclass(frozen=True)
class Material:
    """kind: planks, herringbone, tiles, hexagons, carpet or concrete; colour: albedo in sRGB 0–255;
    variation: spread of brightness between pieces (0–1)."""

    kind: str
    colour: tuple[int, int, int]
    variation: float = 0.12


def floor_positions(
    layout: Layout, scale: float, rows: Array, columns: Array, shape: tuple[int, int]
) -> tuple[Positions, Positions]:
    """Positions (n, 2) on the floor, in metres, of pixels of the photograph; metres (n,) one pixel spans.

    scale: working pixels (of the layout) per pixel. Pixels at or above the horizon get the farthest position.
    """
    h, w = shape
    depth = np.array(layout.depth) / scale
    across = layout.across * np.array([1.0 / scale, 1.0 / scale, 1.0])
    centre = np.array([w / 2, h / 2])
    focal = 0.8 * w  # a wide lens, where the two points do not tell
    if abs(across[2]) > 1e-9:
        other = across[:2] / across[2]
        product = -float((depth - centre) @ (other - centre))
        if 0.3 * w < np.sqrt(max(product, 0.0)) < 2.5 * w:
            focal = float(np.sqrt(product))
        slope = float(np.arctan2(other[1] - depth[1], other[0] - depth[0]))
    else:
        slope = float(np.arctan2(across[1], across[0]))
    slope = (slope + np.pi / 2) % np.pi - np.pi / 2
    if abs(slope) > np.radians(8):
        slope = 0.0  # a horizon that leans more is a mistake of the points, not of the photographer
    forward = np.array([*(depth - centre) / focal, 1.0])
    forward /= np.linalg.norm(forward)
    side = np.array([np.cos(slope), np.sin(slope), 0.0])
    side = side - (side @ forward) * forward
    side /= np.linalg.norm(side)
    down = np.cross(forward, side)
    rays = np.stack([(columns - centre[0]) / focal, (rows - centre[1]) / focal, np.ones(len(rows))], 1)
    drop = np.maximum(rays @ down, 0.02)
    place = np.stack([rays @ side, rays @ forward], 1) / drop[:, None] * EYE_HEIGHT
    span = EYE_HEIGHT / (drop**2 * focal)  # how far one pixel reaches along the view
    return place.astype(np.float32), span.astype(np.float32)


def _hash(*keys: Array) -> Array:
    """Even pseudo-random numbers 0–1 from whole numbers, the same on every machine."""
    mixed = np.full(keys[0].shape, 0x9E3779B9, np.uint64)
    for key in keys:
        mixed = (mixed ^ (key.astype(np.int64).view(np.uint64) & np.uint64(0xFFFFFFFF))) * np.uint64(
            0x85EBCA6B
        )
        mixed &= np.uint64(0xFFFFFFFF)
        mixed ^= mixed >> np.uint64(13)
        mixed = (mixed * np.uint64(0xC2B2AE35)) & np.uint64(0xFFFFFFFF)
        mixed ^= mixed >> np.uint64(16)
    return np.asarray(mixed.astype(np.float64) / 0xFFFFFFFF, np.float32)


def _noise(x: Array, y: Array, seed: int) -> Array:
    """Smooth noise −1 to 1 with one bump per unit."""
    ix, iy = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    fx, fy = x - ix, y - iy
    fx, fy = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)
    salt = np.full_like(ix, seed)
    value = (_hash(ix, iy, salt) * (1 - fx) + _hash(ix + 1, iy, salt) * fx) * (1 - fy) + (
        _hash(ix, iy + 1, salt) * (1 - fx) + _hash(ix + 1, iy + 1, salt) * fx
    ) * fy
    return np.asarray(2.0 * value - 1.0, np.float32)


def _line(distance: Array, width: float, span: Array) -> Array:
    """Darkness 0–1 of a joint: a line of a width in metres, widened and paled where a pixel spans more."""
    wide = np.maximum(span, width)
    return np.asarray(np.clip(1.5 - distance / wide, 0.0, 1.0) * (width / wide), np.float32)


def _fade(size: float, span: Array) -> Array:
    """Detail of a size in metres disappears as a pixel spans more than half of it."""
    return np.asarray(np.clip(1.5 - 2.0 * span / size, 0.0, 1.0), np.float32)


def _planks(
    u: Array, v: Array, span: Array, variation: float, seed: int, width: float, length: float
) -> Array:
    row = np.floor(u / width).astype(np.int64)
    shift = _hash(row, np.full_like(row, seed)) * length
    piece = np.floor((v + shift) / length).astype(np.int64)
    tone = (_hash(row, piece, np.full_like(row, seed + 1)) - 0.5) * 2.0
    inside_u = u / width - row
    inside_v = (v + shift) / length - piece
    joint = np.maximum(
        _line(np.minimum(inside_u, 1 - inside_u) * width, 0.0018, span),
        _line(np.minimum(inside_v, 1 - inside_v) * length, 0.0018, span),
    )
    offset = tone * 37.0
    grain = (
        _noise(u * 90 + offset, v * 4 + offset, seed + 2) * 0.5
        + _noise(u * 220 + offset, v * 9, seed + 3) * 0.3
    )
    return np.asarray(
        1.0
        + variation * tone * _fade(width, span)
        + 0.35 * variation * grain * _fade(0.02, span)
        - 0.45 * joint * _fade(width, span)
    )


def _herringbone(u: Array, v: Array, span: Array, variation: float, seed: int) -> Array:
    """Point de Hongrie: pieces cut at 45° that meet in straight rows."""
    row_width, width = 0.42, 0.085
    row = np.floor(u / row_width).astype(np.int64)
    inside = u / row_width - row
    lean = np.where(row % 2 == 0, 1.0, -1.0).astype(np.float32)
    along = v + lean * (inside - 0.5) * row_width * 0.9
    piece = np.floor(along / width).astype(np.int64)
    tone = (_hash(row, piece, np.full_like(row, seed)) - 0.5) * 2.0
    within = along / width - piece
    joint = np.maximum(
        _line(np.minimum(within, 1 - within) * width * 0.74, 0.0016, span),
        _line(np.minimum(inside, 1 - inside) * row_width, 0.0022, span),
    )
    # The two slants catch the light differently: what makes the pattern visible from afar.
    slant = lean * 0.35 * variation * _fade(row_width, span)
    grain = _noise(along * 80 + tone * 31, (u - lean * v) * 5, seed + 2)
    return np.asarray(
        1.0
        + slant
        + variation * tone * _fade(width, span)
        + 0.25 * variation * grain * _fade(0.02, span)
        - 0.45 * joint * _fade(width, span)
    )


def _tiles(u: Array, v: Array, span: Array, variation: float, seed: int, size: float) -> Array:
    i, j = np.floor(u / size).astype(np.int64), np.floor(v / size).astype(np.int64)
    x, y = u / size - i, v / size - j
    edge = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y)) * size
    tone = (_hash(i, j, np.full_like(i, seed)) - 0.5) * 2.0
    mottled = _noise(u * 9, v * 9, seed + 1) * 0.4
    return np.asarray(1.0 + variation * (tone + mottled) * _fade(size, span) - 0.4 * _line(edge, 0.003, span))


def _hexagons(u: Array, v: Array, span: Array, variation: float, seed: int, size: float) -> Array:
    """Tomettes: six-sided terracotta tiles, size across the flats in metres."""
    x, y = u / size, v / size
    step = np.float32(np.sqrt(3.0))
    ax, ay = np.round(x), np.round(y / step)
    bx, by = np.floor(x) + 0.5, np.floor(y / step) + 0.5
    da = (x - ax) ** 2 + (y - ay * step) ** 2
    db = (x - bx) ** 2 + (y - by * step) ** 2
    first = da < db
    cx, cy = np.where(first, ax, bx), np.where(first, ay, by)
    dx, dy = np.abs(x - cx), np.abs(y - cy * step)
    edge = (0.5 - np.maximum(dx, dx * 0.5 + dy * (step / 2))) * size
    key = np.round(cx * 2).astype(np.int64), np.round(cy * 2).astype(np.int64)
    tone = (_hash(*key, np.full_like(key[0], seed)) - 0.5) * 2.0
    mottled = _noise(u * 25, v * 25, seed + 1) * 0.35
    return np.asarray(
        1.0 + variation * (tone + mottled) * _fade(size, span) - 0.35 * _line(edge, 0.003, span)
    )


def texture(material: Material, place: Positions, span: Positions, seed: int) -> Array:
    """Brightness (n,) about 1 of a covering at positions in metres."""
    u, v = place[:, 0], place[:, 1]
    if material.kind == "planks":
        tone = _planks(u, v, span, material.variation, seed, 0.14, 1.6)
    elif material.kind == "herringbone":
        tone = _herringbone(u, v, span, material.variation, seed)
    elif material.kind == "tiles":
        tone = _tiles(u, v, span, material.variation, seed, 0.45)
    elif material.kind == "hexagons":
        tone = _hexagons(u, v, span, material.variation, seed, 0.16)
    elif material.kind == "carpet":
        fine = _noise(u * 160, v * 160, seed) * _fade(0.006, span) + 0.6 * _noise(u * 60, v * 60, seed + 1)
        tone = 1.0 + material.variation * 0.5 * fine * _fade(0.03, span)
    elif material.kind == "concrete":
        cloud = (
            _noise(u * 1.3, v * 1.3, seed)
            + 0.5 * _noise(u * 4, v * 4, seed + 1)
            + 0.25 * _noise(u * 15, v * 15, seed)
        )
        tone = 1.0 + material.variation * 0.6 * cloud
    else:
        raise ValueError(f"unknown material: {material.kind}")
    return np.asarray(np.clip(tone, 0.3, 1.6), np.float32)
