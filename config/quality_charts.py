"""Small charts of the quality report: SVG as text, of the report's own colours, readable without them too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, LABEL, ROW, RIGHT = 760, 210, 26, 130


@dataclass(frozen=True, slots=True)
class Row:
    """value: the bar; marks: other values on the same line, by their class; margin: ± about the value."""

    label: str
    value: float
    n: int
    note: str = ""
    marks: tuple[tuple[str, float], ...] = ()
    margin: float = 0.0


def number(value: float, places: int = 1) -> str:
    return str(number_format(round(value, places), places, force_grouping=True))


def bars(rows: Sequence[Row], *, unit: str = "", top: float | None = None, places: int = 1) -> SafeString:
    """Horizontal bars from zero, one a row, each with its value and n."""
    highest = top or max([r.value for r in rows] + [v for r in rows for _name, v in r.marks], default=1) or 1
    scale = (WIDTH - LABEL - RIGHT) / highest
    lines = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="end">{}</text><rect x="{}" y="{}" width="{}" height="14" rx="2"/>{}'
        '<text x="{}" y="{}" class="v">{}{} <tspan class="n">n = {}</tspan></text>',
        (
            (
                LABEL - 8, y + 12, row.label, LABEL, y, f"{max(row.value, 0) * scale:.1f}",
                _marks(row, y, scale), f"{LABEL + _end(row) * scale + 6:.1f}", y + 12,
                number(row.value, places), unit, number(row.n, 0),
            )
            for y, row in ((index * ROW + 4, row) for index, row in enumerate(rows))
        ),
    )  # fmt: skip
    return _svg(len(rows) * ROW + 8, lines)


def _end(row: Row) -> float:
    return max([row.value, *(value for _name, value in row.marks)])


def _marks(row: Row, y: int, scale: float) -> SafeString:
    return format_html_join(
        "",
        '<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>',
        (
            (name, f"{LABEL + value * scale:.1f}", f"{LABEL + value * scale:.1f}", y - 3, y + 17)
            for name, value in row.marks
        ),
    )


def dots(rows: Sequence[Row], *, target: float, low: float, high: float, unit: str = "") -> SafeString:
    """A point and its margin a row, beside the line where all should be."""
    scale = (WIDTH - LABEL - RIGHT) / (high - low)

    def x(value: float) -> str:
        return f"{LABEL + (min(max(value, low), high) - low) * scale:.1f}"

    height = len(rows) * ROW + 8
    lines = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="end">{}</text>'
        '<line class="margin" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<circle cx="{}" cy="{}" r="4.5"/>'
        '<text x="{}" y="{}" class="v">{}{} <tspan class="n">n = {}</tspan></text>',
        (
            (
                LABEL - 8, y + 4, row.label, x(row.value - row.margin), x(row.value + row.margin), y, y,
                x(row.value), y, WIDTH - RIGHT + 6, y + 4, number(row.value), unit, number(row.n, 0),
            )
            for y, row in ((index * ROW + 15, row) for index, row in enumerate(rows))
        ),
    )  # fmt: skip
    wanted = format_html(
        '<line class="target" x1="{}" x2="{}" y1="0" y2="{}"/>', x(target), x(target), height
    )
    return _svg(height, format_html("{}{}", wanted, lines))


def _svg(height: int, inside: SafeString) -> SafeString:
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-hidden="true" xmlns="http://www.w3.org/2000/svg">{}</svg>',
        WIDTH,
        height,
        inside,
    )
