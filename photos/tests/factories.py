from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from photos import jobs
from photos.drawn_room import jpeg, room
from photos.engines import configured
from photos.models import Photo, PhotoRedesign, RedesignThread
from photos.redesign import Redesign, generate
from photos.uploads import receive_photo
from properties.models import Property
from properties.tests.factories import PropertyFactory


def upload(content: bytes | None = None, name: str = "salon.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, jpeg() if content is None else content, "image/jpeg")


def make_photo(subject: Property | None = None, seed: int = 0) -> Photo:
    """A photo received the real way, with its files in the store."""
    subject = subject or PropertyFactory()
    owner: User = subject.user
    photo, new = receive_photo(upload(jpeg(room(240, 160, seed=seed))), subject, owner)
    assert new
    return photo


def make_redesign(photo: Photo | None = None, **fields: Any) -> PhotoRedesign:
    photo = photo or make_photo()
    thread = fields.pop("thread", None) or RedesignThread.objects.create(photo=photo, name="Essai 1")
    return PhotoRedesign.objects.create(
        **{"photo": photo, "thread": thread, "style": "classic", "seed": 1, **fields}
    )


_made: list[Redesign] = []  # the one picture of all tests: making it takes a second


def make_done(photo: Photo | None = None, **fields: Any) -> PhotoRedesign:
    """A finished redesign, claimed and stored the real way; only the picture is not made anew each time."""
    row = jobs.claim(make_redesign(photo, **fields).pk)
    assert row is not None
    if not _made:
        _made.append(
            generate(configured(), jobs.request_of(row), language="fr", original="https://example.org/")
        )
    assert jobs.store(row, _made[0])
    row.refresh_from_db()
    return row
