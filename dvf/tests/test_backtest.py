"""The backtest command on real files, and the fitting of served sales."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from config.tests.shared import needs_shared, shared
from dvf import fitting
from dvf.estimates import Dwelling, estimate, index_of
from dvf.models import DVFImport
from dvf.places import Place
from dvf.tasks import fit_stale_valuations, fit_valuation
from dvf.tests.factories import DVFImportFactory, DVFSaleFactory
from dvf.valuation_models import PriceIndex, ValuationBacktest, ValuationMeasure, ValuationModel

DAY = date(2024, 12, 31)
HERE = Place(5.94, 43.12, "given")
FLAT = Dwelling("Appartement", "83", "83000", 50.0, 2)


def backtest(*args: str, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("backtest_valuation", *args, format="json", stdout=out, **options)
    report: dict[str, Any] = json.loads(out.getvalue())
    return report


@needs_shared
def test_real_flats_beat_the_plain_methods_and_touch_no_database(tmp_path: Path) -> None:
    # No `db` fixture: a query would fail.
    written = tmp_path / "predictions.csv"
    report = backtest(
        file=[shared("data/dvf/geo/94_2024_jan-mai.csv.gz")], split_date=date(2024, 5, 1), predictions=written
    )
    rows = {row["stratum"]: row["methods"] for row in report["strata"]}
    own = rows["all"]["model"]
    assert report["test_sales"] == own["n"] > 500 and report["departments"] == ["94"]
    assert own["mdape"] < 0.85 * rows["all"]["reference"]["mdape"]
    assert own["mdape"] < 0.93 * rows["all"]["neighbours"]["mdape"]
    assert rows["building unseen"]["model"]["mdape"] < rows["building unseen"]["neighbours"]["mdape"]
    assert own["mdape"] > 8  # flats of one building differ by as much: less would be a leak
    assert rows["all"]["leaked"]["mdape"] < 5 and rows["all"]["shuffled"]["mdape"] > 20
    assert 0.97 < own["median_ratio"] < 1.03 and 0.98 < own["prd"] < 1.03
    assert 74 < own["coverage_80"] < 86
    with written.open(newline="") as file:
        predictions = list(csv.DictReader(file))
    assert len(predictions) == own["n"]
    assert all(float(p["low_80"]) < float(p["model"]) < float(p["high_80"]) for p in predictions)


def test_a_file_that_is_none_is_said_so(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    with pytest.raises(CommandError):
        backtest(file=[bad])
    with pytest.raises(CommandError):
        backtest(file=[bad], share=1.5)


@pytest.fixture
def release(db: None) -> DVFImport:
    return DVFImportFactory()


def sell(release: DVFImport, count: int = 90, **fields: Any) -> None:
    for n in range(count):
        DVFSaleFactory(
            **{
                "release": release,
                "adresse_numero": str(20 + 2 * (n % 40)),
                "id_parcelle": f"83137000AB{n % 40:04d}",
                "longitude": 5.93 + (n % 40) / 4000,
                "prix_m2": Decimal(2900 + 20 * (n % 13)),
                "date_mutation": date(2023, 1, 2) + timedelta(days=8 * n),
                **fields,
            }
        )


def test_nothing_is_valued_where_nothing_is_known(release: DVFImport) -> None:
    assert estimate(FLAT, HERE, DAY).valuation.reason == "no_sales_of_type"
    sell(release, 8)
    found = estimate(FLAT, HERE, DAY)
    assert found.valuation.reason == "insufficient_data" and len(found.sales) == 8


def test_an_area_is_fitted_once_for_a_release_and_again_for_the_next(release: DVFImport) -> None:
    sell(release)
    assert fitting.stale_areas() == [("83", "Appartement")]
    fit_valuation("83", "Appartement")
    assert fitting.stale_areas() == [] and not fitting.is_stale("83", "Appartement")
    assert ValuationModel.objects.get().data and ValuationBacktest.objects.get().tested > 10
    assert set(PriceIndex.objects.values_list("place_code", flat=True)) == {"83", "83000", "83137"}
    found = index_of("83000", "83", "Appartement")
    assert found and found.place_code == "83000" and sum(q["count"] for q in found.series) == 90
    first = estimate(FLAT, HERE, DAY).valuation
    assert first.estimate and first.intervals[80][0] < first.estimate < first.intervals[80][1]

    ValuationModel.objects.update(version=0)  # fitted by an earlier version of the program
    assert fitting.is_stale("83", "Appartement") and fitting.stale_areas() == [("83", "Appartement")]
    assert estimate(FLAT, HERE, DAY).valuation.estimate == first.estimate
    fit_valuation("83", "Appartement")
    assert fitting.stale_areas() == []

    DVFImport.objects.update(status=DVFImport.Status.SUPERSEDED)
    DVFImportFactory(release_label="suivante")
    assert fitting.is_stale("83", "Appartement")
    fit_valuation("83", "Appartement")
    assert ValuationModel.objects.get().release.release_label == "suivante"
    assert estimate(FLAT, HERE, DAY).valuation.estimate == pytest.approx(first.estimate)


def test_a_large_area_is_left_to_a_job(release: DVFImport, monkeypatch: pytest.MonkeyPatch) -> None:
    sell(release)
    monkeypatch.setattr(fitting, "FIT_AT_ONCE", 50)
    assert estimate(FLAT, HERE, DAY).valuation.reason == "being_prepared"
    fit_stale_valuations()  # queues; the worker does as below
    fit_valuation("83", "Appartement")
    assert estimate(FLAT, HERE, DAY).valuation.estimate


def test_excluded_sales_are_neither_weighed_nor_shown(release: DVFImport) -> None:
    sell(release)
    before = estimate(FLAT, HERE, DAY)
    part, sale = before.explained()[0]
    after = estimate(FLAT, HERE, DAY, {sale["fingerprint"]})
    assert sale["fingerprint"] not in {s["fingerprint"] for s in after.sales}
    assert after.valuation.point == pytest.approx(part.estimate_without_it, abs=1)


def test_it_reads_a_bounded_number_of_queries(release: DVFImport, django_assert_max_num_queries: Any) -> None:
    sell(release)
    fitting.fit_department("83", "Appartement")
    estimate(FLAT, HERE, DAY)
    with django_assert_max_num_queries(6):
        estimate(FLAT, HERE, DAY)


def test_an_address_is_valued_by_api(release: DVFImport, owner_api: Any, anonymous_api: Any) -> None:
    sell(release)
    asked = {"postal_code": "83000", "surface": 50, "longitude": 5.94, "latitude": 43.12}
    answer = owner_api.get("/api/dvf/estimate/", asked)
    assert answer.status_code == 200, answer.content
    data = answer.json()
    assert 2_800 * 50 < data["estimated_value"] < 3_300 * 50 and len(data["comparables"]) == 40
    assert len(answer.content) < 100_000 and "noindex" in answer["X-Robots-Tag"]
    assert owner_api.get("/api/dvf/estimate/", {**asked, "surface": 5}).json()["reason"] == "absurd_surface"
    for code in ("57000", "67000", "68100", "97600"):
        nowhere = owner_api.get("/api/dvf/estimate/", {**asked, "postal_code": code}).json()
        assert (nowhere["reason"], nowhere["estimated_value"]) == ("not_covered", None)
        assert nowhere["sentence"]
    house = owner_api.get("/api/dvf/estimate/", {**asked, "type_principal": "Maison"}).json()
    assert (house["reason"], house["estimated_value"]) == ("no_sales_of_type", None)
    assert house["sentence"]
    assert owner_api.get("/api/dvf/estimate/", {"surface": 50}).status_code == 400
    assert anonymous_api.get("/api/dvf/estimate/", asked).status_code == 401


def test_the_quality_of_each_area_is_shown(
    release: DVFImport, owner_api: Any, staff: Any, client: Client
) -> None:
    sell(release)
    measured = fitting.measure_department("83", "Appartement")
    assert measured
    (row,) = owner_api.get("/api/dvf/quality/?code_departement=83").json()["results"]
    assert row["tested"] == measured.tested and row["mdape"] == pytest.approx(measured.mdape)
    assert owner_api.get("/api/dvf/quality/?code_departement=75").json()["results"] == []
    client.force_login(staff)
    page = client.get(f"/admin/dvf/valuationbacktest/{measured.pk}/change/")
    assert page.status_code == 200 and b"15 voisins" in page.content
    # Measured again, the figures of before stay.
    again = fitting.measure_department("83", "Appartement")
    assert again and again.pk == measured.pk
    kept = ValuationMeasure.objects.order_by("pk")
    assert [row.mdape for row in kept] == [measured.mdape, again.mdape]
    page = client.get(f"/admin/dvf/valuationbacktest/{measured.pk}/change/")
    assert page.content.decode().count(f"<td>{release.release_label}</td>") == 2
