"""The front door: every target is explained, and what cannot work says why."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        command, cwd=ROOT, env=bare | environment, capture_output=True, text=True, check=False
    )


def test_make_alone_lists_every_target() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    listed = run("make").stdout
    assert len(targets) > 10
    assert [name for name in targets if not re.search(rf"^  make {name} +\S", listed, re.MULTILINE)] == []


@pytest.mark.parametrize(
    ("python", "words"),
    [
        ("/bin/false", "PYTHON=/bin/false is not Python 3.11 or later"),
        ("/nowhere/python3", "is not Python 3.11"),
    ],
)
def test_setup_without_a_usable_python_says_so(python: str, words: str, tmp_path: Path) -> None:
    result = run("make", "setup", f"PYTHON={python}", f"VENV={tmp_path / 'environment'}")
    assert result.returncode != 0
    assert words in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_continuous_integration_runs_the_documented_commands() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert run("bash", "-n", str(script)).returncode == 0
    text = script.read_text()
    assert "make test" in text
    assert "make quality" in text
