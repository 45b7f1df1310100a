"""Hostile and broken files: a code, or what can be read, in bounded time. Everything is made here."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.tests.shared import SHARED, needs_shared
from documents.reading import (
    MESSAGES,
    Limits,
    ReadingError,
    read_document,
    sniff,
)
from documents.tests.letter import put, text


def code(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(ReadingError) as caught:
        read_document(path, limits)
    assert str(caught.value) == MESSAGES[caught.value.code]
    return caught.value.code


def pdf_of(pages: int) -> bytes:
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page()
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def crowded() -> bytes:
    """One page, named 90,000 times."""
    return (
        pdf_of(1)
        .replace(b"/Kids [ 3 0 R ]", b"/Kids [ " + b"3 0 R " * 90_000 + b"]")
        .replace(b"/Count 1", b"/Count 90000")
    )


def locked(letter: bytes, user: str, owner: str) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter)) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(user=user, owner=owner))
    return out.getvalue()


def flate_bomb() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"0 0 m " * 200_000) for _ in range(150)) + packer.flush()
    stream = pikepdf.Stream(pdf, b"")
    stream.write(packed, filter=pikepdf.Name.FlateDecode)
    pdf.pages[0].Contents = pdf.make_indirect(stream)
    out = io.BytesIO()
    pdf.save(out, compress_streams=False)
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    body = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    head = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    data = b"IDAT" + zlib.compress(b"\x00" * 100)
    return head + (len(data) - 4).to_bytes(4, "big") + data + zlib.crc32(data).to_bytes(4, "big")


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda _: b"", "empty_file"),
        (lambda _: b"Bonjour, ceci n'est pas un PDF.", "not_a_pdf"),
        (lambda _: b"PK\x03\x04" + b"x" * 200, "not_a_pdf"),
        (lambda _: pdf_of(0), "no_pages"),
        (lambda _: pdf_of(41), "too_many_pages"),
        (lambda _: crowded(), "too_many_pages"),
        (lambda letter: locked(letter, "secret", "secret"), "password_protected"),
        (lambda letter: letter[: len(letter) // 3], "damaged_pdf"),
        (lambda _: b"%PDF-1.7\n" + b"\x00\xff" * 4000, "damaged_pdf"),
        (lambda _: flate_bomb(), "too_much_content"),
        (lambda _: png_header(40_000, 40_000), "too_many_pixels"),
        (lambda _: b"\xff\xd8\xff\xe0" + b"\x00" * 300, "damaged_image"),
        (lambda letter: letter + b"\n%" + b"x" * 600_000, "too_large"),
    ],
)
def test_refused_with_a_code(
    tmp_path: Path, letter: bytes, make: Callable[[bytes], bytes], expected: str
) -> None:
    assert code(put(tmp_path, make(letter)), Limits(pages=40, file_bytes=600_000)) == expected


def test_owner_password_alone_opens(tmp_path: Path, letter: bytes) -> None:
    assert "1 234,56" in text(read_document(put(tmp_path, locked(letter, "", "secret"))))


def test_no_time_left(tmp_path: Path, letter: bytes) -> None:
    with pytest.raises(ReadingError) as caught:
        read_document(put(tmp_path, letter), Limits(seconds=0.01))
    assert (caught.value.code, caught.value.permanent) == ("timeout", False)


def test_a_page_that_fails_leaves_the_others(tmp_path: Path, letter: bytes) -> None:
    with pikepdf.open(io.BytesIO(letter)) as pdf:
        pdf.add_blank_page(page_size=(200, 200))
        pdf.pages[1].MediaBox = pikepdf.Array([0, 0, 0, 0])
        pdf.pages.append(pdf.pages[0])
        pdf.save(tmp_path / "trois.pdf")
    document = read_document(tmp_path / "trois.pdf")
    assert [page.number for page in document.pages if "1 234,56" in page.text] == [1, 3]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.4", "pdf"),
        (b"\xef\xbb\xbf\n%PDF-1.4", "pdf"),
        (b"\xff\xd8\xff\xe1", "jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"\x00\x00\x00\x18ftypheic", "heic"),
        (b"\x00\x00\x00\x18ftypmp42", None),
        (b"GIF89a", None),
        (b"<html>", None),
    ],
)
def test_sniff(head: bytes, kind: str | None) -> None:
    assert sniff(head) == kind


@settings(max_examples=16, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mangled_bytes_end_in_pages_or_a_code(tmp_path: Path, letter: bytes, data: st.DataObject) -> None:
    """Cut, repeat and swap stretches of a good file: never a hang, never another exception."""
    mangled = bytearray(letter)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(mangled) - 1))
        length = data.draw(st.integers(1, 3000))
        how = data.draw(st.sampled_from(["cut", "repeat", "swap", "flip"]))
        piece = mangled[start : start + length]
        if how == "cut":
            del mangled[start : start + length]
        elif how == "repeat":
            mangled[start:start] = piece * data.draw(st.integers(1, 3))
        elif how == "swap":
            other = data.draw(st.integers(0, max(len(mangled) - length, 0)))
            mangled[start : start + length], mangled[other : other + length] = (
                mangled[other : other + length],
                piece,
            )
        else:
            mangled[start : start + length] = bytes(255 - byte for byte in piece)
        if not mangled:
            break
    path = put(tmp_path, bytes(mangled))
    try:
        document = read_document(path, Limits(seconds=30))
    except ReadingError as error:
        assert error.code in MESSAGES
        assert error.code != "crashed", error.detail
    else:
        assert document.pages


@needs_shared
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("vide.pdf", "empty_file"),
        ("texte_renomme.pdf", "not_a_pdf"),
        ("image_renommee.pdf", None),
        ("tronque.pdf", "damaged_pdf"),
        ("xref_casse.pdf", "388,12"),
        ("zero_page.pdf", "no_pages"),
        ("boucle_pages.pdf", "damaged_pdf"),
        ("mot_de_passe.pdf", "password_protected"),
        ("javascript.pdf", "412,35"),
        ("arbre_profond_pages.pdf", "damaged_pdf"),
        ("arbre_profond_tableaux.pdf", ""),
        ("page_geante.pdf", ""),
        ("bombe_flate.pdf", "too_much_content"),
        ("bombe_image.png", "too_many_pixels"),
    ],
)
def test_hostile_files(name: str, expected: str | None) -> None:
    assert SHARED is not None
    path = SHARED / "samples" / "documents" / "bad" / name
    if expected in MESSAGES:
        assert code(path, Limits(seconds=30)) == expected
    else:
        assert (expected or "") in text(read_document(path, Limits(seconds=30)))
