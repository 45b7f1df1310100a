from __future__ import annotations

from django.core.management import call_command
from django.test import Client

from accounts.models import Activity, User
from accounts.tests.factories import UserFactory
from config.tests.rows import one_of_each
from documents.models import Document


def _member(group: str) -> Client:
    call_command("staff_groups", verbosity=0)
    member = UserFactory(is_staff=True)
    call_command("staff_groups", "--add", member.email, "--to", group, verbosity=0)
    client = Client()
    client.force_login(member)
    return client


def test_a_deleted_document_comes_back_by_the_button_of_its_page(owner: User) -> None:
    document = one_of_each(owner)["documents.document"]
    assert isinstance(document, Document)
    Document.all_objects.filter(pk=document.pk).update(is_deleted=True, deleted_at=document.created_at)
    page, button = (f"/admin/documents/document/{document.pk}/{name}/" for name in ("change", "restore"))
    reader, reviewer = _member("reader"), _member("reviewer")
    assert button not in reader.get(page).content.decode()
    assert reader.post(button).status_code == 403
    assert button in reviewer.get(page).content.decode()
    assert reviewer.post(button).status_code == 302
    assert Document.objects.filter(pk=document.pk).exists()
    assert Activity.objects.get(action="document.restored").user == owner


def test_the_front_page_leads_reviewers_to_the_queue(db: None) -> None:
    queue = "/admin/documents/documentreview/"
    assert f'href="{queue}"' in _member("reviewer").get("/admin/").content.decode()
    assert f'href="{queue}"' not in _member("data operator").get("/admin/").content.decode()
