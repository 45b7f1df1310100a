"""Feedback: what is taken, who is told, what staff do with it, what becomes of it with the account."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from rest_framework.test import APIClient

from accounts import erasure, export
from accounts.models import Activity, Erasure, User
from feedback import receiving
from feedback.models import Feedback
from photos.drawn_room import jpeg, room

URL = "/api/feedback/"


def picture(**options: Any) -> SimpleUploadedFile:
    return SimpleUploadedFile('écran "1".jpg', jpeg(room(200, 120), **options), "image/jpeg")


def test_a_message_is_kept_and_logged(owner_api: APIClient, owner: User) -> None:
    answer = owner_api.post(URL, {"type": "bug", "message": "La carte est vide."})
    assert answer.status_code == 201, answer.content
    assert answer.json()["status"] == "new" and answer.json()["has_screenshot"] is False
    row = Feedback.objects.get()
    assert (row.user, row.kind, row.message) == (owner, "bug", "La carte est vide.")
    assert Activity.objects.filter(action="feedback.sent", user=owner, object_id=str(row.pk)).exists()


def test_a_screenshot_is_cleaned_and_stored_out_of_sight(owner_api: APIClient, owner: User) -> None:
    exif = Image.Exif()
    exif[0x013B] = "Camille Exemple"
    data = {"type": "idea", "message": "x", "screenshot": picture(exif=exif.tobytes())}
    assert owner_api.post(URL, data, format="multipart").json()["has_screenshot"] is True
    key = Feedback.objects.get().screenshot_key
    assert key.startswith(f"{owner.pk}/feedback/")
    with default_storage.open(key) as file:
        content = file.read()
    assert b"Camille" not in content and Image.open(io.BytesIO(content)).size == (200, 120)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"type": "praise"}, 400, "validation_error"),
        ({"message": " "}, 400, "validation_error"),
        ({"message": "x" * 5001}, 400, "validation_error"),
        ({"screenshot": b"<svg/>"}, 415, "unsupported_type"),
        ({"screenshot": b"\xff\xd8\xff broken"}, 422, "unreadable_image"),
        ({"screenshot": b""}, 400, "empty_file"),
    ],
)
def test_what_is_refused(owner_api: APIClient, change: dict[str, Any], status: int, code: str) -> None:
    if "screenshot" in change:
        change = {"screenshot": SimpleUploadedFile("a.png", change["screenshot"])}
    answer = owner_api.post(URL, {"type": "bug", "message": "x", **change}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert not Feedback.objects.exists()


def test_strangers_are_asked_who_they_are(anonymous_api: APIClient) -> None:
    assert anonymous_api.post(URL, {"type": "bug", "message": "x"}).status_code == 401


def test_a_retry_is_one_message(owner_api: APIClient) -> None:
    for _ in range(2):
        answer = owner_api.post(URL, {"type": "bug", "message": "x"}, HTTP_IDEMPOTENCY_KEY="k1")
        assert answer.status_code == 201
    assert Feedback.objects.count() == 1


def test_it_is_mailed_once_where_the_setting_says(owner: User, settings: Any) -> None:
    settings.FEEDBACK_EMAIL = ""
    row = receiving.receive(owner, "question", "Où est mon bien ?\nBcc: x@example.org")
    assert receiving.mail() == 0
    settings.FEEDBACK_EMAIL = "support@example.org"
    assert (receiving.mail(), receiving.mail()) == (1, 0)
    (sent,) = mail.outbox
    assert sent.to == ["support@example.org"] and sent.reply_to == [owner.email]
    assert "\n" not in sent.subject and "Où est mon bien" in sent.body
    assert f"/admin/feedback/feedback/{row.pk}/change/" in sent.body


def test_a_mail_that_does_not_leave_is_tried_again(owner: User, settings: Any) -> None:
    settings.FEEDBACK_EMAIL = "support@example.org"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    receiving.receive(owner, "bug", "x")
    assert receiving.mail() == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert receiving.mail() == 1


def test_staff_say_how_far_they_are(back_office: Client, owner: User, staff: User) -> None:
    row = receiving.receive(owner, "bug", "<script>alert(1)</script>", picture())
    path = reverse("admin:feedback_feedback_change", args=[row.pk])
    page = back_office.get(path)
    assert "&lt;script&gt;" in page.content.decode() and "X-Amz-Signature" in page.content.decode()
    stamp = page.context["adminform"].form.stamp
    data = {"status": "answered", "note": "Réglé.", "message": "other", "_stamp": stamp}
    assert back_office.post(path, data).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.note, row.message) == ("answered", "Réglé.", "<script>alert(1)</script>")
    event = Activity.objects.get(action="staff.changed")
    assert (event.actor, event.user) == (staff, owner)
    late = back_office.post(path, {**data, "status": "closed"})
    assert late.status_code == 200 and "a changé depuis" in late.content.decode()


def test_it_is_exported_and_erased_with_the_account(owner: User) -> None:
    row = receiving.receive(owner, "bug", "un message à moi", picture())
    target = io.BytesIO()
    export.write(owner, export.keys(owner), target)
    archive = zipfile.ZipFile(target)
    assert "un message à moi" in archive.read("data/feedback.json").decode()
    assert f"files/feedback/{row.uuid}.jpg" in archive.namelist()
    erasure.erase(owner)
    erasure.clear(Erasure.objects.get())
    assert not Feedback.objects.exists() and not default_storage.exists(row.screenshot_key)
