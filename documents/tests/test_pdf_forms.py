"""Forms filled in a reader of PDF: fields, boxes to tick, text typed onto the page."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from documents.reading import read_document
from documents.tests.letter import text


def look(pdf: pikepdf.Pdf, content: bytes) -> pikepdf.Object:
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    stream = pikepdf.Stream(pdf, content)
    stream.Type, stream.Subtype, stream.BBox = Name.XObject, Name.Form, Array([0, 0, 200, 14])
    stream.Resources = Dictionary(Font=Dictionary(F=font))
    return pdf.make_indirect(stream)


def filled_form(letter: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(letter)) as pdf:

        def box(name: str, x: int, state: pikepdf.Object) -> pikepdf.Object:
            looks = Dictionary(Yes=look(pdf, b"BT /F 10 Tf 1 2 Td (8) Tj ET"), Off=look(pdf, b""))
            return pdf.make_indirect(
                Dictionary(
                    Type=Name.Annot, Subtype=Name.Widget, FT=Name.Btn, T=String(name), V=state, AS=state,
                    Rect=Array([x, 30, x + 12, 42]), AP=Dictionary(N=looks), F=4,
                )
            )  # fmt: skip

        field = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("adresse"),
                V=String("12 rue Neuve"),
                Rect=Array([60, 10, 260, 24]), F=4,
                AP=Dictionary(N=look(pdf, b"BT /F 10 Tf 2 3 Td (12 rue Neuve) Tj ET")),
            )
        )  # fmt: skip
        typed = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.FreeText, Contents=String("Lu et approuve"), F=4,
                Rect=Array([280, 10, 400, 24]), DA=String("/F 10 Tf"),
                AP=Dictionary(N=look(pdf, b"BT /F 10 Tf 2 3 Td (Lu et approuve) Tj ET")),
            )
        )  # fmt: skip
        boxes = [box("oui", 60, Name.Yes), box("non", 160, Name.Off)]
        pdf.pages[0].Annots = Array([field, typed, *boxes])
        pdf.Root.AcroForm = Dictionary(Fields=Array([field, *boxes]))
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def test_fields_typed_text_and_boxes_are_read(tmp_path: Path, letter: bytes) -> None:
    path = tmp_path / "formulaire.pdf"
    path.write_bytes(filled_form(letter))
    document = read_document(path)
    said = text(document)
    assert "12 rue Neuve" in said
    assert "Lu et approuve" in said
    words = [word for page in document.pages for line in page.lines for word in line.words]
    signs = sorted((word for word in words if word.text in "☑☐"), key=lambda word: word.box[0])
    assert [word.text for word in signs] == ["☑", "☐"]
    assert "8" not in {word.text for word in words}  # the cross, a letter of a symbol font


def test_a_page_without_fields_stays_as_it_is(tmp_path: Path, letter: bytes) -> None:
    path = tmp_path / "lettre.pdf"
    path.write_bytes(letter)
    assert "1 234,56 €" in text(read_document(path))
