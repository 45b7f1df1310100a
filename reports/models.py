"""The report of a property as a PDF: the row is the job of making it, and names the file that came of it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from properties.models import Property

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class Kind(models.TextChoices):
    FULL = "full", _("Rapport complet")
    PRICE_ANALYSIS = "price-analysis", _("Analyse de prix")
    SYNTHESIS = "synthesis", _("Synthèse des documents")


class Status(models.TextChoices):
    PENDING = "pending", _("En attente")
    PROCESSING = "processing", _("En cours")
    COMPLETED = "completed", _("Prêt")
    FAILED = "failed", _("Échec")
    CANCELLED = "cancelled", _("Annulé")


RUNNING = (Status.PENDING, Status.PROCESSING)


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: User | AnonymousUser) -> ReportQuerySet:
        """Reports of the client's own live properties."""
        return self.filter(property__in=Property.objects.visible_to(user))


class Report(models.Model):
    """One report of a property: its kind, its language and what was asked of the purchase (`options`).

    `storage_key` is the last one made; `inputs_hash` says of what. Another state of the inputs makes it
    again, and the file of before stays until then.
    """

    property = models.ForeignKey(Property, models.CASCADE, related_name="reports", verbose_name=_("bien"))
    uuid = models.UUIDField(_("identifiant"), default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("sorte"), max_length=16, choices=Kind)
    language = models.CharField(_("langue"), max_length=2, choices=settings.LANGUAGES)
    options = models.JSONField(
        _("demande"), default=dict, blank=True, help_text=_("Jour de la signature, prêt, apport.")
    )
    inputs_hash = models.CharField(_("empreinte des entrées"), max_length=64, blank=True)

    status = models.CharField(_("état"), max_length=12, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("essais"), default=0)
    queued_at = models.DateTimeField(_("à traiter dès"), db_default=Now())
    sent_at = models.DateTimeField(_("envoyé le"), null=True, blank=True)
    lease_until = models.DateTimeField(_("réservé jusqu'à"), null=True, blank=True)
    started_at = models.DateTimeField(_("commencé le"), null=True, blank=True)
    finished_at = models.DateTimeField(_("fini le"), null=True, blank=True)
    error_code = models.CharField(_("code d'erreur"), max_length=40, blank=True)

    storage_key = models.CharField(_("clé de stockage"), max_length=300, blank=True)
    storage_bucket = models.CharField(_("compartiment"), max_length=100, blank=True)
    size = models.PositiveIntegerField(_("taille (octets)"), null=True, blank=True)
    pages = models.PositiveSmallIntegerField(_("pages"), null=True, blank=True)
    made_at = models.DateTimeField(_("fait le"), null=True, blank=True)
    created_at = models.DateTimeField(_("demandé le"), auto_now_add=True, db_default=Now())

    objects = ReportQuerySet.as_manager()

    class Meta:
        db_table = "property_reports"
        verbose_name = _("rapport")
        verbose_name_plural = _("rapports")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["queued_at"],
                condition=Q(status__in=["pending", "processing"]),
                name="idx_property_reports_running",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["property", "kind", "language", "options"], name="uq_property_reports"
            ),
            models.CheckConstraint(
                condition=~Q(status="completed") | ~Q(storage_key=""), name="ck_property_reports_has_file"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.language}) – {self.property}"
