"""Receiving photos and references: bounded, told by their bytes, cleaned, stored once."""

from __future__ import annotations

import hashlib
import re
import threading
import unicodedata
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import BinaryIO, cast

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.activity import record
from accounts.models import User
from photos.imaging import (
    DISPLAY_SIDE,
    MAX_PIXELS,
    MIN_SIDE,
    THUMBNAIL_SIDE,
    ImageRefused,
    Picture,
    read_picture,
)
from photos.models import Photo, PhotoReference, RoomType
from properties.models import Property

logger = structlog.get_logger(__name__)

ORIGINAL_QUALITY = 95
REASONS = {
    "empty_file": _("Le fichier est vide."),
    "too_large": _("Le fichier dépasse %(limit)d Mo."),
    "unsupported_type": _("Ni JPEG, ni PNG, WebP ou HEIC : c'est le contenu qui compte, pas le nom."),
    "too_many_pixels": _("L'image a plus de %(pixels)d millions de pixels."),
    "too_small": _("L'image a moins de %(side)d pixels de côté."),
    "animated": _("L'image est animée : envoyez une photo."),
    "unreadable_image": _("L'image est abîmée ou incomplète : elle n'a pas pu être lue."),
    "storage_unavailable": _("La photo n'a pas pu être enregistrée ; renvoyez-la dans un instant."),
}
HTTP_STATUS = {
    "too_large": 413,
    "unsupported_type": 415,
    "too_many_pixels": 422,
    "too_small": 422,
    "animated": 422,
    "unreadable_image": 422,
    "storage_unavailable": 503,
}
# A picture of 50 megapixels takes 0.5 GB while it is decoded: few at a time, whatever the number of threads.
_DECODING = threading.BoundedSemaphore(2)

_ROOM_WORDS = {
    RoomType.LIVING_ROOM: "sejour salon living livingroom lounge",
    RoomType.BEDROOM: "chambre bedroom room",
    RoomType.KITCHEN: "cuisine kitchen kitchenette",
    RoomType.BATHROOM: "bain bains sdb salledebain salledebains bathroom douche shower wc toilettes toilet",
    RoomType.DINING_ROOM: "manger dining",
    RoomType.OFFICE: "bureau office study",
    RoomType.ENTRANCE: "entree hall couloir entrance hallway",
    RoomType.OUTDOOR: "balcon terrasse jardin facade balcony terrace garden",
}


def reason(code: str) -> str:
    """The sentence of a refusal, in the caller's language."""
    values = {"limit": settings.PHOTO_MAX_BYTES // 1024**2, "pixels": MAX_PIXELS // 10**6, "side": MIN_SIDE}
    return str(REASONS[code]) % values


def guess_room(name: str) -> str:
    """The room that a file's name tells of; "" when it does not."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z]+", plain)
    for room, known in _ROOM_WORDS.items():
        if set(words) & set(known.split()):
            return str(room)
    return ""


def clean_name(name: str) -> str:
    """The last part of a name, without control characters, at most 200 characters."""
    name = PurePosixPath(name.replace("\\", "/")).name
    return "".join(c for c in name if c.isprintable()).strip()[-200:] or "photo"


@contextmanager
def decoded(file: UploadedFile[bytes]) -> Iterator[tuple[Picture, str]]:
    """The picture of a file and the SHA-256 of its bytes, while one of the few places to decode is held.

    Raises ImageRefused.
    """
    if file.size and file.size > settings.PHOTO_MAX_BYTES:
        raise ImageRefused("too_large")
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    with _DECODING:
        yield read_picture(cast(BinaryIO, file), max_bytes=settings.PHOTO_MAX_BYTES), digest.hexdigest()


@contextmanager
def stored(files: dict[str, bytes]) -> Iterator[None]:
    """Keep files in the store if the block succeeds; take them away if it does not."""
    saved: list[str] = []
    try:
        for key, content in files.items():
            try:
                default_storage.save(key, ContentFile(content))
            except Exception as error:  # whatever the store's client raises
                logger.warning("store_failed", error=type(error).__name__)
                raise ImageRefused("storage_unavailable") from error
            saved.append(key)
        yield
    except BaseException:
        for key in saved:
            try:
                default_storage.delete(key)
            except Exception as error:  # photos_orphans finds it
                logger.warning("delete_failed", error=type(error).__name__)
        raise


def receive_photo(
    file: UploadedFile[bytes], subject: Property, user: User, room_type: str = ""
) -> tuple[Photo, bool]:
    """Store a photo of a property of this user; False when the property already has these bytes.

    Raises ImageRefused.
    """
    if not file.size:
        raise ImageRefused("empty_file")
    with decoded(file) as (picture, digest):
        if existing := Photo.objects.filter(property=subject, file_hash=digest).first():
            return existing, False
        identifier = uuid.uuid4()
        folder = f"{user.pk}/photos/{identifier}/"
        original = picture.jpeg(quality=ORIGINAL_QUALITY)
        width, height = picture.image.size
        files = {
            f"{folder}original.jpg": original,
            f"{folder}display.jpg": picture.jpeg(DISPLAY_SIDE),
            f"{folder}thumbnail.jpg": picture.jpeg(THUMBNAIL_SIDE, 82),
        }
        name = clean_name(file.name or "")
        try:
            with stored(files), transaction.atomic():
                photo = Photo.objects.create(
                    property=subject,
                    uuid=identifier,
                    filename=name,
                    room_type=room_type or guess_room(name),
                    room_type_is_guessed=not room_type and bool(guess_room(name)),
                    file_hash=digest,
                    received_format=picture.format,
                    size=len(original),
                    width=width,
                    height=height,
                    storage_key=f"{folder}original.jpg",
                    storage_bucket=settings.S3_BUCKET_NAME,
                )
                record("photo.uploaded", photo, actor=user)
        except IntegrityError:  # the same bytes came twice at once
            return Photo.objects.get(property=subject, file_hash=digest), False
    return photo, True


def receive_reference(file: UploadedFile[bytes], user: User) -> tuple[PhotoReference, bool]:
    """Store a reference of this user; False when they already have these bytes. Raises ImageRefused."""
    if not file.size:
        raise ImageRefused("empty_file")
    with decoded(file) as (picture, digest):
        if existing := PhotoReference.objects.filter(user=user, file_hash=digest).first():
            return existing, False
        identifier = uuid.uuid4()
        key = f"{user.pk}/photos/{identifier}/reference.jpg"
        try:
            with stored({key: picture.jpeg(DISPLAY_SIDE)}), transaction.atomic():
                reference = PhotoReference.objects.create(
                    user=user,
                    uuid=identifier,
                    filename=clean_name(file.name or ""),
                    file_hash=digest,
                    width=picture.image.width,
                    height=picture.image.height,
                    storage_key=key,
                    storage_bucket=settings.S3_BUCKET_NAME,
                )
                record("photo_reference.uploaded", reference, actor=user)
        except IntegrityError:
            return PhotoReference.objects.get(user=user, file_hash=digest), False
    return reference, True
