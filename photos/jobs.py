"""The job of making a redesign; the row is the job: queue, claim, lease, generate, store, give back, find
lost.

A claim is a conditional UPDATE, and a result is written only while that very claim holds: a worker thought
dead that comes back finds its claim gone, and takes its file away again.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.activity import record
from config.usage import count_call
from photos.engines import configured, cost_of
from photos.files import read
from photos.image_models.protocol import ImageModelError, RedesignRequest
from photos.imaging import DISPLAY_SIDE, encode, read_picture
from photos.models import RUNNING, PhotoRedesign, Status
from photos.redesign import Redesign, generate
from photos.styles import PRESETS

logger = structlog.get_logger(__name__)

MOST_ATTEMPTS = 10
"""A worker killed or a service away costs an attempt, and is not the photo's fault."""
MOST_PROVIDER_ATTEMPTS = 4
"""A provider that is away or asks to wait is tried again, with patience that ends."""
UNSENT_AFTER = timedelta(seconds=20)
"""A pending row this old has lost its message."""


def queue(redesign: PhotoRedesign) -> None:
    """Put a redesign on the queue (again), once the present transaction is committed."""
    PhotoRedesign.objects.filter(pk=redesign.pk).update(
        status=Status.PENDING,
        attempts=0,
        error_code="",
        lease_until=None,
        started_at=None,
        finished_at=None,
        queued_at=timezone.now(),
    )
    redesign.refresh_from_db()
    _send(redesign.pk)


def _send(pk: int) -> None:
    from config.celery import enqueue
    from photos.tasks import generate_redesign

    enqueue(generate_redesign, pk)


def _lease() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def claim(pk: int) -> PhotoRedesign | None:
    """The redesign, if this call is the one that gets it."""
    now = timezone.now()
    waiting = PhotoRedesign.objects.filter(pk=pk, status=Status.PENDING, queued_at__lte=now)
    claimed = waiting.update(
        status=Status.GENERATING, attempts=F("attempts") + 1, started_at=now, lease_until=now + _lease()
    )
    if not claimed:
        return None
    return (
        PhotoRedesign.objects.select_related("photo__property", "parent")
        .filter(pk=pk, status=Status.GENERATING, started_at=now)
        .first()
    )


def _held(redesign: PhotoRedesign) -> Q:
    return Q(
        pk=redesign.pk,
        status=Status.GENERATING,
        attempts=redesign.attempts,
        started_at=redesign.started_at,
    )


@contextmanager
def lease(redesign: PhotoRedesign) -> Iterator[None]:
    """Prolongs the claim from a thread of its own while the work goes on."""
    stop = threading.Event()

    def prolong() -> None:
        while not stop.wait(settings.JOB_LEASE_SECONDS / 4):
            try:
                held = PhotoRedesign.objects.filter(_held(redesign))
                held.update(lease_until=timezone.now() + _lease())
            except Exception as error:  # a missed beat is no harm; a lost lease is found by the store step
                logger.warning("lease_failed", redesign=redesign.pk, error=type(error).__name__)
            finally:
                connection.close()

    thread = threading.Thread(target=prolong, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def run(pk: int) -> None:
    """Claim, generate, store. Never raises for what the photo, a provider or a service does: the row says
    it.
    """
    redesign = claim(pk)
    if redesign is None:
        return
    try:
        with lease(redesign):
            made = generate(
                configured(),
                request_of(redesign),
                language=redesign.language,
                original=f"{settings.PUBLIC_URL}/api/photos/{redesign.photo_id}/",
            )
            _paid(redesign, made)
            store(redesign, made)
    except ImageModelError as error:
        if error.code.startswith("provider_"):
            count_call("images", settings.IMAGE_ENGINE, error.code)
        logger.info("redesign_failed", redesign=pk, code=error.code)
        finished = error.permanent or redesign.attempts >= MOST_PROVIDER_ATTEMPTS
        _fail(redesign, error.code) if finished else _give_back(redesign, error.retry_after)
    except Exception:
        logger.exception("redesign_failed", redesign=pk)
        if redesign.attempts >= MOST_ATTEMPTS:
            _fail(redesign, "internal_error")
        else:
            _give_back(redesign)


def _paid(redesign: PhotoRedesign, made: Redesign) -> None:
    """What was asked of a provider has its price, whether the attempt still holds the redesign or not."""
    cost = cost_of(made.tokens)
    count_call("images", settings.IMAGE_ENGINE, calls=made.tries, cost=cost)
    if cost is not None:
        PhotoRedesign.objects.filter(pk=redesign.pk).update(cost=Coalesce(F("cost"), Decimal(0)) + cost)


def request_of(redesign: PhotoRedesign) -> RedesignRequest:
    """What the engine is asked. A refinement starts from the photograph again, with all the wishes of its
    line: working on a generated picture would add its errors, and burn a second label over the first."""
    prompts = [redesign.custom_prompt] if redesign.custom_prompt else []
    seen = {redesign.pk}
    parent = redesign.parent
    while parent is not None and parent.pk not in seen and len(seen) < 20:
        seen.add(parent.pk)
        if parent.custom_prompt:
            prompts.insert(0, parent.custom_prompt)
        parent = parent.parent
    photograph = read_picture(io.BytesIO(read(redesign.photo.storage_key)))
    return RedesignRequest(
        image=encode(photograph.image, DISPLAY_SIDE, 95),
        preset=redesign.style if redesign.style in PRESETS else None,
        prompt=". ".join(prompts),
        preferences=redesign.preferences,
        room_type=redesign.room_type,
        aspect_ratio=redesign.aspect_ratio,
        references=tuple(read(reference.storage_key) for reference in redesign.references.all()[:2]),
        seed=redesign.seed,
    )


def store(redesign: PhotoRedesign, made: Redesign) -> bool:
    """Keep a result if the attempt still holds the redesign; False, and no file left, if it does not."""
    # Each attempt writes a file of its own: one that comes late cannot replace the other's.
    stamp = f"{redesign.started_at:%H%M%S%f}"
    key = f"{redesign.photo.folder}redesigns/{redesign.redesign_uuid}-{redesign.attempts}-{stamp}.jpg"
    default_storage.save(key, ContentFile(made.image))
    kept = False
    try:
        with transaction.atomic():
            kept = bool(
                PhotoRedesign.objects.filter(_held(redesign)).update(
                    status=Status.COMPLETED,
                    error_code="",
                    lease_until=None,
                    finished_at=timezone.now(),
                    engine=made.engine,
                    engine_version=made.version,
                    source_type=made.source_type,
                    structure_score=made.structure.score,
                    structure={**made.structure.as_dict(), "tries": made.tries},
                    is_flagged=made.is_flagged,
                    storage_key=key,
                    storage_bucket=settings.S3_BUCKET_NAME,
                    width=made.width,
                    height=made.height,
                )
            )
            if kept:
                subject = redesign.photo.property
                record("redesign.completed", redesign, owner_id=subject.user_id, property_id=subject.pk)
    finally:
        if not kept:
            default_storage.delete(key)
    return kept


def _give_back(redesign: PhotoRedesign, wait: float | None = None) -> None:
    """Pending again, later each time (5, 10, 20… at most 300 s) or when the provider said."""
    seconds = max(wait or 0.0, min(300.0, 5.0 * 2 ** (redesign.attempts - 1)))
    PhotoRedesign.objects.filter(_held(redesign)).update(
        status=Status.PENDING, lease_until=None, queued_at=timezone.now() + timedelta(seconds=seconds)
    )


def _fail(redesign: PhotoRedesign, code: str) -> None:
    PhotoRedesign.objects.filter(_held(redesign)).update(
        status=Status.FAILED, error_code=code, lease_until=None, finished_at=timezone.now()
    )


def requeue_lost() -> dict[str, int]:
    """Find redesigns whose message or worker was lost and send them again. Called by the beat."""
    now = timezone.now()
    late = PhotoRedesign.objects.filter(status=Status.GENERATING, lease_until__lt=now)
    failed = late.filter(attempts__gte=MOST_ATTEMPTS).update(
        status=Status.FAILED, error_code="worker_lost", lease_until=None, finished_at=now
    )
    recovered = late.update(status=Status.PENDING, lease_until=None, queued_at=now)
    waiting = PhotoRedesign.objects.filter(status=Status.PENDING, queued_at__lte=now)
    unsent = waiting.filter(Q(sent_at=None) | Q(sent_at__lt=now - UNSENT_AFTER))
    pks = list(unsent.order_by("queued_at").values_list("pk", flat=True)[:500])
    PhotoRedesign.objects.filter(pk__in=pks).update(sent_at=now)
    for pk in pks:
        _send(pk)
    return {"failed": failed, "recovered": recovered, "sent": len(pks)}


def cancel(redesigns: QuerySet[PhotoRedesign]) -> int:
    """Cancel those that are still waiting or running; a running one's result will not be written."""
    return redesigns.filter(status__in=RUNNING).update(
        status=Status.CANCELLED, lease_until=None, finished_at=timezone.now()
    )
