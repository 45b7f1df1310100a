"""docs/api.md: its commands, in their order, against a real server."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from accounts.models import User
from config.tests.servers import web
from documents.tests.papers import call_for_funds

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_its_commands_work(transactional_db: None, tmp_path: Path) -> None:
    User.objects.create_user("someone@example.org", "a-long-enough-word-7")
    (tmp_path / "appel-de-fonds.pdf").write_bytes(call_for_funds())
    (tmp_path / "autre.pdf").write_bytes(call_for_funds("99,00"))
    Image.new("RGB", (640, 480), "white").save(tmp_path / "salon.jpg")
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S)
    assert len(blocks) >= 7
    with web(tmp_path) as url:
        script = "set -euo pipefail\n" + "\n".join(blocks).replace("https://appart.example.org", url)
        done = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert '"workflow_id"' in done.stdout or '"progress"' in done.stdout
    assert (tmp_path / "account.zip").read_bytes()[:2] == b"PK"
    assert not User.objects.exists(), "the last command erases the account"
