from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import partitions
from accounts.tasks import PARTITIONS_AHEAD, RETENTION_YEARS


class Command(BaseCommand):
    help = "Make the activity log's next monthly partitions, repair missed ones, drop those past retention."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--ahead", type=int, default=PARTITIONS_AHEAD, help="months ahead (3)")
        parser.add_argument("--retention-years", type=int, default=RETENTION_YEARS, help="years kept (7)")
        parser.add_argument("--dry-run", action="store_true", help="say it, do nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 <= options["ahead"] <= 120:
            raise CommandError("--ahead: 0 to 120 months.")
        if options["retention_years"] < 1:
            raise CommandError("--retention-years: at least 1.")
        done = partitions.maintain(
            ahead=options["ahead"], retention_years=options["retention_years"], dry_run=options["dry_run"]
        )
        would = "would be " if options["dry_run"] else ""
        self.stdout.write(f"{len(done.created)} partitions {would}created {' '.join(done.created)}".rstrip())
        self.stdout.write(f"{done.moved} rows {would}moved out of the default partition")
        self.stdout.write(f"{len(done.dropped)} partitions {would}dropped {' '.join(done.dropped)}".rstrip())
