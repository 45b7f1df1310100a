"""Soft masks of floor, walls, ceiling, windows, textiles and wood at the size of the photograph.

Regions of even colour (`regions`) are given to the faces of the box of the room (`planes`) and painted only
when they behave like a bare surface (`recognition`). What is left is furniture, openings and everything else
that a change of paint must leave alone: in doubt a pixel stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .planes import BACK, CEILING, FLOOR, LEFT, RIGHT, WORK_WIDTH, Array, Image8, Layout, Mask, find_layout
from .recognition import bare_walls, floor_and_rugs, windows
from .regions import Regions, even_regions, hue_gap, measure, to_lab

COLOURED_WALL = 6  # bare wall of another colour than the whitest surface
COLOURED = 0.12  # distance of `reflectance` from white for that
WARM = np.array([0.6, -0.8], np.float32)
OTHER_WALL = 5  # bare wall that the drawn box does not give clearly to one face
SPLIT_STEP = 0.9  # Lab: a region crosses the drawn foot of the ceiling; under it there is no corner there
RUG = 254
FINE = 25.0  # graph segmentation within a floor
WOOD_HUE = 68.0  # degrees in Lab; oak, beech, walnut and pine lie within 22 of it


@dataclass(frozen=True)
class Surfaces:
    """Masks (h, w) float32 0–1 at the size of the photograph.

    walls maps a face (BACK, LEFT, RIGHT, OTHER_WALL, COLOURED_WALL) to its bare paint; floor is the covering
    without rugs and furniture; rugs lie on it; textiles holds other plain coloured things (upholstery,
    bedding, cupboard fronts), one mask each, largest first; wood is furniture with the colour of wood;
    windows are openings, never changed; protected is true where no paint and no covering goes; scale:
    working pixels per pixel.
    """

    layout: Layout
    scale: float
    ceiling: Array
    walls: dict[int, Array]
    floor: Array
    rugs: Array
    textiles: list[Array]
    wood: Array
    windows: Array
    protected: Mask

    @property
    def found(self) -> list[str]:
        """Names of the surfaces that cover at least 1 % of the picture."""
        named = {"ceiling": self.ceiling, "floor": self.floor, "rugs": self.rugs, "windows": self.windows}
        named["walls"] = sum(self.walls.values(), np.zeros_like(self.floor))
        named["textiles"] = sum(self.textiles, np.zeros_like(self.floor))
        return sorted(name for name, mask in named.items() if float(mask.mean()) > 0.01)


def _faces_of_walls(r: Regions, layout: Layout, bare: list[int], raw: Array) -> Image8:
    """Face of every pixel of bare wall or ceiling; 255 elsewhere.

    A region keeps to its main face, unless a corner really runs through it: then the drawn edge divides it.
    """
    out = np.full(r.labels.shape, 255, np.uint8)
    if not bare:
        return out
    white = max(
        bare, key=lambda i: float(r.lab[i, 0] - np.hypot(*r.lab[i, 1:])) if r.area[i] > 0.01 * out.size else 0
    )
    gap = 5
    above = layout.labels[:-gap] == CEILING
    crossing = above & (layout.labels[gap:] != CEILING)
    difference = raw[:-gap] - raw[gap:]
    for i in bare:
        region = r.labels == i
        share = r.share[i]
        walls = share[[BACK, LEFT, RIGHT]]
        main = int(np.argmax(walls)) + BACK
        both = min(float(share[CEILING]), float(walls.sum())) > 0.1
        edge = region[:-gap] & region[gap:] & crossing
        corner = edge.sum() > 30 and float(np.linalg.norm(difference[edge].mean(axis=0))) > SPLIT_STEP
        shift = r.colour[i] - r.colour[white]
        # White paint beside a wooden floor turns warm: that much is no colour of its own.
        shift = shift - WARM * min(max(float(shift @ WARM), 0.0), 0.2)
        painted = float(np.linalg.norm(shift)) > COLOURED
        if painted and walls.sum() > 0.5:
            out[region] = COLOURED_WALL
        elif both and corner:
            out[region] = np.where(layout.labels[region] == CEILING, CEILING, main)
        elif share[CEILING] > walls.sum():
            out[region] = CEILING
        else:
            out[region] = main if walls[main - BACK] > 0.85 else OTHER_WALL
    return out


def _fill_seams(face: Image8, r: Regions, lab: Array, free: Mask) -> Image8:
    """Give the thin seams between regions to the surface beside them where the colour is that surface's.

    Only what is thin counts (it vanishes when opened) and belongs to no large region: a pixel of furniture
    that happens to have the colour of the wall behind it stays furniture.
    """
    known = face != 255
    other = (~known & free).astype(np.uint8)
    thick = cv2.morphologyEx(other, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (17, 17)))
    candidates = (other > 0) & (thick == 0) & (r.area[r.labels] < 0.01 * face.size)
    distance, nearest = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    place = np.zeros(int(nearest.max()) + 1, np.int64)
    place[nearest[known]] = np.flatnonzero(known)
    source = place[nearest]
    difference = np.abs(lab - cv2.blur(lab, (5, 5)).reshape(-1, 3)[source])
    colour = difference[..., 1] + difference[..., 2]
    close = (difference[..., 0] < 9) & (colour < 5)
    # A seam with painted surfaces on both sides may differ more: the shade of a corner, a thin moulding.
    count, parts = cv2.connectedComponents(candidates.astype(np.uint8), connectivity=4)
    rim = cv2.dilate(known.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    lost = (
        cv2.dilate((other > 0).astype(np.uint8) * (thick > 0).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    )
    beside = np.bincount(parts.ravel(), rim.ravel(), count)
    against = np.bincount(parts.ravel(), lost.ravel(), count)
    enclosed = (beside > 4 * against)[parts] & (difference[..., 0] < 22) & (colour < 12)
    filled = candidates & (distance < 14) & (close | enclosed)
    out = face.copy()
    out[filled] = face.ravel()[source[filled]]
    return out


def _without_white_ware(
    face: Image8, floor: list[int], bare: list[int], r: Regions, small: Image8, layout: Layout
) -> Image8:
    """Take plain bright things off a grey floor that they melt into (a toilet in the sun): finer regions of
    the floor that are lighter than it and show none of its joints."""
    if not floor or np.hypot(*r.lab[floor[0], 1:]) >= 6 or r.joints[floor[0]] < 2.0:
        return face
    fine = measure(small, *even_regions(small, FINE), layout)
    inside = np.bincount(fine.labels.ravel(), (face == FLOOR).ravel(), fine.count) / fine.area
    level = float(np.median(to_lab(small)[..., 0][face == FLOOR]))
    to_floor = np.linalg.norm(fine.colour - r.colour[floor[0]], axis=1)
    to_wall = np.min([np.linalg.norm(fine.colour - r.colour[i], axis=1) for i in bare or floor], axis=0)
    plain = (fine.joints < 0.8) | ((fine.joints < 3.0) & (to_wall < 0.8 * to_floor))
    ware = (inside > 0.5) & plain & (fine.lab[:, 0] > level + 6) & (fine.area > 0.002 * face.size)
    out = face.copy()
    out[ware[fine.labels]] = 255
    return out


def _without_black(face: Image8, floor: list[int], r: Regions, lab: Array) -> Image8:
    """Take thin black legs and castors off a coloured floor: dark as joints are, but without their colour."""
    if not floor or np.hypot(*r.lab[floor[0], 1:]) < 12:
        return face
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    seed = r.lab[floor[0]]
    black = (face == FLOOR) & (chroma < 0.3 * np.hypot(*seed[1:])) & (lab[..., 0] < seed[0] - 8)
    out = face.copy()
    out[cv2.dilate(black.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0] = 255
    out[face != FLOOR] = face[face != FLOOR]
    return out


def _textiles(r: Regions, bare: list[int], taken: Mask, shape: tuple[int, int]) -> list[list[int]]:
    """Plain coloured things that are no surface of the room: one list of regions per colour."""
    h = shape[0]
    rows = np.bincount(r.labels.ravel(), np.repeat(np.arange(h), shape[1]), r.count) / r.area
    used = np.bincount(r.labels.ravel(), taken.ravel(), r.count) / r.area
    chroma = np.hypot(r.lab[:, 1], r.lab[:, 2])
    hue = np.degrees(np.arctan2(r.lab[:, 2], r.lab[:, 1]))
    wood = (np.abs(hue - WOOD_HUE) < 22) & (chroma > 9) & (chroma < 31)
    plant = (hue > 95) & (hue < 150) & (r.texture > 14)
    porcelain = (r.lab[:, 0] > 58) & (chroma < 7)
    screen = r.lab[:, 0] < 14
    # Grey things are cloth only when large (a sofa, a bed), small ones are lamps, hoods and handles.
    small = r.area < np.where(chroma < 8, 0.015, 0.008) * r.labels.size
    like_wall = np.zeros(r.count, bool)
    for j in bare:
        like_wall |= (np.linalg.norm(r.colour - r.colour[j], axis=1) < 0.1) & (chroma > 6) & (chroma[j] > 6)
    good = (
        (used < 0.3)
        & (rows > 0.28 * h)
        & (r.texture < 18)
        & ~wood
        & ~plant
        & ~porcelain
        & ~screen
        & ~like_wall
    )
    seeds = good & ~small
    lit = (used < 0.3) & (rows > 0.28 * h) & (r.texture < 18) & ~wood & ~like_wall & porcelain  # in the sun
    kin = [
        i
        for i in np.flatnonzero((good | lit) & ~seeds & (r.area > 0.0015 * r.labels.size))
        if any(
            r.touch[i, j] > 0.3 * np.sqrt(r.area[i])
            and np.linalg.norm(r.colour[i] - r.colour[j]) < (0.25 if chroma[i] > 8 else 0.12)
            for j in np.flatnonzero(seeds)
        )
    ]
    chosen = [*np.flatnonzero(seeds), *kin]
    groups: list[list[int]] = []
    for i in sorted(chosen, key=lambda k: -float(r.area[k])):
        for group in groups:
            j = group[0]
            if np.linalg.norm(r.colour[i] - r.colour[j]) < 0.2 and hue_gap(r.lab[i, 1:], r.lab[j, 1:]) < 40:
                group.append(int(i))
                break
        else:
            groups.append([int(i)])
    return groups[:8]


def find_surfaces(rgb: Image8, seed: int = 0) -> Surfaces:
    """Recognise the surfaces of an RGB photograph (h, w, 3). Deterministic by seed."""
    h, w = rgb.shape[:2]
    scale = min(1.0, WORK_WIDTH / max(h, w))
    small = cv2.resize(
        rgb, (max(1, round(w * scale)), max(1, round(h * scale))), interpolation=cv2.INTER_AREA
    )
    shape = small.shape[:2]
    labels, lab = even_regions(small)
    layout = find_layout(small, labels, seed)
    r = measure(small, labels, lab, layout)
    raw = to_lab(small)

    panes = windows(r, shape)
    in_window = np.bincount(r.labels.ravel(), panes.ravel(), r.count) / r.area
    bare = bare_walls(r, [int(i) for i in np.flatnonzero(in_window > 0.5)])
    floor, rugs = floor_and_rugs(r, layout.depth[1], bare)
    # One map of surfaces: faces of the box, 254 for rugs, 255 for everything else.
    face = _faces_of_walls(r, layout, bare, raw)
    face[np.isin(r.labels, floor)] = FLOOR
    face[np.isin(r.labels, rugs)] = RUG
    face[panes] = 255
    face = _without_white_ware(face, floor, bare, r, small, layout)
    face = _without_black(face, floor, r, raw)
    face = _fill_seams(face, r, raw, ~panes)
    floor_mask, rug_mask = face == FLOOR, face == RUG
    taken = (face != 255) | floor_mask | rug_mask | panes
    groups = _textiles(r, bare, taken, shape)

    # Masks are brought to the size of the photograph with their borders drawn to its edges.
    guided = cv2.ximgproc.createGuidedFilter(rgb.astype(np.float32) / 255.0, max(2, round(2.5 / scale)), 1e-4)

    def enlarged(mask: Mask) -> Array:
        closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
        soft = guided.filter(cv2.resize(closed.astype(np.float32), (w, h), interpolation=cv2.INTER_LINEAR))
        return np.asarray(np.clip((soft - 0.2) / 0.6, 0.0, 1.0), np.float32)

    window_mask = enlarged(panes)
    keep = 1.0 - window_mask

    def refined(mask: Mask) -> Array:
        return np.asarray(enlarged(mask) * keep, np.float32)

    walls = {
        f: refined(face == f) for f in (BACK, LEFT, RIGHT, OTHER_WALL, COLOURED_WALL) if (face == f).any()
    }
    covering = refined(floor_mask)
    carpet = refined(rug_mask)
    ceiling = refined(face == CEILING)
    textiles = [refined(np.isin(r.labels, group) & (face == 255)) for group in groups]
    surfaces = sum(walls.values(), ceiling + covering + carpet)
    free = np.clip(1.0 - surfaces - sum(textiles, np.zeros_like(covering)), 0.0, 1.0) * keep
    lab_full = to_lab(rgb)
    chroma = np.hypot(lab_full[..., 1], lab_full[..., 2])
    hue = np.degrees(np.arctan2(lab_full[..., 2], lab_full[..., 1]))
    likely = (
        np.clip((26 - np.abs(hue - WOOD_HUE)) / 8, 0, 1)
        * np.clip((chroma - 8) / 5, 0, 1)
        * np.clip((36 - chroma) / 5, 0, 1)
    ).astype(np.float32)
    wood = cv2.GaussianBlur(likely * free, (0, 0), 1.0) * np.sqrt(np.clip(free, 0, 1))
    protected = np.asarray(surfaces < 0.5)
    return Surfaces(layout, scale, ceiling, walls, covering, carpet, textiles, wood, window_mask, protected)
