"""What is cached of a property, under which key and for how long (the reference's), and its forgetting."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from properties.models import Property

PRICE_ANALYSIS_SUMMARY = "price_analysis_summary:{}"
PRICE_ANALYSIS_FULL = "price_analysis_full:{}"
PRICE_ANALYSIS_SECONDS = 30 * 60


def keys(property_id: int) -> list[str]:
    return [PRICE_ANALYSIS_SUMMARY.format(property_id), PRICE_ANALYSIS_FULL.format(property_id)]


def forget(property_id: int) -> None:
    """Once the present transaction is committed: sooner, a reader could cache the old state again."""
    transaction.on_commit(partial(cache.delete_many, keys(property_id)))


@receiver(post_delete, sender=Property)
def forget_deleted(instance: Property, **kwargs: Any) -> None:
    """Also when the row goes with its account."""
    assert instance.pk is not None
    forget(instance.pk)
