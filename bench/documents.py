"""How fast documents are read: text and scanned pages a second on one core, memory, a file of 200 pages.

Beside each figure stands what the machine does at its barest: drawing the same pages with pdfium, which any
reader that shows them must do too.
"""

from __future__ import annotations

import io
import resource
import sys
import tempfile
import time
from pathlib import Path

import pypdfium2
import typst

from documents import analysis
from documents.reading import Limits, read_document

TEXT_PAGES = 200
SCANNED_PAGES = 8
DPI = 200

PAGE = """
= Procès-verbal de l'assemblée générale ordinaire du 14 juin 2024
Résolution n° {n} : approbation du devis de l'entreprise Exemple pour un montant de 12 345,{n:02d} € TTC.
#lorem(260)
Pour : 6 120 tantièmes. Contre : 1 200 tantièmes. Abstention : 300 tantièmes. La résolution est adoptée.
"""


def text_pdf(pages: int) -> bytes:
    body = "#pagebreak()\n".join(PAGE.format(n=n % 100) for n in range(pages))
    return typst.compile(body.encode(), format="pdf")


def scanned_pdf(pdf: bytes, pages: int) -> bytes:
    """The first pages as grey pictures, as a scanner makes them: no text layer."""
    with pypdfium2.PdfDocument(pdf) as document:
        pictures = [document[n].render(scale=DPI / 72, grayscale=True).to_pil() for n in range(pages)]
    buffer = io.BytesIO()
    pictures[0].save(buffer, "PDF", save_all=True, append_images=pictures[1:], resolution=DPI)
    return buffer.getvalue()


def drawing_seconds(path: Path) -> float:
    start = time.perf_counter()
    with pypdfium2.PdfDocument(path) as document:
        for page in document:
            page.render(scale=100 / 72)
    return time.perf_counter() - start


def measure(name: str, content: bytes, folder: Path) -> float:
    path = folder / f"{name}.pdf"
    path.write_bytes(content)
    bare = drawing_seconds(path)
    start = time.perf_counter()
    document = read_document(path, Limits(seconds=600))
    reading = time.perf_counter() - start
    start = time.perf_counter()
    _, facts = analysis.analyse_document(document)
    extracting = time.perf_counter() - start
    count = len(document.pages)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    sys.stdout.write(
        f"{name}: {count} pages, {count / reading:.1f} pages/s read ({reading:.1f} s, {reading / bare:.1f} × "
        f"the bare drawing), {extracting:.2f} s to {len(facts.findings)} facts, reader's peak {peak:.0f} MB\n"
    )
    return reading + extracting


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = text_pdf(TEXT_PAGES)
        seconds = measure("text", text, folder)
        measure("scan", scanned_pdf(text, SCANNED_PAGES), folder)
        sys.stdout.write(f"{TEXT_PAGES} pages read and analysed in {seconds:.1f} s (goal: 60 s)\n")
