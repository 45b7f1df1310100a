"""A file from the official address: resumed where it broke off, checked, and put in place only when
whole. No Django.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import httpx

from dvf.importing.reading import UnreadableFile, read_layout

CHUNK = 1 << 20
TRIES = 5
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
HEAD_SECONDS = 60.0
"""Until the headers of the answer are there, redirections included: their bytes may come one by one."""

SLOW_SECONDS, SLOW_BYTES = 60.0, 60_000
"""A server that sends less than so much in so long hangs: the limit above is for each read, and one byte
passes it."""

FINAL = ("not_found", "refused", "offline")
AGAIN = (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_EARLY, httpx.codes.TOO_MANY_REQUESTS)
Progress = Callable[[int, int | None], object]


class DownloadFailed(Exception):
    """Nothing was put in place. ``code`` is stable: offline, not_found, refused, broken, size, gzip, not_dvf,
    busy, disk.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def download(
    url: str, target: Path, progress: Progress = lambda done, total: None, pause: float = 1.0
) -> bool:
    """Fetch ``url`` into ``target``; gives False where the file there is already the server's present one.

    What has come stays in ``<target>.part`` and is resumed, in this call (TRIES times) or the next, as long
    as the server still has the same file (its ETag or date). ``progress`` is told bytes done and in all.
    Raises DownloadFailed.
    """
    part, note = target.with_name(target.name + ".part"), target.with_name(target.name + ".part.json")
    kept = target.with_name(target.name + ".json")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        present = _read(kept)
        if not target.exists() or present.get("size", "") not in ("", str(target.stat().st_size)):
            present = {}
        with _alone(part, note) as file:
            identity = _insist(url, file, note, present, progress, pause)
            if identity is None:
                return False
            file.flush()
            try:
                _check(part, url)
            except DownloadFailed:
                file.truncate(0)
                note.unlink(missing_ok=True)
                raise
            os.fsync(file.fileno())
            part.replace(target)
            kept.write_text(json.dumps(identity | {"size": str(target.stat().st_size)}))
            note.unlink(missing_ok=True)
    except httpx.InvalidURL as error:
        raise DownloadFailed("refused", f"{url} : ce n'est pas une adresse ({error}).") from error
    except OSError as error:
        raise DownloadFailed("disk", f"{target} : écriture impossible ({error.strerror}).") from error
    return True


@contextlib.contextmanager
def _alone(part: Path, note: Path) -> Iterator[IO[bytes]]:
    """The part, open to be added to, for one process at a time; gone afterwards where it is empty."""
    with part.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = os.path.samestat(os.fstat(file.fileno()), part.stat())
        except (BlockingIOError, FileNotFoundError):
            mine = False
        if not mine:
            raise DownloadFailed("busy", f"{part} : un autre téléchargement y écrit.")
        try:
            yield file
        finally:
            if not file.seek(0, os.SEEK_END):
                part.unlink(missing_ok=True)
                note.unlink(missing_ok=True)


def _insist(
    url: str, file: IO[bytes], note: Path, present: dict[str, str], progress: Progress, pause: float
) -> dict[str, str] | None:
    failure = DownloadFailed("broken", url)
    schemes = {"https", httpx.URL(url).scheme} & {"https", "http"}
    streams: list[Any] = []  # to the server, as they were opened

    def note_stream(event: str, info: dict[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            streams.append(info["return_value"])

    def hang_up() -> None:
        for stream in streams:
            with contextlib.suppress(OSError):  # closed, or since wrapped in TLS
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def follow(request: httpx.Request) -> None:
        request.extensions["trace"] = note_stream
        if request.url.scheme not in schemes:  # file:, or in clear from a site that was not
            raise DownloadFailed("refused", f"{url} : renvoie vers {request.url}, qui n'est pas suivi.")

    with httpx.Client(timeout=TIMEOUT, follow_redirects=True, event_hooks={"request": [follow]}) as client:
        for attempt in range(TRIES):
            if attempt:
                time.sleep(pause * 2 ** (attempt - 1))
            try:
                with _within(HEAD_SECONDS, hang_up) as answered:
                    return _fetch(client, url, file, note, present, progress, answered)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = DownloadFailed("offline", f"{url} : serveur injoignable ; êtes-vous hors ligne ?")
                if not attempt:
                    raise failure from error
            except httpx.TooManyRedirects as error:
                raise DownloadFailed(
                    "refused", f"{url} : renvoie sans fin d'une adresse à l'autre."
                ) from error
            except httpx.HTTPError as error:
                failure = DownloadFailed("broken", f"{url} : transmission interrompue ({error}).")
            except DownloadFailed as error:
                if error.code in FINAL:
                    raise
                failure = error
    raise failure


@contextlib.contextmanager
def _within(seconds: float, otherwise: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Calls ``otherwise`` unless what it gives is called, or the block left, in time."""
    timer = threading.Timer(seconds, otherwise)
    timer.start()
    try:
        yield timer.cancel
    finally:
        timer.cancel()


def _fetch(
    client: httpx.Client,
    url: str,
    file: IO[bytes],
    note: Path,
    present: dict[str, str],
    progress: Progress,
    answered: Callable[[], None],
) -> dict[str, str] | None:
    """One request; gives what identifies the file received whole, or None where ``present`` is it already."""
    headers = {"Accept-Encoding": "identity"}
    begun, noted = file.seek(0, os.SEEK_END), _read(note)
    validator = _validator(noted)
    if begun and validator:
        headers |= {"Range": f"bytes={begun}-", "If-Range": validator}
    elif (known := _validator(present)) and not begun:
        headers |= {"If-None-Match": known} if "etag" in present else {"If-Modified-Since": known}
    with client.stream("GET", url, headers=headers) as response:
        answered()
        status = response.status_code
        if status == httpx.codes.NOT_MODIFIED:
            return None
        if status == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            file.truncate(0)
            raise DownloadFailed("size", f"{url} : le serveur a un fichier plus court que ce qui a été reçu.")
        if status in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
            raise DownloadFailed("not_found", f"{url} : absent du serveur.")
        if 400 <= status < 500 and status not in AGAIN:
            raise DownloadFailed("refused", f"{url} : refusé par le serveur ({status}).")
        response.raise_for_status()
        identity = {
            name: response.headers[name] for name in ("etag", "last-modified") if name in response.headers
        }
        resumed = status == httpx.codes.PARTIAL_CONTENT
        if resumed:
            goes_on = response.headers.get("content-range", "").startswith(f"bytes {begun}-")
            # Some servers heed Range and not If-Range: the rest of another file must not be joined to ours.
            if not goes_on or any(noted.get(name, value) != value for name, value in identity.items()):
                file.truncate(0)
                raise DownloadFailed("size", f"{url} : le serveur n'a pas repris où il le fallait.")
            identity = noted
        else:
            file.truncate(0)
            note.write_text(json.dumps(identity))
        _receive(response, url, file, begun if resumed else 0, progress)
    return identity


def _receive(response: httpx.Response, url: str, file: IO[bytes], done: int, progress: Progress) -> None:
    length = response.headers.get("content-length", "")
    total = done + int(length) if length.isdecimal() else None
    since, then = time.monotonic(), done
    # As it comes: what a larger block holds back is lost when the server breaks off.
    for block in response.iter_raw():
        file.write(block)
        done += len(block)
        progress(done, total)
        if (now := time.monotonic()) - since > SLOW_SECONDS:
            if done - then < SLOW_BYTES:
                raise DownloadFailed("broken", f"{url} : le serveur n'envoie presque plus rien.")
            since, then = now, done
    if total is not None and done != total:
        raise DownloadFailed("size", f"{url} : {done} octets reçus sur {total}.")


def _read(note: Path) -> dict[str, str]:
    try:
        found = json.loads(note.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _validator(identity: dict[str, str]) -> str:
    """What may stand in If-Range: a strong ETag, or the date of the last change."""
    etag = identity.get("etag", "")
    return etag if etag and not etag.startswith("W/") else identity.get("last-modified", "")


def _check(part: Path, url: str) -> None:
    """Raises DownloadFailed where what came is damaged, or something else: a portal's page comes with 200."""
    if part.name.endswith(".gz.part") and not whole_gzip(part):
        raise DownloadFailed("gzip", f"{url} : le fichier reçu n'est pas une archive gzip entière.")
    try:
        read_layout(part)
    except UnreadableFile as error:
        raise DownloadFailed("not_dvf", f"{url} : {error}") from error


def whole_gzip(file: Path) -> bool:
    """Whether the file is gzip from its first byte to its last checksum. Memory does not grow with what it
    holds."""
    inflater, ended = zlib.decompressobj(31), False
    with file.open("rb") as data:
        while block := data.read(CHUNK):
            try:
                while block:
                    if ended:
                        inflater, ended = zlib.decompressobj(31), False
                    inflater.decompress(block, CHUNK)
                    ended, block = inflater.eof, inflater.unconsumed_tail or inflater.unused_data
            except zlib.error:
                return False
    return ended
