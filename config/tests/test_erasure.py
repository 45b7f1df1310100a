"""Export and erasure of an account over all apps: nothing is left out, nothing is left behind."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_redis import get_redis_connection
from rest_framework.test import APIClient

from accounts import erasure, export, holdings
from accounts.models import Activity, ApiToken, Erasure, Export, User
from config.tests.objects import make_photo
from documents import jobs
from documents.models import Document, Finding
from documents.tests.papers import call_for_funds
from photos.models import Photo
from properties import caches
from properties.models import PriceAnalysis, Property
from properties.tests.factories import PropertyFactory

PASSWORD = "correct-horse-battery"


@pytest.fixture
def full(owner: User, owner_api: APIClient) -> User:
    """Something of everything: properties (one deleted), an analysis, files, caches, a session."""
    browser = Client()
    browser.post(
        "/api/auth/sign-in/", {"email": owner.email, "password": PASSWORD}, content_type="application/json"
    )
    flat = PropertyFactory(user=owner, address="12 rue du Secret")
    gone = PropertyFactory(user=owner)
    owner_api.patch(f"/api/properties/{flat.pk}/", {"address": "14 rue du Secret"})
    owner_api.delete(f"/api/properties/{gone.pk}/")
    PriceAnalysis.objects.create(property=flat)
    for key in caches.keys(flat.pk):
        cache.set(key, {"address": "14 rue du Secret"})
    default_storage.save(f"{owner.pk}/documents/a.pdf", ContentFile(b"%PDF-1.7 mine"))
    default_storage.save(f"{owner.pk}/photos/2/b.jpg", ContentFile(b"jpeg"))
    photo = make_photo(flat, f"{owner.pk}/photos/3/original.jpg")
    default_storage.save(photo.storage_key, ContentFile(b"jpeg"))
    paper = SimpleUploadedFile("appel du Secret.pdf", call_for_funds(), "application/pdf")
    sent = owner_api.post(
        "/api/documents/upload/", {"property_id": flat.pk, "file": paper}, format="multipart"
    )
    document = Document.objects.get(pk=sent.json()["document"]["id"])
    jobs.run(document.pk)
    finding = Finding.objects.filter(analysis__document=document).first()
    assert finding is not None
    owner_api.patch(f"/api/documents/{document.pk}/findings/{finding.pk}/", {"value": finding.value})
    return owner


def texts_of_database() -> str:
    """Every row of every table, as text."""
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            parts += [f"{table} {row}" for (row,) in cursor.fetchall()]
    return "\n".join(parts)


@pytest.mark.django_db(transaction=True)
def test_erasing_an_account_leaves_nothing(full: User, owner_api: APIClient, stranger: User) -> None:
    kept = PropertyFactory(user=stranger)
    default_storage.save(f"{stranger.pk}/documents/c.pdf", ContentFile(b"theirs"))
    wrong = owner_api.delete("/api/users/me/", {"password": "wrong-password"})
    assert (wrong.status_code, User.objects.filter(pk=full.pk).exists()) == (400, True)
    properties = list(Property.all_objects.filter(user=full).values_list("pk", flat=True))
    assert owner_api.delete("/api/users/me/", {"password": PASSWORD}).status_code == 204

    assert owner_api.get("/api/users/me/").status_code == 401
    assert cache.get_many([key for pk in properties for key in caches.keys(pk)]) == {}
    stored = get_redis_connection("default")
    assert not list(stored.scan_iter("*price_analysis*"))
    erasure.clear(Erasure.objects.get(account_id=full.pk))
    assert list(holdings.files(full.pk)) == []
    assert not any(model.objects.exists() for model in (Document, Finding, Photo))
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.related_model is User:
                assert not model._base_manager.filter(**{field.attname: full.pk}).exists(), field
    everything = texts_of_database()
    assert full.email not in everything and "rue du Secret" not in everything
    proof = Activity.objects.get(action="account.erased")
    assert (proof.object_id, proof.actor_id, proof.user_id, proof.address) == (str(full.pk), None, None, None)
    assert proof.changes["rows"]["properties"] == 2

    assert Property.objects.filter(pk=kept.pk).exists()
    assert f"{stranger.pk}/documents/c.pdf" in holdings.files(stranger.pk)
    default_storage.delete(f"{stranger.pk}/documents/c.pdf")


def test_files_written_late_are_cleared_later(owner: User) -> None:
    left = Erasure.objects.create(account_id=owner.pk)
    erasure.clear(left)
    default_storage.save(f"{owner.pk}/documents/late.pdf", ContentFile(b"late"))
    left.refresh_from_db()
    assert left.finished_at is None
    left.created_at = timezone.now() - timedelta(hours=2)
    assert erasure.clear(left) == 1
    left.refresh_from_db()
    assert left.finished_at is not None


def test_every_model_of_ours_that_names_a_user_goes_or_is_blanked() -> None:
    """A new model that refers to the account by anything but CASCADE or SET_NULL would keep it."""
    ours = {"accounts", "properties", "documents", "photos", "reports", "dvf"}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.related_model is User and model._meta.app_label in ours and model is not Activity:
                remote: Any = field.remote_field
                assert remote.on_delete.__name__ in {"CASCADE", "SET_NULL"}, field


def test_export_holds_every_row_and_file_and_no_secret(full: User, owner_api: APIClient) -> None:
    answer = owner_api.get("/api/users/me/export/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    assert archive.read("files/documents/a.pdf") == b"%PDF-1.7 mine"
    assert archive.read("files/photos/2/b.jpg") == b"jpeg"
    rows = json.loads(archive.read("data/properties.json"))
    assert {row["address"] for row in rows} >= {"14 rue du Secret"} and len(rows) == 2
    assert json.loads(archive.read("data/users.json"))[0]["email"] == full.email
    assert json.loads(archive.read("data/activities.json"))
    token = ApiToken.objects.get(user=full)
    for name in archive.namelist():
        text = archive.read(name).decode(errors="replace")
        assert token.digest not in text and full.password not in text, name
    for key in holdings.files(full.pk):
        default_storage.delete(key)


def test_a_file_deleted_while_the_export_is_made_is_left_out(full: User, tmp_path: Path) -> None:
    listed = export.keys(full)
    default_storage.delete(f"{full.pk}/documents/a.pdf")
    with (tmp_path / "export.zip").open("w+b") as target:
        assert export.is_small(listed)
        export.write(full, listed, target)
        names = zipfile.ZipFile(target).namelist()
    assert "files/documents/a.pdf" not in names and "files/photos/2/b.jpg" in names
    for key in holdings.files(full.pk):
        default_storage.delete(key)


def test_a_large_account_is_exported_by_a_worker(
    full: User, owner_api: APIClient, stranger_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "SMALL_FILES", 1)
    answer: Any = owner_api.get("/api/users/me/export/")
    assert (answer.status_code, answer.data["status"]) == (202, "pending")
    url = answer["Location"]
    assert owner_api.get("/api/users/me/export/").data["id"] == answer.data["id"]
    assert owner_api.get(f"{url}file/").status_code == 409
    export.make(answer.data["id"])
    export.make(answer.data["id"])  # delivered twice: nothing happens
    done: Any = owner_api.get(url)
    assert done.data["status"] == "completed" and done.data["progress"]["percent"] == 100
    for path in (url, done.data["file"]):
        assert stranger_api.get(path).status_code == 404
        assert stranger_api.delete(url).status_code == 404
    archive = b"".join(owner_api.get(done.data["file"]).streaming_content)  # type: ignore[attr-defined]
    assert "files/documents/a.pdf" in zipfile.ZipFile(io.BytesIO(archive)).namelist()
    assert owner_api.delete(url).status_code == 204
    assert Export.objects.get().status == "cancelled"
    assert [key for key in holdings.files(full.pk) if "exports" in key] == []
    for key in holdings.files(full.pk):
        default_storage.delete(key)
