"""A real browser on a real server, for the tests of the back-office.

`staff_page` is a page where staff are signed in; `open_page` makes others (another account, a phone, the dark
theme). Every page notes what its browser says on the console and which hosts it asks, and leaves a picture in
`.local/screenshots/` when its test ends. Where there is no Chromium the tests are skipped with a word.

The browser starts once. Its tests run last (`run_last`): playwright's loop stays in the main thread from then
on, where other tests could not start one.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from accounts.models import User

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / ".local" / "screenshots"
AXE = Path(__file__).parent / "axe" / "axe.min.js"
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 30_000
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


def chromium() -> str | None:
    """The machine's Chromium; `CHROMIUM` names another."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next((path for name in names if (path := shutil.which(name))), None)


def run_last(items: list[pytest.Item]) -> None:
    """Tests that ask for the browser after all others, else in the order they had."""
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("no Chromium on this machine: install it (Debian: apt-get install chromium)")
    # The loop of playwright makes Django believe that every query of a test is asked from asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with sync_playwright() as playwright:
            expect.set_options(timeout=PATIENCE_MS)
            running = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
            yield running
            running.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclass
class Seen:
    """What a page's browser told: errors on its console, and the hosts it asked beside our two."""

    console: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def nothing_wrong(self) -> None:
        assert self.console == []
        assert self.foreign == []
        assert self.failed == []


type_OpenPage = Callable[..., tuple[Page, Seen]]


@pytest.fixture
def open_page(browser: Browser, live_server: Any, request: pytest.FixtureRequest) -> Iterator[type_OpenPage]:
    """`open_page(user=None, size=DESKTOP, dark=False, javascript=True)` → (page, what its browser saw)."""
    contexts: list[BrowserContext] = []

    def make(
        user: User | None = None,
        size: dict[str, int] = DESKTOP,
        *,
        dark: bool = False,
        javascript: bool = True,
        locale: str = "fr-FR",
    ) -> tuple[Page, Seen]:
        context = browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            locale=locale,
            base_url=live_server.url,
            java_script_enabled=javascript,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        if user is not None:
            sign_in(context, user, live_server.url)
        page = context.new_page()
        return page, _watched(page, live_server.url)

    yield make
    name = re.sub(r"[^a-zA-Z0-9]+", "-", request.node.name).strip("-")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for number, context in enumerate(contexts):
        for page in context.pages:
            page.screenshot(path=SCREENSHOTS / f"{name}{f'-{number}' if number else ''}.png")
        context.close()


@pytest.fixture
def staff_page(open_page: type_OpenPage, transactional_db: None) -> tuple[Page, Seen]:
    """A page of the back-office's browser, staff signed in (an administrator), and what it saw."""
    user = User.objects.create_user(
        "staff@example.org", "a password of tests", is_staff=True, is_superuser=True
    )
    return open_page(user)


def sign_in(context: BrowserContext, user: User, url: str) -> None:
    """The cookie of a session, without going through the form."""
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": url}])


def _watched(page: Page, url: str) -> Seen:
    seen = Seen()
    own = {urlsplit(url).netloc, urlsplit(settings.S3_PUBLIC_URL).netloc, ""}
    page.on("console", lambda m: seen.console.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: seen.console.append(str(error)))
    page.on("request", lambda r: seen.foreign.append(r.url) if urlsplit(r.url).netloc not in own else None)
    page.on("response", lambda r: seen.failed.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    return seen


def serious_findings(page: Page) -> list[str]:
    """What axe-core finds serious or critical on the page: "rule: element", one a line."""
    # Evaluated by the debugger, not put into the page: its policy allows no script of ours.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in result["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def is_wider_than_screen(page: Page) -> bool:
    """Whether the page as a whole scrolls sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))
