"""Jobs leave the processor to requests: they, and the programs they start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.celery import NICENESS

AUTOGROUP = Path("/proc/self/autogroup")
GIVE_WAY = """
import sys
from pathlib import Path
from config.celery import give_way
give_way()
sys.executable, paper = sys.argv[1], Path(sys.argv[2])  # what stands in for the child leaves no answer
"""
READ = """
from documents.reading import ReadingError, read_document
try:
    read_document(paper)
except ReadingError as error:
    assert error.code == "crashed", error.code
"""
RENDER = """
from reports.rendering import Contents, RenderingError, render
try:
    render(Contents({}))
except RenderingError as error:
    assert error.code == "render_failed", error.code
"""


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this kernel shares the processor among processes alone")
@pytest.mark.parametrize("job", [READ, RENDER])
def test_a_job_and_its_child_give_way_in_their_session_and_by_it(tmp_path: Path, job: str) -> None:
    told, child, paper = tmp_path / "told", tmp_path / "child", tmp_path / "paper.pdf"
    child.write_text(f"#!/bin/sh\ncat {AUTOGROUP} > '{told}'\nnice >> '{told}'\n")
    child.chmod(0o755)
    paper.write_bytes(b"%PDF-1.7\n")
    command = [sys.executable, "-c", GIVE_WAY + job, str(child), str(paper)]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
    root = Path(__file__).resolve().parents[2]
    subprocess.run(command, check=True, start_new_session=True, cwd=root, env=environment)
    session, own = told.read_text().splitlines()
    assert session.endswith(f"nice {NICENESS}")
    assert own == str(NICENESS)
