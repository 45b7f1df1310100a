"""Run by the fault tests on services of their own: `make N` queues N documents, `state` prints counts."""

from __future__ import annotations

import json
import sys

import django


def main(command: str, count: int) -> None:
    django.setup()
    from accounts.models import User
    from documents import jobs, orphans
    from documents.models import Analysis, Document, DocumentPage
    from documents.tests.test_worker import make
    from properties.models import Property

    if command == "make":
        user = User.objects.create_user("faults@example.org", "a-long-password-for-tests")
        subject = Property.objects.create(user=user, address="3 rue des Essais", postal_code="83000")
        for number in range(count):
            jobs.queue(make(subject, number))
    found = orphans.find()
    state = {
        "statuses": sorted(Document.objects.values_list("status", flat=True)),
        "analyses": Analysis.objects.count(),
        "pages": DocumentPage.objects.count(),
        "documents_with_analyses": Analysis.objects.values("document").distinct().count(),
        "files_without_rows": len(found.files),
        "rows_without_files": len(found.rows),
    }
    sys.stdout.write(json.dumps(state) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
