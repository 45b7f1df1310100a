"""Files without reports and reports without files, for what a crash between the store and the database
leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.core.files.storage import default_storage
from django.utils import timezone

from photos.files import SAFE_AGE, walk
from reports.models import Report


@dataclass(slots=True)
class Orphans:
    files: list[str] = field(default_factory=list)  # keys that no row names
    rows: list[int] = field(default_factory=list)  # reports whose file is gone


def find(now: datetime | None = None) -> Orphans:
    """Compare the store's `<user>/reports/` folders with the rows; young files are left alone."""
    before = (now or timezone.now()) - SAFE_AGE
    found = Orphans()
    rows = dict(Report.objects.exclude(storage_key="").values_list("storage_key", "pk"))
    stored: set[str] = set()
    for user in default_storage.listdir("")[0]:
        for key in walk(default_storage, f"{user}/reports/"):
            stored.add(key)
            if key not in rows and default_storage.get_modified_time(key) < before:
                found.files.append(key)
    found.rows = [pk for key, pk in rows.items() if key not in stored]
    return found
