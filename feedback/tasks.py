from __future__ import annotations

from celery import shared_task

from feedback import receiving


@shared_task(ignore_result=True)
def mail_feedback() -> None:
    receiving.mail()
