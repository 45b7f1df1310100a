"""What all the documents of a property say together, as kept."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from properties.models import Property


class DocumentSummary(models.Model):
    """What all the documents of a property say together, and the job of working it out: the row is the job.

    `synthesis_data` holds codes and numbers; words are rendered when it is read. A run that fails changes
    nothing but the state: the last good one stays.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("En attente")
        PROCESSING = "processing", _("En cours")
        CURRENT = "current", _("À jour")
        FAILED = "failed", _("Échec")

    class RiskLevel(models.TextChoices):
        LOW = "low", _("Faible")
        MEDIUM = "medium", _("Moyen")
        HIGH = "high", _("Élevé")

    property = models.OneToOneField(
        Property, models.CASCADE, related_name="document_summary", verbose_name=_("bien")
    )
    overall_summary = models.TextField(
        _("résumé"), blank=True, help_text=_("En français ; l'interface le rend dans la langue du client.")
    )
    total_annual_cost = models.DecimalField(
        _("coût annuel (€)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    total_one_time_cost = models.DecimalField(
        _("coûts uniques à la charge de l'acheteur (€)"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
    )
    risk_level = models.CharField(_("niveau de risque"), max_length=6, choices=RiskLevel, blank=True)
    recommendations = models.JSONField(_("conseils"), default=list, blank=True)
    synthesis_data = models.JSONField(_("synthèse"), default=dict, blank=True)
    user_overrides = models.JSONField(
        _("valeurs fixées par une personne"),
        default=dict,
        blank=True,
        help_text=_("Aucun calcul ne les efface."),
    )
    inputs_hash = models.CharField(_("empreinte des entrées"), max_length=64, blank=True)
    review_on = models.DateField(
        _("à revoir le"), null=True, blank=True, help_text=_("Le premier jour où un risque naît ou cesse.")
    )
    last_updated = models.DateTimeField(_("calculée le"), null=True, blank=True)

    status = models.CharField(_("état"), max_length=12, choices=Status, default=Status.PENDING)
    revision = models.PositiveIntegerField(
        _("révision demandée"), default=0, help_text=_("Augmente à chaque changement d'un document.")
    )
    attempts = models.PositiveSmallIntegerField(_("essais"), default=0)
    queued_at = models.DateTimeField(_("à traiter dès"), db_default=Now())
    sent_at = models.DateTimeField(_("envoyé le"), null=True, blank=True)
    lease_until = models.DateTimeField(_("réservé jusqu'à"), null=True, blank=True)
    error_code = models.CharField(_("code d'erreur"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("créée le"), auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "document_summaries"
        verbose_name = _("synthèse")
        verbose_name_plural = _("synthèses")
        indexes = [
            models.Index(
                fields=["queued_at"],
                condition=Q(status__in=["pending", "processing"]),
                name="idx_summaries_running",
            ),
            models.Index(fields=["review_on"], name="idx_summaries_review"),
            models.Index(fields=["id"], condition=Q(status="failed"), name="idx_summaries_failed"),
        ]

    def __str__(self) -> str:
        return str(self.property)
