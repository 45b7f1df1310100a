"""What regions of even colour are: bare wall, floor covering, rug or window. In doubt: none of them."""

from __future__ import annotations

import cv2
import numpy as np

from .planes import CEILING, FLOOR, Array, Image8, Mask
from .regions import Regions, hue_gap

SMOOTH = 7.5  # Sobel units of L: plain paint and its noise; tiles of a bathroom wall stay below
WEAK_BORDER = 7.0  # Lab: shade of the same paint rather than another object


def bare_walls(r: Regions, banned: list[int]) -> list[int]:
    """Regions that behave like plain wall or ceiling.

    Seeds are large, smooth and reach the ceiling or the top of the picture. What continues them across a weak
    border, or has the same distinct colour on the same face, belongs to them. banned: never (windows).
    """
    total = r.labels.size
    face = r.share.argmax(axis=1)
    upper = (r.share[:, FLOOR] < 0.4) & (r.lab[:, 0] > 15)
    upper[banned] = False
    even = r.texture < SMOOTH
    smooth = upper & even
    reaches = (r.along > 0.25 * np.sqrt(r.area)) | (r.share[:, CEILING] > 0.5)
    # Behind curtains and lamps a wall is less even: a large one is known by its run along the ceiling.
    wide = (r.area > 0.03 * total) & (r.along > 0.5 * np.sqrt(r.area)) & (r.texture < 2 * SMOOTH)
    bare = ((smooth & (r.area > 0.012 * total)) | (upper & wide)) & reaches
    for _ in range(4):
        grown = bare.copy()
        for i in np.flatnonzero(upper & (r.texture < 2 * SMOOTH) & ~bare & (r.area > 0.0015 * total)):
            for j in np.flatnonzero(bare):
                near = float(np.linalg.norm(r.colour[i] - r.colour[j]))
                saturated = min(np.hypot(*r.lab[j, 1:]), np.hypot(*r.lab[i, 1:])) > 4.0
                turn = hue_gap(r.lab[i, 1:], r.lab[j, 1:])
                border = r.touch[i, j] / np.sqrt(r.area[i])
                if (
                    (border > 0.3 and r.step[i, j] < WEAK_BORDER and near < 0.08 and even[i])
                    or (
                        saturated
                        and face[i] == face[j]
                        and near < 0.12
                        and turn < 22
                        and r.texture[i] < 1.2 * SMOOTH
                    )
                    # Lit by a lamp, in the shade of furniture.
                    or (
                        saturated
                        and border > 1.5
                        and near < 0.3
                        and turn < 50
                        and r.step[i, j] < 6
                        and r.texture[i] < 1.2 * SMOOTH
                    )
                ):
                    grown[i] = True
        if (grown == bare).all():
            break
        bare = grown
    return [int(i) for i in np.flatnonzero(bare)]


def _solidity(mask: Image8) -> float:
    contours = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    hull = cv2.convexHull(np.concatenate(contours))
    return float(sum(cv2.contourArea(c) for c in contours) / (cv2.contourArea(hull) + 1e-6))


def floor_and_rugs(r: Regions, horizon: float, taken: list[int]) -> tuple[list[int], list[int]]:
    """Regions of the floor covering, the one it was recognised by first, and regions of rugs."""
    total = r.labels.size
    rows = np.arange(r.labels.shape[0], dtype=np.float64)[:, None] * np.ones_like(r.labels)
    centre = np.bincount(r.labels.ravel(), rows.ravel(), r.count) / r.area
    below = (r.share[:, FLOOR] > 0.45) & (centre > horizon)
    below[taken] = False
    candidates = np.flatnonzero(below & (r.area > 0.01 * total))
    if len(candidates) == 0:
        return [], []
    # Coverings show planks or joints and meet the walls; rugs are plain and lie free.
    seed = int(candidates[np.argmax((r.area * (r.texture + 2.0) * (0.3 + r.joints))[candidates])])
    jointed = r.joints[seed] > 2.0
    neutral = np.hypot(*r.lab[seed, 1:]) < 6
    patterned = ((r.texture > 0.6 * r.texture[seed]) & (r.joints > 1.0)) | (r.joints > 2.5)
    hue = hue_gap(r.lab[:, 1:], r.lab[seed, 1:])
    gap = np.linalg.norm(r.colour - r.colour[seed], axis=1)
    light = np.abs(r.lab[:, 0] - r.lab[seed, 0])
    large = r.area > 0.008 * total
    if neutral:
        alike = (gap < 0.12) & ((light < 12) | (patterned & large & (light < 22)))
    else:
        alike = (gap < 0.35) | (patterned & (hue < 22))
    if taken:  # white ware on a grey floor has the colour of the white walls rather than that of the floor
        to_wall = np.min([np.linalg.norm(r.colour - r.colour[j], axis=1) for j in taken], axis=0)
        alike &= ~(neutral & (to_wall < 0.5 * gap) & (r.joints < 3.0) & (r.lab[:, 0] > r.lab[seed, 0] + 8))
    floor = {seed}
    pending = [int(i) for i in np.flatnonzero(below & (r.area > 0.0006 * total)) if i != seed]
    for _ in range(4):
        for i in pending:
            known = list(floor)
            border = float(r.touch[i, known].sum())
            step = float((r.step[i, known] * r.touch[i, known]).sum() / max(border, 1.0))
            joined = border > 0.5 * np.sqrt(r.area[i])
            # A window mirrored in varnish, a shadow: no hard outline although the colour differs.
            soft = (
                joined
                and step < 9
                and light[i] < 40
                and (neutral or hue[i] < 35)
                and (large[i] or gap[i] < 0.5)
            )
            if i in floor or (large[i] and jointed and not patterned[i] and not (soft and gap[i] < 0.12)):
                continue
            hard = step > (12 if large[i] else 16) and r.joints[i] < 2.5
            # Cut off by furniture, yet of the same planks or tiles.
            apart = (
                bool(large[i])
                and r.share[i, FLOOR] > 0.95
                and r.joints[i] > 2.2
                and (
                    _inside_hull(r.labels, i, known)
                    or (light[i] < 14 if neutral else hue[i] < 10 and gap[i] < 0.4)
                )
            )
            if (alike[i] and ((joined and not hard) or apart)) or (soft and (not large[i] or gap[i] < 0.12)):
                floor.add(i)
    rest = [i for i in pending if i not in floor and r.lab[i, 0] > 15 and r.area[i] > 0.0015 * total]
    return [seed, *sorted(floor - {seed})], _rugs(r, rest, floor)


def _inside_hull(labels: Array, region: int, others: list[int]) -> bool:
    points = np.argwhere(np.isin(labels, others))[:, ::-1].astype(np.int32)
    y, x = np.argwhere(labels == region).mean(axis=0)
    return cv2.pointPolygonTest(cv2.convexHull(points), (float(x), float(y)), False) > 0


def _rugs(r: Regions, rest: list[int], floor: set[int]) -> list[int]:
    """Plain, compact groups of regions of one colour that lie on the floor, with floor behind them."""
    total = r.labels.size
    groups: list[set[int]] = []
    for i in rest:
        kin = [
            g
            for g in groups
            if any(
                r.touch[i, j] > 0.3 * np.sqrt(min(r.area[i], r.area[j]))
                and (
                    np.linalg.norm(r.colour[i] - r.colour[j]) < 0.25
                    or (hue_gap(r.lab[i, 1:], r.lab[j, 1:]) < 12 and np.hypot(*r.lab[i, 1:]) > 10)
                )
                for j in g
            )
        ]
        groups = [g for g in groups if g not in kin] + [{i}.union(*kin)]
    covering = np.isin(r.labels, list(floor))
    behind = np.zeros_like(covering)
    gap = max(4, r.labels.shape[0] // 70)
    behind[gap:] = covering[:-gap]
    rugs: list[int] = []
    for group in groups:
        members = sorted(group)
        mask = np.isin(r.labels, members)
        area = float(mask.sum())
        edge = mask & (behind | np.roll(behind, 1, axis=1))
        width = float(np.ptp(np.flatnonzero(mask.any(axis=0)))) + 1.0
        inner = r.touch[np.ix_(members, members)].sum()
        outer = max(float(r.touch[members].sum() - inner), 1.0)
        lies_on = float(r.touch[np.ix_(members, sorted(floor))].sum()) / outer
        weight = r.area[members] / area
        if (
            area > 0.008 * total
            and float((r.joints[members] * weight).sum()) < 1.0
            and float((r.texture[members] * weight).sum()) < 11
            and float((r.share[members, FLOOR] * weight).sum()) > 0.8
            and lies_on > 0.12
            and _solidity(mask.astype(np.uint8)) > 0.7
            and edge.any(axis=0).sum() > 0.15 * width
        ):
            rugs += members
    return rugs


def windows(r: Regions, shape: tuple[int, int]) -> Mask:
    """Bright panes, bluer than the paint around or blown out, closed over their bars and frames."""
    neutral = (np.hypot(r.lab[:, 1], r.lab[:, 2]) < 8) & (r.share[:, FLOOR] < 0.3)
    if not neutral.any():
        return np.zeros(shape, bool)
    paint = np.average(r.lab[neutral], axis=0, weights=r.area[neutral])
    blue = (r.lab[:, 0] > paint[0] - 6) & (r.lab[:, 2] < paint[2] - 2.2) & (r.lab[:, 2] < 0.5)
    blown = r.lab[:, 0] > 95
    pane = (blue | blown) & (r.share[:, FLOOR] < 0.3) & (r.share[:, CEILING] < 0.7)
    mask = pane[r.labels].astype(np.uint8)
    size = max(3, round(0.035 * shape[1])) | 1
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    closed = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    out = np.zeros(shape, np.uint8)
    for contour in cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]:
        hull = cv2.convexHull(contour)
        if cv2.contourArea(contour) > 0.006 * mask.size and cv2.contourArea(contour) > 0.7 * cv2.contourArea(
            hull
        ):
            cv2.fillConvexPoly(out, hull, 1)
    margin = max(3, round(0.012 * shape[1])) | 1
    return np.asarray(cv2.dilate(out, np.ones((margin, margin), np.uint8)) > 0)
