"""A file from the official address: resumed where it broke off, checked, and put in place only when
whole. No Django.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import httpx

CHUNK = 1 << 20
TRIES = 5
TIMEOUT = httpx.Timeout(30.0, connect=10.0)


class DownloadFailed(Exception):
    """Nothing was put in place. ``code`` is stable: offline, not_found, refused, broken, size, gzip."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def download(
    url: str,
    target: Path,
    progress: Callable[[int, int | None], object] = lambda done, total: None,
    pause: float = 1.0,
) -> bool:
    """Fetch ``url`` into ``target``; gives False where the file there is already the server's present one.

    What has come stays in ``<target>.part`` and is resumed, in this call (TRIES times) or the next, as long
    as the server still has the same file (its ETag or date). ``progress`` is told bytes done and in all.
    Raises DownloadFailed.
    """
    part, note = target.with_name(target.name + ".part"), target.with_name(target.name + ".part.json")
    kept = target.with_name(target.name + ".json")
    target.parent.mkdir(parents=True, exist_ok=True)
    with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client:
        failure: DownloadFailed | None = None
        for attempt in range(TRIES):
            if attempt:
                time.sleep(pause * 2 ** (attempt - 1))
            try:
                identity = _fetch(client, url, part, note, _read(kept) if target.exists() else {}, progress)
                break
            except httpx.ConnectError as error:
                raise DownloadFailed(
                    "offline", f"{url} : serveur injoignable ; êtes-vous hors ligne ?"
                ) from error
            except (httpx.HTTPError, DownloadFailed) as error:
                if isinstance(error, DownloadFailed) and error.code in ("not_found", "refused"):
                    raise
                failure = (
                    error
                    if isinstance(error, DownloadFailed)
                    else DownloadFailed("broken", f"{url} : transmission interrompue ({error}).")
                )
        else:
            raise failure or DownloadFailed("broken", f"{url} : transmission interrompue.")
    if identity is None:
        return False
    if target.name.endswith(".gz") and not whole_gzip(part):
        part.unlink()
        note.unlink(missing_ok=True)
        raise DownloadFailed("gzip", f"{url} : le fichier reçu n'est pas une archive gzip entière.")
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)
    kept.write_text(json.dumps(identity))
    note.unlink(missing_ok=True)
    return True


def _fetch(
    client: httpx.Client,
    url: str,
    part: Path,
    note: Path,
    present: dict[str, str],
    progress: Callable[[int, int | None], object],
) -> dict[str, str] | None:
    """One request; gives what identifies the file received whole, or None where ``present`` is it already."""
    headers = {"Accept-Encoding": "identity"}
    begun = part.stat().st_size if part.exists() else 0
    validator = _validator(_read(note))
    if begun and validator:
        headers |= {"Range": f"bytes={begun}-", "If-Range": validator}
    elif (known := _validator(present)) and not begun:
        headers |= {"If-None-Match": known} if "etag" in present else {"If-Modified-Since": known}
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == httpx.codes.NOT_MODIFIED:
            return None
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink(missing_ok=True)
            raise DownloadFailed("size", f"{url} : le serveur a un fichier plus court que ce qui a été reçu.")
        if response.status_code in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
            raise DownloadFailed("not_found", f"{url} : absent du serveur.")
        if 400 <= response.status_code < 500:
            raise DownloadFailed("refused", f"{url} : refusé par le serveur ({response.status_code}).")
        response.raise_for_status()
        resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
        if resumed and not response.headers.get("content-range", "").startswith(f"bytes {begun}-"):
            part.unlink(missing_ok=True)
            raise DownloadFailed("size", f"{url} : le serveur n'a pas repris où il le fallait.")
        identity = {
            name: response.headers[name] for name in ("etag", "last-modified") if name in response.headers
        }
        note.write_text(json.dumps(identity))
        done = begun if resumed else 0
        length = response.headers.get("content-length")
        total = done + int(length) if length else None
        with part.open("ab" if resumed else "wb") as file:
            # As it comes: what a larger block holds back is lost when the server breaks off.
            for block in response.iter_raw():
                file.write(block)
                done += len(block)
                progress(done, total)
        if total is not None and done != total:
            raise DownloadFailed("size", f"{url} : {done} octets reçus sur {total}.")
    return identity


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


def whole_gzip(file: Path) -> bool:
    """Whether the file is gzip from its first byte to its last checksum."""
    inflater, ended = zlib.decompressobj(31), False
    with file.open("rb") as data:
        while block := data.read(CHUNK):
            try:
                while block:
                    if ended:
                        inflater, ended = zlib.decompressobj(31), False
                    inflater.decompress(block)
                    ended, block = inflater.eof, inflater.unused_data
            except zlib.error:
                return False
    return ended
