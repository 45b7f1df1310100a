from django.urls import path
from rest_framework.routers import SimpleRouter

from photos import views

redesigns = SimpleRouter(use_regex_path=False)
redesigns.register("redesigns", views.RedesignViewSet, basename="photo-redesign")
photos = SimpleRouter()
photos.register("", views.PhotoViewSet, basename="photo")

urlpatterns = [
    path("presets/", views.PresetsView.as_view(), name="photo-presets"),
    path("upload/", views.UploadView.as_view(), name="photo-upload"),
    path("references/", views.ReferencesView.as_view(), name="photo-references"),
    path("references/<int:pk>/", views.ReferenceView.as_view(), name="photo-reference"),
    *redesigns.urls,
    *photos.urls,
]
