"""A file (PDF, JPEG, PNG, WebP, HEIC) → pages of words with boxes, or one `ReadingError` with a stable code.

The work is done in a child process with bounds on time and memory (`reading_process.py`): pdfium is not
thread-safe, and a hostile file must not take its worker along. No Django here.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from documents.extraction.page import Line, Page, Word

FileKind = Literal["pdf", "jpeg", "png", "webp", "heic"]


def _(text: str) -> str:
    """Marks words for the translators; they are translated when they are shown."""
    return text


# French: the words that people read. Keys are stable: clients and tests rely on them.
MESSAGES: dict[str, str] = {
    "empty_file": _("Le fichier est vide."),
    "not_a_pdf": _("Ce fichier n’est ni un PDF ni une image lisible (JPEG, PNG, WebP, HEIC)."),
    "too_large": _("Le fichier est trop volumineux."),
    "password_protected": _("Ce PDF est protégé par un mot de passe : envoyez-le sans protection."),
    "damaged_pdf": _("Ce PDF est endommagé et ne peut pas être lu : enregistrez-le puis renvoyez-le."),
    "damaged_image": _("Cette image est endommagée et ne peut pas être lue."),
    "no_pages": _("Ce PDF ne contient aucune page."),
    "too_many_pages": _("Ce document a trop de pages."),
    "too_many_pixels": _("Cette image a trop de points pour être lue."),
    "too_much_content": _("Le contenu de ce PDF est démesuré une fois décompressé."),
    "timeout": _("La lecture de ce document a pris trop de temps."),
    "out_of_memory": _("La lecture de ce document demande trop de mémoire."),
    "unreadable": _("Aucune page de ce document n’a pu être lue."),
    "ocr_unavailable": _("Ce document est une image et la reconnaissance de caractères n’est pas installée."),
    "extraction_failed": _("Ce document a été lu, mais ses chiffres n’ont pas pu être relevés."),
    "crashed": _("La lecture de ce document a échoué."),
}
TRANSIENT = frozenset(
    {"timeout", "crashed", "ocr_unavailable"}
)  # another try, elsewhere or later, may do better


class ReadingError(Exception):
    """Why a document could not be read. `permanent`: the same file will always fail."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code if code in MESSAGES else "crashed"
        self.detail = detail
        self.permanent = self.code not in TRANSIENT
        super().__init__(MESSAGES[self.code])

    def __reduce__(self) -> tuple[type[ReadingError], tuple[str, str]]:
        return (ReadingError, (self.code, self.detail))


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one document. Beyond them it is refused, never half read in silence."""

    file_bytes: int = 30 * 1024 * 1024
    pages: int = 400
    content_bytes: int = 96 * 1024 * 1024  # page contents of the whole file, inflated
    image_pixels: int = 60_000_000  # of one picture; an A3 scan at 400 dpi has 31 million
    render_pixels: int = 12_000_000  # of one page drawn for OCR
    display_pixels: int = 2_000_000  # of one page drawn for people
    seconds: float = 600.0  # by the clock, for the whole file
    seconds_opening: float = 15.0  # of work, to open, check and count before the first page
    seconds_page: float = 25.0  # of work; a scanned page takes about 3
    memory_bytes: int = 480 * 1024 * 1024  # private memory of the child
    ocr: bool = True


@dataclass(frozen=True, slots=True)
class Document:
    """What one file says, page by page."""

    kind: FileKind
    pages: tuple[Page, ...]
    warnings: tuple[str, ...] = ()
    failed_pages: dict[int, str] = field(default_factory=dict)  # page number → code


def sniff(head: bytes) -> FileKind | None:
    """The kind of a file by its first bytes (1024 are enough), never by its name."""
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc"):
        return "heic"
    return None


def read_document(path: Path, limits: Limits | None = None, *, images: Path | None = None) -> Document:
    """Read a file. With `images`, each page is also drawn there as `0001.webp`, `0002.webp`…

    Raises ReadingError. Pages that fail are named in `failed_pages`; the others are read all the same.
    """
    limits = limits or Limits()
    size = path.stat().st_size
    if size == 0:
        raise ReadingError("empty_file")
    if size > limits.file_bytes:
        raise ReadingError("too_large")
    with path.open("rb") as file:
        kind = sniff(file.read(1024))
    if kind is None:
        raise ReadingError("not_a_pdf")
    answer = _run(path, kind, limits, images)
    pages = tuple(decode_page(page) for page in answer["pages"])
    failed = {int(number): str(code) for number, code in answer["failed"].items()}
    if not pages:
        codes = set(failed.values())
        raise ReadingError(codes.pop() if len(codes) == 1 else "unreadable")
    return Document(kind, pages, tuple(answer["warnings"]), failed)


def _run(path: Path, kind: str, limits: Limits, images: Path | None) -> dict[str, Any]:
    """The child's answer. It writes to a file: a child that dies leaves no broken pipe and no half answer."""
    with tempfile.TemporaryDirectory(prefix="reading-") as folder:
        answer = Path(folder) / "answer.json"
        task = {
            "path": str(path.resolve()),
            "kind": kind,
            "limits": asdict(limits),
            "images": str(images.resolve()) if images else None,
            "answer": str(answer),
        }
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
            "OMP_THREAD_LIMIT": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MALLOC_ARENA_MAX": "2",
            "LANG": "C.UTF-8",
        }
        with tempfile.TemporaryFile() as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "documents.reading_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env=environment,
                cwd=folder,
                process_group=0,
            )
            try:
                process.communicate(json.dumps(task).encode(), timeout=limits.seconds)
            except subprocess.TimeoutExpired as error:
                raise ReadingError("timeout") from error
            finally:
                if process.poll() is None:
                    process.kill()
                process.wait()
            stderr.seek(0)
            trace = stderr.read()[-2000:].decode("utf-8", "replace")
        if answer.exists():
            result: dict[str, Any] = json.loads(answer.read_bytes())
            if "error" in result:
                raise ReadingError(result["error"], result.get("detail", ""))
            return result
        if process.returncode in (-signal.SIGPROF, -signal.SIGXCPU):
            raise ReadingError("timeout", trace)
        if process.returncode in (
            -signal.SIGSEGV,
            -signal.SIGBUS,
            -signal.SIGABRT,
            -signal.SIGTRAP,
            -signal.SIGILL,
        ):
            # pdfium ends itself where memory or its stack runs out: the file's doing, not the machine's.
            raise ReadingError("damaged_pdf" if kind == "pdf" else "damaged_image", trace)
        raise ReadingError("crashed", trace)


def encode_page(page: Page) -> dict[str, Any]:
    """A page as JSON, for the child's answer and for storing."""
    return {
        "number": page.number,
        "source": page.source,
        "aspect": round(page.aspect, 5),
        "hidden": page.hidden,
        "lines": [
            {
                "cell": list(line.cell) if line.cell else None,
                "stops": list(line.stops),
                "words": [[w.text, *(round(v, 5) for v in w.box), w.confidence] for w in line.words],
            }
            for line in page.lines
        ],
    }


def decode_page(data: dict[str, Any]) -> Page:
    """Back from `encode_page`."""
    return Page(
        number=data["number"],
        source=data["source"],
        aspect=data["aspect"],
        hidden=data["hidden"],
        lines=tuple(
            Line(
                tuple(
                    Word(text, (x0, y0, x1, y1), confidence)
                    for text, x0, y0, x1, y1, confidence in line["words"]
                ),
                (line["cell"][0], line["cell"][1]) if line["cell"] else None,
                tuple(line["stops"]),
            )
            for line in data["lines"]
        ),
    )
