"""Redesigns beside the photographs that they come from, each said to be generated."""

from __future__ import annotations

import io

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from PIL import Image

from photos.models import PhotoRedesign, RoomType, Status
from photos.presets import PRESET_LABELS
from properties.models import Property
from reports.blocks import Block, note, pair, section
from reports.writing import day, short

MOST = 6
SIDE, QUALITY = 760, 74


def photo_pages(subject: Property, pictures: dict[str, bytes]) -> list[Block]:
    """One pair a photo: the redesign put forward, else a favourite, else the newest. Adds to `pictures`."""
    made = PhotoRedesign.objects.visible_to(subject.user)
    made = made.filter(photo__property=subject, status=Status.COMPLETED)
    chosen: dict[int, PhotoRedesign] = {}
    for redesign in made.select_related("photo").order_by("photo_id", "-is_favorite", "-id"):
        first = redesign.photo.promoted_redesign_id == redesign.pk
        if first or redesign.photo_id not in chosen:
            chosen[redesign.photo_id] = redesign
    blocks: list[Block] = []
    for redesign in list(chosen.values())[:MOST]:
        before = _small(f"{redesign.photo.folder}display.jpg")
        after = _small(redesign.storage_key)
        if before is None or after is None:
            continue
        names = (f"photo-{redesign.pk}.jpg", f"redesign-{redesign.pk}.jpg")
        pictures.update(zip(names, (before, after), strict=True))
        blocks.append(pair(*names, (_("Photographie"), _("Image générée")), _caption(redesign)))
    if not blocks:
        return []
    said = _(
        "Les images de droite sont générées par un programme : elles montrent une idée, pas l'état du bien."
    )
    left = len(chosen) - len(blocks)
    if left:
        more = ngettext(
            "%(n)d autre pièce n'est pas imprimée.", "%(n)d autres pièces ne sont pas imprimées.", left
        )
        said += " " + more % {"n": left}
    return [section(_("Ce qu'il pourrait devenir")), *blocks, note(said)]


def _caption(redesign: PhotoRedesign) -> str:
    room = redesign.room_type or redesign.photo.room_type
    style = PRESET_LABELS[redesign.style][0] if redesign.style in PRESET_LABELS else redesign.custom_prompt
    parts = [str(RoomType(room).label) if room in RoomType.values else "", short(str(style), 120)]
    named = " – ".join(part for part in parts if part)
    engine = _("un programme interne") if redesign.engine == "offline" else redesign.engine or "–"
    made = _("fait le %(day)s par %(engine)s") % {"day": day(redesign.finished_at), "engine": engine}
    return f"{named} ({made})" if named else made


def _small(key: str) -> bytes | None:
    try:
        with default_storage.open(key) as stored:
            image = Image.open(io.BytesIO(stored.read())).convert("RGB")
    except (FileNotFoundError, OSError):
        return None
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    target = io.BytesIO()
    image.save(target, "JPEG", quality=QUALITY, optimize=True)
    return target.getvalue()
