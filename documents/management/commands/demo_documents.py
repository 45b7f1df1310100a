from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from documents import demo
from properties.demo import DemoRefused


class Command(BaseCommand):
    help = "Donne au premier bien de la démonstration un petit dossier de documents inventés, à lire."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            received = demo.prepare()
        except DemoRefused as error:
            raise CommandError(str(error)) from error
        if received:
            self.stdout.write(f"Documents de démonstration : {received} reçus, lus dès que le worker tourne")
