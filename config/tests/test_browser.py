"""The back-office in a real browser: what only a browser can tell."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client
from playwright.sync_api import expect

from accounts.models import Activity, User
from accounts.tests.factories import UserFactory
from config.tests.browser import PHONE, is_wider_than_screen, serious_findings
from config.tests.rows import HOSTILE, one_of_each
from dvf.tests.factories import DVFSaleFactory, served_import
from photos.tests.factories import make_done, make_photo
from properties.models import Property
from properties.tests.factories import PropertyFactory

PASSWORD = "correct-horse-battery"
HOME = re.compile(r"^Accueil")
PATH = re.compile(r"/account/\S+")
# The ten pages staff open most.
MAIN_PAGES = [
    "", "accounts/user/", "properties/property/", "documents/document/", "documents/documentsummary/",
    "photos/photoredesign/", "dvf/dvfsale/", "dvf/dvfimport/", "feedback/feedback/", "accounts/activity/",
]  # fmt: skip


def test_ten_main_pages_ask_nobody_else_and_can_be_read_by_all(staff_page, open_page):
    one_of_each()
    page, seen = staff_page
    findings = {}
    for path in MAIN_PAGES:
        page.goto(f"/admin/{path}")
        if found := serious_findings(page):
            findings[path] = found
        assert not is_wider_than_screen(page), path
    # The rows' pictures are in no store.
    seen.failed[:] = [line for line in seen.failed if "thumbnail" not in line and "/appart/" not in line]
    seen.console[:] = [line for line in seen.console if "404" not in line]
    seen.nothing_wrong()
    assert findings == {}
    phone, _seen = open_page(User.objects.get(email="staff@example.org"), PHONE, dark=True)
    for path in ("", "photos/photoredesign/", "accounts/user/"):
        phone.goto(f"/admin/{path}")
        assert not is_wider_than_screen(phone), path


def test_wide_tables_can_be_read_on_a_phone_in_the_dark(staff_page, open_page):
    """What is pushed sideways within its frame can be reached by keyboard, and nothing is too pale."""
    rows = one_of_each()
    phone, seen = open_page(User.objects.get(email="staff@example.org"), PHONE, dark=True, locale="en-GB")
    for label in ("dvf.valuationbacktest", "dvf.dvfimport", "accounts.user", "accounts.activity"):
        phone.goto(f"/admin/{label.replace('.', '/')}/{rows[label].pk}/change/")
        assert serious_findings(phone) == [], label
        assert not is_wider_than_screen(phone), label
    phone.goto(f"/admin/documents/documentreview/{rows['documents.document'].pk}/print/")
    assert serious_findings(phone) == []
    seen.nothing_wrong()


def test_signing_in_with_a_second_factor(open_page, transactional_db, settings):
    settings.STAFF_SECOND_FACTOR = True
    UserFactory(email="colleague@example.org", is_staff=True, is_superuser=True, password=PASSWORD)
    page, seen = open_page()

    def sign_in() -> None:
        page.goto("/admin/")
        page.fill("input[name=username]", "colleague@example.org")
        page.fill("input[name=password]", PASSWORD)
        page.click("#login-form button[type=submit]")

    sign_in()
    secret = page.locator("code").inner_text()
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    page.fill("#id_code", code)
    page.click("text=Valider")
    recovery = page.locator(".bo-codes code").first.inner_text()
    page.click("text=Continuer")
    expect(page).to_have_title(HOME)
    page.context.clear_cookies()
    sign_in()
    page.fill("#id_code", "000000")
    page.click("text=Valider")
    expect(page.locator("[role=alert]")).to_have_count(1)
    page.fill("#id_code", recovery)
    page.click("text=Valider")
    expect(page).to_have_title(HOME)
    seen.nothing_wrong()


def test_links_in_mails_lead_to_pages_that_a_browser_can_send(open_page, transactional_db):
    """A browser tells where a form comes from as the page allows; one that tells nothing is refused."""
    new = {"email": "new@example.org", "password": PASSWORD, "full_name": "Camille Exemple"}
    Client().post("/api/auth/sign-up/", new, content_type="application/json")
    page, seen = open_page()
    page.goto(PATH.findall(str(mail.outbox[-1].body))[-1])
    page.click("button")
    page.wait_for_selector("text=Vous pouvez vous connecter.")
    Client().post("/api/auth/password/reset/", {"email": new["email"]}, content_type="application/json")
    page.goto(PATH.findall(str(mail.outbox[-1].body))[-1])
    page.fill("input[name=password]", "another-correct-horse")
    page.click("button")
    page.wait_for_selector("text=Vous pouvez vous connecter.")
    assert User.objects.get(email=new["email"]).check_password("another-correct-horse")
    seen.nothing_wrong()


def test_the_documentation_of_the_api_runs_no_script_of_the_page_s_own(open_page, transactional_db):
    page, seen = open_page(None)
    policy = page.goto("/api/docs/").header_value("content-security-policy")
    assert "script-src 'self'" in [part.strip() for part in policy.split(";")]
    page.locator(".opblock").first.wait_for()
    seen.nothing_wrong()


def test_finding_a_sale_and_seeing_where_it_is(staff_page):
    release = served_import()
    sale = DVFSaleFactory(release=release, adresse_complete="12 RUE DES ESSAIS")
    DVFSaleFactory.create_batch(3, release=release, longitude=5.931)
    page, seen = staff_page
    page.goto("/admin/dvf/dvfsale/")
    page.fill("input[name=q]", sale.id_mutation)
    page.press("input[name=q]", "Enter")
    page.locator("#result_list a", has_text="12 RUE DES ESSAIS").first.click()
    page.locator("#dvf-map svg").wait_for()
    expect(page.locator("#dvf-map svg a").nth(2)).to_be_attached()
    seen.nothing_wrong()
    assert serious_findings(page) == []
    menu = page.locator("#nav-sidebar-inner a[href='/admin/dvf/dvfimport/']").first
    page.emulate_media(media="print")
    assert page.locator("#dvf-map").is_visible() and not menu.is_visible()


def test_the_slider_uncovers_the_photo_and_without_scripts_both_are_side_by_side(staff_page, open_page):
    page, seen = staff_page
    redesign = make_done(make_photo(PropertyFactory()))
    path = f"/admin/photos/photoredesign/{redesign.pk}/change/"
    page.goto(path)
    after, slider = page.locator(".ph-after"), page.locator(".ph-compare input")
    for value, share in (("10", r"1?\d"), ("50", r"[2-7]\d"), ("90", r"(8\d|9\d|100)")):
        slider.evaluate("(e, v) => { e.value = v }", value)
        # The style sheet follows the thumb, some frames later.
        expect(after).to_have_css("clip-path", re.compile(rf"(?<![\d.]){share}(\.\d+)?%[^%]*$"))
    seen.nothing_wrong()
    assert not is_wider_than_screen(page)
    assert serious_findings(page) == []
    plain, _seen = open_page(User.objects.get(email="staff@example.org"), javascript=False)
    plain.goto(path)
    before, beside = (plain.locator(".ph-compare figure").nth(n).bounding_box() for n in (0, 1))
    assert (
        before["x"] + before["width"] <= beside["x"] and not plain.locator(".ph-compare input").is_visible()
    )


def test_restoring_a_property(staff_page):
    page, seen = staff_page
    flat = PropertyFactory(address="7 rue Perdue")
    flat.delete_softly(flat.user)
    page.goto("/admin/properties/property/?is_deleted__exact=1")
    page.locator("#result_list a", has_text="7 rue Perdue").first.click()
    page.click("button:text-is('Rétablir')")
    page.wait_for_selector("text=1 bien rétabli")
    assert Property.objects.filter(pk=flat.pk).exists()
    assert Activity.objects.filter(action="property.restored").count() == 1
    seen.nothing_wrong()


@pytest.mark.parametrize("path", ["accounts/user/", "documents/document/", "feedback/feedback/"])
def test_a_script_in_a_name_does_not_run(staff_page, path):
    rows = one_of_each()
    page, _seen = staff_page
    shown = []

    def dismiss(dialog):
        shown.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.goto(f"/admin/{path}")
    page.goto(f"/admin/{path}{rows[path.replace('/', '.').strip('.')].pk}/change/")
    assert shown == [] and HOSTILE[:8] in page.content().replace("&lt;", "<").replace("&gt;", ">")
