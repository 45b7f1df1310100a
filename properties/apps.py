from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PropertiesConfig(AppConfig):
    name = "properties"
    verbose_name = _("Biens")

    def ready(self) -> None:
        import properties.caches  # noqa: F401
