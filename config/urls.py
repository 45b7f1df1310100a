from django.conf import settings
from django.contrib import admin
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

import config.api.schema  # noqa: F401 - drf-spectacular's extensions
from accounts import pages
from config import health
from config.metrics import metrics

admin.autodiscover()

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    # Pages that name no icon: browsers ask for this one.
    path("favicon.ico", lambda request: redirect(static("config/favicon.svg"))),
    path(settings.ADMIN_PATH, admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),  # the back-office's switch of language
    path("account/verify-email/<str:key>/", pages.VerifyEmailPage.as_view(), name="account-verify-email"),
    path(
        "account/reset-password/<str:key>/", pages.ResetPasswordPage.as_view(), name="account-reset-password"
    ),
    path("health/live/", health.live, name="health-live"),
    path("health/ready/", health.ready, name="health-ready"),
    path("metrics", metrics, name="metrics"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/", include("accounts.urls")),
    path("api/properties/", include("reports.urls")),
    path("api/properties/", include("properties.urls")),
    path("api/dvf/", include("dvf.urls")),
    path("api/documents/", include("documents.urls")),
    path("api/photos/", include("photos.urls")),
    path("api/feedback/", include("feedback.urls")),
]

handler400 = "config.error_pages.bad_request"
handler403 = "config.error_pages.forbidden"
handler404 = "config.error_pages.not_found"
handler500 = "config.error_pages.server_error"
