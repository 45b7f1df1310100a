from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.models import User
from config.api.parsers import JSONParser
from config.api.problems import Problem
from config.api.throttling import Heavy, PerUser
from config.api.uploads import BoundedUpload
from feedback.receiving import receive
from feedback.serializers import FeedbackRequestSerializer, FeedbackSerializer
from photos.imaging import ImageRefused
from photos.uploads import HTTP_STATUS, reason


class FeedbackView(APIView):
    """Telling the people behind the product what is wrong, or could be better."""

    parser_classes = (MultiPartParser, JSONParser)
    throttle_classes = (Heavy, PerUser)

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        request.upload_handlers = [BoundedUpload(request, settings.PHOTO_MAX_BYTES)]
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.PHOTO_MAX_BYTES * 2 + 1024**2:
            raise Problem(413, "too_large", reason("too_large"))

    @extend_schema(request=FeedbackRequestSerializer, responses={201: FeedbackSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Send a message, with a screenshot if there is one (a picture, checked as photos are)."""
        serializer = FeedbackRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        assert isinstance(request.user, User)
        try:
            row = receive(request.user, values["type"], values["message"], values.get("screenshot"))
        except ImageRefused as error:
            raise Problem(HTTP_STATUS.get(error.code, 400), error.code, reason(error.code)) from error
        return Response(FeedbackSerializer(row).data, status=201)
