"""People, their keys, what happened to their data, and the answers kept for their retries."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken

from accounts import event_words


def normalise_email(email: str) -> str:
    """Lower case: nobody remembers an address's case, and accounts that differ by it are a trap."""
    return email.strip().lower()


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        if not email:
            raise ValueError("An account needs an e-mail address.")
        user = self.model(email=normalise_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        user.verify_email()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=normalise_email(username or ""))


class User(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]
    """Somebody who signs in with an e-mail address: a client, or staff."""

    password = models.CharField(_("mot de passe"), max_length=128, db_column="hashed_password")
    email = models.EmailField(_("adresse e-mail"), unique=True)
    full_name = models.CharField(_("nom complet"), max_length=150, blank=True)
    language = models.CharField(
        _("langue"), max_length=2, choices=[("fr", "Français"), ("en", "English")], default="fr"
    )
    allows_models = models.BooleanField(
        _("accepte les modèles externes"),
        default=False,
        help_text=_("Ses documents peuvent être lus par le modèle d'un fournisseur, noms masqués."),
    )
    wants_mail = models.BooleanField(
        _("prévenir par e-mail"), default=True, help_text=_("Quand les documents envoyés sont lus.")
    )
    is_active = models.BooleanField(
        _("actif"), default=True, help_text=_("Décocher pour fermer l'accès sans rien effacer.")
    )
    is_staff = models.BooleanField(
        _("équipe"), default=False, help_text=_("Peut ouvrir le back-office, selon ses groupes.")
    )
    created_at = models.DateTimeField(_("créé le"), auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(_("modifié le"), auto_now=True, db_default=Now())

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        db_table = "users"
        verbose_name = _("utilisateur")
        verbose_name_plural = _("utilisateurs")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="ck_users_email_lower")
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        """What the back-office calls people by, as Django's own users have it."""
        return self.full_name

    def clean(self) -> None:
        super().clean()
        self.email = normalise_email(self.email)

    def verify_email(self) -> None:
        """Take the address as verified: accounts that staff or a command made, not those that signed up."""
        from allauth.account.models import EmailAddress

        EmailAddress.objects.update_or_create(
            user=self, email=self.email, defaults={"verified": True, "primary": True}
        )

    def end_everywhere(self) -> None:
        """Every browser and every program out."""
        from allauth.usersessions.models import UserSession

        for session in UserSession.objects.filter(user=self):
            session.end()
        ApiToken.objects.filter(user=self).delete()

    @property
    def has_verified_email(self) -> bool:
        from allauth.account.models import EmailAddress

        return bool(EmailAddress.objects.filter(user=self, email=self.email, verified=True).exists())


class ApiToken(AbstractAuthToken):  # type: ignore[misc]
    """A program's key, stored hashed; only its first letters can be shown again."""

    name = models.CharField(_("nom"), max_length=100, blank=True)

    class Meta:
        db_table = "api_tokens"
        verbose_name = _("jeton d'accès")
        verbose_name_plural = _("jetons d'accès")
        ordering = ["-created"]

    def __str__(self) -> str:
        return f"{self.token_key}…"


class ActivityQuerySet(models.QuerySet["Activity"]):
    def visible_to(self, user: User | AnonymousUser) -> ActivityQuerySet:
        """What happened to a client's own data, whoever did it."""
        return self.filter(user_id=user.pk) if user.is_authenticated else self.none()


class Activity(models.Model):
    """One event: who did what to which object, from where, with what changed. Written by `accounts.activity`.

    The table is partitioned by month (`accounts.partitions`) and append-only: a trigger refuses DELETE, and
    UPDATE but for the blanking of the personal columns when an account is erased. Hence no foreign keys: rows
    outlive what they tell of.
    """

    created_at = models.DateTimeField(_("date"), db_default=Now(), editable=False)
    action = models.CharField(_("action"), max_length=64)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
        verbose_name=_("auteur"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
        verbose_name=_("client"),
        help_text=_("À qui appartient ce qui a changé."),
    )
    object_type = models.CharField(_("type d'objet"), max_length=64, blank=True)
    object_id = models.CharField(_("objet"), max_length=64, blank=True)
    property_id = models.BigIntegerField(_("bien"), null=True)
    address = models.GenericIPAddressField(_("adresse IP"), null=True)
    request_id = models.CharField(_("requête"), max_length=64, blank=True)
    changes = models.JSONField(
        _("changements"), default=dict, encoder=DjangoJSONEncoder, help_text=_("Champ : avant, après.")
    )

    objects = ActivityQuerySet.as_manager()

    class Meta:
        db_table = "activities"
        verbose_name = _("événement")
        verbose_name_plural = _("journal d'activité")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="idx_activities_user"),
            models.Index(fields=["property_id", "-created_at", "-id"], name="idx_activities_property"),
            models.Index(fields=["object_type", "object_id"], name="idx_activities_object"),
        ]

    def __str__(self) -> str:
        return f"{self.words} – {self.thing}" if self.object_type else self.words

    @property
    def words(self) -> str:
        return event_words.event(self.action)

    @property
    def thing(self) -> str:
        """What it happened to, as its pages call it: "Document 12"."""
        return f"{event_words.thing(self.object_type)} {self.object_id}".strip()


class IdempotentAnswer(models.Model):
    """The first answer to a POST that carried an Idempotency-Key; `accounts.idempotency` replays it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "idempotent_answers"
        verbose_name = _("réponse gardée")
        verbose_name_plural = _("réponses gardées")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="uq_idempotent_answers_user_key")]
        indexes = [models.Index(fields=["created_at"], name="idx_idempotent_answers_created")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}"


class Export(models.Model):
    """One making of a large account's ZIP: the row is the job (`accounts.export`)."""

    class Status(models.TextChoices):
        PENDING = "pending", _("En attente")
        PROCESSING = "processing", _("En cours")
        COMPLETED = "completed", _("Fait")
        FAILED = "failed", _("Échec")
        CANCELLED = "cancelled", _("Annulé")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="exports")
    status = models.CharField(_("état"), max_length=12, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("essais"), default=0)
    error = models.CharField(_("erreur"), max_length=200, blank=True)
    storage_key = models.CharField(_("clé de stockage"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("demandé le"), db_default=Now())
    started_at = models.DateTimeField(_("commencé le"), null=True)
    finished_at = models.DateTimeField(_("fini le"), null=True)

    class Meta:
        db_table = "exports"
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.id)


class Erasure(models.Model):
    """An account that is erased, and whose folder in the store may still hold files: the row is the job."""

    account_id = models.BigIntegerField(_("numéro du compte"), unique=True)
    created_at = models.DateTimeField(_("demandé le"), db_default=Now())
    finished_at = models.DateTimeField(_("fini le"), null=True)

    class Meta:
        db_table = "erasures"
        verbose_name = _("effacement")
        verbose_name_plural = _("effacements")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.account_id)
