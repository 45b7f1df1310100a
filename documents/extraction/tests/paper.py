"""Pages for tests of rules: text as it would stand on paper, a tab between cells, a line for each row."""

from __future__ import annotations

from documents.extraction.flow import Flow
from documents.extraction.page import Line, Page, Word

STEP = 0.008  # width of a sign


def page_of(text: str, number: int = 1) -> Page:
    lines = []
    for row, printed in enumerate(line for line in text.strip("\n").split("\n")):
        x = 0.05
        words = []
        for cell in printed.strip(" ").split("\t"):
            for piece in cell.split(" "):
                if piece:
                    words.append(
                        Word(piece, (x, 0.02 + row * 0.016, x + STEP * len(piece), 0.032 + row * 0.016))
                    )
                x += STEP * (len(piece) + 0.4)
            x += 0.06
        if words:
            lines.append(Line(tuple(words)))
    return Page(number, tuple(lines))


def flow_of(text: str) -> Flow:
    return Flow([page_of(text)])
