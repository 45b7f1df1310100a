"""Photographs of a property, and what they could become.

The original is never replaced: a redesign is a row and a file of its own, and a photo may feature one of
them.
Rows go first, files after: every deletion, by whatever way, leaves the keys of its files in `FileRemoval`
(a trigger of the database does it), and a task empties that table for as long as it takes.
"""

from __future__ import annotations

import builtins
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from properties.models import Property

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class RoomType(models.TextChoices):
    LIVING_ROOM = "living_room", _("Séjour")
    BEDROOM = "bedroom", _("Chambre")
    KITCHEN = "kitchen", _("Cuisine")
    BATHROOM = "bathroom", _("Salle de bains")
    DINING_ROOM = "dining_room", _("Salle à manger")
    OFFICE = "office", _("Bureau")
    ENTRANCE = "entrance", _("Entrée")
    OUTDOOR = "outdoor", _("Extérieur")
    OTHER = "other", _("Autre")


class Status(models.TextChoices):
    PENDING = "pending", _("En attente")
    GENERATING = "generating", _("En cours")
    COMPLETED = "completed", _("Prêt")
    FAILED = "failed", _("Échec")
    CANCELLED = "cancelled", _("Annulé")


RUNNING = (Status.PENDING, Status.GENERATING)


class PhotoQuerySet(models.QuerySet["Photo"]):
    def visible_to(self, user: User | AnonymousUser) -> PhotoQuerySet:
        """Photos of the client's own live properties."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(property__user_id=user.pk, property__is_deleted=False)


class Photo(models.Model):
    """One photograph: upright, sRGB, without metadata. Its files lie under one folder of the store."""

    property = models.ForeignKey(
        Property, models.CASCADE, related_name="photos", verbose_name=_("bien"), db_index=False
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    filename = models.CharField(_("nom"), max_length=255)
    room_type = models.CharField(_("pièce"), max_length=20, choices=RoomType, blank=True)
    room_type_is_guessed = models.BooleanField(_("pièce devinée"), default=False)
    file_hash = models.CharField(_("SHA-256 du fichier reçu"), max_length=64)
    received_format = models.CharField(_("format reçu"), max_length=8)
    size = models.PositiveIntegerField(_("taille (octets)"))
    width = models.PositiveIntegerField(_("largeur (px)"))
    height = models.PositiveIntegerField(_("hauteur (px)"))
    storage_key = models.CharField(_("clé de stockage"), max_length=300)
    storage_bucket = models.CharField(_("compartiment"), max_length=100)
    promoted_redesign = models.ForeignKey(
        "PhotoRedesign",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("rendu mis en avant"),
    )
    created_at = models.DateTimeField(_("reçue le"), auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(_("modifiée le"), auto_now=True, db_default=Now())

    objects = PhotoQuerySet.as_manager()

    class Meta:
        db_table = "photos"
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["property", "file_hash"], name="uq_photos_hash")]

    def __str__(self) -> str:
        return self.filename

    @builtins.property
    def folder(self) -> str:
        """`<user>/photos/<uuid>/`: original.jpg, display.jpg, thumbnail.jpg and redesigns/ lie in it."""
        return f"{self.storage_key.rpartition('/')[0]}/"


class ReferenceQuerySet(models.QuerySet["PhotoReference"]):
    def visible_to(self, user: User | AnonymousUser) -> ReferenceQuerySet:
        return self.filter(user_id=user.pk) if user.is_authenticated else self.none()


class PhotoReference(models.Model):
    """A picture that a client likes, to take colours and mood from."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="photo_references", verbose_name=_("client")
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    filename = models.CharField(_("nom"), max_length=255)
    file_hash = models.CharField(_("SHA-256 du fichier reçu"), max_length=64)
    width = models.PositiveIntegerField(_("largeur (px)"))
    height = models.PositiveIntegerField(_("hauteur (px)"))
    storage_key = models.CharField(_("clé de stockage"), max_length=300)
    storage_bucket = models.CharField(_("compartiment"), max_length=100)
    created_at = models.DateTimeField(_("reçue le"), auto_now_add=True, db_default=Now())

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        db_table = "photo_references"
        verbose_name = _("image de référence")
        verbose_name_plural = _("images de référence")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["user", "file_hash"], name="uq_photo_references_hash")]

    def __str__(self) -> str:
        return self.filename


class RedesignThread(models.Model):
    """A line of tries on one photo: a first redesign and its refinements, under a name."""

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="threads", verbose_name=_("photo"))
    name = models.CharField(_("nom"), max_length=100)
    created_at = models.DateTimeField(_("commencé le"), auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "photo_redesign_threads"
        verbose_name = _("fil de rendus")
        verbose_name_plural = _("fils de rendus")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class RedesignQuerySet(models.QuerySet["PhotoRedesign"]):
    def visible_to(self, user: User | AnonymousUser) -> RedesignQuerySet:
        """The client's own, without those that staff hid."""
        if not user.is_authenticated:
            return self.none()
        own = self.filter(photo__property__user_id=user.pk, photo__property__is_deleted=False)
        return own.filter(hidden_at=None)


class PhotoRedesign(models.Model):
    """One generated picture, and the job of making it: the row is the job."""

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="redesigns", verbose_name=_("photo"))
    thread = models.ForeignKey(
        RedesignThread, models.CASCADE, related_name="redesigns", verbose_name=_("fil")
    )
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children", verbose_name=_("affine")
    )
    references = models.ManyToManyField(
        PhotoReference, blank=True, related_name="redesigns", verbose_name=_("références")
    )
    redesign_uuid = models.UUIDField(_("identifiant"), default=uuid.uuid4, unique=True, editable=False)
    style = models.CharField(_("style"), max_length=40)
    custom_prompt = models.TextField(_("demande"), blank=True)
    preferences = models.JSONField(_("préférences"), default=dict, blank=True)
    room_type = models.CharField(_("pièce"), max_length=20, choices=RoomType, blank=True)
    aspect_ratio = models.CharField(_("format d'image"), max_length=5, blank=True)
    language = models.CharField(_("langue de la mention"), max_length=2, default="fr")
    seed = models.PositiveIntegerField(_("graine"), default=0)

    status = models.CharField(_("état"), max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("essais"), default=0)
    queued_at = models.DateTimeField(_("à traiter dès"), db_default=Now())
    sent_at = models.DateTimeField(_("envoyé le"), null=True)
    lease_until = models.DateTimeField(_("réservé jusqu'à"), null=True)
    started_at = models.DateTimeField(_("commencé le"), null=True)
    finished_at = models.DateTimeField(_("fini le"), null=True)
    error_code = models.CharField(_("code d'erreur"), max_length=40, blank=True)

    engine = models.CharField(_("moteur"), max_length=40, blank=True)
    engine_version = models.CharField(_("version du moteur"), max_length=80, blank=True)
    source_type = models.CharField(_("type de source (IPTC)"), max_length=60, blank=True)
    structure_score = models.FloatField(_("structure gardée"), null=True)
    structure = models.JSONField(_("détail de la structure"), default=dict, blank=True)
    is_flagged = models.BooleanField(
        _("structure douteuse"), default=False, help_text=_("Sous le seuil, même après un second essai.")
    )
    cost = models.DecimalField(
        _("coût (€)"),
        max_digits=10,
        decimal_places=6,
        null=True,
        editable=False,
        help_text=_("De tous les essais, au prix configuré ; vide : inconnu."),
    )
    storage_key = models.CharField(_("clé de stockage"), max_length=300, blank=True)
    storage_bucket = models.CharField(_("compartiment"), max_length=100, blank=True)
    width = models.PositiveIntegerField(_("largeur (px)"), null=True)
    height = models.PositiveIntegerField(_("hauteur (px)"), null=True)

    is_favorite = models.BooleanField(_("favori"), default=False)
    rating = models.PositiveSmallIntegerField(
        _("note"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    hidden_at = models.DateTimeField(
        _("caché le"), null=True, editable=False, help_text=_("Le client ne le voit plus.")
    )
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("caché par"),
    )
    hidden_reason = models.CharField(_("raison"), max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(_("demandé le"), auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(_("modifié le"), auto_now=True, db_default=Now())

    objects = RedesignQuerySet.as_manager()

    class Meta:
        db_table = "photo_redesigns"
        verbose_name = _("rendu")
        verbose_name_plural = _("rendus")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["queued_at"],
                condition=Q(status__in=["pending", "generating"]),
                name="idx_photo_redesigns_running",
            ),
            models.Index(fields=["-id"], condition=Q(status="failed"), name="idx_photo_redesigns_failed"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(rating=None) | Q(rating__range=(1, 5)), name="ck_photo_redesigns_rating"
            ),
            models.CheckConstraint(
                condition=~Q(status="completed") | ~Q(storage_key=""), name="ck_photo_redesigns_has_file"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.style_name} – {str(self.redesign_uuid)[:8]}"

    @builtins.property
    def style_name(self) -> str:
        """What people call the style."""
        from photos.presets import style_name  # which knows the rooms above

        return style_name(self.style)

    @transaction.atomic
    def hide(self, by: User, reason: str) -> None:
        """The client no longer sees it, anywhere; nothing is deleted."""
        self.hidden_at, self.hidden_by, self.hidden_reason = timezone.now(), by, reason
        self.save(update_fields=["hidden_at", "hidden_by", "hidden_reason", "updated_at"])
        Photo.objects.filter(promoted_redesign=self).update(promoted_redesign=None)

    def unhide(self) -> None:
        self.hidden_at, self.hidden_by, self.hidden_reason = None, None, ""
        self.save(update_fields=["hidden_at", "hidden_by", "hidden_reason", "updated_at"])


class FileRemoval(models.Model):
    """A file, or a whole folder where the key ends with a slash, that no row names any more."""

    key = models.CharField(_("clé"), max_length=300)
    created_at = models.DateTimeField(_("depuis"), db_default=Now())

    class Meta:
        db_table = "photo_file_removals"
        verbose_name = _("fichier à effacer")
        verbose_name_plural = _("fichiers à effacer")

    def __str__(self) -> str:
        return self.key
