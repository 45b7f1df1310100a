"""`/api/dvf/prices/`: the stored statistics, never a scan."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from dvf.tests.factories import DVFPriceFactory, served_import

URL = "/api/dvf/prices/"


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ({}, "", "place_required"),
        ({"code_postal": "83000", "code_commune": "83137"}, "", "place_required"),
        ({"code_postal": "83000", "by": "month"}, "/by", "invalid_choice"),
        ({"code_postal": "83000", "type": "Maison"}, "/type", "unknown"),
        ({"code_postal": "abcde"}, "/code_postal", "invalid"),
    ],
)
def test_refused(owner_api: APIClient, query: dict[str, Any], pointer: str, code: str) -> None:
    response = owner_api.get(URL, query)
    assert response.status_code == 400
    assert [(e["pointer"], e["code"]) for e in response.json()["errors"]] == [(pointer, code)]


def test_by_year_and_by_quarter(owner_api: APIClient) -> None:
    served_import()
    DVFPriceFactory(year=2023)
    DVFPriceFactory(year=2024)
    DVFPriceFactory(year=2024, quarter=1, sales_count=3)
    DVFPriceFactory(year=2024, type_principal="Maison")
    DVFPriceFactory(year=2024, place_code="83200")
    place = {"code_postal": "83000"}
    years = owner_api.get(URL, place).json()["results"]
    assert [(r["type_principal"], r["year"], r["quarter"]) for r in years] == [
        ("Appartement", 2023, None),
        ("Appartement", 2024, None),
        ("Maison", 2024, None),
    ]
    assert years[0] == {
        "type_principal": "Appartement",
        "year": 2023,
        "quarter": None,
        "count": 10,
        "mean": 3100.0,
        "median": 3000.0,
        "first_quartile": 2500.0,
        "third_quartile": 3500.0,
        "min": 2000.0,
        "max": 5000.0,
    }
    quarters = owner_api.get(URL, place | {"by": "quarter", "type_principal": "Appartement"}).json()[
        "results"
    ]
    assert [(r["quarter"], r["count"]) for r in quarters] == [(1, 3)]


def test_no_sale_is_read(owner_api: APIClient) -> None:
    served_import()
    with CaptureQueriesContext(connection) as captured:
        owner_api.get(URL, {"code_commune": "83137"})
    assert not [query for query in captured.captured_queries if '"dvf_sales"' in query["sql"]]
