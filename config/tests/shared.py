"""Where the shared samples are, on machines that have them; the project stands without."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_default = Path(__file__).resolve().parents[3] / "shared"
_path = Path(os.environ.get("APPART_SHARED", _default))
SHARED: Path | None = _path if _path.is_dir() else None

needs_shared = pytest.mark.skipif(SHARED is None, reason="needs ../shared (real extracts and samples)")


def shared(relative: str) -> Path:
    """The path of a shared file; only in tests marked `needs_shared`."""
    assert SHARED is not None
    return SHARED / relative
