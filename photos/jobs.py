"""The job of making a redesign; the row is the job (`config.claims`)."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.activity import record
from config.claims import Claims, later
from config.usage import count_call
from photos.engines import configured, cost_of
from photos.files import read
from photos.image_models.protocol import ImageModelError, RedesignRequest
from photos.imaging import DISPLAY_SIDE, encode, read_picture
from photos.models import PhotoRedesign, Status
from photos.redesign import Redesign, generate
from photos.styles import PRESETS

logger = structlog.get_logger(__name__)

MOST_ATTEMPTS = 10
"""A worker killed or a service away costs an attempt, and is not the photo's fault."""
MOST_PROVIDER_ATTEMPTS = 4
"""A provider that is away or asks to wait is tried again, with patience that ends."""


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


CLAIMS = Claims(
    PhotoRedesign.objects.select_related("photo__property", "parent").all,
    _send,
    MOST_ATTEMPTS,
    lambda: timedelta(seconds=settings.JOB_LEASE_SECONDS),
    working=Status.GENERATING,
)
claim, cancel, requeue_lost = CLAIMS.claim, CLAIMS.cancel, CLAIMS.requeue_lost


def run(pk: int) -> None:
    """Claim, generate, store. Never raises for what the photo, a provider or a service does: the row says
    it.
    """
    redesign = claim(pk)
    if redesign is None:
        return
    try:
        with CLAIMS.prolonged(redesign):
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
        _fail_or_give_back(redesign, error.code, finished, error.retry_after)
    except Exception:
        logger.exception("redesign_failed", redesign=pk)
        _fail_or_give_back(redesign, "internal_error", redesign.attempts >= MOST_ATTEMPTS)


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
            kept = CLAIMS.finish(
                redesign,
                Status.COMPLETED,
                error_code="",
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
            if kept:
                subject = redesign.photo.property
                record("redesign.completed", redesign, owner_id=subject.user_id, property_id=subject.pk)
    finally:
        if not kept:
            default_storage.delete(key)
    return kept


def _fail_or_give_back(redesign: PhotoRedesign, code: str, finished: bool, wait: float | None = None) -> None:
    if finished:
        CLAIMS.finish(redesign, Status.FAILED, error_code=code)
    else:  # when the provider said, at the earliest
        CLAIMS.give_back(redesign, max(wait or 0.0, later(redesign.attempts)))
