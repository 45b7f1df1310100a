"""The streets of a release: where something was sold. Rebuilt by each import."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class DVFStreet(models.Model):
    """One street of one commune and postal code in which something was sold. Rebuilt by each import."""

    id = models.BigAutoField(primary_key=True)
    code_postal = models.CharField(_("code postal"), max_length=5, blank=True)
    code_commune = models.CharField(_("code commune"), max_length=5)
    nom_commune = models.CharField(_("commune"), max_length=100, blank=True)
    code_departement = models.CharField(_("département"), max_length=3)
    code_voie = models.CharField(_("code voie"), max_length=10, blank=True)
    nom_voie = models.CharField(_("voie"), max_length=100)
    street_key = models.CharField(
        _("voie normalisée"), max_length=150, help_text=_("abréviations développées, sans accents")
    )
    sales_count = models.IntegerField(_("ventes"))
    is_main = models.BooleanField(
        _("première de ce nom"), default=False, help_text=_("celle de plus de ventes, dans tout le pays")
    )
    longitude = models.FloatField(_("longitude"), null=True, help_text=_("milieu des ventes"))
    latitude = models.FloatField(_("latitude"), null=True)

    class Meta:
        db_table = "dvf_streets"
        verbose_name = _("voie")
        verbose_name_plural = _("voies")
        indexes = [
            # Typing errors: each name once, since a common one stands in thousands of communes.
            GinIndex(
                OpClass(F("street_key"), "gin_trgm_ops"),
                name="idx_dvf_streets_key_gin",
                condition=Q(is_main=True),
            ),
            # Names and beginnings of names, those of the most sales first, without reading the rows.
            models.Index(
                fields=["street_key", "sales_count", "id"],
                name="idx_dvf_streets_key",
                opclasses=["varchar_pattern_ops", "int4_ops", "int8_ops"],
            ),
            models.Index(fields=["code_postal", "street_key"], name="idx_dvf_streets_postal"),
            models.Index(fields=["code_commune", "street_key"], name="idx_dvf_streets_commune"),
        ]

    def __str__(self) -> str:
        return f"{self.nom_voie} {self.code_postal} {self.nom_commune}"
