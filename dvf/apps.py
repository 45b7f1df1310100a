from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DVFConfig(AppConfig):
    name = "dvf"
    verbose_name = _("Ventes (DVF)")

    def ready(self) -> None:
        from dvf import signals, tasks

        signals.release_served.connect(tasks.after_import, dispatch_uid="dvf.fit_valuations")
