"""The pages of docs/ and the README lead to each other, and to files that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]


def links(page: Path) -> list[Path]:
    found = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    return [(page.parent / target).resolve() for target in found]


def test_every_link_leads_somewhere() -> None:
    assert [(page.name, str(to)) for page in PAGES for to in links(page) if not to.exists()] == []


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            waiting += [to for to in links(page) if to.suffix == ".md"]
    assert [page.name for page in PAGES if page not in reached] == []


def test_files_that_pages_name_exist() -> None:
    """Paths of code in back quotes, as `documents/jobs.py`."""
    for name in ("architecture", "flows", "extending"):
        text = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
        for path in re.findall(r"`((?:config|accounts|dvf|properties|documents|photos)/[\w/.]+\.\w+)`", text):
            assert (ROOT / path).exists(), f"{name}: {path}"
