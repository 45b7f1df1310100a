"""Generated pictures say so: in a corner for people, in XMP and IPTC for machines.

Regulation (EU) 2024/1689, article 50, asks for both of pictures that look real. The digital source type is a
term of the IPTC's vocabulary (http://cv.iptc.org/newscodes/digitalsourcetype/):

* pictures of a model provider are `compositeWithTrainedAlgorithmicMedia`: the photograph was edited with
  elements made by a trained model;
* the offline engine holds no trained model: rules put drawn coverings and other colours into a photograph.
  That is `compositeSynthetic`, a composite with synthetic elements; calling it a trained model's work
  would be untrue, and `algorithmicallyEnhanced` would say "minor correction", which it is not.
"""

from __future__ import annotations

import io
import unicodedata
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from PIL import Image, ImageDraw, ImageFont

from .image_models.protocol import COMPOSITE

TEXT = {"fr": "Image générée", "en": "Generated image"}
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
HEIGHT = 0.032  # of the picture's shorter side: readable on a telephone, off the subject


def burn(image: Image.Image, language: str, text: str = "") -> Image.Image:
    """A copy with the words in the lower right corner, light on a dark ground whatever lies under it.

    `text` takes the place of the usual words; the acute is its only accent.
    """
    size = max(12, round(HEIGHT * min(image.size)))
    words = _written(text or TEXT.get(language, TEXT["fr"]), size)
    pad, margin = round(size * 0.5), round(size * 0.6)
    ground = Image.new("RGBA", (words.width + 2 * pad, words.height + 2 * pad), (0, 0, 0, 150))
    ground.alpha_composite(words, (pad, pad))
    out = image.convert("RGBA")
    out.alpha_composite(
        ground, (max(0, out.width - ground.width - margin), max(0, out.height - ground.height - margin))
    )
    return out.convert("RGB")


def _written(text: str, size: int) -> Image.Image:
    """Words in white on nothing, cut to their ink. The font that Pillow carries has no accented letters: the
    acute is drawn over its letter."""
    font = ImageFont.load_default(size)
    canvas = Image.new("RGBA", (size * len(text), size * 3), (255, 255, 255, 0))
    pen = ImageDraw.Draw(canvas)
    x, before = 0.0, 0.0
    for letter in unicodedata.normalize("NFD", text):
        if letter == "\u0301":
            middle, top = (before + x) / 2, size + font.getbbox("e")[1] - size * 0.10
            stroke = ((middle - size * 0.02, top), (middle + size * 0.14, top - size * 0.16))
            pen.line(stroke, fill=(255, 255, 255, 255), width=max(1, round(size * 0.085)))
            continue
        pen.text((x, size), letter, font=font, fill=(255, 255, 255, 255))
        before, x = x, x + font.getlength(letter)
    return canvas.crop(canvas.getbbox())


def xmp(
    *, language: str, engine: str, version: str, source_type: str, made: datetime, original: str
) -> bytes:
    """XMP packet: source type, engine, date and a link to the untouched original."""
    words = TEXT.get(language, TEXT["fr"])
    tool = f"{engine} {version}".strip()
    system = (
        f"<Iptc4xmpExt:AISystemUsed>{escape(engine)}</Iptc4xmpExt:AISystemUsed>\n"
        f"<Iptc4xmpExt:AISystemVersionUsed>{escape(version)}</Iptc4xmpExt:AISystemVersionUsed>\n"
        if source_type == COMPOSITE
        else ""
    )
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 Iptc4xmpExt:DigitalSourceType={quoteattr(SOURCE_TYPES + source_type)}
 xmp:CreatorTool={quoteattr(tool)} xmp:CreateDate={quoteattr(made.isoformat(timespec="seconds"))}
 photoshop:Source={quoteattr(original)}>
{system}<dc:description><rdf:Alt><rdf:li
xml:lang="x-default">{escape(words)}</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()


def labelled(
    image: Image.Image,
    *,
    language: str,
    engine: str,
    version: str,
    source_type: str,
    made: datetime,
    original: str,
    quality: int = 90,
) -> bytes:
    """JPEG of a generated picture with both labels and no other metadata. original: the photograph's
    address.
    """
    packet = xmp(
        language=language,
        engine=engine,
        version=version,
        source_type=source_type,
        made=made,
        original=original,
    )
    out = io.BytesIO()
    burn(image, language).save(
        out, "JPEG", quality=quality, optimize=True, progressive=True, xmp=packet, exif=Image.Exif()
    )
    return out.getvalue()
