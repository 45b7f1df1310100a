"""French is written in the code; English is whole and compiled."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = sorted(ROOT.glob("*/locale/en/LC_MESSAGES/django.po"))


def entries(catalogue: Path) -> dict[str, str]:
    """msgid (after its context, as gettext joins them) → msgstr, the first form where there are several."""

    def join(block: str, keyword: str) -> str | None:
        match = re.search(rf'^{keyword} ((?:"(?:[^"\\]|\\.)*"\n?)+)', block, re.M)
        quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', match[1]) if match else None
        return (
            None
            if quoted is None
            else re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), "".join(quoted))
        )

    found = {}
    for block in catalogue.read_text(encoding="utf-8").split("\n\n"):
        identifier = join(block + "\n", "msgid")
        if identifier:
            if context := join(block + "\n", "msgctxt"):
                identifier = f"{context}\x04{identifier}"
            found[identifier] = join(block + "\n", "msgstr") or join(block + "\n", r"msgstr\[0\]") or ""
    return found


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT).parts[0]))
def test_english_is_whole_and_compiled(catalogue: Path) -> None:
    written = entries(catalogue)
    assert written
    assert [identifier for identifier, text in written.items() if not text] == []
    assert "fuzzy" not in catalogue.read_text(encoding="utf-8")
    with catalogue.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    stale = [
        i for i, text in written.items() if text not in (compiled.gettext(i), compiled.ngettext(i, "", 1))
    ]
    assert stale == []


def test_words_mean_the_same_in_every_app() -> None:
    """Django joins the catalogues: of two translations the first app's is shown everywhere."""
    found: dict[str, dict[str, str]] = {}
    for catalogue in CATALOGUES:
        for identifier, text in entries(catalogue).items():
            found.setdefault(identifier, {})[catalogue.relative_to(ROOT).parts[0]] = text
    assert {i: texts for i, texts in found.items() if len(set(texts.values())) > 1} == {}
