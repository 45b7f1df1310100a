"""The child process of rendering.py: prints one report under bounds of time and memory.

Not for import elsewhere: it limits the process that runs it.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

STANDARDS: list[Any] = ["a-2a", "ua-1"]  # kept for years, and readable aloud
PLAIN = 0x17F  # Latin letters up to here are in every font
UNPRINTABLE = "□"
_PROBE = b"""
#set document(title: "-")
#set text(font: ("Libertinus Serif", "Noto Emoji"), lang: "fr")
#for part in json(bytes(sys.inputs.data)) [#part #parbreak()]
"""


def main() -> None:
    task = json.loads(sys.stdin.buffer.read())
    cpu = int(task["seconds"]) + 1
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 2))
    resource.setrlimit(resource.RLIMIT_DATA, (task["memory"], task["memory"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024**2, 64 * 1024**2))

    import typst

    root = task["root"]
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[task["fonts"]])

    def prints(parts: Iterable[str]) -> bool:
        """Whether the fonts have a glyph for everything in these: the standard refuses what they lack."""
        try:
            typst.compile(_PROBE, font_paths=fonts, root=root, pdf_standards="a-2a",
                          sys_inputs={"data": json.dumps(list(parts))})  # fmt: skip
        except typst.TypstError:
            return False
        return True

    text = json.dumps(task["data"], ensure_ascii=False)
    lacking = without_glyph(sorted({c for c in text if ord(c) > PLAIN}), prints)
    text = text.translate({ord(c): UNPRINTABLE for c in lacking})
    pdf = typst.compile(
        Path(root) / "report.typ",
        root=root,
        font_paths=fonts,
        sys_inputs={"data": text},
        pdf_standards=STANDARDS,
        package_path=Path(root),
        package_cache_path=Path(root),
    )
    partial = Path(task["target"]).with_suffix(".part")
    partial.write_bytes(pdf)
    partial.rename(task["target"])


def without_glyph(characters: list[str], prints: Callable[[list[Any]], bool]) -> list[str]:
    """Those among `characters` that cannot be printed, by halving."""
    if not characters or prints(characters):
        return []
    if len(characters) == 1:
        return characters
    middle = len(characters) // 2
    return [*without_glyph(characters[:middle], prints), *without_glyph(characters[middle:], prints)]


if __name__ == "__main__":
    main()
