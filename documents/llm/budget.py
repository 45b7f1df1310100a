"""What language models may cost in a day, for one client and for all: asked before each call, in one breath.

The ledger is the table of runs. A call reserves the most it can cost; what it did cost takes its place. A
worker that dies leaves its reservation: the day is then short of money, never over.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Sum
from django.utils import timezone

from .engines import Price
from .models import ModelRun
from .protocol import MAX_OUTPUT_TOKENS, Request

CHARACTERS_PER_TOKEN = Decimal("2.5")
"""French text has about 4; figures and tables fewer. The estimate must not be below what is billed."""
SCHEMA_TOKENS = 4000
_LOCK = 72_116_001


def most(request: Request, price: Price) -> Decimal:
    """The most that asking this can cost, in euros."""
    characters = sum(len(page.text) for page in request.pages)
    return price.of(int(characters / CHARACTERS_PER_TOKEN) + SCHEMA_TOKENS, MAX_OUTPUT_TOKENS)


def reserve(run: ModelRun, amount: Decimal) -> bool:
    """Whether today's budgets, the client's and everybody's, still have that much; it is then the run's."""
    today = timezone.localdate()
    with transaction.atomic():
        with connection.cursor() as cursor:  # one at a time reads the sums and adds to them
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        spent = ModelRun.objects.filter(spent_on=today)
        limits = (
            (spent, settings.LLM_BUDGET_PER_DAY),
            (spent.filter(user=run.user), settings.LLM_BUDGET_PER_USER_PER_DAY),
        )
        for rows, limit in limits:
            if (rows.aggregate(total=Sum("cost"))["total"] or Decimal(0)) + amount > limit:
                return False
        ModelRun.objects.filter(pk=run.pk).update(cost=F("cost") + amount, spent_on=today)
    return True


def settle(run: ModelRun, reserved: Decimal, price: Price, input_tokens: int, output_tokens: int) -> None:
    """What the call did cost in the place of what it could."""
    ModelRun.objects.filter(pk=run.pk).update(
        cost=F("cost") - reserved + price.of(input_tokens, output_tokens),
        input_tokens=F("input_tokens") + input_tokens,
        output_tokens=F("output_tokens") + output_tokens,
    )


def next_day() -> datetime:
    """When there is money again: the next midnight, local time."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(tomorrow, time.min))
