"""Celery: the queue, and the only way to put a job on it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from celery import Celery, Task
from celery.signals import setup_logging, worker_process_init
from django.db import transaction
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
if any(name in sys.argv for name in ("worker", "beat")) and "celery" in sys.argv[0]:
    os.environ.setdefault("APPART_PROCESS", "worker")

NICENESS = 15

app = Celery("appart")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)  # each line of a job carries its id, and its request's

logger = structlog.get_logger(__name__)


@setup_logging.connect
def _keep_logging(**kwargs: Any) -> None:
    """Django has set the logs up; a receiver here keeps Celery from doing it again, its own way."""


@worker_process_init.connect
def give_way(**_kwargs: Any) -> None:
    """Jobs take the processor that requests leave: a person waits for a page, nobody looks at a reading.

    Linux shares the processor among sessions before it looks at niceness (sched(7), "autogroup"): ours must
    give way too, and what a job starts must stay in it.
    """
    os.nice(NICENESS)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICENESS), encoding="ascii")


def enqueue(task: Task[..., Any], *args: Any, after: float = 0) -> None:
    """Send `task(*args)` once the present transaction is committed (at once without one), to be run `after`
    that many seconds.

    A queue that is down loses nothing: the row is the job, and the beat finds rows left pending.
    """
    transaction.on_commit(partial(_send, task, args, after), robust=True)


def _send(task: Task[..., Any], args: tuple[Any, ...], after: float) -> None:
    try:
        task.apply_async(args, countdown=after)
    except OperationalError as error:
        logger.warning("enqueue_failed", task=task.name, args=args, error=type(error).__name__)
