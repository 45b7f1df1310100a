from __future__ import annotations

from celery import shared_task

from reports import jobs


@shared_task(ignore_result=True, soft_time_limit=60, time_limit=75)
def make_report(pk: int) -> None:
    """Make one report. The row decides whether there is anything to do."""
    jobs.run(pk)


@shared_task(ignore_result=True)
def requeue_lost_reports() -> None:
    jobs.requeue_lost()
