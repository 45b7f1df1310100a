"""The row is the job: claims, leases, late results, lost messages; files follow their rows."""

from __future__ import annotations

import threading
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import User
from photos import files, jobs
from photos.drawn_room import jpeg
from photos.files import walk
from photos.models import FileRemoval, Photo, PhotoRedesign, Status
from photos.redesign import generate
from photos.tests.factories import make_photo, make_redesign
from properties.tests.factories import PropertyFactory


def stored(photo: Photo) -> list[str]:
    return sorted(walk(default_storage, photo.folder))


@pytest.mark.django_db
def test_only_one_of_two_claims_gets_it() -> None:
    row = make_redesign()
    assert jobs.claim(row.pk) is not None
    assert jobs.claim(row.pk) is None


def test_eight_workers_make_it_once(transactional_db: None) -> None:
    row = make_redesign()
    barrier = threading.Barrier(8)

    def work() -> None:
        try:
            barrier.wait()
            jobs.run(row.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row.refresh_from_db()
    assert (row.status, row.attempts) == (Status.COMPLETED, 1)
    assert len([key for key in stored(row.photo) if "/redesigns/" in key]) == 1


@pytest.mark.django_db
def test_a_late_result_is_not_written_and_leaves_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    row = make_redesign()
    original = generate

    def slow(*args: Any, **options: Any) -> Any:
        made = original(*args, **options)
        PhotoRedesign.objects.filter(pk=row.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        assert jobs.requeue_lost()["recovered"] == 1
        return made

    monkeypatch.setattr(jobs, "generate", slow)
    jobs.run(row.pk)
    row.refresh_from_db()
    assert row.status == Status.PENDING and not row.storage_key
    assert not [key for key in stored(row.photo) if "/redesigns/" in key]
    monkeypatch.undo()
    jobs.run(row.pk)
    row.refresh_from_db()
    assert (row.status, row.attempts) == (Status.COMPLETED, 2)


@pytest.mark.django_db
def test_a_cancelled_one_stays_cancelled_though_its_worker_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    row = make_redesign()
    original = generate

    def cancelled_meanwhile(*args: Any, **options: Any) -> Any:
        jobs.cancel(PhotoRedesign.objects.filter(pk=row.pk))
        return original(*args, **options)

    monkeypatch.setattr(jobs, "generate", cancelled_meanwhile)
    jobs.run(row.pk)
    row.refresh_from_db()
    assert row.status == Status.CANCELLED and len(stored(row.photo)) == 3


@pytest.mark.django_db
def test_a_photo_deleted_meanwhile_leaves_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    row = make_redesign()
    photo = row.photo
    original = generate

    def deleted_meanwhile(*args: Any, **options: Any) -> Any:
        made = original(*args, **options)
        Photo.objects.filter(pk=photo.pk).delete()
        files.remove()
        return made

    monkeypatch.setattr(jobs, "generate", deleted_meanwhile)
    jobs.run(row.pk)
    assert stored(photo) == [] and not PhotoRedesign.objects.exists()


@pytest.mark.django_db
def test_failures_end_in_words(settings: Any) -> None:
    settings.IMAGE_ENGINE, settings.IMAGE_API_KEY, settings.IMAGE_MODEL = "gemini", "k", "m"
    settings.IMAGE_BASE_URL, settings.IMAGE_TIMEOUT_SECONDS = "http://127.0.0.1:1", 1.0
    row = make_redesign()
    for attempt in range(1, jobs.MOST_PROVIDER_ATTEMPTS + 1):
        PhotoRedesign.objects.filter(pk=row.pk).update(queued_at=timezone.now())
        jobs.run(row.pk)
        row.refresh_from_db()
        assert row.attempts == attempt
        if attempt < jobs.MOST_PROVIDER_ATTEMPTS:
            assert row.status == Status.PENDING and row.queued_at > timezone.now()
            assert jobs.claim(row.pk) is None  # not before its time
    assert (row.status, row.error_code) == (Status.FAILED, "provider_unavailable")


@pytest.mark.django_db
def test_a_lost_message_is_sent_again_and_a_hopeless_row_fails(
    django_capture_on_commit_callbacks: Any,
) -> None:
    row = make_redesign()
    with django_capture_on_commit_callbacks() as sent:
        assert jobs.requeue_lost() == {"failed": 0, "recovered": 0, "sent": 1}
    assert len(sent) == 1 and jobs.requeue_lost()["sent"] == 0
    PhotoRedesign.objects.filter(pk=row.pk).update(
        status=Status.GENERATING,
        attempts=jobs.MOST_ATTEMPTS,
        lease_until=timezone.now() - timedelta(seconds=1),
    )
    assert jobs.requeue_lost()["failed"] == 1
    row.refresh_from_db()
    assert (row.status, row.error_code) == (Status.FAILED, "worker_lost")


@pytest.mark.django_db
def test_deleting_a_photo_with_a_promoted_redesign() -> None:
    row = make_redesign()
    jobs.run(row.pk)
    photo = row.photo
    Photo.objects.filter(pk=photo.pk).update(promoted_redesign=row)
    assert len(stored(photo)) == 4
    photo.delete()
    assert len(stored(photo)) == 4 and FileRemoval.objects.count() == 2  # files after rows
    assert files.remove() == 2 and stored(photo) == [] and not FileRemoval.objects.exists()


@pytest.mark.django_db
def test_deleting_only_the_redesign_keeps_the_photo() -> None:
    row = make_redesign()
    jobs.run(row.pk)
    Photo.objects.filter(pk=row.photo_id).update(promoted_redesign=row)
    PhotoRedesign.objects.get(pk=row.pk).delete()
    files.remove()
    photo = Photo.objects.get(pk=row.photo_id)
    assert photo.promoted_redesign_id is None and len(stored(photo)) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["property", "account", "sql"])
def test_whatever_deletes_the_rows_the_files_follow(how: str) -> None:
    row = make_redesign()
    jobs.run(row.pk)
    photo = row.photo
    if how == "property":
        photo.property.delete()
    elif how == "account":
        User.objects.get(pk=photo.property.user_id).delete()
    else:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE photos SET promoted_redesign_id = NULL")
            cursor.execute("DELETE FROM photo_redesigns")
            cursor.execute("DELETE FROM photo_redesign_threads")
            cursor.execute("DELETE FROM photos")
    assert files.remove() > 0 and stored(photo) == [] and not Photo.objects.exists()


@pytest.mark.django_db
def test_a_store_that_is_away_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = make_photo()
    photo.delete()

    def away(key: str) -> None:
        raise OSError("away")

    monkeypatch.setattr(default_storage, "delete", away, raising=False)
    assert files.remove() == 0 and FileRemoval.objects.count() == 1
    monkeypatch.undo()
    assert files.remove() == 1 and stored(photo) == []


@pytest.mark.django_db
def test_orphans_are_found_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = make_photo(PropertyFactory())
    lost = f"{photo.property.user_id}/photos/0000/redesigns/lost.jpg"
    default_storage.save(lost, ContentFile(b"x"))
    default_storage.delete(photo.storage_key)
    young = files.orphans()
    assert lost not in young.files and f"photo {photo.pk}" in young.rows
    monkeypatch.setattr(files, "SAFE_AGE", timedelta(seconds=-5))
    out = StringIO()
    call_command("photos_orphans", stdout=out)
    assert f"sans photo : {lost}" in out.getvalue() and default_storage.exists(lost)
    call_command("photos_orphans", "--fix", stdout=out)
    assert f"effacé : {lost}" in out.getvalue() and not default_storage.exists(lost)
    assert len(stored(photo)) == 2


def test_a_file_from_the_disk_without_services(tmp_path: Path) -> None:
    source, target = tmp_path / "salon.jpg", tmp_path / "out.jpg"
    source.write_bytes(jpeg())
    out = StringIO()
    call_command("redesign", str(source), "--style", "bohemian", "--out", str(target), stdout=out)
    assert "structure 0." in out.getvalue() and b"compositeSynthetic" in target.read_bytes()
    source.write_bytes(b"no image")
    with pytest.raises(CommandError, match="unsupported_type"):
        call_command("redesign", str(source), "--prompt", "murs bleus", "--out", str(target))
    with pytest.raises(CommandError):
        call_command("redesign", str(tmp_path / "none.jpg"), "--style", "classic", "--out", str(target))
