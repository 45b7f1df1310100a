from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from photos import demo
from properties.demo import DemoRefused


class Command(BaseCommand):
    help = "Donne au premier bien de la démonstration des pièces dessinées, à imaginer autrement."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            asked = demo.prepare()
        except DemoRefused as error:
            raise CommandError(str(error)) from error
        if asked:
            self.stdout.write(f"Rendus de démonstration : {asked} demandés, faits dès que le worker tourne")
