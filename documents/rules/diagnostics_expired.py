"""Diagnostics that are no longer valid on the day of signing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from documents.rules.case import Case, Risk
from documents.rules.level import WEIGHTS
from documents.rules.validity import KINDS, valid_until

SOURCE = "Durées de validité des diagnostics à la vente ; décret n° 2020-1610 (DPE)"


def check(case: Case) -> Iterator[Risk]:
    for kind in KINDS:
        newest = case.newest(kind)
        ends = None if newest is None else valid_until(newest)
        if newest is not None and ends is not None:
            yield Risk(
                "diagnostic_expired",
                WEIGHTS["diagnostic_expired"],
                SOURCE,
                {"type": kind, "date": newest.date.isoformat(), "valid_until": ends.isoformat()},
                newest.evidence("date", "valid_until"),
                since=ends + timedelta(days=1),
            )
