"""What clients report: a message, perhaps a screenshot, and how far staff are with it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

MAX_LENGTH = 5000


class Feedback(models.Model):
    class Kind(models.TextChoices):
        BUG = "bug", _("Problème")
        IDEA = "idea", _("Idée")
        QUESTION = "question", _("Question")
        OTHER = "other", _("Autre")

    class Status(models.TextChoices):
        NEW = "new", _("Nouveau")
        IN_PROGRESS = "in_progress", pgettext_lazy("message", "En cours")
        ANSWERED = "answered", _("Répondu")
        CLOSED = "closed", _("Clos")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="feedback", verbose_name=_("client")
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("type"), max_length=10, choices=Kind)
    message = models.TextField(_("message"), max_length=MAX_LENGTH)
    screenshot_key = models.CharField(_("capture d'écran"), max_length=300, blank=True, editable=False)
    status = models.CharField(_("état"), max_length=12, choices=Status, default=Status.NEW)
    note = models.TextField(
        pgettext_lazy("écrite par l'équipe", "note"),
        blank=True,
        help_text=_("Pour l'équipe : ce qui a été fait, répondu."),
    )
    mailed_at = models.DateTimeField(_("envoyé par courrier le"), null=True, editable=False)
    created_at = models.DateTimeField(_("reçu le"), auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(_("modifié le"), auto_now=True, db_default=Now())

    class Meta:
        db_table = "feedback"
        verbose_name = _("message de client")
        verbose_name_plural = _("messages de clients")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["-id"], condition=Q(status="new"), name="idx_feedback_new"),
            models.Index(fields=["id"], condition=Q(mailed_at=None), name="idx_feedback_unmailed"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
