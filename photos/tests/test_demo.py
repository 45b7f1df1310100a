"""The demonstration's drawn rooms, received and imagined anew as any other."""

from __future__ import annotations

import io

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from PIL import Image

from accounts.tests.factories import UserFactory
from photos import demo, jobs
from photos.models import Photo, PhotoRedesign, Status
from properties.demo import CLIENT_EMAILS
from properties.models import Property
from properties.tests.factories import PropertyFactory


@pytest.fixture
def flat(db: None) -> Property:
    made: Property = PropertyFactory(user=UserFactory(email=CLIENT_EMAILS[0]))
    return made


def test_rooms_are_received_and_one_is_imagined_anew(flat: Property) -> None:
    call_command("demo_photos")
    photos = list(Photo.objects.order_by("pk"))
    assert [(photo.filename, photo.room_type) for photo in photos] == [
        ("salon dessiné.jpg", "living_room"),
        ("chambre dessinée.jpg", "bedroom"),
    ]
    assert all(photo.size < 300_000 for photo in photos)
    redesigns = list(PhotoRedesign.objects.order_by("pk"))
    assert len(redesigns) == sum(len(styles) for _side, _floor, styles in demo.ROOMS.values())
    jobs.run(redesigns[0].pk)
    made = PhotoRedesign.objects.get(pk=redesigns[0].pk)
    assert made.status == Status.COMPLETED and not made.is_flagged
    with default_storage.open(made.storage_key) as stored:
        assert Image.open(io.BytesIO(stored.read())).size == (demo.WIDTH, demo.HEIGHT)

    call_command("demo_photos")
    assert Photo.objects.count() == len(photos) and PhotoRedesign.objects.count() == len(redesigns)
    Photo.objects.all().delete()
    call_command("demo_photos")  # nor does what the client threw away come back
    assert not Photo.objects.exists()


def test_no_demonstration_in_production(flat: Property, settings: LazySettings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError):
        call_command("demo_photos")
    assert not Photo.objects.exists()
