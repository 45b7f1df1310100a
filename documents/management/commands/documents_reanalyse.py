from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from documents import jobs
from documents.models import Document, DocumentType, Status


class Command(BaseCommand):
    help = "Fait relire des documents, par exemple après un changement de règles. Les corrections restent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--kind", choices=DocumentType.values, help="d'un seul type")
        parser.add_argument("--since", type=date.fromisoformat, help="reçus depuis ce jour (AAAA-MM-JJ)")
        parser.add_argument("--dry-run", action="store_true", help="compter seulement")

    def handle(self, *args: Any, **options: Any) -> None:
        documents = Document.objects.filter(status__in=[Status.ANALYZED, Status.FAILED])
        if options["kind"]:
            documents = documents.filter(document_type=options["kind"])
        if options["since"]:
            since = datetime.combine(options["since"], datetime.min.time(), UTC)
            documents = documents.filter(created_at__gte=since)
        pks = list(documents.order_by("pk").values_list("pk", flat=True))
        if not options["dry_run"]:
            for pk in tqdm(pks, disable=None, unit="doc"):
                jobs.queue(Document.objects.get(pk=pk))
        self.stdout.write(f"{len(pks)} documents {'à relire' if options['dry_run'] else 'remis en file'}")
