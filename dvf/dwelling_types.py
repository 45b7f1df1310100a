from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TypePrincipal(TextChoices):
    """What a sale is mostly of, in the words of DVF."""

    APARTMENT = "Appartement", _("Appartement")
    HOUSE = "Maison", _("Maison")
