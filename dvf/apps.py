from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DVFConfig(AppConfig):
    name = "dvf"
    verbose_name = _("Ventes (DVF)")
