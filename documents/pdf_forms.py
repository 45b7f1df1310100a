"""Fields of a PDF form and text typed onto a page: seen by people, but no part of the page's own text.

Forms of risks, statements before a sale and contracts are often filled in a reader of PDF. Fields and typed
text are made part of the page by pdfium; boxes to tick become the signs ☑ and ☐.
"""

from __future__ import annotations

import ctypes
from typing import Any

import pypdfium2.raw as pdfium

from documents.extraction.page import Box, Word
from documents.pdf_text import Placement

MAX_ANNOTATIONS = 5_000  # of one page; a form has some hundred fields
TICKED, EMPTY = "☑", "☐"
_SEEN_TEXT = (pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP)
_BOXES = (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON)
_NOT_SHOWN = 0x02 | 0x20  # annotation flags Hidden and NoView (PDF 32000-1, table 165)


def open_page(document: Any, index: int) -> tuple[Any, list[Word]]:
    """A page with its fields as text, and its boxes to tick as words. The caller closes the page.

    `document` is an open pypdfium2 document whose forms were initialised before any page was loaded.
    """
    page = document[index]
    filled, boxes = _annotations(page)
    if filled:
        pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)  # where it fails, the page stays as it is
        page.close()
        page = document[index]
    return page, boxes


def with_boxes(words: list[Word], boxes: list[Word]) -> list[Word]:
    """The words of a page and its boxes; the crosses drawn in them, often letters of a font, fall out."""
    return [word for word in words if not any(_inside(word.box, box.box) for box in boxes)] + boxes


def _annotations(page: Any) -> tuple[bool, list[Word]]:
    place = Placement(page)
    filled = False
    boxes: list[Word] = []
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page), MAX_ANNOTATIONS)):
        note = pdfium.FPDFPage_GetAnnot(page, number)
        if not note:
            continue
        try:
            filled = filled or pdfium.FPDFAnnot_GetSubtype(note) in _SEEN_TEXT
            if page.formenv is not None and not pdfium.FPDFAnnot_GetFlags(note) & _NOT_SHOWN:
                sign = _sign(page.formenv, note)
                if sign:
                    boxes.append(Word(sign, place.box(_rectangle(note))))
        finally:
            pdfium.FPDFPage_CloseAnnot(note)
    return filled, boxes


def _sign(forms: Any, note: Any) -> str:
    if pdfium.FPDFAnnot_GetFormFieldType(forms, note) not in _BOXES:
        return ""
    return TICKED if pdfium.FPDFAnnot_IsChecked(forms, note) else EMPTY


def _rectangle(note: Any) -> tuple[float, float, float, float]:
    rectangle = pdfium.FS_RECTF()
    pdfium.FPDFAnnot_GetRect(note, ctypes.byref(rectangle))
    return (
        min(rectangle.left, rectangle.right),
        min(rectangle.bottom, rectangle.top),
        max(rectangle.left, rectangle.right),
        max(rectangle.bottom, rectangle.top),
    )


def _inside(box: Box, frame: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return frame[0] <= x <= frame[2] and frame[1] <= y <= frame[3]
