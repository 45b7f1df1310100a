"""The back-office's first page says what is well and what is not, at a fixed and small cost."""

from __future__ import annotations

from datetime import timedelta

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from config.tests.rows import one_of_each
from documents.models import Document
from dvf.models import DVFImport
from dvf.tests.factories import DVFImportFactory
from photos.models import PhotoRedesign

MOST_QUERIES = 6


def sentences(client: Client) -> list[str]:
    return [trouble.sentence for trouble in client.get("/admin/").context["troubles"]]


def figures(client: Client) -> dict[str, str]:
    cards = client.get("/admin/").context["cards"]
    return {f"{card.title} – {figure.label}": figure.value for card in cards for figure in card.figures}


def test_without_sales_it_says_so_and_with_them_all_is_well(back_office: Client) -> None:
    assert sentences(back_office) == ["Aucune vente n'est servie : importez DVF."]
    DVFImportFactory(release_label="octobre 2025", total_sales=4_800_000)
    page = back_office.get("/admin/")
    assert page.context["troubles"] == []
    assert "Tout va bien" in page.content.decode()
    shown = figures(back_office)
    assert shown["Ventes – millésime"] == "octobre 2025"
    assert shown["Ventes – ventes"].replace("\u202f", " ").replace("\xa0", " ") == "4 800 000"
    assert "Tout va bien" not in back_office.get("/admin/", HTTP_ACCEPT_LANGUAGE="en").content.decode()


def test_it_says_in_words_what_is_not_well(back_office: Client) -> None:
    one_of_each()
    DVFImport.objects.filter(status="served").update(finished_at=timezone.now() - timedelta(days=300))
    Document.objects.update(status="pending", queued_at=timezone.now() - timedelta(hours=3))
    told = sentences(back_office)
    assert any("plus de huit mois" in sentence for sentence in told)
    assert "Le dernier import a échoué." in told
    assert "1 rendu n'a pas pu être fait." in told
    assert any("attend depuis 3" in sentence for sentence in told)
    one_of_each()
    assert "2 rendus n'ont pas pu être faits." in sentences(back_office)


def test_what_was_hidden_deleted_or_waits_on_purpose_is_no_trouble(back_office: Client) -> None:
    one_of_each()
    DVFImport.objects.filter(status="failed").delete()
    DVFImport.objects.update(finished_at=timezone.now())
    PhotoRedesign.objects.update(hidden_at=timezone.now())
    Document.all_objects.update(status="pending", queued_at=timezone.now() + timedelta(minutes=5))
    assert [s for s in sentences(back_office) if "export" not in s] == []


def test_it_costs_six_queries_at_most_for_everybody(db: None, back_office: Client) -> None:
    call_command("staff_groups", verbosity=0)
    member = UserFactory(is_staff=True)
    call_command("staff_groups", "--add", member.email, "--to", "reader", verbosity=0)
    reader = Client()
    reader.force_login(member)
    for _ in range(3):
        one_of_each()
    for client in (back_office, reader):
        client.get("/admin/")
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/admin/").status_code == 200
        assert len(asked) <= MOST_QUERIES, [query["sql"][:100] for query in asked.captured_queries]
        assert "dvf_sales" not in str(asked.captured_queries)


def test_figures_are_shown_to_those_who_may_open_the_list(db: None) -> None:
    call_command("staff_groups", verbosity=0)
    one_of_each()
    operator = UserFactory(is_staff=True)
    call_command("staff_groups", "--add", operator.email, "--to", "data operator", verbosity=0)
    client, nobody = Client(), Client()
    client.force_login(operator)
    nobody.force_login(User.objects.create_user("nobody@example.org", is_staff=True))
    assert {title.partition(" –")[0] for title in figures(client)} == {"Ventes", "Qualité"}
    assert not any("rendu" in sentence for sentence in sentences(client))
    page = nobody.get("/admin/")
    assert page.context["cards"] == [] and "demandez à un administrateur" in page.content.decode()
