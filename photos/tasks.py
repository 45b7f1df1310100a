from __future__ import annotations

from celery import shared_task

from photos import files, jobs


@shared_task(ignore_result=True)
def generate_redesign(pk: int) -> None:
    """Make one redesign. The row decides whether there is anything to do."""
    jobs.run(pk)


@shared_task(ignore_result=True)
def requeue_lost_redesigns() -> None:
    jobs.requeue_lost()


@shared_task(ignore_result=True)
def remove_files() -> None:
    """Delete the files whose rows are gone."""
    files.remove()
