from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from photos.image_models.protocol import COMPOSITE, SYNTHETIC
from photos.labels import burn, labelled

EXT = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"


def made(**changes: Any) -> Image.Image:
    values: dict[str, Any] = {
        "language": "fr", "engine": "gemini", "version": "m<&\"1", "source_type": COMPOSITE,
        "made": datetime(2026, 11, 1, tzinfo=UTC), "original": "https://example.org/api/photos/1/", **changes,
    }  # fmt: skip
    return Image.open(io.BytesIO(labelled(Image.new("RGB", (800, 600), (200, 190, 180)), **values)))


def test_machines_read_how_it_was_made() -> None:
    packet = made().info["xmp"]
    tree = ElementTree.fromstring(packet)  # noqa: S314 (our own)
    description = next(tree.iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description"))
    source = description.get(f"{EXT}DigitalSourceType")
    assert source == "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
    assert description.findtext(f"{EXT}AISystemUsed") == "gemini"
    assert description.findtext(f"{EXT}AISystemVersionUsed") == 'm<&"1'
    assert description.get("{http://ns.adobe.com/xap/1.0/}CreateDate") == "2026-11-01T00:00:00+00:00"
    assert description.get("{http://ns.adobe.com/photoshop/1.0/}Source", "").endswith("/photos/1/")


def test_the_offline_engine_is_not_called_a_trained_model() -> None:
    packet = made(engine="offline", source_type=SYNTHETIC).info["xmp"].decode()
    assert "compositeSynthetic" in packet and "Trained" not in packet and "AISystemUsed" not in packet


@pytest.mark.parametrize("ground", [(255, 255, 255), (0, 0, 0), (128, 128, 128)])
def test_people_read_it_in_the_corner_on_any_ground(ground: tuple[int, int, int]) -> None:
    image = Image.new("RGB", (800, 600), ground)
    out = np.asarray(burn(image, "fr"), int)
    changed = np.abs(out - np.asarray(image, int)).sum(axis=2) > 30
    rows, columns = np.nonzero(changed)
    assert rows.min() > 500 and columns.min() > 450 and changed.sum() > 500
    corner = out[540:590, 620:790].mean(axis=2)
    assert corner.max() - corner.min() > 90


def test_the_words_follow_the_language_and_keep_their_accents() -> None:
    image = Image.new("RGB", (800, 600))
    french, english, unknown = (np.asarray(burn(image, language)) for language in ("fr", "en", "xx"))
    assert not np.array_equal(french, english) and np.array_equal(french, unknown)
    # Three acutes stand above the x-height of "generee": ink in rows that plain letters leave empty.
    assert "Image générée" in made().info["xmp"].decode()
