"""`manage.py users`: the same rules as the back-office and the API, from a terminal."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from accounts.models import Activity, User

EMAIL = "someone@example.org"


def users(*arguments: str) -> str:
    out = io.StringIO()
    call_command("users", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_create_and_list(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "a-long-enough-word-7\n")
    assert "créé" in users("create", EMAIL.upper(), "--name", "Someone")
    user = User.objects.get()
    assert (user.email, user.is_staff, user.has_verified_email) == (EMAIL, False, True)
    assert user.check_password("a-long-enough-word-7")
    for password, words in (("short\n", "court"), ("a-long-enough-word-7\n", "déjà un compte")):
        typed(monkeypatch, password)
        with pytest.raises(CommandError, match=words):
            users("create", EMAIL)
    typed(monkeypatch, "a-long-enough-word-7\n")
    with pytest.raises(CommandError):
        users("create", "not an address")
    listed = users("list", "--search", "SOMEONE")
    assert EMAIL in listed and "1 comptes" in listed
    assert "0 comptes" in users("list", "--search", "nobody")


def test_disable_shuts_every_door(owner: User, owner_api: APIClient) -> None:
    assert owner_api.get("/api/users/me/").status_code == 200
    assert "fermé" in users("disable", owner.email)
    assert owner_api.get("/api/users/me/").status_code == 401
    assert "déjà" in users("disable", owner.email)
    assert "rouvert" in users("enable", owner.email)
    assert owner_api.get("/api/users/me/").status_code == 401  # its tokens are gone
    actions = list(Activity.objects.order_by("id").values_list("action", flat=True))
    assert actions[-2:] == ["account.disabled", "account.enabled"]


def test_sign_out(owner: User, owner_api: APIClient) -> None:
    users("sign-out", owner.email)
    assert owner_api.get("/api/users/me/").status_code == 401
    assert User.objects.get().is_active


def test_export_and_erase(
    owner: User, stranger: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = default_storage.save(f"{owner.pk}/documents/x/a.pdf", ContentFile(b"%PDF"))
    target = tmp_path / "export.zip"
    try:
        assert "1 fichiers" in users("export", owner.email, "--out", str(target))
        assert target.stat().st_mode & 0o77 == 0
        with zipfile.ZipFile(target) as archive:
            assert archive.read("files/documents/x/a.pdf") == b"%PDF"
            assert [row["email"] for row in json.loads(archive.read("data/users.json"))] == [owner.email]
        with pytest.raises(CommandError, match="ne peut être créé"):
            users("export", owner.email, "--out", str(target))
        typed(monkeypatch, "no\n")
        with pytest.raises(CommandError, match="Rien n’est effacé"):
            users("erase", owner.email)
        typed(monkeypatch, f"{owner.email}\n")
        assert "effacé" in users("erase", owner.email)
        assert list(User.objects.all()) == [stranger]
        with pytest.raises(CommandError, match="Aucun compte"):
            users("erase", owner.email, "--yes")
    finally:
        default_storage.delete(key)
