from rest_framework.routers import SimpleRouter

from properties import views

router = SimpleRouter()
router.register("", views.PropertyViewSet, basename="property")

urlpatterns = router.urls
