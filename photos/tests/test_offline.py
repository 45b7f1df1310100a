"""The engine that ships: finds surfaces, changes them, keeps the room; the score that says so."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from config.tests.shared import needs_shared, shared
from photos.drawn_room import jpeg, room
from photos.image_models.materials import Material, texture
from photos.image_models.offline import OfflineImages, cropped, redesign
from photos.image_models.protocol import ImageModelError, RedesignRequest
from photos.image_models.surfaces import COLOURED_WALL, Surfaces, find_surfaces
from photos.imaging import read_picture
from photos.structure import THRESHOLD, compare
from photos.styles import PRESETS, STYLES, build_style

ROOMS = ("sejour", "cuisine", "chambre_orientation6", "salle_de_bains_orientation6", "bureau_sans_exif")
ALL_ROOMS = (*ROOMS, "sejour_vide")


@pytest.fixture(scope="module")
def drawn() -> tuple[NDArray[Any], Surfaces]:
    picture = room()
    return picture, find_surfaces(picture)


def at(mask: NDArray[Any], x: float, y: float) -> float:
    return float(mask[int(y * mask.shape[0]), int(x * mask.shape[1])])


def test_surfaces_of_a_drawn_room(drawn: tuple[NDArray[Any], Surfaces]) -> None:
    _picture, found = drawn
    assert found.layout.reliable
    x, y = found.layout.depth
    assert abs(x / 640 - 0.5) < 0.03 and abs(y / 427 - 0.45) < 0.03
    assert at(found.floor, 0.2, 0.95) > 0.9 and at(found.floor, 0.5, 0.68) > 0.9
    assert at(found.ceiling, 0.5, 0.08) > 0.9
    assert at(found.walls[COLOURED_WALL], 0.1, 0.5) > 0.9  # the left wall has a colour of its own
    assert at(found.rugs, 0.48, 0.85) > 0.9
    assert at(found.windows, 0.56, 0.4) > 0.9
    walls = sum(found.walls.values(), np.zeros_like(found.floor))
    for mask in (found.floor, walls, found.ceiling, found.rugs):
        assert at(mask, 0.8, 0.65) < 0.1  # the chest is nobody's
        assert at(mask, 0.56, 0.4) < 0.1  # nor is the window
    assert at(found.protected, 0.8, 0.65) == 1 and at(found.protected, 0.2, 0.95) == 0


@pytest.mark.parametrize("preset", PRESETS)
def test_every_style_changes_the_surfaces_and_keeps_the_room(
    drawn: tuple[NDArray[Any], Surfaces], preset: str
) -> None:
    picture, found = drawn
    made = redesign(picture, STYLES[preset], 3, found)
    assert made.shape == picture.shape
    assert np.abs(made.astype(int) - picture)[found.floor > 0.9].mean() > 6
    score = compare(picture, made, found.protected, found.floor > 0.5)
    assert score.score >= THRESHOLD, score
    window = found.windows > 0.9
    paint = found.walls[COLOURED_WALL] > 0.9
    change = np.abs(made.astype(int) - picture).mean(axis=2)
    assert change[window].mean() < change[paint].mean()


def test_styles_differ_from_each_other(drawn: tuple[NDArray[Any], Surfaces]) -> None:
    picture, found = drawn
    made = [redesign(picture, STYLES[preset], 3, found).astype(int) for preset in PRESETS]
    for i, first in enumerate(made):
        for second in made[i + 1 :]:
            assert np.abs(first - second).mean() > 8


def test_the_same_seed_gives_the_same_picture(drawn: tuple[NDArray[Any], Surfaces]) -> None:
    picture, _found = drawn
    one, again = (redesign(picture, STYLES["classic"], 5) for _n in range(2))
    other = redesign(picture, STYLES["classic"], 6, _found)
    assert np.array_equal(one, again) and not np.array_equal(one, other)


def test_light_and_shadow_stay() -> None:
    """A wall lit from one side stays lit from that side, whatever its new colour."""
    picture = room()
    found = find_surfaces(picture)
    made = redesign(picture, STYLES["cozy_hygge"], 1, found)
    band = np.s_[int(0.30 * 427) : int(0.35 * 427)]
    paint = found.walls[COLOURED_WALL][band] > 0.95
    before, after = (p[band][..., 1].astype(float) ** 2.2 for p in (picture, made))
    assert np.corrcoef(before[paint], after[paint])[0, 1] > 0.7


@pytest.mark.parametrize("picture", [np.full((300, 400, 3), 128, np.uint8), None, "noise", "tall"])
def test_pictures_without_a_room_do_no_harm(picture: Any) -> None:
    if picture is None:
        picture = np.zeros((200, 200, 3), np.uint8)
    elif isinstance(picture, str):
        rng = np.random.default_rng(0)
        picture = rng.integers(0, 255, (150, 200, 3) if picture == "noise" else (300, 70, 3), dtype=np.uint8)
    made = redesign(picture, STYLES["industrial"], 0)
    assert made.shape == picture.shape and made.dtype == np.uint8


def test_a_shuffled_picture_scores_low() -> None:
    picture = room()
    found = find_surfaces(picture)
    masks = (found.protected, found.floor > 0.5)
    rng = np.random.default_rng(0)
    pixels = picture.reshape(-1, 3).copy()
    rng.shuffle(pixels)
    rows, columns = picture.shape[0] // 8, picture.shape[1] // 8
    blocks = [(i, j) for i in range(8) for j in range(8)]
    moved = picture.copy()
    for (i, j), k in zip(blocks, rng.permutation(64), strict=True):
        a, b = blocks[k]
        source = picture[a * rows : (a + 1) * rows, b * columns : (b + 1) * columns]
        moved[i * rows : (i + 1) * rows, j * columns : (j + 1) * columns] = source
    assert compare(picture, picture, *masks).score > 0.99
    for other in (
        pixels.reshape(picture.shape),
        moved,
        picture[:, ::-1],
        picture[::-1],
        np.zeros_like(picture),
    ):
        assert compare(picture, np.ascontiguousarray(other), *masks).score < 0.3


def test_a_moved_window_lowers_the_score() -> None:
    picture = room()
    found = find_surfaces(picture)
    moved = picture.copy()
    window = picture[130:215, 320:415].copy()
    moved[130:215, 320:415] = picture[130:215, 215:310]
    moved[130:215, 215:310] = window
    score = compare(picture, moved, found.protected, found.floor > 0.5)
    assert score.score < THRESHOLD


@pytest.mark.parametrize("kind", ["planks", "herringbone", "tiles", "hexagons", "carpet", "concrete"])
def test_coverings_are_bounded_and_even_out_far_away(kind: str) -> None:
    rng = np.random.default_rng(0)
    place = rng.uniform(-4, 8, (5000, 2)).astype(np.float32)
    near = texture(Material(kind, (1, 2, 3), 0.2), place, np.full(5000, 0.001, np.float32), 1)
    far = texture(Material(kind, (1, 2, 3), 0.2), place, np.full(5000, 2.0, np.float32), 1)
    assert near.min() >= 0.3 and near.max() <= 1.6 and abs(float(near.mean()) - 1) < 0.15
    assert near.std() > 0.01
    assert kind == "concrete" or far.std() < 0.6 * near.std()


def test_shapes() -> None:
    image = Image.new("RGB", (1600, 1067))
    assert cropped(image, "").size == (1600, 1067)
    assert cropped(image, "1:1").size == (1067, 1067)
    assert cropped(image, "16:9").size == (1600, 900)
    assert cropped(image, "9:16").size == (600, 1067)


def test_the_engine_answers_with_a_picture_and_refuses_what_is_none() -> None:
    engine = OfflineImages()
    result = engine.redesign(RedesignRequest(jpeg(), prompt="murs vert sauge", aspect_ratio="4:3"))
    made = Image.open(io.BytesIO(result.image))
    assert abs(made.width / made.height - 4 / 3) < 0.01 and result.source_type == "compositeSynthetic"
    with pytest.raises(ImageModelError) as refused:
        engine.redesign(RedesignRequest(b"nothing", preset="classic"))
    assert refused.value.permanent


@needs_shared
@pytest.mark.parametrize("name", ALL_ROOMS)
def test_sample_rooms_keep_their_structure_in_every_style(name: str) -> None:
    """On half the size, to be quick; docs/redesigns.md holds the measures at full size."""
    with shared(f"samples/photos/{name}.jpg").open("rb") as file:
        picture = np.asarray(read_picture(file).image.resize((800, 534)))
    found = find_surfaces(picture)
    assert {"walls", "floor"} <= set(found.found)
    made = {preset: redesign(picture, build_style(preset), 1, found) for preset in PRESETS}
    for preset, result in made.items():
        score = compare(picture, result, found.protected, found.floor > 0.5)
        assert score.score >= THRESHOLD, (preset, score)
        assert np.abs(result.astype(int) - picture).mean() > 5, preset
