"""What models were asked and what came of it. Imported by `documents.models`: one app, one set of tables."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ModelRun(models.Model):
    """One question about one document to a language model; the row is the job, and a line of the ledger.

    It outlives the document and the account (without saying whose they were): what was spent today was spent.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("En attente")
        PROCESSING = "processing", _("En cours")
        COMPLETED = "completed", _("Fait")
        FAILED = "failed", _("Échec")
        CANCELLED = "cancelled", _("Annulé")

    class Outcome(models.TextChoices):
        """Why it stands as it does; of the last try while it is pending."""

        ANSWERED = "answered", _("A répondu")
        BUDGET_SPENT = "budget_spent", _("Budget du jour épuisé")
        UNAVAILABLE = "unavailable", _("Injoignable")
        QUOTA = "quota", _("Quota du fournisseur atteint")
        REFUSED = "refused", _("Refusé par le fournisseur")
        MISCONFIGURED = "misconfigured", _("Mal configuré")
        INVALID_ANSWER = "invalid_answer", _("Réponse inutilisable")
        NOT_ALLOWED = "not_allowed", _("Accord retiré")
        OUTDATED = "outdated", _("Document changé entre-temps")

    document = models.ForeignKey(
        "documents.Document",
        models.SET_NULL,
        null=True,
        related_name="model_runs",
        verbose_name=_("document"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("client")
    )
    engine = models.CharField(_("fournisseur"), max_length=20)
    model = models.CharField(_("modèle"), max_length=100)
    status = models.CharField(_("état"), max_length=12, choices=Status, default=Status.PENDING)
    outcome = models.CharField(_("issue"), max_length=16, choices=Outcome, blank=True)
    attempts = models.PositiveSmallIntegerField(_("essais"), default=0)
    queued_at = models.DateTimeField(_("à traiter dès"), db_default=Now())
    sent_at = models.DateTimeField(_("envoyé le"), null=True, blank=True)
    lease_until = models.DateTimeField(_("réservé jusqu'à"), null=True, blank=True)
    finished_at = models.DateTimeField(_("fini le"), null=True, blank=True)
    input_tokens = models.PositiveIntegerField(_("jetons envoyés"), default=0)
    output_tokens = models.PositiveIntegerField(_("jetons reçus"), default=0)
    cost = models.DecimalField(_("coût (€)"), max_digits=12, decimal_places=6, default=Decimal(0))
    spent_on = models.DateField(
        _("dépensé le"), null=True, blank=True, help_text=_("Le jour dont le budget a payé.")
    )
    masked = models.PositiveIntegerField(_("noms masqués"), default=0)
    seconds = models.FloatField(_("durée (s)"), null=True, blank=True)
    created_at = models.DateTimeField(_("demandé le"), auto_now_add=True, db_default=Now())

    class Meta:
        app_label = "documents"
        db_table = "model_runs"
        verbose_name = _("appel à un modèle")
        verbose_name_plural = _("appels aux modèles")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["spent_on", "user"], name="idx_model_runs_spent"),
            models.Index(
                fields=["queued_at"],
                condition=Q(status__in=["pending", "processing"]),
                name="idx_model_runs_running",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.engine} {self.model}"


class Proposal(models.Model):
    """A value that a model read and that is not in force: what a person may accept or reject."""

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("Acceptée")
        REJECTED = "rejected", _("Écartée")

    analysis = models.ForeignKey(
        "documents.Analysis", models.CASCADE, related_name="proposals", verbose_name=_("lecture")
    )
    path = models.CharField(_("fait"), max_length=120)
    value = models.JSONField(_("valeur"))
    page = models.PositiveIntegerField(_("page"), null=True)
    quote = models.TextField(_("texte cité"), blank=True)
    boxes = models.JSONField(_("places"), default=list)
    reason = models.CharField(_("raison"), max_length=20)
    decision = models.CharField(_("décision"), max_length=8, choices=Decision, blank=True)

    class Meta:
        app_label = "documents"
        db_table = "proposals"
        verbose_name = _("proposition d'un modèle")
        verbose_name_plural = _("propositions des modèles")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.path} = {self.value}"
