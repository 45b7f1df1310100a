"""The audit fails for what is wrong, and not for want of a network."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.audit import holes, judge, secrets

HOLE = {"id": "PYSEC-2026-1", "aliases": ["GHSA-x"], "fix_versions": ["2.0"]}
FOUND: list[dict[str, Any]] = [
    {"name": "a", "version": "1.0", "vulns": [HOLE]},
    {"name": "b", "version": "1", "vulns": []},
]
TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("ignored", "wrong"),
    [
        ([], ["a 1.0: PYSEC-2026-1, mended in 2.0"]),
        ([{"id": "GHSA-x", "reason": "not reached", "until": date(2026, 7, 1)}], []),
        (
            [{"id": "PYSEC-2026-1", "reason": "not reached", "until": date(2026, 5, 1)}],
            ["a: PYSEC-2026-1 was accepted until 2026-05-01 only"],
        ),
    ],
)
def test_a_known_hole_fails_until_somebody_says_why_not(ignored: list[dict], wrong: list[str]) -> None:
    assert judge(FOUND, ignored, TODAY) == (wrong, "2 packages looked at")


def test_without_an_answer_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "not looked at" in judge([{"name": "a", "version": "1", "skip_reason": "x"}], [], TODAY)[1]
    monkeypatch.setattr("config.audit.TIMEOUT_SECONDS", 0)
    assert holes(tmp_path / "none.txt", [], TODAY)[0] == []


def test_a_secret_is_found(tmp_path: Path) -> None:
    leak = tmp_path / "leak.py"
    leak.write_text(f'key = "{"AKIA" + "IOSFODNN7" + "EXAMPLQ"}"\n')
    clean = tmp_path / "clean.py"
    clean.write_text("key = env('KEY')\n")
    assert secrets([str(clean)]) == []
    [line] = secrets([str(leak), str(clean)])
    assert line.startswith(f"{leak}:1: ")
