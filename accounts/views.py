from __future__ import annotations

from typing import Any

from allauth.headless.mfa.inputs import AuthenticateInput
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from knox.models import get_token_model
from rest_framework.exceptions import ValidationError
from rest_framework.generics import DestroyAPIView, ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from accounts import activity, statistics
from accounts.auth_views import PENDING
from accounts.models import ApiToken, User
from accounts.serializers import (
    NewTokenSerializer,
    SessionSerializer,
    SignInSerializer,
    StatsSerializer,
    TokenListSerializer,
    TokenSerializer,
)
from config.api.locking import lock_or_404
from config.api.problems import Problem
from config.api.sessions import BrowserSession
from config.api.throttling import SignIn


def asking(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


class TokenView(APIView):
    """Sign in with e-mail and password; the answer holds a bearer token."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (SignIn,)

    @extend_schema(request=SignInSerializer, responses={200: TokenSerializer})
    def post(self, request: Request) -> Response:
        serializer = SignInSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        user: User = serializer.validated_data["user"]
        if not user.has_verified_email:
            raise Problem(401, *PENDING["verify_email"], {"WWW-Authenticate": "Bearer"})
        if is_mfa_enabled(user):
            code = serializer.validated_data["code"]
            if not code:
                raise Problem(401, *PENDING["mfa_authenticate"], {"WWW-Authenticate": "Bearer"})
            if not AuthenticateInput({"code": code}, user=user).is_valid():
                raise ValidationError({"code": [_("Ce code n'est pas le bon.")]}, code="invalid_code")
        return Response(_new_token(user, serializer.validated_data["name"]))


@transaction.atomic
def _new_token(user: User, name: str) -> dict[str, Any]:
    token, secret = get_token_model().objects.create(user=user, name=name)
    activity.record("token.created", user, actor=user, changes={"name": [None, name]})
    return TokenSerializer({"token": secret, "expiry": token.expiry, "user": user}).data


class TokensView(ListAPIView[ApiToken]):
    """The bearer tokens of whoever asks; only the first letters of each can be shown."""

    serializer_class: type[BaseSerializer[Any]] = TokenListSerializer
    queryset = ApiToken.objects.none()
    filter_backends = ()

    def get_queryset(self) -> Any:
        return ApiToken.objects.filter(user=asking(self.request)).order_by("-created", "digest")

    @extend_schema(request=NewTokenSerializer, responses={201: TokenSerializer})
    def post(self, request: Request) -> Response:
        """A new token; it is shown this once. From a browser's session: a token cannot breed others."""
        if not isinstance(request.successful_authenticator, BrowserSession):
            raise Problem(403, "session_required", _("Un jeton se crée depuis une session du navigateur."))
        serializer = NewTokenSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(_new_token(asking(request), serializer.validated_data["name"]), status=201)


class TokenRevocationView(DestroyAPIView[ApiToken]):
    """Revoke a token, by its first letters; it no longer opens anything."""

    serializer_class: type[BaseSerializer[Any]] = TokenListSerializer
    queryset = ApiToken.objects.none()
    lookup_field = "token_key"

    def get_queryset(self) -> Any:
        return ApiToken.objects.filter(user=asking(self.request))

    @transaction.atomic
    def perform_destroy(self, instance: ApiToken) -> None:
        user = asking(self.request)
        lock_or_404(instance)
        activity.record("token.revoked", user, actor=user, changes={"name": [instance.name, None]})
        instance.delete()


class SessionsView(APIView):
    """The browsers that are signed in."""

    @extend_schema(responses=SessionSerializer(many=True))
    def get(self, request: Request) -> Response:
        sessions = UserSession.objects.purge_and_list(asking(request))
        return Response(SessionSerializer(sessions, many=True).data)


class SessionEndView(APIView):
    """Sign one browser out."""

    @extend_schema(responses={204: None})
    @transaction.atomic
    def delete(self, request: Request, pk: int) -> Response:
        user = asking(request)
        session = UserSession.objects.filter(user=user, pk=pk).first()
        if session is None:
            raise Problem(404, "not_found", _("Il n'y a rien à cette adresse."))
        end_sessions(request._request, [session])
        activity.record("session.revoked", user, actor=user)
        return Response(status=204)


class SignOutEverywhereView(APIView):
    """Every browser and every program out, this one included."""

    @extend_schema(request=None, responses={204: None})
    @transaction.atomic
    def post(self, request: Request) -> Response:
        user = asking(request)
        activity.record("account.signed_out_everywhere", user, actor=user)
        user.end_everywhere()
        logout(request._request)
        return Response(status=204)


class StatsView(APIView):
    """What the account holds, counted from the rows."""

    @extend_schema(responses=StatsSerializer)
    def get(self, request: Request) -> Response:
        return Response(statistics.of_user(asking(request)))
