"""Handing over a report: a short wait for the worker, then the file as a stream."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import override

from reports.models import RUNNING, Kind, Report

PAUSE = 0.15
LONGEST_NAME = 120
_WAITING = threading.BoundedSemaphore(2)
"""Threads of one process that may wait; another caller is told to come back."""
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


def awaited(report: Report) -> Report:
    """The report once it is no longer under way, or as it is after REPORT_WAIT_SECONDS. Holds a thread, not a
    connection.
    """
    if report.status not in RUNNING or not _WAITING.acquire(blocking=False):
        return report
    try:
        end = time.monotonic() + settings.REPORT_WAIT_SECONDS
        while report.status in RUNNING and time.monotonic() < end:
            if not connection.in_atomic_block:
                connection.close()
            time.sleep(PAUSE)
            report.refresh_from_db()
    finally:
        _WAITING.release()
    return report


def file_name(report: Report) -> str:
    with override(report.language):
        name = f"{Kind(report.kind).label} – {report.property.address}"
    return f"{_FORBIDDEN.sub(' ', name).strip()[:LONGEST_NAME].rstrip(' .')}.pdf"


def stream(report: Report) -> StreamingHttpResponse:
    """The file, never whole in memory. Raises FileNotFoundError when the store lost it."""
    stored = default_storage.open(report.storage_key)
    size = stored.size

    def chunks() -> Iterator[bytes]:
        with stored:
            yield from stored.chunks()

    response = StreamingHttpResponse(chunks(), content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, file_name(report)) or "attachment"
    response["Content-Length"] = size
    response["Content-Language"] = report.language
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
