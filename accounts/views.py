from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from knox.models import get_token_model
from rest_framework.generics import RetrieveUpdateAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from accounts import statistics
from accounts.models import User
from accounts.serializers import SignInSerializer, StatsSerializer, TokenSerializer, UserSerializer
from config.api.throttling import SignIn


class TokenView(APIView):
    """Sign in with e-mail and password; the answer holds a bearer token."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (SignIn,)

    @extend_schema(request=SignInSerializer, responses={200: TokenSerializer})
    def post(self, request: Request) -> Response:
        serializer = SignInSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        user = serializer.validated_data["user"]
        token, secret = get_token_model().objects.create(user=user, name=serializer.validated_data["name"])
        answer = TokenSerializer({"token": secret, "expiry": token.expiry, "user": user})
        return Response(answer.data, headers={"Cache-Control": "private, no-store"})


class MeView(RetrieveUpdateAPIView[User]):
    """The account of whoever asks."""

    serializer_class: type[BaseSerializer[Any]] = UserSerializer
    http_method_names = ["get", "patch", "head", "options"]

    def get_object(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user


class StatsView(APIView):
    """What the account holds, counted from the rows."""

    @extend_schema(responses=StatsSerializer)
    def get(self, request: Request) -> Response:
        assert isinstance(request.user, User)
        return Response(statistics.of_user(request.user))
