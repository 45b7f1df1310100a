"""What a client studies: a flat or a house, and what its price was found to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config import versions

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


# Mainland and Corsica 01 to 95, overseas 971 to 978, Pacific 984 and 986 to 988 (INSEE).
POSTAL_CODE = r"^((0[1-9]|[1-8]\d|9[0-5])\d{3}|97[1-8]\d{2}|98[46-8]\d{2})$"
DEPARTMENT = r"^(0[1-9]|[1-8]\d|9[0-5]|2[AB]|97[1-8]|98[46-8])$"


class PropertyQuerySet(models.QuerySet["Property"]):
    def visible_to(self, user: User | AnonymousUser) -> PropertyQuerySet:
        """A client's own properties, without the deleted ones. Everything a client asks starts here."""
        return self.filter(user_id=user.pk, is_deleted=False) if user.is_authenticated else self.none()


class PropertyManager(models.Manager.from_queryset(PropertyQuerySet)):  # type: ignore[misc]
    """Hides what was deleted; `Property.all_objects` does not."""

    def get_queryset(self) -> PropertyQuerySet:
        queryset: PropertyQuerySet = super().get_queryset()
        return queryset.filter(is_deleted=False)


class Property(models.Model):
    class Type(models.TextChoices):
        APARTMENT = "apartment", _("Appartement")
        HOUSE = "house", _("Maison")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="properties", verbose_name=_("client")
    )
    address = models.CharField(_("adresse"), max_length=255)
    postal_code = models.CharField(
        _("code postal"),
        max_length=5,
        validators=[RegexValidator(POSTAL_CODE, _("Cinq chiffres, comme 75011."))],
    )
    city = models.CharField(_("commune"), max_length=100, blank=True)
    department = models.CharField(
        _("département"),
        max_length=3,
        blank=True,
        validators=[RegexValidator(DEPARTMENT, _("Un code comme 75, 2A ou 974."))],
        help_text=_("Déduit du code postal s'il n'est pas donné."),
    )
    asking_price = models.DecimalField(
        _("prix demandé (€)"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
    )
    asking_price_includes_fees = models.BooleanField(
        _("honoraires d'agence compris"), null=True, blank=True, help_text=_("Inconnu : supposé oui.")
    )
    agency_fee = models.DecimalField(
        _("honoraires d'agence (€)"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    surface_area = models.DecimalField(
        _("surface (m²)"),
        max_digits=7,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
    )
    property_type = models.CharField(_("type"), max_length=10, choices=Type.choices, default=Type.APARTMENT)
    rooms = models.PositiveSmallIntegerField(
        _("pièces"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    floor = models.SmallIntegerField(
        _("étage"), null=True, blank=True, validators=[MinValueValidator(-5), MaxValueValidator(200)]
    )
    building_floors = models.PositiveSmallIntegerField(
        _("étages de l'immeuble"), null=True, blank=True, validators=[MaxValueValidator(200)]
    )
    building_year = models.PositiveSmallIntegerField(
        _("année de construction"), null=True, blank=True, validators=[MinValueValidator(1000)]
    )
    longitude = models.FloatField(
        _("longitude"), null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    latitude = models.FloatField(
        _("latitude"), null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    is_deleted = models.BooleanField(_("supprimé"), default=False, editable=False)
    deleted_at = models.DateTimeField(_("supprimé le"), null=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("supprimé par"),
    )
    created_at = models.DateTimeField(_("créé le"), auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(_("modifié le"), auto_now=True, db_default=Now())

    objects = PropertyManager()
    all_objects = models.Manager.from_queryset(PropertyQuerySet)()

    class Meta:
        db_table = "properties"
        verbose_name = _("bien")
        verbose_name_plural = _("biens")
        base_manager_name = "all_objects"
        default_manager_name = "all_objects"
        indexes = [
            models.Index(fields=["postal_code"], name="idx_properties_postal_code"),
            models.Index(
                fields=["user", "-id"], condition=Q(is_deleted=False), name="idx_properties_user_live"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(asking_price=None) | Q(asking_price__gt=0), name="ck_properties_price_positive"
            ),
            models.CheckConstraint(
                condition=Q(surface_area=None) | Q(surface_area__gt=0), name="ck_properties_surface_positive"
            ),
            models.CheckConstraint(
                condition=Q(floor=None) | Q(building_floors=None) | Q(floor__lte=F("building_floors")),
                name="ck_properties_floor_in_building",
            ),
            models.CheckConstraint(
                condition=Q(longitude=None, latitude=None)
                | Q(longitude__isnull=False, latitude__isnull=False),
                name="ck_properties_point_whole",
            ),
            models.CheckConstraint(
                condition=Q(is_deleted=False) | Q(deleted_at__isnull=False),
                name="ck_properties_deleted_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address}, {self.postal_code} {self.city}".strip()

    def delete_softly(self, by: User) -> None:
        """Hide it; staff and its owner can restore it. Raises StaleVersion when it changed meanwhile."""
        now = timezone.now()
        versions.update(self, is_deleted=True, deleted_at=now, deleted_by=by, updated_at=now)

    def restore(self) -> None:
        versions.update(self, is_deleted=False, deleted_at=None, deleted_by=None, updated_at=timezone.now())


def department_of(postal_code: str) -> str:
    """The département that a postal code begins with: 75011 → 75, 20200 → 2B, 97410 → 974.

    Corsican codes 200xx and 201xx are Corse-du-Sud, 202xx to 206xx Haute-Corse (La Poste). A few communes are
    served from the next département; the commune's own code decides where it is known.
    """
    if postal_code.startswith("20"):
        return "2A" if postal_code[2] in "01" else "2B"
    return postal_code[:3] if postal_code.startswith(("97", "98")) else postal_code[:2]


class PriceAnalysis(models.Model):
    """The last price analysis of a property: codes and numbers; words are rendered when it is read."""

    property = models.OneToOneField(
        Property, models.CASCADE, related_name="price_analysis", verbose_name=_("bien")
    )
    analysis_data = models.JSONField(_("analyse"), default=dict)
    excluded_sale_ids = models.JSONField(_("ventes exclues"), default=list)
    excluded_neighboring_sale_ids = models.JSONField(_("ventes voisines exclues"), default=list)
    inputs_hash = models.CharField(
        _("empreinte des entrées"),
        max_length=64,
        blank=True,
        help_text=_("Change quand l'analyse doit être refaite."),
    )
    created_at = models.DateTimeField(_("créée le"), auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(_("modifiée le"), auto_now=True, db_default=Now())

    class Meta:
        db_table = "price_analyses"
        verbose_name = _("analyse de prix")
        verbose_name_plural = _("analyses de prix")

    def __str__(self) -> str:
        return str(self.property)
