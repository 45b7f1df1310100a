"""Signing in and what goes with it: allauth's headless views, behind the common rules of the API.

Each view here names a step of allauth's, checks the body with a serializer (which is also its
documentation), lets allauth do the work, and says the outcome in our words: problem+json for what failed,
204 for what is done. For browsers: these endpoints take the session cookie only, so that a leaked bearer
token cannot change a password.
"""

from __future__ import annotations

import json
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse, RateLimited
from allauth.headless.account import views as account
from allauth.headless.base.views import APIView as Step
from allauth.headless.constants import Client
from allauth.headless.mfa import views as mfa
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import serializers as s
from accounts.models import User
from accounts.reset_inputs import ResetInput
from config.api.problems import Problem
from config.api.sessions import BrowserSession
from config.api.throttling import SignIn

# What is still asked of somebody who is not signed in, or not enough: allauth's pending step → our code.
PENDING = {
    "verify_email": ("email_not_verified", _("Ouvrez d'abord le lien envoyé à votre adresse e-mail.")),
    "mfa_authenticate": ("totp_required", _("Donnez le code de votre application d'authentification.")),
    "reauthenticate": ("reauthentication_required", _("Donnez à nouveau votre mot de passe.")),
}
CODES = {"email_password_mismatch": "invalid_credentials", "incorrect_code": "invalid_code"}
_REFUSED = {
    403: ("forbidden", _("Cela n'est pas possible ici.")),
    404: ("not_found", _("Il n'y a rien à cette adresse.")),
    409: ("conflict", _("Cette étape n'a pas lieu d'être maintenant.")),
    410: ("session_gone", _("Cette session est finie.")),
}


class Flow(APIView):
    """A step of allauth's. `step` is its view; `done` the answer when it has nothing more to ask."""

    authentication_classes = (BrowserSession,)
    permission_classes: Any = (AllowAny,)
    throttle_classes: Any = (SignIn,)
    step: type[Step]
    done = 204
    # Answers of allauth that mean success: 401 is also "and now you are not signed in".
    succeeds = frozenset({200})

    def take(self, request: Request, serializer: type[serializers.Serializer[Any]] | None = None) -> Response:
        if serializer is not None:
            checked = serializer(data=request.data)
            checked.is_valid(raise_exception=True)
            return self.answer(*self.ask(request, dict(checked.validated_data)))
        return self.answer(*self.ask(request, {}))

    def ask(self, request: Request, data: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        http: HttpRequest = request._request
        http._body = json.dumps(data).encode()  # what our serializer let through, and no more
        try:
            # Half a sign-up is none, and mails that do not leave undo what they tell of.
            with transaction.atomic():
                response: Any = self.step.as_api_view(client=Client.BROWSER)(http)
        except ImmediateHttpResponse as error:
            response = error.response
        except RateLimited:
            return 429, {}
        try:
            return response.status_code, json.loads(response.content)
        except ValueError:
            return response.status_code, {}

    def answer(self, status: int, body: dict[str, Any]) -> Response:
        if status in self.succeeds:
            return Response(status=self.done)
        if status == 400:
            raise ValidationError(_by_field(body.get("errors", [])))
        if status == 401:
            raise Problem(401, *_pending(body), {"WWW-Authenticate": "Session"})
        if status == 429:
            raise Problem(429, "throttled", _("Trop de demandes : attendez un peu."), {"Retry-After": "60"})
        code, sentence = _REFUSED.get(status, ("refused", _("Cela n'est pas possible ici.")))
        raise Problem(status if status in _REFUSED else 400, code, sentence)


def _by_field(errors: list[dict[str, str]]) -> dict[str, list[ErrorDetail]]:
    found: dict[str, list[ErrorDetail]] = {}
    for error in errors:
        code = CODES.get(error["code"], error["code"])
        # The fault is the pair's: to say which of the two would say that the other is right.
        field = error.get("param") if code != "invalid_credentials" else None
        found.setdefault(field or "non_field_errors", []).append(ErrorDetail(error["message"], code=code))
    return found


def _pending(body: dict[str, Any]) -> tuple[str, Any]:
    flows = body.get("data", {}).get("flows", [])
    for flow in flows:
        if flow.get("is_pending") and flow["id"] in PENDING:
            return PENDING[flow["id"]]
    if body.get("meta", {}).get("is_authenticated"):
        return PENDING["reauthenticate"]
    return "not_authenticated", _("Connectez-vous.")


class ConfigView(APIView):
    """What this server offers to somebody who wants to sign in; sets the CSRF cookie."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(responses=s.AuthConfigSerializer)
    def get(self, request: Request) -> Response:
        get_token(request._request)
        providers = [{"id": "google", "name": "Google"}] if settings.SOCIALACCOUNT_PROVIDERS else []
        return Response({"providers": providers, "totp": True})


class SignUpView(Flow):
    step = account.SignupView
    # 401 is allauth's "and now verify your e-mail".
    succeeds = frozenset({200, 401})

    @extend_schema(request=s.SignUpSerializer, responses={202: s.SentSerializer})
    def post(self, request: Request) -> Response:
        """Open an account. The answer is the same whether the address is known: the mail says the rest."""
        try:
            self.take(request, s.SignUpSerializer)
        except IntegrityError:
            pass  # the same address twice at once: the other request opened it
        finally:
            # Nothing of this browser's session may tell a new address from a known one.
            request._request.session.flush()
        return Response({"detail": _("Un message vous est envoyé : ouvrez son lien.")}, status=202)


class SignInView(Flow):
    step = account.LoginView

    @extend_schema(request=s.CredentialsSerializer, responses={200: s.UserSerializer})
    def post(self, request: Request) -> Response:
        """Sign in with a session cookie. 401 `totp_required` asks for the second step."""
        self.take(request, s.CredentialsSerializer)
        return _signed_in(request)


class SecondFactorView(Flow):
    step = mfa.AuthenticateView

    @extend_schema(request=s.CodeSerializer, responses={200: s.UserSerializer})
    def post(self, request: Request) -> Response:
        """The second step: a code of the application, or a recovery code."""
        self.take(request, s.CodeSerializer)
        return _signed_in(request)


class SessionView(Flow):
    """The browser's own session."""

    step = account.SessionView
    throttle_classes = APIView.throttle_classes
    succeeds = frozenset({200, 401})

    @extend_schema(responses={200: s.UserSerializer})
    def get(self, request: Request) -> Response:
        """Who is signed in."""
        if not request.user.is_authenticated:
            raise Problem(401, "not_authenticated", _("Connectez-vous."), {"WWW-Authenticate": "Session"})
        return Response(s.UserSerializer(request.user).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        """Sign out."""
        if not request.user.is_authenticated:
            raise Problem(401, "not_authenticated", _("Connectez-vous."), {"WWW-Authenticate": "Session"})
        return self.take(request)


class ReauthenticateView(Flow):
    step = account.ReauthenticateView
    permission_classes = (IsAuthenticated,)

    @extend_schema(request=s.PasswordSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Give the password again, before what asks for it."""
        return self.take(request, s.PasswordSerializer)


class VerifyEmailView(Flow):
    step = account.VerifyEmailView
    succeeds = frozenset({200, 401})

    @extend_schema(request=s.KeySerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Confirm an e-mail address with the key of the link that was sent there."""
        return self.take(request, s.KeySerializer)


class ChangeEmailView(Flow):
    """A new address replaces the old one once it is verified, not before."""

    step = account.ManageEmailView
    permission_classes = (IsAuthenticated,)

    @extend_schema(request=s.EmailSerializer, responses={202: s.SentSerializer})
    def post(self, request: Request) -> Response:
        """Ask for another e-mail address; the answer does not tell whether it is taken."""
        self.take(request, s.EmailSerializer)
        return Response({"detail": _("Un message vous est envoyé : ouvrez son lien.")}, status=202)


class ChangePasswordView(Flow):
    step = account.ChangePasswordView
    permission_classes = (IsAuthenticated,)

    @extend_schema(request=s.ChangePasswordSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Change the password; other sessions and all tokens end."""
        return self.take(request, s.ChangePasswordSerializer)


class ResetPasswordView(Flow):
    step = account.RequestPasswordResetView

    @extend_schema(request=s.EmailSerializer, responses={202: s.SentSerializer})
    def post(self, request: Request) -> Response:
        """Have a link sent to choose a new password. The answer is the same for any address."""
        self.take(request, s.EmailSerializer)
        return Response({"detail": _("Un message vous est envoyé : ouvrez son lien.")}, status=202)


class _ResetStep(account.ResetPasswordView):  # type: ignore[misc]
    input_class = ResetInput


class ConfirmResetView(Flow):
    step = _ResetStep
    succeeds = frozenset({200, 401})

    @extend_schema(request=s.NewPasswordSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Choose a new password with the key of the link; all sessions and tokens end."""
        return self.take(request, s.NewPasswordSerializer)


class TotpView(Flow):
    """The second factor: a code that changes every 30 seconds (RFC 6238)."""

    step = mfa.ManageTOTPView
    permission_classes = (IsAuthenticated,)
    throttle_classes = APIView.throttle_classes

    @extend_schema(responses={200: s.TotpSerializer})
    def get(self, request: Request) -> Response:
        """Whether it is on; when it is not, a secret to put into an application, then POST its code."""
        status, body = self.ask(request, {})
        if status == 404:
            meta = body["meta"]
            return Response({"active": False, "secret": meta["secret"], "url": meta["totp_url"]})
        self.answer(status, body)
        return Response({"active": True, "secret": None, "url": None})

    @extend_schema(request=s.CodeSerializer, responses={200: s.RecoveryCodesSerializer})
    def post(self, request: Request) -> Response:
        """Turn it on with a first code; the answer holds the recovery codes, shown this once."""
        self.take(request, s.CodeSerializer)
        return _recovery_codes(request)

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        """Turn it off."""
        return self.take(request)


class RecoveryCodesView(Flow):
    step = mfa.ManageRecoveryCodesView
    permission_classes = (IsAuthenticated,)
    throttle_classes = APIView.throttle_classes

    @extend_schema(request=None, responses={200: s.RecoveryCodesSerializer})
    def post(self, request: Request) -> Response:
        """New recovery codes; the old ones no longer work."""
        status, body = self.ask(request, {})
        if status != 200:
            return self.answer(status, body)
        return Response({"recovery_codes": body["data"]["unused_codes"]})


def _signed_in(request: Request) -> Response:
    user = request._request.user
    assert isinstance(user, User)
    return Response(s.UserSerializer(user).data)


def _recovery_codes(request: Request) -> Response:
    from allauth.mfa.models import Authenticator

    held = Authenticator.objects.get(user=request.user, type=Authenticator.Type.RECOVERY_CODES).wrap()
    held.mark_as_viewed()
    return Response({"recovery_codes": held.get_unused_codes()})
