"""The back-office in a real browser: what only a browser can tell."""

from __future__ import annotations

from config.tests.browser import is_wider_than_screen, serious_findings


def test_the_front_page_opens_without_a_word_on_the_console(staff_page):
    page, seen = staff_page
    page.goto("/admin/")
    assert "AppArt Agent" in page.title()
    seen.nothing_wrong()
    assert serious_findings(page) == []
    assert not is_wider_than_screen(page)
