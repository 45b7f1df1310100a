"""Files of a property, what was read in them, run by run, and what people corrected.

Three things are kept apart and none overwrites another: the original (in the store), what a machine read
(`Analysis` with its `Finding`s, one run each, all kept) and what a person says (`Correction`, which wins).
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from documents.llm.models import ModelRun, Proposal
from documents.summary_models import DocumentSummary
from properties.models import Property

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


__all__ = [
    "RUNNING",
    "Analysis",
    "Batch",
    "Correction",
    "Document",
    "DocumentPage",
    "DocumentReview",
    "DocumentSummary",
    "DocumentType",
    "Finding",
    "ModelRun",
    "Proposal",
    "Status",
]  # fmt: skip


class DocumentType(models.TextChoices):
    PV_AG = "pv_ag", _("Procès-verbal d'assemblée générale")
    DIAGS = "diags", _("Diagnostics")
    TAXE_FONCIERE = "taxe_fonciere", _("Taxe foncière")
    CHARGES = "charges", _("Charges")
    OTHER = "other", _("Autre")


class Status(models.TextChoices):
    PENDING = "pending", _("En attente")
    PROCESSING = "processing", _("En cours")
    ANALYZED = "analyzed", _("Lu")
    FAILED = "failed", _("Échec")
    CANCELLED = "cancelled", _("Annulé")


RUNNING = (Status.PENDING, Status.PROCESSING)


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, user: User | AnonymousUser) -> BatchQuerySet:
        return self.filter(property__in=Property.objects.visible_to(user))


class Batch(models.Model):
    """Files received together; its state is counted from its documents, never kept beside them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    property = models.ForeignKey(
        Property, models.CASCADE, related_name="document_batches", verbose_name=_("bien")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("client")
    )
    answers = models.JSONField(_("réponses par fichier"), default=list)
    notified_at = models.DateTimeField(_("annoncé le"), null=True)
    created_at = models.DateTimeField(_("reçu le"), auto_now_add=True, db_default=Now())

    objects = BatchQuerySet.as_manager()

    class Meta:
        db_table = "document_batches"
        verbose_name = _("envoi")
        verbose_name_plural = _("envois")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["-created_at"], name="idx_document_batches_newest")]

    def __str__(self) -> str:
        return str(self.id)

    def counts(self) -> dict[str, int]:
        """How many documents in each status; one query."""
        rows = self.documents.order_by().values_list("status").annotate(n=Count("id"))
        return dict.fromkeys(Status.values, 0) | dict(rows)


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, user: User | AnonymousUser) -> DocumentQuerySet:
        """Live documents of the client's own live properties."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(is_deleted=False, property__user_id=user.pk, property__is_deleted=False)


class DocumentManager(models.Manager.from_queryset(DocumentQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> DocumentQuerySet:
        queryset: DocumentQuerySet = super().get_queryset()
        return queryset.filter(is_deleted=False)


class Document(models.Model):
    """One file of a property, and the job of reading it: the row is the job."""

    property = models.ForeignKey(Property, models.CASCADE, related_name="documents", verbose_name=_("bien"))
    batch = models.ForeignKey(
        Batch, models.SET_NULL, null=True, blank=True, related_name="documents", verbose_name=_("envoi")
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    filename = models.CharField(_("nom"), max_length=255)
    original_filename = models.CharField(_("nom d'origine"), max_length=255)
    content_type = models.CharField(_("type de fichier"), max_length=50)
    size = models.PositiveBigIntegerField(_("taille (octets)"))
    file_hash = models.CharField(_("SHA-256"), max_length=64)
    storage_key = models.CharField(_("clé de stockage"), max_length=300)
    storage_bucket = models.CharField(_("compartiment"), max_length=100)

    document_type = models.CharField(
        _("type"), max_length=20, choices=DocumentType, default=DocumentType.OTHER
    )
    kind = models.CharField(_("sorte"), max_length=40, blank=True)
    type_is_corrected = models.BooleanField(
        _("type corrigé"), default=False, help_text=_("Fixé par une personne : aucune lecture ne le change.")
    )
    type_confidence = models.FloatField(_("certitude du type"), null=True)
    type_reason = models.CharField(_("raison du type"), max_length=300, blank=True)
    page_count = models.PositiveIntegerField(_("pages"), null=True)
    analysis_result = models.JSONField(_("lecture"), null=True, blank=True)

    status = models.CharField(_("état"), max_length=12, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("essais"), default=0)
    queued_at = models.DateTimeField(
        _("à traiter dès"), db_default=Now(), help_text=_("Repoussé après un essai manqué.")
    )
    sent_at = models.DateTimeField(
        _("envoyé le"), null=True, help_text=_("Dernière remise en file par le veilleur.")
    )
    lease_until = models.DateTimeField(
        _("réservé jusqu'à"), null=True, help_text=_("Prolongé tant que le travail avance.")
    )
    started_at = models.DateTimeField(_("commencé le"), null=True)
    finished_at = models.DateTimeField(_("fini le"), null=True)
    error_code = models.CharField(_("code d'erreur"), max_length=40, blank=True)

    revision = models.PositiveIntegerField(
        _("révision"),
        default=0,
        help_text=_("Augmente à chaque lecture et à chaque décision."),
    )
    stake = models.DecimalField(
        _("enjeu (€)"),
        max_digits=14,
        decimal_places=2,
        default=0,
        help_text=_("Ce que pèsent les faits lus."),
    )
    review_score = models.FloatField(
        _("enjeu douteux (€)"), default=0, help_text=_("L'enjeu de chaque fait, multiplié par son doute.")
    )
    doubtful_count = models.PositiveIntegerField(_("faits douteux"), default=0)
    doubt_reasons = models.JSONField(_("raisons de douter"), default=list, blank=True)
    twin_key = models.CharField(
        _("empreinte du contenu"),
        max_length=64,
        blank=True,
        help_text=_("Égale pour deux fichiers qui disent la même chose de la même date."),
    )
    reviewed_at = models.DateTimeField(_("relu le"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("relu par"),
    )

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
    created_at = models.DateTimeField(_("reçu le"), auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(_("modifié le"), auto_now=True, db_default=Now())

    objects = DocumentManager()
    all_objects = models.Manager.from_queryset(DocumentQuerySet)()

    class Meta:
        db_table = "documents"
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        base_manager_name = "all_objects"
        default_manager_name = "all_objects"
        indexes = [
            models.Index(
                F("review_score").desc(),
                F("id"),
                condition=Q(status="analyzed", is_deleted=False, reviewed_at__isnull=True),
                name="idx_documents_to_review",
            ),
            models.Index(fields=["file_hash"], name="idx_documents_file_hash"),
            models.Index(fields=["property"], name="idx_documents_property"),
            models.Index(fields=["status"], name="idx_documents_status"),
            models.Index(
                fields=["queued_at"],
                condition=Q(status__in=["pending", "processing"]),
                name="idx_documents_running",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["property", "file_hash"], name="uq_doc_hash"),
            models.CheckConstraint(
                condition=Q(is_deleted=False) | Q(deleted_at__isnull=False), name="ck_documents_deleted_dated"
            ),
        ]

    def __str__(self) -> str:
        return self.filename


class DocumentReview(Document):
    """A document as staff who check readings see it: the same row, in the order of what is at stake."""

    class Meta:
        proxy = True
        default_permissions = ("view", "change")
        verbose_name = _("relecture")
        verbose_name_plural = _("relectures")


class DocumentPage(models.Model):
    """Words of one page with their boxes, so that nothing is read twice."""

    document = models.ForeignKey(
        Document, models.CASCADE, related_name="pages", verbose_name=_("document"), db_index=False
    )
    number = models.PositiveIntegerField(_("page"))
    source = models.CharField(_("lu par"), max_length=4, choices=[("text", _("texte")), ("ocr", "OCR")])
    content = models.JSONField(_("lignes"))
    error_code = models.CharField(_("code d'erreur"), max_length=40, blank=True)
    image_key = models.CharField(_("image"), max_length=300, blank=True)

    class Meta:
        db_table = "document_pages"
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="uq_document_pages")]

    def __str__(self) -> str:
        return f"{self.document_id}, p. {self.number}"


class Analysis(models.Model):
    """One run of an engine over one document. Kept; the current one feeds `Document.analysis_result`."""

    document = models.ForeignKey(
        Document, models.CASCADE, related_name="analyses", verbose_name=_("document")
    )
    engine = models.CharField(_("moteur"), max_length=40)
    version = models.CharField(_("version"), max_length=40)
    inputs_hash = models.CharField(_("empreinte des entrées"), max_length=64)
    document_type = models.CharField(_("type"), max_length=20, choices=DocumentType)
    kind = models.CharField(_("sorte"), max_length=40, blank=True)
    facts = models.JSONField(_("faits"), default=dict)
    warnings = models.JSONField(_("avertissements"), default=list)
    durations = models.JSONField(_("durées (s)"), default=dict)
    model_answer = models.JSONField(
        _("réponse du modèle"), null=True, help_text=_("Gardée : la même question n'est pas posée deux fois.")
    )
    is_current = models.BooleanField(_("en vigueur"), default=True)
    created_at = models.DateTimeField(_("faite le"), auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "analyses"
        verbose_name = _("lecture")
        verbose_name_plural = _("lectures")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["document"], condition=Q(is_current=True), name="uq_analyses_current"
            )
        ]

    def __str__(self) -> str:
        return f"{self.engine} {self.version}"


class Finding(models.Model):
    """One fact that a run read, with its page and its place on the page."""

    analysis = models.ForeignKey(Analysis, models.CASCADE, related_name="findings", verbose_name=_("lecture"))
    path = models.CharField(_("fait"), max_length=120)
    value = models.JSONField(_("valeur"))
    page = models.PositiveIntegerField(_("page"))
    quote = models.TextField(_("texte lu"))
    boxes = models.JSONField(_("places"), default=list)
    method = models.CharField(_("moyen"), max_length=8)
    confidence = models.FloatField(_("certitude"))
    grounded = models.BooleanField(_("retrouvé sur la page"), default=True)
    rule = models.CharField(_("règle"), max_length=80, blank=True)

    class Meta:
        db_table = "findings"
        verbose_name = _("fait lu")
        verbose_name_plural = _("faits lus")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.path} = {self.value}"


class Correction(models.Model):
    """What a person says of one fact of a document. It wins over every run, and no run erases it.

    Who agrees with the machine says so too (`accepted`): the value is then sure, whatever a later run reads.
    """

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", _("Accepté")
        CORRECTED = "corrected", _("Corrigé")
        REJECTED = "rejected", _("Rejeté")

    document = models.ForeignKey(
        Document, models.CASCADE, related_name="corrections", verbose_name=_("document")
    )
    path = models.CharField(_("fait"), max_length=120)
    value = models.JSONField(_("valeur"), null=True, help_text=_("vide : le fait n'est pas dans le document"))
    read_value = models.JSONField(_("valeur lue"), null=True)
    reason = models.CharField(_("raison"), max_length=500, blank=True)
    verdict = models.CharField(_("verdict"), max_length=9, choices=Verdict, default=Verdict.CORRECTED)
    by_staff = models.BooleanField(_("par l'équipe"), default=False)
    rule = models.CharField(_("règle"), max_length=80, blank=True, help_text=_("Celle qui avait lu le fait."))
    method = models.CharField(_("moyen"), max_length=8, blank=True)
    confidence = models.FloatField(_("certitude"), null=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("par")
    )
    created_at = models.DateTimeField(_("le"), auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(_("modifiée le"), auto_now=True, db_default=Now())

    class Meta:
        db_table = "corrections"
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        constraints = [models.UniqueConstraint(fields=["document", "path"], name="uq_corrections")]

    def __str__(self) -> str:
        return f"{self.path} = {self.value}"
