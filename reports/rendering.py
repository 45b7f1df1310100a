"""From contents to a PDF: typst, in a process of its own with bounds of time and memory.

The process sees a private folder with our layout and the pictures, our fonts, and the data as JSON: nothing a
client wrote is ever part of the layout's source, and there is nothing else to open.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pypdfium2

LAYOUT = Path(__file__).parent / "layout"
FONTS = Path(__file__).parent / "fonts"
MOST_SECONDS = 30.0
MEMORY_BYTES = 1024**3


class RenderingError(Exception):
    """The report could not be printed. Codes: timeout, out_of_memory, render_failed."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Contents:
    """What is to be printed: `data` for the layout (codes of blocks and words), `pictures` {name: JPEG}."""

    data: dict[str, Any]
    pictures: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rendered:
    content: bytes
    pages: int


def render(contents: Contents, *, seconds: float = MOST_SECONDS, memory: int = MEMORY_BYTES) -> Rendered:
    """A PDF/A-2a, tagged, and the number of its pages. Raises RenderingError."""
    with tempfile.TemporaryDirectory(prefix="report-") as name:
        folder = Path(name)
        for part in LAYOUT.glob("*.typ"):
            (folder / part.name).write_bytes(part.read_bytes())
        for picture, content in contents.pictures.items():
            (folder / picture).write_bytes(content)
        target = folder / "report.pdf"
        task = {
            "root": name,
            "fonts": str(FONTS),
            "target": str(target),
            "seconds": seconds,
            "memory": memory,
            "data": contents.data,
        }
        trace = _run(task, folder, seconds)
        if not target.exists():
            raise RenderingError("render_failed", trace)
        content = target.read_bytes()
    with pypdfium2.PdfDocument(content) as document:
        return Rendered(content, len(document))


def _run(task: dict[str, Any], folder: Path, seconds: float) -> str:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
        "RAYON_NUM_THREADS": "1",
        "LANG": "C.UTF-8",
        "HOME": str(folder),
    }
    with tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "reports.rendering_process"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=stderr, env=environment, cwd=folder,
            process_group=0,
        )  # fmt: skip
        try:
            process.communicate(json.dumps(task).encode(), timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise RenderingError("timeout") from error
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
        stderr.seek(0)
        trace = stderr.read()[-2000:].decode("utf-8", "replace")
    if process.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise RenderingError("timeout", trace)
    if process.returncode == -signal.SIGABRT or "MemoryError" in trace:
        raise RenderingError("out_of_memory", trace)
    return trace
