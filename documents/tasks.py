from __future__ import annotations

from celery import shared_task

from documents import jobs, summaries


@shared_task(ignore_result=True)
def analyse_document(pk: int) -> None:
    """Read one document. The row decides whether there is anything to do."""
    jobs.run(pk)


@shared_task(ignore_result=True)
def requeue_lost_documents() -> None:
    jobs.requeue_lost()
    summaries.requeue_lost()


@shared_task(ignore_result=True)
def summarise_documents(property_id: int) -> None:
    """Sum up the documents of a property. The row decides whether there is anything to do."""
    summaries.run(property_id)
