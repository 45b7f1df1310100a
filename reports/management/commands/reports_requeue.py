from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from reports import jobs


class Command(BaseCommand):
    help = "Remet en file les rapports dont le message ou l'ouvrier s'est perdu (le veilleur le fait aussi)."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = jobs.requeue_lost()
        self.stdout.write("repris {recovered}, envoyés {sent}, abandonnés {failed}".format(**counts))
