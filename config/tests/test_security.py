"""Production's settings, as they are served: checks, cookies, headers, origins, proxies; and SECURITY.md."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import User
from config.middleware import client_address
from config.settings import base

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.base",
    "SECRET_KEY": "only for tests, and as long as the checks want a key to be",
    "ALLOWED_HOSTS": "appart.example.org",
    "PUBLIC_URL": "https://appart.example.org",
    "EMAIL_URL": "console://",
    "CORS_ALLOWED_ORIGINS": "https://client.example.org",
    "ADMIN_PATH": "gestion/",
    "TRUSTED_PROXIES": "1",
    "HTTPS": "true",
    "LOG_LEVEL": "ERROR",
}
ASK = """
import json
import config.wsgi
from django.core.management import call_command
from django.test import Client
from django.conf import settings
from django.test.utils import override_settings
call_command("check", deploy=True, fail_level="WARNING")
plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # nothing is collected here
override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}).enable()
client = Client(headers={"host": "appart.example.org", "x-forwarded-proto": "https"})
said = {}
for name, path, headers in (
    ("page", "/gestion/login/", {}),
    ("api", "/api/properties/", {"origin": "https://client.example.org"}),
    ("stranger", "/api/properties/", {"origin": "https://evil.example.org"}),
    ("admin", "/admin/login/", {}),
    ("plain", "/gestion/login/", {"x-forwarded-proto": "http"}),
    ("other", "/health/live/", {"host": "evil.example.org"}),
    ("config", "/api/auth/config/", {}),
):
    answer = client.get(path, headers=headers)
    said[name] = {"status": answer.status_code, "headers": dict(answer.headers),
                  "cookies": {n: m.OutputString() for n, m in answer.cookies.items()}}
said["hasher"] = settings.PASSWORD_HASHERS[0]
print("SAID" + json.dumps(said))
"""


@pytest.fixture(scope="module")
def said() -> Any:
    """What production answers, asked in a process of its own: settings are read once."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASK], cwd=ROOT, env=os.environ | PRODUCTION,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues" in done.stdout + done.stderr, "check --deploy is not clean"
    return json.loads(done.stdout.partition("SAID")[2])


def test_headers_of_a_page(said: Any) -> None:
    assert said["page"]["status"] == 200
    headers = said["page"]["headers"]
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    policy = dict(
        part.strip().split(" ", 1) for part in said["api"]["headers"]["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == "'self'"


def test_cookies(said: Any) -> None:
    [(name, cookie)] = said["page"]["cookies"].items()
    assert name == "__Host-csrftoken"
    assert {"Secure", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert base.SESSION_COOKIE_HTTPONLY


def test_other_origins_are_named_or_shut_out(said: Any) -> None:
    assert said["api"]["headers"]["access-control-allow-origin"] == "https://client.example.org"
    assert "access-control-allow-origin" not in said["stranger"]["headers"]
    assert base.CORS_ALLOWED_ORIGINS == []


def test_plain_http_other_hosts_and_the_usual_path(said: Any) -> None:
    assert said["plain"]["status"] == 301
    assert said["plain"]["headers"]["Location"].startswith("https://")
    assert said["other"]["status"] == 400
    assert said["admin"]["status"] == 404
    assert said["hasher"].endswith("Argon2PasswordHasher")


def test_unsafe_values_do_not_pass() -> None:
    unsafe = {
        "SECRET_KEY": "change-me-please" * 5,
        "ALLOWED_HOSTS": "*",
        "EMAIL_URL": "memory://",
        "PUBLIC_URL": "http://appart.example.org",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"], cwd=ROOT, env=os.environ | PRODUCTION | unsafe,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    for code in ("E002", "E003", "E004", "E005"):  # one each, in that order; all are told at once
        assert f"config.{code}" in done.stderr


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        (0, "198.51.100.7", "192.0.2.1"),
        (0, None, "192.0.2.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.66, 198.51.100.7", "198.51.100.7"),  # what the caller put in front is not believed
        (2, "203.0.113.66, 198.51.100.7, 10.0.0.3", "198.51.100.7"),
        (1, "no address", None),
    ],
)
def test_the_caller_s_address(proxies: int, forwarded: str | None, seen: str | None, settings: Any) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory(headers=headers).get("/", REMOTE_ADDR="192.0.2.1")
    assert client_address(request) == seen


def test_forged_headers_get_round_no_limit_behind_a_proxy(owner: User, settings: Any) -> None:
    """The proxy appends the true address; the caller makes up another in front of it each time."""
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    cache.clear()
    statuses = [
        Client(REMOTE_ADDR="10.0.0.3")
        .post(
            "/api/auth/token/",
            {"email": f"someone{n}@example.org", "password": "wrong-password"},
            "application/json",
            headers={"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.7"},
        )
        .status_code
        for n in range(6)
    ]
    assert statuses == [400] * 5 + [429]


def test_a_session_begins_anew_at_sign_in(staff: User) -> None:
    """An id set before the sign-in opens nothing after it."""
    staff.set_password("correct-horse-battery")
    staff.save()
    browser = Client()
    browser.session.save()
    browser.get(reverse("admin:login"))
    planted = str(browser.session.session_key)
    browser.cookies["sessionid"] = planted
    answer = browser.post(
        reverse("admin:login"), {"username": staff.email, "password": "correct-horse-battery"}
    )
    assert answer.status_code == 302
    assert browser.cookies["sessionid"].value != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get(reverse("admin:index")).status_code == 302


PAGE = ROOT / "SECURITY.md"
LEVELS = json.loads((Path(__file__).parent / "asvs_5_0_levels.json").read_text())


def rows() -> list[tuple[list[str], str]]:
    """Each row of the table: the requirements it speaks of, and what it says."""
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if re.match(r"\d+\.\d+\.\d+", cells[0]):
            found.append((expand(cells[0]), cells[-1]))
    return found


def expand(text: str) -> list[str]:
    """ "1.2.1, 1.2.3–5" → 1.2.1, 1.2.3, 1.2.4, 1.2.5."""
    ids = []
    for part in text.split(","):
        first, _, last = part.strip().partition("–")
        section, _, number = first.rpartition(".")
        ids += [f"{section}.{n}" for n in range(int(number), int(last or number) + 1)]
    return ids


def test_every_requirement_of_levels_1_and_2_has_its_row() -> None:
    spoken = [identifier for ids, _said in rows() for identifier in ids]
    wanted = set(LEVELS["1"]) | set(LEVELS["2"])
    assert len(wanted) == 253
    assert sorted(set(wanted) - set(spoken)) == []
    assert sorted(set(spoken) - wanted) == []
    assert len(spoken) == len(set(spoken)), "twice"


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", PAGE.read_text(encoding="utf-8"))
    assert len(named) >= 40
    known: dict[str, set[str]] = {}
    for path, test in named:
        if path not in known:
            tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
            known[path] = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert test in known[path], f"{path}::{test}"
    for ids, said in rows():
        assert len(said) > 10, f"{ids}: neither test nor reason"
