"""The queue, its workers and the beat (Celery)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from celery.schedules import crontab
from kombu import Queue

from config.env import env

REDIS_URL: str = urlsplit(env("REDIS_URL"))._replace(path="", query="").geturl()  # broker in 0, cache in 1

CELERY_BROKER_URL = f"{REDIS_URL}/0"
CELERY_RESULT_BACKEND = None  # the row is the job: it carries state and result
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "retry_policy": {"timeout": 1.0},
    # Without these a request waits six seconds for a queue that is away, for each job it sends.
    "connect_retries_timeout": 0.5,
    "max_retries": 1,
    "interval_start": 0,
}
CELERY_TASK_PUBLISH_RETRY = False  # the beat finds what could not be published
# A worker told nothing takes from every queue; `-Q documents,celery` and `-Q images,models` keep long
# readings and what waits for providers out of each other's way.
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in ("celery", "documents", "images", "models")]
CELERY_TASK_ROUTES = {
    "documents.tasks.ask_model": {"queue": "models"},
    "documents.tasks.*": {"queue": "documents"},
    "photos.tasks.*": {"queue": "images"},
}
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_TASK_TIME_LIMIT = 900
CELERY_TIMEZONE = "UTC"
JOB_LEASE_SECONDS: int = env("JOB_LEASE_SECONDS")
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "activity-partitions": {
        "task": "accounts.tasks.activity_partitions",
        "schedule": crontab(hour="3", minute="10"),
    },
    "requeue-lost-documents": {"task": "documents.tasks.requeue_lost_documents", "schedule": 15.0},
    "accounts-sweep": {"task": "accounts.tasks.sweep", "schedule": crontab(minute="*/15")},
    "fit-stale-valuations": {"task": "dvf.tasks.fit_stale_valuations", "schedule": 600.0},
    "requeue-lost-redesigns": {"task": "photos.tasks.requeue_lost_redesigns", "schedule": 15.0},
    "requeue-lost-reports": {"task": "reports.tasks.requeue_lost_reports", "schedule": 15.0},
    "mail-feedback": {"task": "feedback.tasks.mail_feedback", "schedule": 300.0},
    "remove-photo-files": {"task": "photos.tasks.remove_files", "schedule": 60.0},
    "forget-what-expired": {
        "task": "accounts.tasks.forget_what_expired",
        "schedule": crontab(hour="3", minute="40"),
    },
}
