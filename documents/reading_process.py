"""The child process of reading.py: opens one file under bounds of time and memory and writes its answer.

Not for import elsewhere: it limits the process that runs it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import resource
import signal
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from documents.extraction.page import Page, Word
from documents.layout import lines_of
from documents.pdf_forms import open_page, with_boxes
from documents.pdf_text import TextLayer, is_broken, looks_french, read_text_layer
from documents.reading import Limits, ReadingError, encode_page

LOOK_SCALE = 1.5  # pixels a point, to tell text that leaves no ink
PR_SET_PDEATHSIG = 1
SCAN_SHARE = 0.3  # of the page under pictures: what they show is read too
FEW_WORDS = 8  # a page with less text than this may be a picture
HIDDEN_SHOWN = 400  # characters of hidden text kept for the warning


class _PageTimeout(Exception):
    pass


def main() -> None:
    task = json.loads(sys.stdin.buffer.read())
    limits = Limits(**task["limits"])
    answer = Path(task["answer"])
    _bound(limits)
    try:
        images = Path(task["images"]) if task["images"] else None
        reader = _read_pdf if task["kind"] == "pdf" else _read_image
        result: dict[str, Any] = reader(Path(task["path"]), limits, images)
    except ReadingError as error:
        result = {"error": error.code, "detail": error.detail}
    except MemoryError:
        result = {"error": "out_of_memory"}
    except RecursionError:
        result = {"error": "damaged_pdf"}
    except _PageTimeout:
        result = {"error": "timeout"}
    partial = answer.with_suffix(".part")
    partial.write_text(json.dumps(result), encoding="utf-8")
    partial.rename(answer)


def _bound(limits: Limits) -> None:
    # Who waits for the answer may be killed: Linux then ends us too, as our group is not its own.
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # RLIMIT_DATA counts private writable memory (Linux), what a bomb fills; RLIMIT_AS counts libraries too.
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_AS, (3 * 1024**3, 3 * 1024**3))
    cpu = int(limits.seconds) + 5
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (256 * 1024**2, 256 * 1024**2))


@contextlib.contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Raise _PageTimeout after so much work; if C code does not come back, a second ring ends the process.

    Seconds of work, not of the clock: a busy machine is slow, a hostile page is laborious.
    """

    def ring(signum: int, frame: object) -> None:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, 5.0)
        raise _PageTimeout

    signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _read_pdf(path: Path, limits: Limits, images: Path | None) -> dict[str, Any]:
    import pypdfium2

    warnings: list[str] = []
    with _deadline(limits.seconds_opening):
        document = _open(path, limits, warnings)
        count = len(document)
        if count == 0:
            raise ReadingError("no_pages")
        if count > limits.pages:
            raise ReadingError("too_many_pages", str(count))
    pages: list[dict[str, Any]] = []
    failed: dict[int, str] = {}
    hidden: dict[int, str] = {}
    for index in range(count):
        number = index + 1
        try:
            with _deadline(limits.seconds_page):
                handle, boxes = open_page(document, index)
                try:
                    page = _read_page(handle, number, limits, boxes)
                    if images is not None:
                        _draw(handle, images / f"{number:04d}.webp", limits)
                finally:
                    handle.close()
        except _PageTimeout:
            failed[number] = "timeout"
        except MemoryError:
            failed[number] = "out_of_memory"
        except ReadingError as error:
            failed[number] = error.code
        except (pypdfium2.PdfiumError, RuntimeError, ValueError, OSError, ArithmeticError):
            failed[number] = "damaged_pdf"
        else:
            if page.hidden:
                hidden[number] = page.hidden
            if not page.lines:
                warnings.append(f"Page {number} : aucun texte lisible.")
            pages.append(encode_page(page))
    for number, text in hidden.items():
        warnings.append(f"Page {number} : texte invisible à l’œil, ignoré : « {text[:HIDDEN_SHOWN]} »")
    for number, code in failed.items():
        warnings.append(f"Page {number} non lue ({code}).")
    return {"pages": pages, "warnings": warnings, "failed": failed}


def _open(path: Path, limits: Limits, warnings: list[str]) -> Any:
    import pikepdf
    import pypdfium2

    source: Any = path
    if b"%%EOF" not in _tail(path):
        warnings.append("Fichier incomplet : la fin manque, il a été réparé autant que possible.")
    try:
        with pikepdf.open(path, suppress_warnings=True) as pdf:
            # What the file says first: counting makes an object of each page, and a small file may name
            # millions.
            if int(pdf.Root["/Pages"].get("/Count", 0)) > limits.pages:
                raise ReadingError("too_many_pages")
            if len(pdf.pages) == 0:
                raise ReadingError("no_pages")
            _check_content(pdf, limits)
    except pikepdf.PasswordError as error:
        raise ReadingError("password_protected") from error
    except (pikepdf.PdfError, RuntimeError, ValueError, OSError, KeyError, TypeError, NotImplementedError):
        pass  # pdfium may still read it: its bounds are those of the process
    try:
        return _with_forms(pypdfium2.PdfDocument(source))
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise ReadingError("password_protected") from error
        first = error
    repaired = path_in_cwd("repaired.pdf")
    try:
        with pikepdf.open(path, suppress_warnings=True) as pdf:
            pdf.save(repaired)
        return _with_forms(pypdfium2.PdfDocument(repaired))
    except Exception as error:
        raise ReadingError("damaged_pdf", str(first)) from error


def _with_forms(document: Any) -> Any:
    document.init_forms()  # before any page is loaded; does nothing where there is no form
    return document


def path_in_cwd(name: str) -> Path:
    """A scratch file: the parent starts this process in a folder of its own and removes it."""
    return Path.cwd() / name


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - 2048, 0))
        return file.read()


def _check_content(pdf: Any, limits: Limits) -> None:
    """Refuse contents that inflate beyond measure and pictures with too many points, before drawing any."""
    import pikepdf

    budget = limits.content_bytes
    for item in pdf.objects:
        if not isinstance(item, pikepdf.Stream):
            continue
        if item.get("/Subtype") == "/Image":
            try:
                pixels = int(item.get("/Width", 0)) * int(item.get("/Height", 0))
            except (TypeError, ValueError):
                continue
            if pixels > limits.image_pixels:
                raise ReadingError("too_many_pixels")
            continue
        filters = item.get("/Filter")
        names = [str(name) for name in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
        if names[:1] == ["/FlateDecode"]:
            data = item.read_raw_bytes()
            for _ in names:
                data, left = _inflated(data, budget)
                if left:
                    raise ReadingError("too_much_content")
            budget -= len(data)
        if budget < 0:
            raise ReadingError("too_much_content")


def _inflated(data: bytes, most: int) -> tuple[bytes, bool]:
    decoder = zlib.decompressobj()
    try:
        out = decoder.decompress(data, most)
    except zlib.error:
        return b"", False
    return out, bool(decoder.unconsumed_tail)


def _read_page(page: Any, number: int, limits: Limits, boxes: list[Word]) -> Page:
    width, height = page.get_size()
    if width <= 0 or height <= 0:
        raise ReadingError("damaged_pdf")
    aspect = width / height
    look = _render(page, min(LOOK_SCALE, (2_500_000 / (width * height)) ** 0.5))
    layer = read_text_layer(page, look)
    layer.words = with_boxes(layer.words, boxes) if boxes else layer.words
    pictured = layer.image_share >= SCAN_SHARE
    inked = float((look < 128).mean()) > 0.002
    broken = bool(layer.words) and is_broken(layer)
    wanted = limits.ocr and (
        broken or layer.scan_layer or pictured or (len(layer.words) < FEW_WORDS and inked)
    )
    lines = _turned_lines(layer, aspect) if layer.turns else lines_of(layer.words, layer.rulings, aspect)
    text = Page(number, lines, "text", aspect, "" if layer.scan_layer else _said(layer))
    if not wanted:
        return text
    from documents.ocr import recognise  # brings OpenCV: only where a page needs it

    try:
        seen = recognise(_render(page, (limits.render_pixels / (width * height)) ** 0.5, 300 / 72))
    except ReadingError:  # no OCR on this machine
        if layer.words and not broken:
            return text
        raise
    words = [word for line in seen.lines for word in line.words]
    if broken and looks_french(words) <= looks_french(layer.words):
        return text
    if broken or not layer.words or layer.scan_layer:
        return Page(number, seen.lines, "ocr", aspect, text.hidden)
    # Text with a picture beside it: what OCR found where the text layer has nothing.
    extra = [word for word in words if not _covered(word.box, layer)]
    if not extra:
        return text
    source: Literal["text", "ocr"] = "ocr" if len(extra) > len(layer.words) else "text"
    return Page(number, lines_of([*layer.words, *extra], layer.rulings, aspect), source, aspect, text.hidden)


def _covered(box: tuple[float, float, float, float], layer: TextLayer) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(
        w.box[0] - 0.005 <= x <= w.box[2] + 0.005 and w.box[1] - 0.003 <= y <= w.box[3] + 0.003
        for w in layer.words
    )


def _said(layer: TextLayer) -> str:
    text = " ".join(word.text for word in layer.hidden)
    return text if sum(c.isalnum() for c in text) >= 3 else ""


def _turned_lines(layer: TextLayer, aspect: float) -> Any:
    """Lines of a page whose text runs sideways: laid out upright, boxes left where they are shown."""
    from documents.extraction.page import Line

    def turned(box: tuple[float, float, float, float], turns: int) -> tuple[float, float, float, float]:
        x0, y0, x1, y1 = box
        for _ in range(turns % 4):
            x0, y0, x1, y1 = y0, 1 - x1, y1, 1 - x0
        return (x0, y0, x1, y1)

    places: dict[int, Word] = {}
    upright = []
    for word in layer.words:
        other = Word(word.text, turned(word.box, layer.turns), word.confidence)
        places[id(other)] = word
        upright.append(other)
    rulings = [turned(ruling, layer.turns) for ruling in layer.rulings]
    lines = lines_of(upright, rulings, 1 / aspect if layer.turns % 2 else aspect)
    return tuple(Line(tuple(places[id(w)] for w in line.words), line.cell, line.stops) for line in lines)


def _render(page: Any, scale: float, most: float = 1e9) -> NDArray[np.uint8]:
    """The page drawn in grey on white."""
    bitmap = page.render(scale=min(scale, most), grayscale=True, may_draw_forms=True, rev_byteorder=False)
    try:
        array = bitmap.to_numpy()
        if array.ndim == 3:
            array = array[:, :, 0]
        return np.array(array, dtype=np.uint8)
    finally:
        bitmap.close()


def _draw(page: Any, path: Path, limits: Limits) -> None:
    width, height = page.get_size()
    scale = min((limits.display_pixels / (width * height)) ** 0.5, 2.5)
    picture = page.render(scale=scale).to_pil()
    picture.convert("RGB").save(path, "WEBP", quality=80)


def _read_image(path: Path, limits: Limits, images: Path | None) -> dict[str, Any]:
    from PIL import Image, ImageOps, UnidentifiedImageError

    from documents.ocr import recognise

    Image.MAX_IMAGE_PIXELS = None  # checked from the header below
    if path.read_bytes()[4:8] == b"ftyp":
        import pi_heif

        pi_heif.register_heif_opener()
    try:
        with _deadline(limits.seconds_page), Image.open(path) as picture:
            if picture.width * picture.height > limits.image_pixels:
                raise ReadingError("too_many_pixels")
            picture.draft("L", (4000, 4000))
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            if upright.mode in ("RGBA", "LA", "PA", "P"):
                shown = upright.convert("RGBA")
                upright = Image.new("RGB", shown.size, "white")
                upright.paste(shown, mask=shown.getchannel("A"))
            if images is not None:
                small = upright.convert("RGB")
                small.thumbnail((1600, 1600))
                small.save(images / "0001.webp", "WEBP", quality=80)
            grey = np.array(upright.convert("L"), dtype=np.uint8)
            del upright
            seen = recognise(grey)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, ArithmeticError) as error:
        raise ReadingError("damaged_image", str(error)[:200]) from error
    page = Page(1, seen.lines, "ocr", grey.shape[1] / grey.shape[0])
    return {
        "pages": [encode_page(page)],
        "warnings": [] if page.lines else ["Page 1 : aucun texte lisible."],
        "failed": {},
    }


if __name__ == "__main__":
    main()
