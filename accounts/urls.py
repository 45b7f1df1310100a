from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from accounts import auth_views, me_views, views
from accounts.activity_views import ActivityView

urlpatterns: list[URLPattern | URLResolver] = [
    path("auth/config/", auth_views.ConfigView.as_view(), name="auth-config"),
    path("auth/sign-up/", auth_views.SignUpView.as_view(), name="auth-sign-up"),
    path("auth/sign-in/", auth_views.SignInView.as_view(), name="auth-sign-in"),
    path("auth/sign-in/code/", auth_views.SecondFactorView.as_view(), name="auth-second-factor"),
    path("auth/session/", auth_views.SessionView.as_view(), name="auth-session"),
    path("auth/sign-out-everywhere/", views.SignOutEverywhereView.as_view(), name="auth-sign-out-everywhere"),
    path("auth/reauthenticate/", auth_views.ReauthenticateView.as_view(), name="auth-reauthenticate"),
    path("auth/email/change/", auth_views.ChangeEmailView.as_view(), name="auth-email-change"),
    path("auth/email/verify/", auth_views.VerifyEmailView.as_view(), name="auth-email-verify"),
    path("auth/password/change/", auth_views.ChangePasswordView.as_view(), name="auth-password-change"),
    path("auth/password/reset/", auth_views.ResetPasswordView.as_view(), name="auth-password-reset"),
    path("auth/password/reset/confirm/", auth_views.ConfirmResetView.as_view(), name="auth-reset-confirm"),
    path("auth/totp/", auth_views.TotpView.as_view(), name="auth-totp"),
    path("auth/totp/recovery-codes/", auth_views.RecoveryCodesView.as_view(), name="auth-recovery-codes"),
    path("auth/sessions/", views.SessionsView.as_view(), name="auth-sessions"),
    path("auth/sessions/<int:pk>/", views.SessionEndView.as_view(), name="auth-session-end"),
    path("auth/token/", views.TokenView.as_view(), name="auth-token"),
    path("auth/tokens/", views.TokensView.as_view(), name="auth-tokens"),
    path("auth/tokens/<str:token_key>/", views.TokenRevocationView.as_view(), name="auth-token-revocation"),
    path("users/me/", me_views.MeView.as_view(), name="users-me"),
    path("users/me/export/", me_views.ExportView.as_view(), name="users-me-export"),
    path("users/me/exports/<uuid:pk>/", me_views.ExportJobView.as_view(), name="users-me-export-job"),
    path("users/me/exports/<uuid:pk>/file/", me_views.ExportFileView.as_view(), name="users-me-export-file"),
    path("users/me/activity/", ActivityView.as_view(), name="users-me-activity"),
    path("users/stats/", views.StatsView.as_view(), name="users-stats"),
]

if settings.SOCIALACCOUNT_PROVIDERS:
    # A form of the browser's own leads to Google and back: these two answer redirections, not JSON.
    from allauth.headless.constants import Client
    from allauth.headless.socialaccount.views import RedirectToProviderView

    redirect = RedirectToProviderView.as_api_view(client=Client.BROWSER)
    urlpatterns += [
        path("auth/provider/redirect/", redirect, name="auth-provider-redirect"),
        path("auth/provider/", include("allauth.urls")),
    ]
