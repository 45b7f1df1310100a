"""What the account's own events entail: a line in the log, and an end to what must not outlive a password."""

from __future__ import annotations

import json
from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.usersessions.internal.flows.sessions import end_other_sessions
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ObjectDoesNotExist
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.activity import record
from accounts.models import Activity, ApiToken, User
from config.middleware import ORIGIN

STAFF_ACTIONS = {ADDITION: "staff.added", CHANGE: "staff.changed", DELETION: "staff.deleted"}


@receiver(user_logged_in)
def signed_in(user: User, **kwargs: Any) -> None:
    record("account.signed_in", user, actor=user)


@receiver(account.user_signed_up)
def signed_up(user: User, **kwargs: Any) -> None:
    record("account.created", user, actor=user)


@receiver(account.email_confirmed)
def email_confirmed(email_address: Any, **kwargs: Any) -> None:
    record("account.email_confirmed", email_address.user, actor=email_address.user)


@receiver([account.password_changed, account.password_reset, account.password_set])
def password_changed(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Whoever knew the old password is out: other sessions (their hash no longer fits) and tokens."""
    end_other_sessions(request, user)
    ApiToken.objects.filter(user=user).delete()
    record("account.password_changed", user, actor=user)


@receiver(mfa.authenticator_added)
def second_factor_on(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        record("totp.activated", user, actor=user)


@receiver(mfa.authenticator_removed)
def second_factor_off(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        record("totp.deactivated", user, actor=user)


@receiver(post_save, sender=LogEntry)
def staff_acted(instance: LogEntry, created: bool, **kwargs: Any) -> None:
    """What staff do to an object stands in its history (Django's); here it enters the activity log as well,
    unless whoever did it wrote a more precise event of this object in the same request.
    """
    content_type = instance.content_type
    if not created or content_type is None:
        return
    kind, pk = f"{content_type.app_label}.{content_type.model}", str(instance.object_id)
    request_id = ORIGIN.get().request_id
    told = Activity.objects.filter(
        object_type=kind, object_id=pk, actor_id=instance.user_id, request_id=request_id
    )
    if request_id and told.exists():
        return
    try:
        message = json.loads(instance.change_message or "[]")
    except ValueError:
        message = instance.change_message
    try:
        obj = instance.get_edited_object()
    except ObjectDoesNotExist:
        return
    record(STAFF_ACTIONS[instance.action_flag], obj, actor=instance.user, changes={"history": message})
