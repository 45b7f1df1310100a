from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DVFConfig(AppConfig):
    name = "dvf"
    verbose_name = _("Ventes (DVF)")

    def ready(self) -> None:
        from dvf.signals import release_served

        release_served.connect(queue_fits, dispatch_uid="dvf.fit_valuations")


def queue_fits(**_kwargs: Any) -> None:
    """Receiver of `release_served`."""
    from config.celery import enqueue
    from dvf.tasks import fit_stale_valuations

    enqueue(fit_stale_valuations)
