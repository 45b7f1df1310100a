"""The sheet in a photo: its four edges, and the picture as if taken from straight above.

A paper photographed by hand lies on a table and leans away: its lines run together, and the rows of a
table no longer stand level. A sheet is bright, large and has four nearly straight sides; where no such shape
is found, the picture stays as it is.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Matrix = NDArray[np.float64]

LOOK_SIDE = 900  # pixels of the long side in which the sheet is looked for
LEAST_SHARE = 0.3  # of the picture, covered by the sheet
MOST_SHARE = 0.985  # a scan is its sheet
SOLID = 0.96  # of its four-sided outline that a sheet fills: a shadow or a finger may take the rest
MOST_LEAN = 1.35  # between two opposite sides: a sheet seen from further aside cannot be read well anyway
EDGES = 2  # sides of the picture that a sheet may not share
EDGE = 0.012  # of the long side: as near is on the edge
CORNER = 0.08  # of a side near its corners, left out when its line is fitted
DARKER = (1.0, 0.8)  # of Otsu's threshold: a shadow on the sheet may be darker than half-way to the table
STEEP = 0.35  # of the sine of an angle between two sides that meet


def straightened(picture: Grey) -> tuple[Grey, Matrix] | None:
    """The sheet alone, and the matrix (3 × 3) from its pixels to those of `picture`; None without a sheet."""
    corners = _corners(picture)
    if corners is None:
        return None
    top, right, bottom, left = (float(np.linalg.norm(corners[(i + 1) % 4] - corners[i])) for i in range(4))
    width, height = round(max(top, bottom)), round(max(left, right))
    sheet = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    there = cv2.getPerspectiveTransform(corners.astype(np.float32), sheet)
    flat = cv2.warpPerspective(picture, there, (width, height), flags=cv2.INTER_CUBIC, borderValue=255)
    return np.asarray(flat, dtype=np.uint8), np.asarray(np.linalg.inv(there), dtype=np.float64)


def moved(points: NDArray[np.float64], matrix: Matrix) -> NDArray[np.float64]:
    """Points (n × 2, pixels) through a matrix of `straightened`."""
    ends = np.column_stack((points, np.ones(len(points)))) @ matrix.T
    return np.asarray(ends[:, :2] / ends[:, 2:])


def _corners(picture: Grey) -> NDArray[np.float64] | None:
    """Corners of the sheet in pixels, clockwise from the one above left."""
    factor = LOOK_SIDE / max(picture.shape)
    small = np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))
    even = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8)), (5, 5), 0)
    level = cv2.threshold(even, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[0]
    for share in DARKER:
        bright = np.asarray((even > share * level).astype(np.uint8))
        outlines = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
        found = _four_sides(max(outlines, key=cv2.contourArea, default=None), bright.size)
        if found is not None and _sides_on_edge(found, bright.shape) < EDGES:
            return np.asarray(found / factor)
    return None


def _sides_on_edge(corners: NDArray[np.float64], shape: tuple[int, ...]) -> int:
    """How many sides of a sheet are sides of the picture: below a dark band of a printed page three are."""
    near = EDGE * max(shape)
    count = 0
    for i in range(4):
        ends = corners[[i, (i + 1) % 4]]
        count += any(
            bool((np.abs(ends[:, axis] - place) < near).all())
            for axis, length in ((0, shape[1]), (1, shape[0]))
            for place in (0, length)
        )
    return count


def _four_sides(outline: NDArray[Any] | None, area: int) -> NDArray[np.float64] | None:
    if outline is None or not LEAST_SHARE * area < cv2.contourArea(outline) < MOST_SHARE * area:
        return None
    hull = cv2.convexHull(outline)
    rough = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, True), True)
    if len(rough) != 4 or cv2.contourArea(outline) < SOLID * cv2.contourArea(rough):
        return None
    corners = _clockwise(rough[:, 0, :].astype(np.float64))
    lines = [_line(outline[:, 0, :].astype(np.float64), corners[i], corners[(i + 1) % 4]) for i in range(4)]
    exact = []
    for i in range(4):
        one, other = lines[i - 1], lines[i]
        if one is None or other is None:
            return None
        (p, u), (q, v) = one, other
        sine = u[0] * v[1] - u[1] * v[0]
        if abs(sine) < 1 - STEEP:
            return None
        t = ((q[0] - p[0]) * v[1] - (q[1] - p[1]) * v[0]) / sine
        exact.append(p + t * u)
    made = np.array(exact)
    sides = [float(np.linalg.norm(made[(i + 1) % 4] - made[i])) for i in range(4)]
    for i in (0, 1):
        if max(sides[i], sides[i + 2]) > MOST_LEAN * min(sides[i], sides[i + 2]):
            return None
    return made


def _clockwise(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    middle = corners.mean(axis=0)
    turn = np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0])
    ordered = corners[np.argsort(turn)]
    return np.asarray(np.roll(ordered, -int(np.argmin(ordered.sum(axis=1))), axis=0))


def _line(
    points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """A point and a direction of the side between two rough corners, fitted to the outline."""
    along = end - start
    length = float(np.linalg.norm(along))
    along = along / length
    offset = points - start
    place = offset @ along
    aside = np.abs(offset[:, 0] * along[1] - offset[:, 1] * along[0])
    near = points[(place > CORNER * length) & (place < (1 - CORNER) * length) & (aside < 0.02 * length)]
    if len(near) < 20:
        return None
    vx, vy, x, y = cv2.fitLine(near.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
    return np.array([x, y], dtype=np.float64), np.array([vx, vy], dtype=np.float64)
