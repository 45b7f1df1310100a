"""The report of a property: as a file when it is there or soon, else as the job that makes it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.activity import record
from accounts.idempotency import idempotent
from accounts.models import User
from config.api.locking import lock_or_404
from config.api.problems import Problem
from config.api.throttling import Heavy, PerUser
from properties.cost_views import costs_of
from properties.models import Property
from reports import jobs
from reports.downloads import awaited, stream
from reports.models import Report, Status
from reports.serializers import ReportQuerySerializer, ReportSerializer, error_text

POLL_SECONDS = 2
PREFER = OpenApiParameter(
    "Prefer",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="`respond-async` : répondre 202 sans attendre (RFC 7240).",
)
PDF_ANSWER = {(200, "application/pdf"): OpenApiTypes.BINARY}


class PDFRenderer(BaseRenderer):
    """For callers that accept a PDF only: files are streamed past it, what else there is to say is JSON."""

    media_type = "application/pdf"
    format = "pdf"
    charset = None

    def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        return JSONRenderer().render(data)


class _Reports(APIView):
    permission_classes = (IsAuthenticated,)

    def subject(self, property_id: int) -> Property:
        found: Property = get_object_or_404(Property.objects.visible_to(self.request.user), pk=property_id)
        return found

    def report(self, property_id: int, report_id: Any) -> Report:
        return get_object_or_404(
            Report.objects.visible_to(self.user()).select_related("property"),
            property_id=property_id,
            uuid=report_id,
        )

    def user(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user

    def ask(self, subject: Property, data: Any, *, again: bool = False) -> Report:
        query = ReportQuerySerializer(data=data)
        query.is_valid(raise_exception=True)
        kind, language, options = query.wanted()
        if options:
            costs_of(subject, query.validated_data)  # what cannot be costed is refused now, not by the worker
        return jobs.ask(subject, kind, language, options, self.user(), again=again)


def accepted(report: Report) -> Response:
    data = ReportSerializer(report).data
    headers = {"Location": data["url"], "Retry-After": str(POLL_SECONDS)}
    return Response(data, status=202, headers=headers, content_type="application/json")


class ReportPDFView(_Reports):
    """The file to bring to a negotiation."""

    renderer_classes = (JSONRenderer, PDFRenderer)

    @extend_schema(
        parameters=[ReportQuerySerializer, PREFER], responses={**PDF_ANSWER, 202: ReportSerializer}
    )
    def get(self, request: Request, property_id: int) -> Response | StreamingHttpResponse:
        """The report as a PDF. One that must be made first is awaited for a few seconds; then 202 with its
        job: ask again, or follow `Location`.
        """
        subject = self.subject(property_id)
        report = self.ask(subject, request.query_params)
        preferences = [part.strip().lower() for part in request.headers.get("Prefer", "").split(",")]
        if "respond-async" not in preferences:
            report = awaited(report)
        if report.status == Status.FAILED:
            wait = int(jobs.RETRY_AFTER.total_seconds())
            raise Problem(503, report.error_code, error_text(report.error_code), {"Retry-After": str(wait)})
        if report.status != Status.COMPLETED:
            return accepted(report)
        try:
            return stream(report)
        except FileNotFoundError:  # the store lost it: once more
            Report.objects.filter(pk=report.pk).update(inputs_hash="")
            return accepted(self.ask(subject, request.query_params))


class ReportView(_Reports):
    throttle_classes = (Heavy, PerUser)

    @extend_schema(request=ReportQuerySerializer, responses={202: ReportSerializer, 200: ReportSerializer})
    @idempotent
    def post(self, request: Request, property_id: int) -> Response:
        """Have a report made, or tried again after a failure; 200 when it is there already."""
        report = self.ask(self.subject(property_id), request.data, again=True)
        done = report.status == Status.COMPLETED
        return Response(ReportSerializer(report).data) if done else accepted(report)


class ReportJobView(_Reports):
    @extend_schema(responses={200: ReportSerializer})
    def get(self, request: Request, property_id: int, report_id: Any) -> Response:
        """How a report stands."""
        return Response(ReportSerializer(self.report(property_id, report_id)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, property_id: int, report_id: Any) -> Response:
        """Cancel it if it is under way, and delete its file."""
        report = self.report(property_id, report_id)
        with transaction.atomic():
            lock_or_404(report)
            record("report.deleted", report, actor=self.user())
            report.delete()
        return Response(status=204)


class ReportCancelView(_Reports):
    @extend_schema(request=None, responses={200: ReportSerializer})
    def post(self, request: Request, property_id: int, report_id: Any) -> Response:
        """Stop waiting for it."""
        report = self.report(property_id, report_id)
        with transaction.atomic():
            if jobs.cancel(report):
                record("report.cancelled", report, actor=self.user())
        report.refresh_from_db()
        return Response(ReportSerializer(report).data)


class ReportFileView(_Reports):
    renderer_classes = (JSONRenderer, PDFRenderer)

    @extend_schema(responses=PDF_ANSWER)
    def get(self, request: Request, property_id: int, report_id: Any) -> StreamingHttpResponse:
        """The file that was made, even if something changed since."""
        report = self.report(property_id, report_id)
        if not report.storage_key:
            raise Problem(404, "not_found", _("Ce rapport n'est pas encore fait."))
        try:
            return stream(report)
        except FileNotFoundError as error:
            raise Http404 from error
