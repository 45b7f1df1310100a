"""The back-office's pages of sales and imports: bounded, without counts, and found by what one types."""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest import MonkeyPatch

from dvf import admin as pages
from dvf import changelist
from dvf.models import DVFImport, DVFSale
from dvf.tests.factories import (
    DVFImportFactory,
    DVFPriceFactory,
    DVFSaleFactory,
    DVFSaleLotFactory,
    DVFStreetFactory,
    sales_with,
    served_import,
)

LIST = "/admin/dvf/dvfsale/"


def _shown(response: Any) -> list[int]:
    assert response.status_code == 200, response
    return [sale.pk for sale in response.context["cl"].result_list]


def test_pages_follow_each_other_and_end(back_office: Client, monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(pages.DVFSaleAdmin, "list_per_page", 7)
    expected = [sale.pk for sale in sales_with(24)][::-1]
    seen: list[list[int]] = []
    url = LIST
    while url:
        response = back_office.get(url)
        seen.append(_shown(response))
        cl = response.context["cl"]
        url = LIST + cl.next_url if cl.next_url else ""
        assert len(seen) < 10
    assert [pk for page in seen for pk in page] == expected
    back = back_office.get(LIST + cl.previous_url)
    assert _shown(back) == seen[-2]


def test_no_count_no_offset_and_as_many_queries_for_many_sales(
    back_office: Client, flat_queries: Callable[..., int], monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.setattr(pages.DVFSaleAdmin, "list_per_page", 5)
    sales_with(6)
    flat_queries(lambda: back_office.get(LIST), lambda: sales_with(30))
    with CaptureQueriesContext(connection) as captured:
        back_office.get(LIST + "?code_postal=83000&q=2024-1")
    statements = [q["sql"] for q in captured.captured_queries if '"dvf_sales"' in q["sql"]]
    assert statements
    for sql in statements:
        assert "COUNT(" not in sql
        assert "OFFSET" not in sql


def test_the_number_of_sales_is_an_estimate_that_says_so(
    back_office: Client, monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.setattr(pages.DVFSaleAdmin, "list_per_page", 5)
    sales_with(1203)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE dvf_sales")
    assert "≈ 1 200 ventes" in back_office.get(LIST).content.decode()
    sales_with(3, code_postal="06000")
    assert "3 vente(s)" in back_office.get(LIST + "?code_postal=06000").content.decode()


def test_jump_to_a_date(back_office: Client) -> None:
    days = [datetime.date(2024, month, 1) for month in (1, 3, 5)]
    january, march, _may = (sales_with(1, date_mutation=day)[0].pk for day in days)
    response = back_office.get(LIST + "?jour=2024-03-31")
    assert _shown(response) == [march, january]
    assert response.context["cl"].previous_url


@pytest.mark.parametrize("query", ["jour=hier", "c=xyz", "c=" + "A" * 300])
def test_a_page_that_is_none_shows_the_first(back_office: Client, query: str) -> None:
    sale = sales_with(1)[0]
    response = back_office.get(f"{LIST}?{query}")
    assert _shown(response) == [sale.pk]
    assert len(response.context["messages"]) == 1


def test_a_page_of_a_replaced_release_shows_the_first(back_office: Client, monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(pages.DVFSaleAdmin, "list_per_page", 2)
    sales_with(5)
    first = back_office.get(LIST)
    DVFImport.objects.update(status="superseded")
    DVFImportFactory()
    assert _shown(back_office.get(LIST + first.context["cl"].next_url)) == _shown(first)


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("code_departement=06", {"code_departement": "06"}),
        ("code_postal=06000", {"code_postal": "06000"}),
        ("code_commune=2a004", {"code_commune": "2A004"}),
        ("type_principal__exact=Maison", {"type_principal": "Maison"}),
        ("date_mutation_from=2024-07-01", {"date_mutation": datetime.date(2024, 7, 1)}),
        ("date_mutation_to=2024-05-01", {"date_mutation": datetime.date(2024, 5, 1)}),
        ("prix_from=200000", {"prix": Decimal(200000)}),
        ("prix_m2_to=1000", {"prix_m2": Decimal(1000)}),
        ("surface_bati_from=90&surface_bati_to=110", {"surface_bati": 100.0}),
        ("is_comparable__exact=0", {"is_comparable": False, "exclusion_reasons": ["mixed"]}),
    ],
)
def test_filters(back_office: Client, query: str, fields: dict[str, Any]) -> None:
    sales_with(3)
    (wanted,) = sales_with(1, **fields)
    assert _shown(back_office.get(f"{LIST}?{query}")) == [wanted.pk]


def test_search_by_the_shape_of_what_is_typed(back_office: Client) -> None:
    other = sales_with(1)[0]
    (sale,) = sales_with(
        1,
        id_mutation="2023-4711",
        id_parcelle="2A004000AB0012",
        code_postal="20090",
        code_commune="2A004",
        nom_commune="Ajaccio",
        adresse_numero="7",
        adresse_suffixe="B",
        adresse_nom_voie="CRS NAPOLEON",
        code_voie="0450",
    )
    DVFStreetFactory(
        nom_voie="CRS NAPOLEON",
        code_voie="0450",
        code_postal="20090",
        code_commune="2A004",
        nom_commune="Ajaccio",
    )
    DVFStreetFactory()
    for term in (
        "2023-4711",
        "2A004000AB0012",
        "2a004 000 AB 0012",
        str(sale.fingerprint),
        "20090",
        "2A004",
        "Ajaccio",
        "ajaccio",
        "7 bis cours Napoléon, Ajaccio",
        "cours napoleon",
        "cours napoléon 20090",
        "7 cours napoleon",
    ):
        assert _shown(back_office.get(LIST, {"q": term})) == [sale.pk], term
    for term in (
        "2023-9999",
        "99999",
        "2A004000AB9999",
        "8 cours Napoléon",
        "nulle part",
        "%",
        "' OR 1=1 --",
    ):
        assert _shown(back_office.get(LIST, {"q": term})) == [], term
    assert _shown(back_office.get(LIST, {"q": "12 rue des essais toulon"})) == [other.pk]
    for pasted in (
        f"{sale.id_mutation} {other.id_mutation}",
        f"{sale.fingerprint}, 2023-9999; {other.fingerprint}",
        f"{sale.id_parcelle.lower()}\n{other.id_mutation},",
    ):
        assert set(_shown(back_office.get(LIST, {"q": pasted}))) == {sale.pk, other.pk}, pasted


def test_a_street_that_is_nowhere_at_a_date(back_office: Client) -> None:
    sales_with(2)
    assert _shown(back_office.get(LIST + "?q=nulle+part&jour=2024-03-31")) == []


def test_a_pasted_list_is_searched_whole_or_not_at_all(back_office: Client) -> None:
    sale = sales_with(1)[0]
    codes = [sale.id_mutation, *(f"2019-{number}" for number in range(100))]
    assert _shown(back_office.get(LIST, {"q": " ".join(codes[:100])})) == [sale.pk]
    answer = back_office.get(LIST, {"q": " ".join(codes)})
    assert _shown(answer) == []
    assert "101 références collées, 100 au plus" in answer.content.decode()


def test_a_search_that_takes_too_long_says_so(back_office: Client, monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(changelist, "STATEMENT_TIMEOUT_MS", 50)
    other = connections["default"].copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE dvf_sales IN ACCESS EXCLUSIVE MODE")
        response = back_office.get(LIST)
    finally:
        other.rollback()
        other.close()
    assert response.status_code == 200
    assert "trop de temps" in response.content.decode()


def test_export_is_capped_and_says_where_it_comes_from(back_office: Client, monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "EXPORT_MAX_ROWS", 5)
    monkeypatch.setattr(pages, "EXPORT_CHUNK", 2)
    sales_with(8)
    sales_with(2, code_postal="06000")
    url = reverse("admin:dvf_dvfsale_export")
    response = back_office.get(url + "?code_postal=83000")
    rows = list(csv.DictReader(io.StringIO(b"".join(response).decode())))
    assert len(rows) == 5
    assert {row["code_postal"] for row in rows} == {"83000"}
    assert {row["release"] for row in rows} == {served_import().release_label}
    assert all("Licence Ouverte" in row["attribution"] for row in rows)
    assert response["X-Row-Limit"] == "5"
    assert Client().get(url).status_code == 302


def test_a_sale_shows_its_lots_why_it_counts_and_what_is_around(
    back_office: Client, flat_queries: Callable[..., int]
) -> None:
    sale = DVFSaleFactory(adresse_complete="12 RUE <b>X</b>")
    DVFSaleLotFactory(sale=sale, lot_type="Dépendance")
    DVFPriceFactory(place_kind="code_commune", place_code="83137", year=2023)
    DVFPriceFactory(place_kind="code_commune", place_code="83137", year=2024)
    sales_with(1, latitude=43.1205, adresse_complete="<script>alert(1)</script>")
    sales_with(59, latitude=43.1205)  # as many as are shown: fewer are looked for once more
    url = reverse("admin:dvf_dvfsale_change", args=[sale.pk])

    def grow() -> None:
        DVFSaleLotFactory.create_batch(20, sale=sale)
        sales_with(100, latitude=43.1203)

    flat_queries(lambda: back_office.get(url), grow)
    page = back_office.get(url).content.decode()
    assert "Oui : une vente simple" in page
    assert "Dépendance" in page
    assert page.count("<polyline") == 1
    assert "60 ventes comparables" in page
    assert "<script>alert(1)" not in page
    assert "<b>X</b>" not in page
    assert "Licence Ouverte" in page


def test_a_sale_left_out_of_medians_says_why(back_office: Client) -> None:
    sale = DVFSaleFactory(
        is_comparable=False,
        exclusion_reasons=["mixed", "several_dwellings"],
        prix_m2=None,
        prix=Decimal(1),
        longitude=None,
        latitude=None,
    )
    page = back_office.get(reverse("admin:dvf_dvfsale_change", args=[sale.pk])).content.decode()
    assert "Avec un local commercial" in page
    assert "Plusieurs logements" in page
    assert "pas de coordonnées" in page


def test_tiles_only_where_they_are_configured(back_office: Client, settings: Any) -> None:
    url = reverse("admin:dvf_dvfsale_change", args=[DVFSaleFactory().pk])
    settings.MAP_TILES_URL = ""
    response = back_office.get(url)
    assert "leaflet" not in response.content.decode()
    settings.MAP_TILES_URL = "https://tiles.example.org/{z}/{x}/{y}.png"
    response = back_office.get(url)
    assert "dvf/leaflet/leaflet.js" in response.content.decode()
    assert "https://tiles.example.org" in response["Content-Security-Policy"]
    assert "dvf-plan" in response.content.decode()  # what stays when no tile comes


def test_nothing_can_be_changed(back_office: Client) -> None:
    sale = DVFSaleFactory()
    assert back_office.get(reverse("admin:dvf_dvfsale_add")).status_code == 403
    assert back_office.post(reverse("admin:dvf_dvfsale_delete", args=[sale.pk])).status_code == 403
    back_office.post(reverse("admin:dvf_dvfsale_change", args=[sale.pk]), {"prix": "1"})
    sale.refresh_from_db()
    assert sale.prix != 1
    assert DVFSale.objects.count() == 1


def test_an_import_shows_its_counts_and_its_rejected_lines(back_office: Client) -> None:
    run = DVFImportFactory(
        rejected={"bad_date": 2},
        rejected_lines=[
            {
                "file": "a.csv",
                "line": 12,
                "reason": "bad_date",
                "text": "<script>alert(1)</script>,2024-13-01",
            }
        ],
        left_out={"no_dwelling": 5},
        flagged={"off_plan": 3},
        changes={"83": {"added": 7, "removed": 1, "altered": 2}},
        files=[{"name": "a.csv", "rows": 100}],
    )
    page = back_office.get(reverse("admin:dvf_dvfimport_change", args=[run.pk])).content.decode()
    assert page.count("Date illisible") == 2
    assert "Sans logement" in page
    assert re.search(r"<td>12</td>", page)
    assert "<script>alert(1)" not in page
    assert "Vente en l&#x27;état futur" in page
    assert "Modifiées" in page
    assert run.release_label in back_office.get(reverse("admin:dvf_dvfimport_changelist")).content.decode()
