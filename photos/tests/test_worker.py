"""A real worker makes real redesigns from the real queue, and a killed one loses nothing."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from accounts.models import Activity
from config.celery import app
from config.tests.workers import wait_for, worker
from photos import jobs
from photos.files import orphans, walk
from photos.models import RUNNING, PhotoRedesign, Status
from photos.tests.factories import make_photo, make_redesign
from properties.tests.factories import PropertyFactory


def finished(rows: list[PhotoRedesign]) -> bool:
    statuses = PhotoRedesign.objects.filter(pk__in=[row.pk for row in rows]).values_list("status", flat=True)
    return all(status == Status.COMPLETED for status in statuses)


def under_way() -> bool:
    return PhotoRedesign.objects.filter(status=Status.GENERATING).exists()


def waiting() -> bool:
    return PhotoRedesign.objects.filter(status__in=RUNNING).exists()


def assert_each_made_once(rows: list[PhotoRedesign]) -> None:
    for row in rows:
        row.refresh_from_db()
        assert row.status == Status.COMPLETED and default_storage.exists(row.storage_key)
        ends = Activity.objects.filter(action="redesign.completed", object_id=str(row.pk))
        assert ends.count() == 1
    assert not orphans().rows


@pytest.mark.slow
@pytest.mark.timeout(900)  # a machine with other work to do
def test_a_worker_killed_during_generation(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOB_LEASE_SECONDS", "4")
    app.control.purge()
    photo = make_photo()
    rows = [make_redesign(photo, seed=n) for n in range(3)]
    for row in rows:
        jobs.queue(row)
    with worker(tmp_path, concurrency=1) as running:  # one after the other: the kill falls on work
        wait_for(under_way, 300, "one is being made")
        running.kill()
        assert not finished(rows)
        running.start()
        wait_for(lambda: finished(rows), 300, "all are made")
    assert_each_made_once(rows)


@pytest.mark.faults
@pytest.mark.timeout(1200)  # a machine with other work to do
def test_twenty_kills(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kill falls on work: more is asked for as soon as all is done."""
    monkeypatch.setenv("JOB_LEASE_SECONDS", "4")
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    app.control.purge()
    photos = [make_photo(PropertyFactory(), seed=n) for n in range(4)]
    rows: list[PhotoRedesign] = []
    kills = 0
    with worker(tmp_path) as running:
        while kills < 20:
            if finished(rows):
                new = [make_redesign(photo, seed=kills) for photo in photos]
                for row in new:
                    jobs.queue(row)
                rows += new
            wait_for(lambda: under_way() or not waiting(), 60, "work is under way")
            time.sleep(chance.uniform(0, 3))
            if under_way():
                running.kill()
                kills += 1
                running.start()
        wait_for(lambda: finished(rows), 600, f"all are made (seed {seed})")
    assert_each_made_once(rows)
    for photo in photos:
        kept = {row.storage_key for row in rows if row.photo_id == photo.pk}
        files = set(walk(default_storage, f"{photo.folder}redesigns/"))
        assert kept <= files
