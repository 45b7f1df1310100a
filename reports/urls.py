from django.urls import path

from reports import views

urlpatterns = [
    path("<int:property_id>/report/", views.ReportView.as_view(), name="property-report"),
    path("<int:property_id>/report/pdf/", views.ReportPDFView.as_view(), name="property-report-pdf"),
    path(
        "<int:property_id>/report/<uuid:report_id>/",
        views.ReportJobView.as_view(),
        name="property-report-job",
    ),
    path(
        "<int:property_id>/report/<uuid:report_id>/file/",
        views.ReportFileView.as_view(),
        name="property-report-file",
    ),
    path(
        "<int:property_id>/report/<uuid:report_id>/cancel/",
        views.ReportCancelView.as_view(),
        name="property-report-cancel",
    ),
]
