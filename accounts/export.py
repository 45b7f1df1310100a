"""The export of an account: a ZIP with every row as JSON and every file as it was received.

A small account's is made while its owner waits; a large one's by a worker, the row `Export` being the job.
"""

from __future__ import annotations

import json
import uuid
import zipfile
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO

import structlog
from botocore.exceptions import ClientError
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import holdings
from accounts.models import Export, User

logger = structlog.get_logger(__name__)

# What one request may read from the store and write to its answer.
SMALL_BYTES = 20 * 1024 * 1024
SMALL_FILES = 50
ATTEMPTS = 3
LEASE = timedelta(minutes=15)
KEPT = timedelta(days=7)
_CHUNK = 256 * 1024


def keys(user: User) -> list[str]:
    """The account's files, former exports left out."""
    own = f"{holdings.folder(user.pk)}exports/"
    return [key for key in holdings.files(user.pk) if not key.startswith(own)]


def is_small(files: list[str]) -> bool:
    return len(files) <= SMALL_FILES and sum(_size(key) for key in files) <= SMALL_BYTES


def _size(key: str) -> int:
    """0 for a file that was deleted since it was listed."""
    try:
        return default_storage.size(key)
    except FileNotFoundError:
        return 0


def write(user: User, files: list[str], target: IO[bytes]) -> None:
    """Write the ZIP into `target`: `data/<table>.json`, `files/…`. Bounded memory but for the rows. Files
    that were deleted since they were listed are left out.
    """
    folder = holdings.folder(user.pk)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for table, found in sorted(holdings.rows(user).items()):
            if table not in holdings.LEFT_OUT:
                rows = [holdings.as_json(row) for row in found]
                text = json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
                archive.writestr(f"data/{table}.json", text)
        for key in files:
            try:
                source = default_storage.open(key)
                chunk = source.read(_CHUNK)  # fetches it whole: it may go between opening and reading
            except FileNotFoundError:
                continue
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                    raise
                continue
            with (
                source,
                archive.open(f"files/{key.removeprefix(folder)}", "w", force_zip64=True) as entry,
            ):
                while chunk:
                    entry.write(chunk)
                    chunk = source.read(_CHUNK)


def ask(user: User) -> Export:
    """The job of the account's export: the one under way, the one just made, or a new one."""
    from accounts.tasks import make_export
    from config.celery import enqueue

    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        running = Export.objects.filter(
            user=user, status__in=[Export.Status.PENDING, Export.Status.PROCESSING]
        ).first()
        if running is not None:
            return running
        job = Export.objects.create(user=user)
        enqueue(make_export, str(job.pk))
    return job


def make(pk: str | uuid.UUID) -> None:
    """Claim the job, make the ZIP, write the result if the claim still holds."""
    stale = timezone.now() - LEASE
    waiting = Export.objects.filter(pk=pk, status=Export.Status.PENDING)
    abandoned = Export.objects.filter(pk=pk, status=Export.Status.PROCESSING, started_at__lt=stale)
    now = timezone.now()
    values = {"status": Export.Status.PROCESSING, "started_at": now, "attempts": F("attempts") + 1}
    if not waiting.update(**values) and not abandoned.update(**values):
        return
    job = Export.objects.select_related("user").get(pk=pk)
    claim = Export.objects.filter(pk=pk, status=Export.Status.PROCESSING, attempts=job.attempts)
    key = f"{holdings.folder(job.user_id)}exports/{job.pk}-{job.attempts}.zip"
    try:
        with TemporaryFile() as target:
            write(job.user, keys(job.user), target)
            target.seek(0)
            default_storage.save(key, File(target))
    except Exception as error:
        logger.exception("export_failed", export=str(pk))
        last = job.attempts >= ATTEMPTS
        claim.update(
            status=Export.Status.FAILED if last else Export.Status.PENDING,
            error=_("L'export n'a pas pu être fait : demandez-le à nouveau.")
            if last
            else type(error).__name__,
            finished_at=timezone.now() if last else None,
        )
        return
    done = {"status": Export.Status.COMPLETED, "storage_key": key, "finished_at": timezone.now(), "error": ""}
    if not claim.update(**done):
        default_storage.delete(key)  # cancelled, erased or taken over meanwhile


def sweep() -> tuple[int, int]:
    """Send again what waits or was abandoned, drop what is past its time; (sent, dropped)."""
    from accounts.tasks import make_export

    now = timezone.now()
    waiting = Export.objects.filter(status=Export.Status.PENDING, created_at__lt=now - timedelta(minutes=1))
    abandoned = Export.objects.filter(status=Export.Status.PROCESSING, started_at__lt=now - LEASE)
    sent = 0
    for job in [*waiting, *abandoned]:
        make_export.apply_async((str(job.pk),))
        sent += 1
    dropped = 0
    for job in Export.objects.filter(created_at__lt=now - KEPT):
        if job.storage_key:
            default_storage.delete(job.storage_key)
        job.delete()
        dropped += 1
    return sent, dropped
