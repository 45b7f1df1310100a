"""What a model read otherwise than the rules, or where nobody finds it: a person accepts or rejects it."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from config.api.problems import Problem
from documents import review
from documents.models import Document, Proposal
from documents.serializers import DocumentDetailSerializer


class DecisionSerializer(serializers.Serializer[Any]):
    accepted = serializers.BooleanField()
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ProposalView(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(request=DecisionSerializer, responses={200: DocumentDetailSerializer})
    def post(self, request: Request, pk: int, proposal_id: int) -> Response:
        """Accept a model's value, which then counts as corrected by hand, or reject it."""
        assert isinstance(request.user, User)
        document = get_object_or_404(Document.objects.visible_to(request.user), pk=pk)
        proposal = get_object_or_404(
            Proposal, pk=proposal_id, analysis__document=document, analysis__is_current=True
        )
        serializer = DecisionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        try:
            document = review.decide_proposal(
                document, proposal, given["accepted"], user=request.user, reason=given["reason"]
            )
        except review.Refused as error:
            raise Problem(409, "no_place", review.REFUSED % {"why": error.why[:200]}) from error
        return Response(DocumentDetailSerializer(document).data)
