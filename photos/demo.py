"""Drawn rooms for the demonstration, with a few redesigns, received and made as a client's own are."""

from __future__ import annotations

import io

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image

from accounts.models import Activity
from photos.drawn_room import room
from photos.labels import burn
from photos.serializers import RedesignRequestSerializer
from photos.uploads import receive_photo
from photos.views import ask
from properties.demo import CLIENT_EMAILS, DemoRefused
from properties.models import Property

WIDTH, HEIGHT = 1200, 800
DRAWN = "Image dessinée"  # in the picture: it shows nobody's home
ROOMS = {
    "salon dessiné.jpg": ((150, 172, 160), (158, 116, 78), ("minimalist_scandinavian", "modern_norwegian")),
    "chambre dessinée.jpg": ((176, 160, 148), (140, 120, 104), ("cozy_hygge",)),
}
"""File name: colour of the side wall, of the floor, the styles asked for."""


def prepare() -> int:
    """Give the first client's first property its drawn rooms, unless it ever had a photo; how many redesigns
    were asked for.
    """
    if settings.PRODUCTION:
        raise DemoRefused(_("La démonstration n'a pas sa place en production."))
    subject = Property.objects.filter(user__email=CLIENT_EMAILS[0]).order_by("pk").first()
    # The log remembers photos that were deleted: what a client threw away does not come back.
    if subject is None or Activity.objects.filter(property_id=subject.pk, action="photo.uploaded").exists():
        return 0
    asked = 0
    for seed, (name, (side, floor, styles)) in enumerate(ROOMS.items()):
        file = SimpleUploadedFile(name, drawn(seed, side, floor), "image/jpeg")
        photo, _made = receive_photo(file, subject, subject.user)
        for style in styles:
            wish = RedesignRequestSerializer(data={"style_preset": style})
            wish.is_valid(raise_exception=True)
            with transaction.atomic():
                asked += len(ask(photo, wish.validated_data, subject.user))
    return asked


def drawn(seed: int, side: tuple[int, int, int], floor: tuple[int, int, int]) -> bytes:
    """A JPEG of a room that says that it is drawn; the same bytes for the same arguments."""
    picture = burn(Image.fromarray(room(WIDTH, HEIGHT, seed, side, floor)), "fr", DRAWN)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()
