"""A file of sales as a clean stream of bytes: unpacked, checked as it passes, its header read, its
progress told.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import queue
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NoReturn

from dvf.importing.columns import HeaderError, Layout, gettext_noop, read_header

CHUNK = 1 << 20
HEADER_LIMIT = 1 << 16
CONTROL = bytes(c for c in range(32) if c not in (10, 13)) + b"\x7f"
"""No DVF file holds control characters, tabs included: where one stands, the file was damaged or is
something else.
"""

BOM = b"\xef\xbb\xbf"
OTHER_FILES = {
    b"%PDF": gettext_noop("ce n'est pas un fichier de ventes mais un PDF."),
    b"PK\x03\x04": gettext_noop(
        "ce n'est pas un fichier de ventes mais une archive ZIP ou un classeur (.xlsx, .ods) : "
        "décompressez-la ou enregistrez en CSV."
    ),
    b"\xd0\xcf\x11\xe0": gettext_noop("ce n'est pas un fichier de ventes mais un ancien document Office."),
    **dict.fromkeys((b"\xff\xfe", b"\xfe\xff"), gettext_noop("texte en UTF-16 : enregistrez en UTF-8.")),
    **dict.fromkeys(
        (b"\x89PNG", b"\xff\xd8\xff"), gettext_noop("ce n'est pas un fichier de ventes mais une image.")
    ),
    **dict.fromkeys(
        (b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"\x28\xb5\x2f\xfd"),
        gettext_noop("archive bzip2, xz, 7z ou zstd : décompressez-la, ou donnez du gzip."),
    ),
}
SUFFIXES = (".csv", ".csv.gz", ".txt", ".txt.gz")


class UnreadableFile(ValueError):
    """A file that cannot be read as sales. ``code`` is stable; ``text``, with ``parameters``, is in French.
    The file's ``name`` and, where ``parameters`` have one, the ``line`` stand before it.
    """

    def __init__(self, code: str, file: Path | Source, text: str, **parameters: int | str) -> None:
        super().__init__(text)
        self.code, self.name, self.text, self.parameters = code, file.name, text, parameters

    def __str__(self) -> str:
        line = f", ligne {self.parameters['line']}" if "line" in self.parameters else ""
        return f"{self.name}{line} : {self.text % self.parameters}"


@dataclass
class Source:
    """One file given to the import."""

    path: Path
    name: str  # within the folder given: files of several years have the same last part
    layout: Layout
    sha256: str
    size: int
    lines: int = field(default=0)  # lines of data, known once read


def find_files(paths: list[Path]) -> dict[Path, str]:
    """The files among ``paths`` and under the folders among them, each once, in a stable order; with the name
    to call each by.
    """
    found: dict[Path, str] = {}
    for path in paths:
        try:
            inside = sorted(_inside(path)) if path.is_dir() else [path] if path.exists() else []
        except OSError as error:
            raise _unreadable(path, error) from error
        if path.is_dir() and not inside:
            raise UnreadableFile(
                "empty_folder", path, gettext_noop("aucun fichier .csv, .csv.gz ou .txt dans ce dossier.")
            )
        if not inside:
            raise UnreadableFile("no_file", path, gettext_noop("fichier introuvable."))
        found.update((p.resolve(), _spelt(p.relative_to(path) if p != path else p.name)) for p in inside)
    return found


def _inside(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> NoReturn:
        raise error  # walk() and rglob() pass over a folder that they may not open

    for under, _folders, names in os.walk(folder, onerror=refuse):
        files = (Path(under, name) for name in names if name.lower().endswith(SUFFIXES))
        yield from (file for file in files if file.is_file())


def _spelt(name: str | Path) -> str:
    """A file's name as text, which JSON and terminals take: names need not be UTF-8."""
    return os.fsencode(name).decode(errors="replace")


def passed_over(paths: list[Path]) -> list[str]:
    """Files under the folders among ``paths`` that are not read: archives, unfinished downloads."""
    return [
        _spelt(file.relative_to(path))
        for path in paths
        if path.is_dir()
        for file in sorted(path.rglob("*"))
        if file.is_file()
        and not file.name.startswith(".")
        and not file.name.lower().endswith((*SUFFIXES, ".json"))  # download_dvf notes what it has
    ]


def examine(path: Path, progress: Callable[[int], object] = lambda n: None, name: str = "") -> Source:
    """Hash the file and read its header. Raises UnreadableFile. ``progress`` is told the bytes read, as
    they are.
    """
    try:
        return _examine(path, progress, name or path.name)
    except UnreadableFile as error:
        error.name = name or path.name
        raise


def _examine(path: Path, progress: Callable[[int], object], name: str) -> Source:
    try:
        size = path.stat().st_size
        if size == 0:
            raise UnreadableFile("empty_file", path, gettext_noop("le fichier est vide."))
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(CHUNK):
                digest.update(block)
                progress(len(block))
    except OSError as error:
        raise _unreadable(path, error) from error
    return Source(path, name, read_layout(path), digest.hexdigest(), size)


def read_layout(path: Path) -> Layout:
    """The layout that the file's first line tells. Raises UnreadableFile."""
    try:
        with _unpacked(path) as stream:
            first = stream.readline(HEADER_LIMIT)
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from error
    return _layout(path, first)


def _layout(path: Path, first: bytes) -> Layout:
    for magic, text in OTHER_FILES.items():
        if first.startswith(magic):
            raise UnreadableFile("not_csv", path, text)
    try:
        line = first.removeprefix(BOM).decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise UnreadableFile(
            "encoding", path, gettext_noop("texte qui n'est pas en UTF-8 : enregistrez en UTF-8."), line=1
        ) from None
    if not line.strip():
        raise UnreadableFile("empty_file", path, gettext_noop("la première ligne est vide."))
    try:
        return read_header(line)
    except HeaderError as error:
        raise UnreadableFile(error.code, path, error.text, **error.parameters) from error


def _unpacked(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def _unreadable(file: Path | Source, error: Exception) -> UnreadableFile:
    if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile):
        return UnreadableFile(
            "gzip",
            file,
            gettext_noop("archive gzip tronquée ou abîmée ; téléchargez le fichier à nouveau."),
        )
    return UnreadableFile(
        "unreadable", file, gettext_noop("lecture impossible (%(cause)s)."), cause=str(error)
    )


def blocks(source: Source, progress: Callable[[int], object] = lambda n: None) -> Iterator[bytes]:
    """The lines of data of a file, without BOM and header, in blocks of about 1 MB; counts ``source.lines``.

    Raises UnreadableFile at a control character (with its line), where a gzip stream is damaged, where the
    file grew or shrank since it was examined, or where a line has more or fewer fields than the header (the
    engine forgives empty ones beyond its end).
    """
    lines, last, told = 0, b"\n", 0
    delimiter, delimiters, quoted = source.layout.delimiter.encode(), 0, False
    try:
        with source.path.open("rb") as file, _unpacked_from(file) as stream:
            stream.readline(HEADER_LIMIT)
            while block := stream.read(CHUNK):
                if len(block.translate(None, CONTROL)) != len(block):
                    at = min(position for c in CONTROL if (position := block.find(c)) >= 0)
                    raise UnreadableFile(
                        "control_character",
                        source,
                        gettext_noop("caractère de contrôle 0x%(byte)s : fichier abîmé."),
                        line=2 + lines + block.count(b"\n", 0, at),
                        byte=f"{block[at]:02X}",
                    )
                lines += block.count(b"\n")
                delimiters += block.count(delimiter)
                quoted = quoted or b'"' in block
                last = block[-1:]
                yield block
                progress(file.tell() - told)
                told = file.tell()
            changed = os.fstat(file.fileno()).st_size != source.size
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(source, error) from error
    if changed:
        raise UnreadableFile(
            "changed",
            source,
            gettext_noop("le fichier a changé pendant sa lecture ; recommencez quand il est entier."),
        )
    source.lines = lines + (last != b"\n")
    if not quoted and delimiters != source.lines * (len(source.layout.columns) - 1):
        _find_width(source, delimiter)


def _find_width(source: Source, delimiter: bytes) -> None:
    with _unpacked(source.path) as stream:
        for number, line in enumerate(stream, start=1):
            found = line.count(delimiter) + 1
            if line.strip() and found != len(source.layout.columns):
                raise UnreadableFile(
                    "field_count",
                    source,
                    gettext_noop("%(found)d champs au lieu de %(wanted)d : fichier abîmé."),
                    line=number,
                    found=found,
                    wanted=len(source.layout.columns),
                )


def _unpacked_from(file: IO[bytes]) -> IO[bytes]:
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return gzip.GzipFile(fileobj=file) if packed else file  # type: ignore[return-value]


def whole_lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces that end where a line does, outside quotes."""
    rest = b""
    for block in blocks:
        piece = rest + block
        end = piece.rfind(b"\n") + 1
        while end and piece.count(b'"', 0, end) % 2:
            end = piece.rfind(b"\n", 0, end - 1) + 1
        if not end and len(piece) > CHUNK:  # a quote that nothing closes: for the engine to tell
            end = len(piece)
        rest = piece[end:]
        if end:
            # Where lines end in CRLF, a line end within quotes is often LF: the engine wants one kind.
            yield piece[:end].replace(b"\r\n", b"\n")
    if rest:
        yield rest


class Pipes:
    """Named pipes fed by threads with the lines of a file, for an engine that reads files by name.

    ``with Pipes(folder, source, 2) as names``: each line is in one of them, and an engine that reads all of
    them at the same time parses on as many processors. With one pipe the order of the lines is kept. On
    leaving, an error met by the feeder (a damaged file) is raised in place of whatever the engine made of a
    stream that ended too soon.
    """

    def __init__(
        self,
        folder: Path,
        source: Source,
        number: int = 1,
        progress: Callable[[int], object] = lambda n: None,
    ) -> None:
        self.names = [folder / f"lines-{n}.fifo" for n in range(number)]
        self.source = source
        self.progress = progress
        self.error: BaseException | None = None
        self.broken = False
        self.pieces: queue.Queue[bytes | None] = queue.Queue(maxsize=2 * number)
        self.threads = [threading.Thread(target=self._read, name="dvf-reader", daemon=True)] + [
            threading.Thread(target=self._feed, args=[name], name="dvf-feeder", daemon=True)
            for name in self.names
        ]

    def _read(self) -> None:
        try:
            for piece in whole_lines(blocks(self.source, self.progress)):
                self.pieces.put(piece)
                if self.broken:
                    break
        except BaseException as error:
            self.error = error
        for _name in self.names:
            self.pieces.put(None)

    def _feed(self, name: Path) -> None:
        try:
            with name.open("wb", buffering=0) as pipe:
                while (piece := self.pieces.get()) is not None:
                    rest = memoryview(piece)
                    while rest:
                        rest = rest[pipe.write(rest) :]
        except BrokenPipeError:  # the engine stopped reading, and says why itself
            self.broken = True
            while self.pieces.get() is not None:
                pass

    def __enter__(self) -> list[Path]:
        for name in self.names:
            name.unlink(missing_ok=True)
            os.mkfifo(name, 0o600)
        for thread in self.threads:
            thread.start()
        return self.names

    def __exit__(self, *_: object) -> None:
        # Where the engine never opened its end, open it once: the feeder that waits then sees it gone.
        ends = [os.open(name, os.O_RDONLY | os.O_NONBLOCK) for name in self.names]
        for end in ends:
            os.close(end)
        for thread in self.threads:
            thread.join()
        for name in self.names:
            name.unlink()
        if self.error is not None:
            raise self.error
