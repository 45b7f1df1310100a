"""Drawings as SVG, made on the server: the prices of a place over the years, and the surroundings of a sale.

Colours come from the style sheet (``dvf/admin.css``), so that they follow the light and the dark theme; every
figure drawn is also text (a title, a table).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dvf.geometry import METRES_PER_DEGREE

WIDTH, HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 28, 16, 32


@dataclass(frozen=True, slots=True)
class YearPrice:
    """One year of one series, €/m²."""

    series: str
    year: int
    median: Decimal
    low: Decimal
    high: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A sale near another: degrees, and what its mark says."""

    longitude: float
    latitude: float
    label: str
    url: str
    is_house: bool


def euros(amount: Decimal | float | None) -> str:
    """`1 234 €`, with no-break spaces; a dash for none."""
    return "–" if amount is None else f"{amount:,.0f} €".replace(",", "\u202f").replace(" €", "\u00a0€")


def grouped(number: int | float) -> str:
    """In groups of three figures, as the reader's language has it."""
    return str(number_format(number, force_grouping=True))


def square_metres(surface: float | None) -> str:
    """`1 234,5 m²`, at most two decimals; a dash for none."""
    return (
        "–" if surface is None else f"{grouped(round(surface, 2)).removesuffix(',0').removesuffix('.0')} m²"
    )


def _ticks(top: float) -> list[float]:
    """Three to six round values from zero up to at least `top`."""
    step = 10 ** math.floor(math.log10(top / 3)) if top > 0 else 1.0
    for factor in (1, 2, 5, 10):
        if top / (step * factor) <= 5:
            step *= factor
            break
    return [step * n for n in range(math.ceil(top / step) + 1)]


def price_chart(prices: Sequence[YearPrice]) -> SafeString:
    """Median by year, with the middle half of the prices as a band, one line for each series."""
    if not prices:
        return format_html('<p class="dvf-note">{}</p>', _("Aucune statistique de prix pour cette commune."))
    years = sorted({price.year for price in prices})
    ticks = _ticks(float(max(price.high for price in prices)))
    span = max(years[-1] - years[0], 1)

    def x(year: int) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * ((year - years[0]) / span if len(years) > 1 else 0.5)

    def y(value: Decimal | float) -> float:
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * float(value) / ticks[-1]

    parts: list[SafeString] = [
        format_html(
            '<line class="dvf-grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
            '<text x="{}" y="{}" text-anchor="end">{}</text>',
            _LEFT,
            WIDTH - _RIGHT,
            *(f"{y(tick):.1f}",) * 2,
            _LEFT - 6,
            f"{y(tick) + 4:.1f}",
            euros(tick),
        )
        for tick in ticks
    ]
    parts += [
        format_html('<text x="{}" y="{}" text-anchor="middle">{}</text>', f"{x(year):.1f}", HEIGHT - 8, year)
        for year in years
    ]
    legend: list[SafeString] = []
    for number, series in enumerate(sorted({price.series for price in prices})):
        mine = sorted((p for p in prices if p.series == series), key=lambda p: p.year)
        band = [(x(p.year), y(p.low)) for p in mine] + [(x(p.year), y(p.high)) for p in reversed(mine)]
        css = f"dvf-series-{number}"
        parts.append(format_html('<polygon class="dvf-band {}" points="{}"/>', css, _points(band)))
        line = [(x(p.year), y(p.median)) for p in mine]
        parts.append(format_html('<polyline class="dvf-line {}" points="{}"/>', css, _points(line)))
        for price in mine:
            title = _("%(series)s %(year)s : médiane %(median)s/m², %(count)s ventes") % {
                "series": series, "year": price.year, "median": euros(price.median), "count": price.count,
            }  # fmt: skip
            parts.append(
                format_html(
                    '<circle class="dvf-dot {}" cx="{}" cy="{}" r="4"><title>{}</title></circle>',
                    css,
                    f"{x(price.year):.1f}",
                    f"{y(price.median):.1f}",
                    title,
                )
            )
        legend.append(format_html('<span class="dvf-key {}">{}</span>', css, series))
    return format_html(
        '<svg class="dvf-drawing" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
        '<p class="dvf-legend">{} {}</p>',
        WIDTH,
        HEIGHT,
        _("Prix médian au m² par année"),
        format_html_join("", "{}", ((part,) for part in parts)),
        format_html_join(" ", "{}", ((part,) for part in legend)),
        _("Trait : médiane ; bande : la moitié centrale des prix."),
    )


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def surroundings(
    longitude: float, latitude: float, neighbours: Sequence[Neighbour], radius_m: float
) -> SafeString:
    """A plan in metres around a point, north at the top: rings of distance, the sale in the middle."""
    scale_x = METRES_PER_DEGREE * math.cos(math.radians(latitude))
    size = radius_m * 1.06
    rings = [radius_m * share for share in (0.25, 0.5, 1.0)]
    parts = [
        format_html(
            '<circle class="dvf-ring" r="{}"/>'
            '<text x="0" y="{}" font-size="{}" text-anchor="middle">{} m</text>',
            f"{ring:.0f}",
            f"{-ring - radius_m * 0.01:.1f}",
            f"{radius_m * 0.045:.1f}",
            f"{ring:.0f}",
        )
        for ring in rings
    ]
    for near in neighbours:
        east = (near.longitude - longitude) * scale_x
        south = (latitude - near.latitude) * METRES_PER_DEGREE
        if math.hypot(east, south) > size:
            continue
        parts.append(
            format_html(
                '<a href="{}"><circle class="dvf-dot dvf-series-{}" cx="{}" cy="{}" r="{}">'
                "<title>{}</title></circle></a>",
                near.url,
                int(near.is_house),
                f"{east:.1f}",
                f"{south:.1f}",
                f"{radius_m * 0.018:.1f}",
                near.label,
            )
        )
    cross = radius_m * 0.035
    parts.append(
        format_html(
            '<path class="dvf-here" d="M-{0},0H{0}M0,-{0}V{0}"><title>{1}</title></path>',
            f"{cross:.1f}",
            _("Cette vente"),
        )
    )
    return format_html(
        '<svg class="dvf-drawing dvf-plan" viewBox="{0} {0} {1} {1}" role="group" aria-label="{2}">{3}</svg>',
        f"{-size:.0f}",
        f"{2 * size:.0f}",
        _("Ventes voisines autour de celle-ci"),
        format_html_join("", "{}", ((part,) for part in parts)),
    )
