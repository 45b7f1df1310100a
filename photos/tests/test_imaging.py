"""Pictures taken in: right result or a clear code, nothing but pixels kept, bounded before decoding."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from config.tests.shared import needs_shared, shared
from photos.drawn_room import jpeg, room
from photos.imaging import ImageRefused, encode, read_picture, sniff

SECRET = b"Camille Exemple"


def code_of(content: bytes, **options: int) -> str:
    with pytest.raises(ImageRefused) as refused:
        read_picture(io.BytesIO(content), **options)
    return refused.value.code


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that announces a size and holds almost nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    bomb = zlib.compress(b"\0" * 5_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", bomb) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"plain text, whatever its name", None),
        (b"", None),
        (b"%PDF-1.7", None),
        (b"<svg xmlns=", None),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"\0\0\0\x18ftypmp42", None),
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
        (b"GIF89a", "gif"),
        (b"\0\0\0\x18ftypheic", "heic"),
    ],
)
def test_sniffed_by_content(head: bytes, kind: str | None) -> None:
    assert sniff(head) == kind


def test_metadata_is_gone() -> None:
    exif = Image.Exif()
    exif[0x013B] = SECRET.decode()  # artist
    exif[0x9C9E] = b"x"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 24.0), 3: "E", 4: (2.0, 21.0, 3.0)})
    content = jpeg(exif=exif.tobytes(), comment=SECRET, xmp=b"<x>" + SECRET + b"</x>")
    assert SECRET in content
    kept = read_picture(io.BytesIO(content)).jpeg()
    assert SECRET not in kept and b"Exif" not in kept and b"xpacket" not in kept
    assert not Image.open(io.BytesIO(kept)).getexif()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_shown_upright(orientation: int) -> None:
    upright = Image.fromarray(room(160, 107))
    turned = {
        1: [], 2: [Image.Transpose.FLIP_LEFT_RIGHT], 3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM], 5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90], 7: [Image.Transpose.TRANSVERSE], 8: [Image.Transpose.ROTATE_270],
    }[orientation]  # fmt: skip
    stored = upright
    for step in turned:
        stored = stored.transpose(step)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = read_picture(io.BytesIO(saved(stored, "PNG", exif=exif))).image
    assert picture.size == upright.size
    assert np.array_equal(np.asarray(picture), np.asarray(upright))


def test_cmyk_becomes_rgb() -> None:
    content = saved(Image.fromarray(room(160, 107)).convert("CMYK"), "JPEG", quality=95)
    picture = read_picture(io.BytesIO(content)).image
    assert picture.mode == "RGB"
    assert np.abs(np.asarray(picture, int) - room(160, 107)).mean() < 6


def test_sixteen_bits_become_eight() -> None:
    grey = np.linspace(0, 65535, 160 * 100).reshape(100, 160).astype(np.uint16)
    picture = read_picture(io.BytesIO(saved(Image.fromarray(grey), "PNG"))).image
    values = np.asarray(picture)[..., 0]
    assert picture.mode == "RGB" and values.min() == 0 and values.max() == 255
    assert np.abs(values.astype(int) - (grey / 257).round()).max() <= 1


def test_transparency_lies_on_white() -> None:
    clear = Image.new("RGBA", (100, 100), (255, 0, 0, 0))
    assert read_picture(io.BytesIO(saved(clear, "PNG"))).image.getpixel((5, 5)) == (255, 255, 255)
    palette = Image.new("P", (100, 100), 0)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    kept = read_picture(io.BytesIO(saved(palette, "PNG", transparency=0))).image
    assert kept.mode == "RGB" and kept.getpixel((5, 5)) == (255, 255, 255)


def test_the_profile_is_applied_and_a_broken_one_ignored() -> None:
    linear = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ"))
    image = Image.new("RGB", (100, 100), (100, 150, 200))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    same = read_picture(io.BytesIO(saved(image, "PNG", icc_profile=srgb))).image
    assert same.getpixel((5, 5)) == (100, 150, 200)
    for profile in (linear.tobytes(), b"no profile at all" * 20):
        kept = read_picture(io.BytesIO(saved(image, "PNG", icc_profile=profile)))
        assert kept.image.getpixel((5, 5)) == (100, 150, 200)
        assert b"ICC_PROFILE" not in kept.jpeg()


def test_refused_with_a_code() -> None:
    frames = [Image.new("RGB", (80, 80), (n * 60, 0, 0)) for n in range(3)]
    assert code_of(b"") == "empty_file"
    assert code_of(b"not an image at all, but long enough") == "unsupported_type"
    assert code_of(jpeg(), max_bytes=1000) == "too_large"
    assert code_of(saved(Image.new("RGB", (20, 500)), "PNG")) == "too_small"
    assert code_of(saved(frames[0], "GIF", save_all=True, append_images=frames[1:])) == "animated"
    assert code_of(saved(frames[0], "WEBP", save_all=True, append_images=frames[1:])) == "animated"
    assert code_of(jpeg()[:2000]) == "unreadable_image"
    assert code_of(b"\xff\xd8\xff" + bytes(500)) == "unreadable_image"
    assert code_of(b"\0\0\0\x18ftypheic" + bytes(500)) == "unreadable_image"


@pytest.mark.parametrize("size", [(60_000, 60_000), (8_000, 8_000), (50_000, 100)])
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    assert code_of(png_header(*size)) == "too_many_pixels"


def test_refusing_a_bomb_takes_little_memory(tmp_path: Path) -> None:
    file = tmp_path / "bomb.png"
    file.write_bytes(png_header(11_000, 11_000))
    program = (
        "import sys, resource; from photos.imaging import read_picture, ImageRefused\n"
        "start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: read_picture(open(sys.argv[1], 'rb'))\n"
        "except ImageRefused as error: print(error.code)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(file)], capture_output=True, text=True, check=True
    )
    code, kilobytes = done.stdout.split()
    assert code == "too_many_pixels" and int(kilobytes) < 20_000


def test_a_flat_gif_is_taken() -> None:
    assert read_picture(io.BytesIO(saved(Image.fromarray(room(160, 107)), "GIF"))).image.mode == "RGB"


def test_sizes_for_showing() -> None:
    picture = read_picture(io.BytesIO(jpeg()))
    small = Image.open(io.BytesIO(picture.jpeg(100)))
    assert small.size == (100, 67) and picture.image.size == (640, 427)
    assert Image.open(io.BytesIO(encode(picture.image, 5000))).size == (640, 427)


@needs_shared
@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("sejour.jpg", (1600, 1067)),
        ("cuisine.jpg", (1600, 1067)),
        ("chambre_orientation6.jpg", (1600, 1067)),
        ("bureau_transparent.png", (800, 534)),
        ("cuisine_cmjn.jpg", (900, 600)),
        ("sejour_vide_16bits.png", (480, 320)),
        ("salle_de_bains.webp", (1200, 800)),
        ("chambre.heic", (1200, 800)),
        ("sejour_anime.gif", "animated"),
    ],
)
def test_samples(name: str, size: tuple[int, int] | str) -> None:
    content = shared(f"samples/photos/{name}").read_bytes()
    if isinstance(size, str):
        assert code_of(content) == size
        return
    picture = read_picture(io.BytesIO(content))
    kept = picture.jpeg()
    assert picture.image.size == size and picture.image.mode == "RGB"
    assert not Image.open(io.BytesIO(kept)).getexif()
    for trace in (b"Exif", b"GPS", b"xpacket", b"ICC_PROFILE", b"Photoshop"):
        assert trace not in kept


@needs_shared
def test_the_same_room_in_other_formats_shows_the_same() -> None:
    def mean(name: str) -> np.ndarray:
        with shared(f"samples/photos/{name}").open("rb") as file:
            whole = np.asarray(read_picture(file).image.resize((48, 32)), float)
            return whole[12:20, 18:30]  # the corners of the photographs are darkened, not those of all copies

    for first, second in (
        ("cuisine.jpg", "cuisine_cmjn.jpg"),
        ("sejour_vide.jpg", "sejour_vide_16bits.png"),
        ("salle_de_bains_orientation6.jpg", "salle_de_bains.webp"),
        ("chambre_orientation6.jpg", "chambre.heic"),
    ):
        assert np.abs(mean(first) - mean(second)).mean() < 6, first
