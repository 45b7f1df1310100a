"""Pages written as plain text, for tests: `|` parts cells, `# ` opens a title in large print."""

from __future__ import annotations

from documents.extraction.page import Line, Page, Word

LEFT, WIDTH = 0.05, 0.9
LETTER = 0.0052
STEP = 0.022


def sheet(text: str, number: int = 1, source: str = "text") -> Page:
    rows = [row.strip() for row in text.strip("\n").split("\n")]
    columns = max(row.count("|") + 1 for row in rows)
    lines = []
    y = 0.03
    for row in rows:
        size = 1.7 if row.startswith("# ") else 1.0
        words: list[Word] = []
        for place, cell in enumerate(row.removeprefix("# ").split("|")):
            x = LEFT + place * WIDTH / columns
            for word in cell.split():
                wide = len(word) * LETTER * size
                words.append(Word(word, (x, y, x + wide, y + 0.011 * size)))
                x += wide + LETTER * 0.5
        if words:
            stops = []
            cells = [len(cell.split()) for cell in row.removeprefix("# ").split("|")]
            for place in range(1, len(cells)):
                if cells[place] and sum(cells[:place]):
                    stops.append(sum(cells[:place]))
            lines.append(Line(tuple(words), stops=tuple(dict.fromkeys(stops))))
        y += STEP * size
    return Page(number, tuple(lines), "ocr" if source == "ocr" else "text")
