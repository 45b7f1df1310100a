from __future__ import annotations

from celery import shared_task

from documents import jobs, model_jobs, notices, summaries


@shared_task(ignore_result=True)
def analyse_document(pk: int) -> None:
    """Read one document. The row decides whether there is anything to do."""
    jobs.run(pk)


@shared_task(ignore_result=True)
def requeue_lost_documents() -> None:
    jobs.requeue_lost()
    summaries.requeue_lost()
    model_jobs.requeue_lost()
    notices.requeue_lost()


@shared_task(ignore_result=True)
def ask_model(pk: int) -> None:
    """Ask a language model about one document. The row decides whether there is anything to do."""
    model_jobs.run(pk)


@shared_task(ignore_result=True)
def announce_batch(batch_id: str) -> None:
    """Tell the client by mail that a batch is read, if it is."""
    notices.announce(batch_id)


@shared_task(ignore_result=True)
def summarise_documents(property_id: int) -> None:
    """Sum up the documents of a property. The row decides whether there is anything to do."""
    summaries.run(property_id)
