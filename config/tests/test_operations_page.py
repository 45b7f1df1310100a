"""docs/operations.md: every command of ours is on it, and every line there is one that its command takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
LINES = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S)
    for line in block.splitlines()
    if line.strip()
]


def test_every_command_of_ours_is_on_the_page() -> None:
    ours = {path.stem for path in ROOT.glob("*/management/commands/*.py")} - {"__init__"}
    assert {"backup", "restore", "import_dvf"} <= ours
    assert ours <= {shlex.split(line, comments=True)[0] for line in LINES}


@pytest.mark.parametrize("line", LINES)
def test_every_example_is_one_its_command_takes(line: str) -> None:
    name, *arguments = shlex.split(line, comments=True)
    if name == "make":
        assert re.search(rf"^{re.escape(arguments[0])}:", (ROOT / "Makefile").read_text(), re.M)
        return
    command = load_command_class(get_commands()[name], name)
    command.create_parser("manage.py", name).parse_args(arguments)


def test_every_error_code_of_a_backup_is_on_the_page() -> None:
    code = (ROOT / "config" / "backup.py").read_text()
    code += "".join(path.read_text() for path in (ROOT / "config/management/commands").glob("*.py"))
    raised = set(re.findall(r'BackupError\(\s*"(\w+)"', code)) | set(re.findall(r'"(\w+) : \{error\}', code))
    assert len(raised) >= 9
    assert raised <= set(re.findall(r"`(\w+)`", PAGE))
