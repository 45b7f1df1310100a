"""A sheet photographed by hand on a table."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from documents.ocr_paper import moved, straightened

WIDTH, HEIGHT = 900, 1270
Grey = NDArray[np.uint8]
CORNERS = np.array([(90, 60), (930, 110), (1010, 1340), (40, 1290)], dtype=np.float32)


def sheet() -> Grey:
    page = np.full((HEIGHT, WIDTH), 245, dtype=np.uint8)
    for row in range(25):
        cv2.putText(page, "Charges communes generales 371,20", (70, 90 + row * 45), 0, 1.1, (25,), 2)
    return page


def photo(corners: NDArray[np.float32] = CORNERS, table: int = 80) -> Grey:
    flat = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], dtype=np.float32)
    there = cv2.getPerspectiveTransform(flat, corners)
    laid = cv2.warpPerspective(sheet(), there, (1080, 1440), borderValue=(table,))
    return np.asarray(laid, dtype=np.uint8)


def test_the_sheet_is_laid_flat_and_its_places_are_kept() -> None:
    found = straightened(photo())
    assert found is not None
    flat, back = found
    height, width = flat.shape
    corners = moved(np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=float), back)
    assert corners == pytest.approx(CORNERS, abs=6)
    ink = (flat[20:-20, 20:-20] < 120).any(axis=1)
    assert np.count_nonzero(np.diff(ink.astype(int)) == 1) == 25  # each line stands level, alone


def test_a_shadow_over_the_sheet_hides_no_edge() -> None:
    shade = np.tile(np.linspace(0.65, 1.0, 1080), (1440, 1))
    assert straightened((photo(table=50) * shade).astype(np.uint8)) is not None


def test_a_scan_stays_as_it_is() -> None:
    assert straightened(sheet()) is None
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 1.0, 1)
    skewed = cv2.warpAffine(sheet(), turn, (WIDTH, HEIGHT), borderValue=(250,))
    assert straightened(np.asarray(skewed, dtype=np.uint8)) is None


def test_a_picture_on_a_page_is_no_sheet() -> None:
    page = sheet()
    page[200:700, 100:800] = 90
    assert straightened(page) is None
    assert straightened(np.full((800, 600), 245, dtype=np.uint8)) is None


def test_below_a_dark_band_lies_no_sheet() -> None:
    page = sheet()
    page[:260] = 60
    assert straightened(page) is None
    page[:, :200] = 60
    assert straightened(page) is None
