from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import staff_groups
from accounts.models import User


class Command(BaseCommand):
    help = "Make the groups of staff, or bring them back to the table of docs/back-office.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--add", metavar="EMAIL", help="put this account into a group, as staff")
        parser.add_argument("--to", metavar="GROUP", choices=staff_groups.GROUPS, help="the group for --add")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["add"]) != bool(options["to"]):
            raise CommandError("--add and --to go together: --add someone@example.org --to reviewer")
        for name, count in staff_groups.write().items():
            self.stdout.write(f"{name}: {count} permissions")
        if options["add"]:
            try:
                user = staff_groups.add(options["add"], options["to"])
            except User.DoesNotExist as error:
                raise CommandError(f"no account has the address {options['add']}") from error
            self.stdout.write(f"{user.email} is staff, in the group {options['to']}")
