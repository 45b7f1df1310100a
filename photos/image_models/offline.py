"""The engine that ships: a preview of colours and materials, made on this machine by classical vision.

It moves nothing and adds no furniture. Paint, covering, wood and cloth are exchanged by their albedo in
linear light: the light and the shadows of the photograph stay, for light = picture / old albedo and
result = light × new albedo. Pixels that were not recognised keep their colour and only share the mood of
the light.
"""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image

from ..imaging import DISPLAY_SIDE, ImageRefused, encode, read_picture
from ..styles import Colour, Style, build_style
from .lighting import MOODS, apply_mood, to_linear, to_srgb
from .materials import Material, floor_positions, texture
from .planes import BACK, Array, Image8
from .protocol import SYNTHETIC, ImageModelError, RedesignRequest, RedesignResult
from .surfaces import COLOURED_WALL, Surfaces, find_surfaces

WHITE = 0.74  # albedo of white paint, what a neutral bright wall or ceiling is taken for
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
MAX_GAIN = 6.0  # a darker wall than a sixth of the new one would show its noise


def _albedo(colour: Colour) -> Array:
    return to_linear(np.array(colour, np.float32) / 255.0)


def _typical(linear: Array, mask: Array) -> Array | None:
    """Median colour (3,) where a mask is sure; None where that is under 0.1 % of the picture."""
    inside = mask > 0.9
    if inside.mean() < 0.001:
        return None
    return np.asarray(np.median(linear[inside][:: max(1, int(inside.sum()) // 50000)], axis=0), np.float32)


def _illumination(linear: Array, surfaces: Surfaces) -> Array:
    """Light (3,) that falls in the room: what its whitest surface returns, by the albedo of white paint."""
    candidates = [surfaces.ceiling, *surfaces.walls.values()]
    whites = [c for c in (_typical(linear, mask) for mask in candidates) if c is not None]
    if not whites:
        return np.asarray(np.percentile(linear.reshape(-1, 3)[::97], 90, axis=0) / WHITE, np.float32)
    best = max(whites, key=lambda c: float(c @ LUMA) - 2.0 * float(c.max() - c.min()))
    return np.asarray(best / WHITE, np.float32)


def _is_white(colour: Array, light: Array) -> bool:
    balanced = colour / np.maximum(light, 1e-3)
    return float(balanced.max() / max(float(balanced.min()), 1e-3)) < 1.35 and float(balanced @ LUMA) > 0.22


def _repaint(out: Array, linear: Array, mask: Array, old: Array, new: Array, strength: float = 1.0) -> None:
    gain = np.clip(new / np.maximum(old, 0.02), 0.02, MAX_GAIN)
    alpha = (mask * strength)[..., None]
    out += alpha * (linear * gain - out)


def _paint_walls(out: Array, linear: Array, s: Surfaces, style: Style, light: Array) -> None:
    typical = {face: _typical(linear, mask) for face, mask in s.walls.items()}
    known = {face: c for face, c in typical.items() if c is not None}
    # The wall that already had its own colour keeps that role; else the back wall, where it is large enough.
    feature = COLOURED_WALL if COLOURED_WALL in known else BACK
    if feature not in known or s.walls[feature].mean() < 0.03:
        feature = -1
    for face, colour in known.items():
        new = _albedo(style.feature if face == feature else style.wall)
        if _is_white(colour, light):
            old = (
                np.full(3, WHITE, np.float32)
                * (colour / max(float(colour @ LUMA), 1e-3))
                / (light / max(float(light @ LUMA), 1e-3))
            )
        else:
            old = np.clip(colour / np.maximum(light, 1e-3), 0.03, 0.9)
        _repaint(out, linear, s.walls[face], np.asarray(old, np.float32), new)
    ceiling = _typical(linear, s.ceiling)
    if ceiling is not None and _is_white(ceiling, light):
        _repaint(out, linear, s.ceiling, np.full(3, WHITE, np.float32), _albedo(style.ceiling))


def _even_light(linear: Array, scale: float) -> Array:
    """Brightness (h, w) without joints and grain, with the borders of shadows and patches of sun kept."""
    grey = (linear @ LUMA).astype(np.float32)
    log = np.log2(np.maximum(grey, 2.0**-10))
    # A median drops what is thinner than half its window: joints and planks' edges, not shadows.
    bytes_ = np.clip((log + 10.0) * 24.0, 0, 255).astype(np.uint8)
    median = cv2.medianBlur(bytes_, 2 * max(3, round(8 / scale)) + 1).astype(np.float32) / 24.0 - 10.0
    smooth = cv2.ximgproc.guidedFilter(median, median, max(4, round(5 / scale)), 0.02)
    return np.asarray(np.exp2(smooth), np.float32)


def _lay_floor(out: Array, linear: Array, s: Surfaces, material: Material, light: Array, seed: int) -> None:
    typical = _typical(linear, s.floor)
    if typical is None:
        return
    albedo = np.clip(typical / np.maximum(light, 1e-3), 0.03, 0.85)
    new = _albedo(material.colour)
    if not s.layout.reliable:
        _repaint(out, linear, s.floor, np.asarray(albedo, np.float32), new)
        return
    rows, columns = np.nonzero(s.floor > 0.004)
    shape = s.floor.shape
    place, span = floor_positions(s.layout, s.scale, rows, columns, shape)
    tone = texture(material, place, span, seed)
    even = _even_light(linear, s.scale)[rows, columns]
    level = float(typical @ LUMA)
    # Varnish mirrors the windows: on a duller covering the mirrored light is held back.
    shade = np.clip(even / level, 0.02, 4.0)
    shade = np.where(shade > 1.0, shade**0.6, shade**0.9)
    lit = level / max(float(albedo @ LUMA), 0.02)
    white_balance = light / max(float(light @ LUMA), 1e-3)
    laid = (shade * tone * lit)[:, None] * new * white_balance
    alpha = s.floor[rows, columns][:, None]
    out[rows, columns] += alpha * (laid - out[rows, columns])


def _tint(out: Array, linear: Array, mask: Array, light: Array, new: Array, strength: float) -> None:
    """Exchange the colour of a thing, keeping part of its own lightness.

    Only the brightness of the old thing is kept: dividing a saturated colour out channel by channel would
    raise the noise of its dark channels.
    """
    typical = _typical(linear, mask)
    if typical is None:
        return
    level = max(float(typical @ LUMA), 1e-3)
    own, wished = level / max(float(light @ LUMA), 1e-3), float(new @ LUMA)
    own = min(max(own, 0.02), 0.9)
    between = float(np.exp(0.45 * np.log(own) + 0.55 * np.log(max(wished, 0.02))))
    balance = light / max(float(light @ LUMA), 1e-3)
    shade = (linear @ LUMA)[..., None] / level * (level / own)
    painted = shade * (new * (between / wished) * balance)
    out += (mask * strength)[..., None] * (painted - out)


def _recolour_wood(out: Array, linear: Array, s: Surfaces, new: Array, light: Array) -> None:
    inside = s.wood > 0.5
    if inside.mean() < 0.0005:
        return
    old = np.median(linear[inside], axis=0) / np.maximum(light, 1e-3)
    old = np.asarray(np.clip(old, 0.03, 0.85), np.float32)
    # Lifted far, the light on a glossy top would burn out.
    limit = min(1.0, 2.2 * float(old @ LUMA) / float(new @ LUMA))
    _repaint(out, linear, s.wood, old, new * np.float32(limit), 0.85)


def redesign(rgb: Image8, style: Style, seed: int = 0, surfaces: Surfaces | None = None) -> Image8:
    """Preview of a style on an RGB photograph (h, w, 3) → the same shape. Deterministic by seed."""
    s = surfaces or find_surfaces(rgb, seed)
    linear = to_linear(rgb.astype(np.float32) / 255.0)
    light = _illumination(linear, s)
    out = linear.copy()
    _paint_walls(out, linear, s, style, light)
    _lay_floor(out, linear, s, style.floor, light, seed)
    _tint(out, linear, s.rugs, light, _albedo(style.rug), 0.9)
    for mask in s.textiles:
        colour = _typical(linear, mask)
        if colour is None:
            continue
        strong = float(colour.max() / max(float(colour.min()), 1e-3)) > 3.5
        _tint(out, linear, mask, light, _albedo(style.accent if strong else style.cloth), 0.85)
    _recolour_wood(out, linear, s, _albedo(style.wood), light)
    out = apply_mood(out, MOODS[style.light], s.windows)
    return np.asarray(np.clip(to_srgb(out) * 255.0 + 0.5, 0, 255), np.uint8)


class OfflineImages:
    """`ImageModel` of this module. References are not looked at; the words of a prompt are (see `styles`)."""

    name = "offline"
    typical_seconds = 8.0
    version = "1"

    def redesign(self, request: RedesignRequest) -> RedesignResult:
        try:
            picture = read_picture(io.BytesIO(request.image)).image
        except ImageRefused as error:
            raise ImageModelError("unreadable_image", permanent=True) from error
        picture.thumbnail((DISPLAY_SIDE, DISPLAY_SIDE))
        style = build_style(request.preset, request.prompt, request.preferences)
        made = redesign(np.asarray(picture), style, request.seed)
        out = cropped(Image.fromarray(made), request.aspect_ratio)
        return RedesignResult(encode(out, quality=95), self.name, self.version, SYNTHETIC)


def cropped(image: Image.Image, aspect_ratio: str) -> Image.Image:
    """The largest middle part of a shape like "4:3"; the whole picture for ""."""
    if not aspect_ratio:
        return image
    across, down = (int(part) for part in aspect_ratio.split(":"))
    width = min(image.width, image.height * across // down)
    height = min(image.height, image.width * down // across)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))
