from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from documents import jobs, model_jobs


class Command(BaseCommand):
    help = "Remet en file les documents dont le message ou l'ouvrier s'est perdu (le veilleur le fait aussi)."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = jobs.requeue_lost()
        for name, asked in model_jobs.requeue_lost().items():
            counts[name] += asked
        self.stdout.write("repris {recovered}, envoyés {sent}, abandonnés {failed}".format(**counts))
