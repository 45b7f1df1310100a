from django.urls import path

from accounts import views
from accounts.activity_views import ActivityView

urlpatterns = [
    path("auth/token/", views.TokenView.as_view(), name="auth-token"),
    path("users/me/", views.MeView.as_view(), name="users-me"),
    path("users/me/activity/", ActivityView.as_view(), name="users-me-activity"),
    path("users/stats/", views.StatsView.as_view(), name="users-stats"),
]
