"""Receiving a picture: told by its bytes, bounded before it is decoded, upright, in sRGB, without metadata.

Nothing of the file but its pixels is kept: they are decoded and encoded anew, so position, owner, serial
number, thumbnail, comments and whatever hides behind the image end here.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import pi_heif as heif
from PIL import Image, ImageCms, ImageOps

MAX_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 50_000_000  # phones take 12 to 50 megapixels; decoded: 150 MB
MAX_SIDE = 12_000
MIN_SIDE = 64
DISPLAY_SIDE = 2048
THUMBNAIL_SIDE = 400
QUALITY = 90
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


class ImageRefused(Exception):
    """A picture that is not taken. code is stable: empty_file, too_large, unsupported_type, too_many_pixels,
    too_small, animated, unreadable_image."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Picture:
    """A picture taken in: RGB pixels, upright, sRGB. format: what the file was (jpeg, png, webp, gif,
    heic).
    """

    image: Image.Image
    format: str

    def jpeg(self, side: int | None = None, quality: int = QUALITY) -> bytes:
        """Encoded anew, without metadata, its longest side at most `side` pixels."""
        return encode(self.image, side, quality)


def sniff(head: bytes) -> str | None:
    """Kind of a picture by its first 16 bytes: jpeg, png, webp, gif, heic, or None."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    # mif1 and msf1 are any HEIF, AVIF among them, which the decoder does not know and refuses.
    if head[4:8] == b"ftyp" and head[8:12] in {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"}:
        return "heic"
    return None


def read_picture(file: BinaryIO, *, max_bytes: int = MAX_BYTES) -> Picture:
    """Decode a file. Raises ImageRefused. Memory: about 10 bytes a pixel, bounded by the header first."""
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(0)
    if size == 0:
        raise ImageRefused("empty_file")
    if size > max_bytes:
        raise ImageRefused("too_large")
    kind = sniff(file.read(16))
    if kind is None:
        raise ImageRefused("unsupported_type")
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd metadata; pixels are bounded below
            return Picture(_decode(file, kind), kind)
    except ImageRefused:
        raise
    except Image.DecompressionBombError as error:
        raise ImageRefused("too_many_pixels") from error
    except Exception as error:  # decoders raise whatever they like over hostile files
        raise ImageRefused("unreadable_image") from error


def _open(file: BinaryIO, kind: str) -> Image.Image:
    if kind != "heic":
        return Image.open(file, formats=[kind.upper()])
    container = heif.open_heif(file, convert_hdr_to_8bit=True)  # reads the header; pixels come later
    _check_size(*container.size)
    image: Image.Image = container.to_pillow()  # the primary picture, upright already
    return image


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise ImageRefused("too_many_pixels")
    if min(width, height) < MIN_SIDE:
        raise ImageRefused("too_small")


def _decode(file: BinaryIO, kind: str) -> Image.Image:
    image = _open(file, kind)
    _check_size(*image.size)
    if kind in ("gif", "webp", "png") and getattr(image, "n_frames", 1) > 1:
        raise ImageRefused("animated")
    profile = image.info.get("icc_profile")
    image.load()
    upright = ImageOps.exif_transpose(image) if kind != "heic" else image
    return _to_srgb(upright, profile)


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB in sRGB: 16 bits to 8, palettes resolved, transparency laid on white, CMYK to RGB."""
    if image.mode.startswith(("I", "F")):  # one channel of 16 or 32 bits
        values = np.asarray(image, np.float32)
        scale = 1.0 if values.max(initial=0) <= 255 else 255.0 / 65535.0
        image = Image.fromarray(np.clip(values * scale + 0.5, 0, 255).astype(np.uint8))
    if image.mode in ("P", "PA", "LA", "RGBA", "RGBa", "La") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        ground = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        ground.alpha_composite(rgba)
        image = ground.convert("RGB")
    converted = _by_profile(image, profile) if profile else None
    return converted or image.convert("RGB")


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    """Through the file's own colour profile; None where the profile is broken or not of this kind of
    image.
    """
    if image.mode not in ("RGB", "CMYK", "L"):
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if space != {"RGB": "RGB", "CMYK": "CMYK", "L": "GRAY"}[image.mode]:
            return None
        converted: Any = ImageCms.profileToProfile(image, source, SRGB, outputMode="RGB")
        return converted  # type: ignore[no-any-return]
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def encode(image: Image.Image, side: int | None = None, quality: int = QUALITY) -> bytes:
    """JPEG of an RGB image without metadata, its longest side at most `side` pixels."""
    if side is not None and max(image.size) > side:
        image = image.copy()
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
    image.info.clear()  # the encoder would copy profile, comment and resolution from here
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


def thumbnail(jpeg: bytes) -> bytes:
    """A small JPEG of one of our own JPEGs, decoded at the least size that serves."""
    image = Image.open(io.BytesIO(jpeg), formats=["JPEG"])
    image.draft("RGB", (THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return encode(image.convert("RGB"), THUMBNAIL_SIDE, 82)
