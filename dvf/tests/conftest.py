"""A served release, and a folder for imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from dvf.tests.dvf_files import FLAT, HOUSE, OUTBUILDING, land, line, write
from dvf.tests.served import import_dvf


@pytest.fixture
def work_dir(settings, tmp_path):
    settings.DVF_WORK_DIR = str(tmp_path)


@pytest.fixture
def release(tmp_path, work_dir) -> Path:
    """A served release: a flat, a house on two natures, a sale of two flats."""
    path = write(
        tmp_path / "release.csv",
        [
            line(lot1_numero=7),
            line(OUTBUILDING, lot1_numero=8),
            line(HOUSE | land("S", 300), id_mutation="2024-2", code_commune="13201", code_postal="13001"),
            line(HOUSE | land("J", 200), id_mutation="2024-2", code_commune="13201", code_postal="13001"),
            *(line(FLAT, id_mutation="2024-3", lot1_numero=n) for n in (1, 2)),
        ],
    )
    import_dvf(path, "--release", "essai 1")
    return path
