"""`/api/dvf/sales/`: what is refused, what is found, in pages that end, with the release named."""

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
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from dvf import sales_search
from dvf.keyset import Cursor
from dvf.models import DVFImport
from dvf.tests.factories import (
    DVFImportFactory,
    DVFSaleFactory,
    DVFSaleLotFactory,
    sales_with,
    served_import,
)

URL = "/api/dvf/sales/"
HERE = {"code_postal": "83000"}

REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({}, "", "place_required"),
    ({"type_principal": "Appartement"}, "", "place_required"),
    ({"code_postal": ""}, "/code_postal", "blank"),
    ({"code_postal": "8300"}, "/code_postal", "invalid"),
    ({"code_postal": "83000\x00"}, "/code_postal", "null_characters_not_allowed"),
    ({"code_commune": "2C004"}, "/code_commune", "invalid"),
    ({"code_departement": "083"}, "/code_departement", "invalid"),
    (HERE | {"type_principal": "Chateau"}, "/type_principal", "invalid_choice"),
    (HERE | {"date_min": "2024-02-30"}, "/date_min", "invalid"),
    (HERE | {"date_min": "2024-02-02", "date_max": "2024-02-01"}, "/date_max", "invalid"),
    (HERE | {"prix_min": "NaN"}, "/prix_min", "invalid"),
    (HERE | {"prix_max": "-1"}, "/prix_max", "min_value"),
    (HERE | {"prix_max": "9" * 40}, "/prix_max", "max_digits"),
    (HERE | {"surface_min": "inf"}, "/surface_min", "invalid"),
    (HERE | {"surface_min": "grand"}, "/surface_min", "invalid"),
    (HERE | {"pieces_min": "99999999999"}, "/pieces_min", "max_value"),
    (HERE | {"limit": "101"}, "/limit", "max_value"),
    (HERE | {"limit": "0"}, "/limit", "min_value"),
    (HERE | {"comparable": "maybe"}, "/comparable", "invalid"),
    (HERE | {"code_postale": "83000"}, "/code_postale", "unknown"),
    (HERE | {"offset": "20"}, "/offset", "unknown"),
    ({"bbox": "5,43,6"}, "/bbox", "invalid"),
    ({"bbox": "6,43,5,44"}, "/bbox", "invalid"),
    ({"bbox": "5,43,6,nan"}, "/bbox", "invalid"),
    ({"bbox": "5,43,6,90"}, "/bbox", "invalid"),
    ({"bbox": "5,43,1e1,44"}, "/bbox", "invalid"),
    ({"near": "5.93"}, "/near", "invalid"),
    ({"near": "5.93,43.1,2"}, "/near", "invalid"),
    ({"near": "43.12,95"}, "/near", "invalid"),
    ({"near": "5.93,43.12", "radius": "0"}, "/radius", "min_value"),
    ({"near": "5.93,43.12", "radius": "50000"}, "/radius", "max_value"),
]


@pytest.mark.parametrize(("query", "pointer", "code"), REFUSED)
def test_refused(owner_api: APIClient, query: dict[str, str], pointer: str, code: str) -> None:
    response = owner_api.get(URL, query)
    assert response.status_code == 400, response.content
    assert response["Content-Type"].startswith("application/problem+json")
    assert (pointer, code) in {(error["pointer"], error["code"]) for error in response.json()["errors"]}


@pytest.mark.django_db
def test_only_for_who_is_signed_in(anonymous_api: APIClient) -> None:
    for path in (URL, URL + "2024-1/", "/api/dvf/prices/"):
        response = anonymous_api.get(path, HERE)
        assert response.status_code == 401
        assert response["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("cursor", ["x", "zzzz", "WzEsMiwzXQ", "é"])
def test_a_foreign_cursor_is_refused(owner_api: APIClient, cursor: str) -> None:
    response = owner_api.get(URL, HERE | {"cursor": cursor})
    assert (response.status_code, response.json()["code"]) == (400, "invalid_cursor")


def test_a_cursor_of_another_order_is_refused(owner_api: APIClient) -> None:
    cursor = Cursor("near", False, served_import().pk, 0.5, 1).encode()
    response = owner_api.get(URL, HERE | {"cursor": cursor})
    assert (response.status_code, response.json()["code"]) == (400, "invalid_cursor")


def test_a_cursor_of_another_release_is_refused(owner_api: APIClient) -> None:
    sales_with(3)
    following = owner_api.get(URL, HERE | {"limit": 2}).json()["next"]
    DVFImport.objects.update(status=DVFImport.Status.SUPERSEDED)
    DVFImportFactory()
    response = owner_api.get(following)
    assert (response.status_code, response.json()["code"]) == (409, "release_changed")


def _ids(response: Any) -> set[str]:
    assert response.status_code == 200, response.content
    return {row["id_mutation"] for row in response.json()["results"]}


FILTERS: list[tuple[dict[str, str], dict[str, Any], dict[str, Any]]] = [
    # question, a sale that answers it, a sale that does not
    ({"code_commune": "83137"}, {}, {"code_commune": "83126"}),
    ({"code_departement": "83"}, {}, {"code_departement": "06"}),
    ({"type_principal": "Maison"}, {"type_principal": "Maison"}, {"type_principal": "Appartement"}),
    ({"date_min": "2024-06-01"}, {}, {"date_mutation": datetime.date(2024, 5, 31)}),
    ({"date_max": "2024-06-01"}, {}, {"date_mutation": datetime.date(2024, 6, 2)}),
    ({"prix_min": "150000"}, {}, {"prix": Decimal("149999.99")}),
    ({"prix_max": "150000"}, {}, {"prix": Decimal("150000.01")}),
    ({"prix_m2_min": "3000"}, {}, {"prix_m2": Decimal("2999.99")}),
    ({"prix_m2_max": "3000"}, {}, {"prix_m2": Decimal("3000.01")}),
    ({"surface_min": "50"}, {}, {"surface_bati": 49.0}),
    ({"surface_max": "50"}, {}, {"surface_bati": 51.0}),
    ({"pieces_min": "2"}, {}, {"nombre_pieces": 1}),
    ({"pieces_max": "2"}, {}, {"nombre_pieces": 3}),
    (
        {"comparable": "true"},
        {},
        {"is_comparable": False, "exclusion_reasons": ["off_plan"], "prix_m2": None, "prix": Decimal("1")},
    ),
    ({"bbox": "5.92,43.11,5.94,43.13"}, {}, {"longitude": 5.95}),
    ({"bbox": "5.92,43.11,5.94,43.13"}, {}, {"longitude": None, "latitude": None}),
    ({"near": "5.93,43.12", "radius": "100"}, {}, {"latitude": 43.121}),
    ({"near": "5.9300000000000001,43.12", "radius": "100"}, {}, {"latitude": 43.121}),  # as programs write it
    ({"near": "5.93,43.12", "bbox": "5.9,43.1,5.95,43.13"}, {}, {"longitude": 5.96}),
]


@pytest.mark.parametrize("place", [{}, HERE])
@pytest.mark.parametrize(("query", "inside", "outside"), FILTERS)
def test_filters(
    owner_api: APIClient,
    query: dict[str, str],
    inside: dict[str, Any],
    outside: dict[str, Any],
    place: dict[str, str],
) -> None:
    found, missed = sales_with(1, **inside) + sales_with(1, **(inside | outside))
    if not place and not {"code_commune", "code_departement", "bbox", "near"} & set(query):
        place = {"bbox": "-10,30,20,60"}
    assert _ids(owner_api.get(URL, place | query)) == {found.id_mutation}
    assert missed.id_mutation


@pytest.mark.parametrize(
    "place",
    [
        HERE,
        HERE | {"type_principal": "Appartement"},
        {"code_commune": "83137"},
        {"code_departement": "83"},
        {"bbox": "5,43,6,44"},
        {"bbox": "-5,41,10,51"},
        {"near": "5.93,43.12"},
        {"near": "5.9312,43.1203", "type_principal": "Appartement", "radius": "10000"},
    ],
)
@pytest.mark.parametrize("crowded", [True, False])
def test_pages_end_and_hold_every_sale_once(
    owner_api: APIClient, place: dict[str, str], crowded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if crowded:  # the other ways to read a box, and what is around a point
        for name in ("FEW", "SPARSE", "CROWD"):
            monkeypatch.setattr(sales_search, name, 0)
    kinds = ["Appartement"] if "type_principal" in place else ["Appartement", "Maison"]
    around = [(9, 5.93, 43.12), (4, 5.931, 43.12), (4, 5.929, 43.123)]
    expected = {
        s.id_mutation
        for kind in kinds
        for n, x, y in around
        for s in sales_with(n, type_principal=kind, longitude=x, latitude=y)
    }
    seen: list[list[str]] = []
    url: str | None = URL
    query: dict[str, Any] = {**place, "limit": 5}
    last: str = URL
    while url is not None:
        body = owner_api.get(url, query).json()
        seen.append([row["id_mutation"] for row in body["results"]])
        assert "count" not in body
        last, url, query = url, body["next"], {}
        assert len(seen) < 20
    assert sorted(pk for page in seen for pk in page) == sorted(expected)
    back = [seen[-1]]
    url = owner_api.get(last).json()["previous"]
    while url is not None:
        body = owner_api.get(url).json()
        back.append([row["id_mutation"] for row in body["results"]])
        url = body["previous"]
    assert back[::-1] == seen


@pytest.mark.parametrize(
    "place", [HERE, {"code_departement": "83"}, {"bbox": "5,43,6,44"}, {"near": "5.93,43.12"}]
)
def test_as_many_queries_for_many_sales_and_no_count(
    owner_api: APIClient, place: dict[str, str], flat_queries: Callable[..., int]
) -> None:
    sales_with(1)
    flat_queries(lambda: owner_api.get(URL, place), lambda: sales_with(30))
    with CaptureQueriesContext(connection) as captured:
        owner_api.get(URL, place)
    statements = [query["sql"] for query in captured.captured_queries if "dvf_sales" in query["sql"]]
    assert statements
    for sql in statements:
        assert "OFFSET" not in sql
        assert "LIMIT" in sql
        # How full a box is: counted up to a limit, never the whole.
        counted = r"COUNT\(\*\) FROM \(SELECT .* LIMIT (1001|2001|10001)\) subquery"
        assert "COUNT(" not in sql or re.search(counted, sql)


def test_nearest_first_with_its_distance(owner_api: APIClient) -> None:
    for latitude in (43.123, 43.121, 43.122):
        sales_with(1, latitude=latitude, type_principal="Maison" if latitude == 43.122 else "Appartement")
    rows = owner_api.get(URL, {"near": "5.93,43.12"}).json()["results"]
    assert [row["latitude"] for row in rows] == [43.121, 43.122, 43.123]
    assert rows[0]["distance_m"] == pytest.approx(111.2, abs=0.5)  # a thousandth of a degree of latitude


def test_every_answer_names_its_release(owner_api: APIClient) -> None:
    DVFImportFactory(release_label="2024-10", is_synthetic=True)
    sale = sales_with(1)[0]
    for path, query in ((URL, HERE), (f"{URL}{sale.id_mutation}/", {}), ("/api/dvf/prices/", HERE)):
        response = owner_api.get(path, query)
        body = response.json()
        assert body["coverage"]["release"] == "2024-10", path
        assert body["coverage"]["synthetic"] is True
        assert "synthétiques" in body["attribution"]
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert response["Cache-Control"] == "private, no-store"


def test_naming_the_release_reads_no_line_of_its_files(owner_api: APIClient) -> None:
    DVFImportFactory(rejected_lines=[{"file": "a.csv", "line": 2, "reason": "date", "text": "x"}])
    with CaptureQueriesContext(connection) as asked:
        owner_api.get(URL, HERE)
    about_it = [query["sql"] for query in asked if '"dvf_imports"."release_label"' in query["sql"]]
    assert about_it and not any('"rejected_lines"' in sql for sql in about_it)


@pytest.mark.parametrize(
    "place",
    [
        {"code_departement": "57"},
        {"code_departement": "976"},
        {"code_postal": "67000"},
        {"code_postal": "97600"},
        {"code_commune": "68066"},
    ],
)
def test_departments_without_data_are_said(owner_api: APIClient, place: dict[str, str]) -> None:
    served_import()
    for path in (URL, "/api/dvf/prices/"):
        body = owner_api.get(path, place).json()
        assert body["coverage"]["covered"] is False
        assert body["coverage"]["reason"] == "not_covered"
        assert body["results"] == []
    assert owner_api.get(URL, place | {"format": "csv"})["X-Coverage"] == "not_covered"


def test_nothing_imported_is_said(owner_api: APIClient) -> None:
    body = owner_api.get(URL, HERE).json()
    assert body["coverage"]["reason"] == "no_release"
    assert (body["results"], body["next"], body["previous"]) == ([], None, None)


def test_geojson(owner_api: APIClient) -> None:
    sales_with(1)
    sales_with(1, longitude=None, latitude=None)
    response = owner_api.get(URL, HERE | {"format": "geojson"})
    assert response["Content-Type"].startswith("application/geo+json")
    body = response.json()
    assert body["type"] == "FeatureCollection"
    assert body["coverage"]["release"]
    without, placed = body["features"]
    assert without["geometry"] is None
    assert placed["geometry"] == {"type": "Point", "coordinates": [5.93, 43.12]}
    assert placed["properties"]["prix"] == 150000.0


def test_csv_streams_every_page(owner_api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sales_search, "CSV_CHUNK", 4)
    expected = [sale.id_mutation for sale in sales_with(11, adresse_nom_voie="=CMD()")]
    response = owner_api.get(URL, HERE | {"format": "csv"})
    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    rows = list(csv.DictReader(io.StringIO(b"".join(response).decode())))
    assert [row["id_mutation"] for row in rows] == expected[::-1]
    assert {row["release"] for row in rows} == {served_import().release_label}
    assert {row["adresse_nom_voie"] for row in rows} == {"'=CMD()"}
    assert rows[0]["prix"] == "150000.00"


def test_an_unknown_format_is_refused(owner_api: APIClient) -> None:
    assert owner_api.get(URL, HERE | {"format": "xml"}).status_code == 404


def test_a_sale_with_its_lots(owner_api: APIClient, flat_queries: Callable[..., int]) -> None:
    sale = DVFSaleFactory(prix=Decimal("123456.78"))
    DVFSaleLotFactory(sale=sale, lot_type="Appartement")
    path = f"{URL}{sale.id_mutation}/"
    flat_queries(lambda: owner_api.get(path), lambda: DVFSaleLotFactory.create_batch(20, sale=sale))
    body = owner_api.get(path).json()
    assert body["prix"] == 123456.78
    assert body["fingerprint"] == str(sale.fingerprint)
    assert len(body["lots"]) == 21
    assert body["lots"][0]["lot_type"] == "Appartement"


@pytest.mark.parametrize("identifier", ["2024-999999", "0", "x" * 41, "2024-1'--", "%00"])
def test_an_unknown_sale_is_404(owner_api: APIClient, identifier: str) -> None:
    response = owner_api.get(f"{URL}{identifier}/")
    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


def test_a_search_that_takes_too_long_says_so(owner_api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another connection holds the table: the statement waits until its time is up."""
    monkeypatch.setattr(sales_search, "STATEMENT_TIMEOUT_MS", 50)
    other = connections["default"].copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE dvf_sales IN ACCESS EXCLUSIVE MODE")
        answers = [owner_api.get(URL, HERE), owner_api.get(URL, HERE | {"format": "csv"})]
    finally:
        other.rollback()
        other.close()
    for response in answers:
        assert (response.status_code, response.json()["code"]) == (503, "too_slow")
        assert response["Retry-After"]
    assert owner_api.get(URL, HERE).status_code == 200


def test_sentences_are_in_the_callers_language(owner_api: APIClient) -> None:
    for language, word in (
        ("fr", "Indiquez un lieu"),
        ("en;q=0.9, fr;q=0.1", "Give a place"),
        ("xx", "Indiquez"),
    ):
        body = owner_api.get(URL, headers={"Accept-Language": language}).json()
        assert body["errors"][0]["detail"].startswith(word)
