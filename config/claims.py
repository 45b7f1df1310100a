"""Jobs whose row is the job: claimed, held under a lease, given back, found again when they are lost.

A claim is a conditional UPDATE, and what comes of it is written only while that very claim holds: a worker
thought dead that comes back finds its claim gone. The moment of a claim tells it from all others; the number
of attempts does not, since it begins anew each time the job is asked for. Messages may be lost or come twice:
the beat sends again what waits for longer than it should.

A table of jobs has `status` (pending, at work, failed, cancelled and more), `attempts`, `queued_at` (not
before), `sent_at` and `lease_until`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, TypeVar

import structlog
from django.db import connection
from django.db.models import F, Model, Q, QuerySet
from django.utils import timezone

logger = structlog.get_logger(__name__)

Row = TypeVar("Row", bound=Model)

UNSENT_AFTER = timedelta(seconds=20)
"""A row that waits for so long has lost its message."""
MOST_SENT = 500
"""Rows sent again at one beat."""


@dataclass(frozen=True, slots=True)
class Claims(Generic[Row]):
    """The jobs of one table. `rows` gives them as a worker needs them, `send` puts the message of one on the
    queue.

    `moment` is the column that tells claims apart: when it began or, for a lease that is not prolonged, when
    it ends. `lost` and `over` are columns to set beside the status: of what fails for good because its
    workers were lost, and of all that ends.
    """

    rows: Callable[[], QuerySet[Row]]
    send: Callable[[int], None]
    most_attempts: int
    lease: Callable[[], timedelta]
    key: str = "pk"
    moment: str = "started_at"
    working: str = "processing"
    lost: dict[str, Any] = field(default_factory=lambda: {"error_code": "worker_lost"})
    over: Callable[[], dict[str, Any]] = lambda: {"finished_at": timezone.now()}

    def claim(self, key: int) -> Row | None:
        """The row, if this call is the one that gets it."""
        now = timezone.now()
        claimed = {"lease_until": now + self.lease()} | (
            {"started_at": now} if self.moment == "started_at" else {}
        )
        waiting = self.rows().filter(**{self.key: key}, status="pending", queued_at__lte=now)
        if not waiting.update(status=self.working, attempts=F("attempts") + 1, **claimed):
            return None
        mine = self.rows().filter(**{self.key: key, self.moment: claimed[self.moment]}, status=self.working)
        return mine.first()

    def held(self, row: Row) -> QuerySet[Row]:
        """The row, as long as this claim holds it; none after."""
        alone = self.rows().select_related(None)
        return alone.filter(pk=row.pk, status=self.working, **{self.moment: getattr(row, self.moment)})

    @contextmanager
    def prolonged(self, row: Row) -> Iterator[None]:
        """Prolongs the lease from a thread of its own while the work goes on: a killed worker is noticed
        soon.
        """
        stop = threading.Event()

        def prolong() -> None:
            while not stop.wait(self.lease().total_seconds() / 4):
                try:
                    self.held(row).update(lease_until=timezone.now() + self.lease())
                except Exception as error:  # a missed beat is no harm: a lost claim shows when it is used
                    name = type(error).__name__
                    logger.warning("lease_failed", job=row._meta.db_table, pk=row.pk, error=name)
                finally:
                    connection.close()

        thread = threading.Thread(target=prolong, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def give_back(self, row: Row, seconds: float, **also: Any) -> None:
        """Pending again, not before so many seconds; the beat sends it when its time has come."""
        due = timezone.now() + timedelta(seconds=seconds)
        self.held(row).update(status="pending", lease_until=None, queued_at=due, sent_at=None, **also)

    def finish(self, row: Row, status: str, **also: Any) -> bool:
        """Write how it ended; False where the claim no longer holds."""
        return bool(self.held(row).update(status=status, lease_until=None, **self.over(), **also))

    def cancel(self, rows: QuerySet[Row]) -> int:
        """Those that are still waiting or at work; what a worker makes of them will not be written."""
        running = rows.filter(status__in=("pending", self.working))
        return running.update(status="cancelled", lease_until=None, **self.over())

    def requeue_lost(self, failed: Callable[[list[Row]], None] = lambda rows: None) -> dict[str, int]:
        """Send again what lost its message or its worker; `failed` is told of what lost too many."""
        now = timezone.now()
        late = self.rows().filter(status=self.working, lease_until__lt=now)
        worn = list(late.filter(attempts__gte=self.most_attempts)[:MOST_SENT])
        end = {"status": "failed", "lease_until": None, **self.over(), **self.lost}
        ended = [row for row in worn if self.held(row).filter(lease_until__lt=now).update(**end)]
        if ended:
            failed(ended)
        recovered = late.filter(attempts__lt=self.most_attempts).update(
            status="pending", lease_until=None, queued_at=now, sent_at=None
        )
        waiting = self.rows().filter(status="pending", queued_at__lte=now)
        unsent = waiting.filter(Q(sent_at=None) | Q(sent_at__lt=now - UNSENT_AFTER))
        keys = list(unsent.order_by("queued_at").values_list(self.key, flat=True)[:MOST_SENT])
        self.rows().filter(**{f"{self.key}__in": keys}).update(sent_at=now)
        for key in keys:
            self.send(key)
        return {"failed": len(ended), "recovered": recovered, "sent": len(keys)}


def later(attempts: int, first: float = 5.0, most: float = 300.0) -> float:
    """Seconds to wait after so many attempts: twice as long each time."""
    return min(most, first * 2.0 ** (attempts - 1))
