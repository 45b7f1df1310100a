"""Files as disks and spreadsheets leave them: read whole, or refused by name with nothing lost in silence."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

import pytest

from dvf.importing.normalise import Normaliser
from dvf.importing.reading import UnreadableFile, examine, find_files
from dvf.tests.dvf_files import line, normalise, write


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("inner", ["\n", "\r\n"], ids=["LF within", "CRLF within"])
def test_lines_may_end_within_quotes(tmp_path, end, inner):
    """Spreadsheets end lines in CRLF and write LF within cells."""
    path = write(tmp_path / "a.csv", [line(adresse_nom_voie="RUE|BASSE"), line(id_mutation="2024-2")])
    text = path.read_text().replace("\r\n", "\n").replace("\n", end)
    path.write_bytes(text.replace("RUE|BASSE", f'"RUE{inner}BASSE"').encode())
    sales, _lots = normalise(tmp_path, path)
    assert [sale["adresse_nom_voie"] for sale in sales] == ["RUE\nBASSE", "RUE DES ESSAIS"]


@pytest.mark.parametrize("change", [b"2024-3,2024-01-01", b""], ids=["grew", "was emptied"])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, change):
    path = write(tmp_path / "a.csv", [line(id_mutation=f"2024-{n}") for n in range(1, 20)])
    source = examine(path)
    path.write_bytes(path.read_bytes() + change if change else b"")
    work = tmp_path / "work"
    work.mkdir()
    with (
        contextlib.closing(Normaliser(work, memory_mb=200)) as engine,
        pytest.raises(UnreadableFile) as refused,
    ):
        engine.read(source)
    assert refused.value.code == "changed"


def test_a_folder_that_may_not_be_opened_is_told(tmp_path):
    """Its sales would be missing otherwise, and nobody know. The system's administrator may open any."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        write(folder / "2023.csv", [line()])
        (folder / "2024").mkdir(mode=0)
        administrator = os.geteuid() == 0
        if administrator:
            os.seteuid(65534)
        try:
            with pytest.raises(UnreadableFile, match="2024") as refused:
                find_files([folder])
            with pytest.raises(UnreadableFile, match=r"a\.csv"):
                find_files([folder / "2024" / "a.csv"])
        finally:
            if administrator:
                os.seteuid(0)
    assert refused.value.code == "unreadable"


def test_a_name_that_is_not_utf_8_can_be_written_down(tmp_path):
    folder = tmp_path / os.fsdecode(b"ann\xe9e")
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system takes no such name")
    write(folder / "a.csv", [line()])
    assert list(find_files([tmp_path]).values()) == ["ann\ufffde/a.csv"]
