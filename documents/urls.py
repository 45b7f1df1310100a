from django.urls import path
from rest_framework.routers import SimpleRouter

from documents import proposal_views, synthesis_views, views

router = SimpleRouter()
router.register("", views.DocumentViewSet, basename="document")

urlpatterns = [
    path("upload/", views.UploadView.as_view(), name="document-upload"),
    path("bulk-upload/", views.BulkUploadView.as_view(), name="document-bulk-upload"),
    path("bulk-status/<uuid:workflow_id>/", views.BatchView.as_view(), name="document-bulk-status"),
    path(
        "bulk-status/<uuid:workflow_id>/cancel/", views.BatchCancelView.as_view(), name="document-bulk-cancel"
    ),
    path("bulk-status/<uuid:workflow_id>/retry/", views.BatchRetryView.as_view(), name="document-bulk-retry"),
    path("synthesis/<int:property_id>/", synthesis_views.SynthesisView.as_view(), name="synthesis"),
    path(
        "synthesis/<int:property_id>/regenerate-overall/",
        synthesis_views.RegenerateView.as_view(),
        name="synthesis-regenerate",
    ),
    path(
        "synthesis/<int:property_id>/overrides/",
        synthesis_views.OverridesView.as_view(),
        name="synthesis-overrides",
    ),
    path(
        "<int:pk>/proposals/<int:proposal_id>/",
        proposal_views.ProposalView.as_view(),
        name="document-proposal",
    ),
    *router.urls,
]
