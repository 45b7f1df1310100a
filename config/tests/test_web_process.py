"""What serves requests: light, since there are many of it."""

from __future__ import annotations

import subprocess
import sys

LOADED = """
import sys
import config.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
print(*sys.modules)
"""
ENGINES = {"duckdb", "onnxruntime", "typst"}
"""Of jobs and commands: tens of megabytes each, and a second of every start."""


def test_it_loads_no_engine_that_only_jobs_use() -> None:
    made = subprocess.run([sys.executable, "-c", LOADED], check=True, capture_output=True, text=True)
    loaded = set(made.stdout.split())
    assert "dvf.valuation_views" in loaded
    assert not loaded & ENGINES
