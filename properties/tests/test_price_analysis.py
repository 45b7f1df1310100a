from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from dvf import fitting
from dvf.models import DVFImport, DVFSale, DVFStreet
from dvf.tests.factories import DVFImportFactory, DVFSaleFactory
from properties.models import PriceAnalysis, Property
from properties.tests.factories import PropertyFactory


@pytest.fixture
def release(db: None) -> DVFImport:
    DVFStreet.objects.create(
        code_postal="83000", code_commune="83137", code_departement="83", code_voie="0001",
        nom_voie="RUE DES ESSAIS", street_key="RUE ESSAIS", sales_count=1, longitude=5.93, latitude=43.12,
    )  # fmt: skip
    return DVFImportFactory()


@pytest.fixture
def flat(owner: User) -> Property:
    return PropertyFactory(
        user=owner,
        address="12 rue des Essais",
        surface_area=Decimal(50),
        asking_price=Decimal(157500),
        rooms=2,
    )


def market(release: DVFImport, count: int = 90, **fields: Any) -> None:
    """Flats of one street at 2,900 to 3,120 €/m², sold over two years, and the model they teach."""
    for n in range(count):
        DVFSaleFactory(
            **{
                "release": release,
                "adresse_numero": str(20 + 2 * n),
                "id_parcelle": f"83137000AB{n:04d}",
                "longitude": 5.93 + n / 8000,
                "prix_m2": Decimal(2900 + 20 * (n % 12)),
                "date_mutation": datetime.date(2023, 1, 2) + datetime.timedelta(days=8 * n),
                **fields,
            }
        )
    fitting.fit_department("83", "Appartement")


def full(client: APIClient, flat: Property) -> dict[str, Any]:
    answer = client.get(f"/api/properties/{flat.pk}/price-analysis/full/")
    assert answer.status_code == 200, answer.content
    data: dict[str, Any] = answer.json()
    return data


def test_without_sales_there_is_no_value_and_never_the_asking_price(
    owner_api: APIClient, flat: Property
) -> None:
    data = full(owner_api, flat)
    assert data["estimated_value"] is None and data["abstained"]
    assert data["coverage"] == {"covered": False, "release": None, "synthetic": False, "reason": "no_release"}


def test_a_place_that_dvf_does_not_cover_is_said_so(
    release: DVFImport, owner: User, owner_api: APIClient
) -> None:
    flat = PropertyFactory(user=owner, postal_code="67000", department="67")
    data = full(owner_api, flat)
    assert data["abstention_reason"] == "not_covered" and data["estimated_value"] is None


def test_thin_data_gives_no_value(release: DVFImport, owner_api: APIClient, flat: Property) -> None:
    market(release, count=3)
    data = full(owner_api, flat)
    assert data["abstention_reason"] == "insufficient_data"
    assert data["estimated_value"] is None and data["comparables_count"] == 3
    assert all(sale["weight"] is None for sale in data["comparable_sales"])


def test_value_interval_and_position(release: DVFImport, owner_api: APIClient, flat: Property) -> None:
    DVFSaleFactory(release=release, adresse_numero="12", prix_m2=Decimal(3000))
    market(release)
    data = full(owner_api, flat)
    assert 2900 * 50 <= data["estimated_value"] <= 3150 * 50
    low, high = data["interval_80"]
    assert low < data["estimated_value"] < high
    # 157,500 € with a 5 % fee is 150,000 € net.
    assert data["asking_price_net"] == 150_000 and data["agency_fee_assumed"]
    Property.objects.filter(pk=flat.pk).update(
        asking_price=Decimal(data["estimated_value"]) * Decimal("1.05")
    )
    data = full(owner_api, flat)
    assert data["recommendation"] == "in_line" and 0.25 < data["asking_price_share_below"] < 0.75
    assert data["price_deviation_percent"] == 0


def test_the_street_is_not_the_address(release: DVFImport, owner_api: APIClient, flat: Property) -> None:
    DVFSaleFactory(release=release, adresse_numero="12")
    DVFSaleFactory(release=release, adresse_numero="12", adresse_suffixe="B", id_parcelle="83137000AC0001")
    market(release)
    data = full(owner_api, flat)
    assert [s["address"] for s in data["exact_match_sales"]] == ["12 RUE DES ESSAIS"]
    assert "12 B RUE DES ESSAIS" in [s["address"] for s in data["comparable_sales"]]


def test_the_asking_price_does_not_enter_the_estimate(
    release: DVFImport, owner_api: APIClient, flat: Property
) -> None:
    market(release)
    before = full(owner_api, flat)["estimated_value"]
    Property.objects.filter(pk=flat.pk).update(asking_price=Decimal(900_000))
    after = full(owner_api, flat)
    assert after["estimated_value"] == before
    assert after["recommendation"] == "far_above"


def test_sales_that_are_not_comparable_do_not_enter(
    release: DVFImport, owner_api: APIClient, flat: Property
) -> None:
    market(release)
    before = full(owner_api, flat)["estimated_value"]
    for n in range(10):
        DVFSaleFactory(
            release=release, adresse_numero="12", prix_m2=None, prix=Decimal(1), id_mutation=f"x-{n}",
            is_comparable=False, exclusion_reasons=["symbolic_price"],
        )  # fmt: skip
    owner_api.post(f"/api/properties/{flat.pk}/price-analysis/refresh/")
    assert full(owner_api, flat)["estimated_value"] == before


def test_excluding_sales_recomputes_and_survives_a_release(
    release: DVFImport, owner_api: APIClient, flat: Property
) -> None:
    dear = DVFSaleFactory(release=release, adresse_numero="12", prix_m2=Decimal(3400))
    market(release)
    url = f"/api/properties/{flat.pk}/price-analysis/exclude-sales/"
    before = full(owner_api, flat)
    (sale,) = before["exact_match_sales"]
    answer = owner_api.post(url, {"excluded_sale_ids": [str(dear.fingerprint)]})
    assert answer.status_code == 200
    assert answer.json()["exact_match_sales"] == []
    # What was said the estimate would be without it is what it is without it.
    assert answer.json()["estimated_value"] == pytest.approx(sale["estimate_without_it"], abs=1)
    moved = before["estimated_value"] - answer.json()["estimated_value"]
    assert moved == pytest.approx(sale["contribution_eur"], abs=2) and moved > 500

    DVFImport.objects.filter(pk=release.pk).update(status=DVFImport.Status.SUPERSEDED)
    new = DVFImportFactory(release_label="suivante")
    dear.release, dear.id_mutation = new, "2025-999"
    dear.save(update_fields=["release", "id_mutation"])
    later = full(owner_api, flat)
    assert later["coverage"]["release"] == "suivante"
    assert later["excluded_sale_ids"] == [str(dear.fingerprint)]
    assert later["exact_match_sales"] == []

    assert owner_api.post(url, {"excluded_sale_ids": []}).json()["excluded_sale_ids"] == []


def test_unknown_sales_are_refused(release: DVFImport, owner_api: APIClient, flat: Property) -> None:
    market(release)
    answer = owner_api.post(
        f"/api/properties/{flat.pk}/price-analysis/exclude-sales/", {"excluded_sale_ids": ["no-such-sale"]}
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "unknown_sale"
    assert not PriceAnalysis.objects.filter(property=flat).exclude(excluded_sale_ids=[]).exists()


def test_prices_are_brought_to_the_day_by_the_index(
    release: DVFImport, owner_api: APIClient, flat: Property
) -> None:
    for n in range(400):  # 6 % a year for five years
        day = datetime.date(2020, 1, 2) + datetime.timedelta(days=n * 1820 // 400)
        DVFSaleFactory(
            release=release, adresse_numero=str(20 + 2 * (n % 60)), id_parcelle=f"83137000AB{n % 60:04d}",
            longitude=5.93 + (n % 60) / 8000, date_mutation=day,
            prix_m2=Decimal(round(2500 * 1.06 ** ((day - datetime.date(2020, 1, 2)).days / 365.25))),
        )  # fmt: skip
    fitting.fit_department("83", "Appartement")
    data = full(owner_api, flat)
    assert data["market_trend_annual"] == pytest.approx(0.06, abs=0.01)
    assert data["trend_source"] == "code_postal:83000"
    assert data["estimated_value"] < data["projected_price"] < data["estimated_value"] * 1.06
    sale = min(data["comparable_sales"], key=lambda sale: sale["date_mutation"])
    years = (datetime.date(2024, 12, 31) - datetime.date.fromisoformat(sale["date_mutation"])).days / 365.25
    assert sale["adjusted_price_m2"] == pytest.approx(sale["prix_m2"] * 1.06**years, rel=0.03)


def test_every_figure_and_chart_leaves_out_what_is_excluded(
    release: DVFImport, owner_api: APIClient, flat: Property
) -> None:
    """Also in the next release, where the same sale has another row, number and import."""
    dear = [
        DVFSaleFactory(
            release=release,
            adresse_numero="12",
            prix_m2=Decimal(4500 + n),
            date_mutation=datetime.date(2024, 9, 1) + datetime.timedelta(days=8 * n),
        )
        for n in range(12)
    ]
    market(release)
    base = f"/api/properties/{flat.pk}"
    with_them, chart = full(owner_api, flat), owner_api.get(f"{base}/market-trend/").json()
    ids = [str(sale.fingerprint) for sale in dear]
    answer = owner_api.post(f"{base}/price-analysis/exclude-sales/", {"excluded_sale_ids": ids})
    assert answer.status_code == 200, answer.content
    without = answer.json()
    assert without["estimated_value"] < with_them["estimated_value"]
    assert without["market_trend"]["annual"] < with_them["market_trend"]["annual"] - 0.01
    assert without["projected_price"] < with_them["projected_price"]
    later = owner_api.get(f"{base}/market-trend/").json()
    assert later["trend"] == without["market_trend"]
    assert [q["count"] for q in later["index"]][-2:] < [q["count"] for q in chart["index"]][-2:]
    assert later["index"][-1]["index"] < chart["index"][-1]["index"]

    def figures() -> list[Any]:
        asked = [owner_api.get(f"{base}/price-analysis/{part}").json() for part in ("", "full/")]
        asked.append(owner_api.post(f"{base}/price-analysis/refresh/").json())
        return [(one["estimated_value"], one["market_trend_annual"]) for one in asked]

    assert set(figures()) == {(without["estimated_value"], without["market_trend_annual"])}

    # Nearly as if they had never been: the trend that they helped to learn stays.
    DVFSale.objects.filter(fingerprint__in=ids).delete()
    fitting.fit_department("83", "Appartement")
    annual = [data["market_trend"]["annual"] for data in (with_them, without, full(owner_api, flat))]
    assert annual[2] < annual[1] < annual[0]


def test_codes_say_why_there_is_no_number(release: DVFImport, owner_api: APIClient, flat: Property) -> None:
    market(release)
    for changes, reason in (
        ({"surface_area": Decimal(4)}, "absurd_surface"),
        ({"surface_area": Decimal(900)}, "absurd_surface"),
        ({"surface_area": Decimal(90), "property_type": "house"}, "no_sales_of_type"),
    ):
        Property.objects.filter(pk=flat.pk).update(**changes)
        data = full(owner_api, flat)
        assert (data["abstention_reason"], data["estimated_value"]) == (reason, None)
        assert data["sentence"]


def test_a_cached_analysis_is_never_served_to_a_stranger(
    release: DVFImport, owner_api: APIClient, stranger_api: APIClient, flat: Property
) -> None:
    market(release)
    full(owner_api, flat)
    for path in ("price-analysis/", "price-analysis/full/", "market-trend/"):
        assert stranger_api.get(f"/api/properties/{flat.pk}/{path}").status_code == 404


def test_summary_holds_the_figures_without_the_sales(
    release: DVFImport, owner_api: APIClient, flat: Property
) -> None:
    market(release)
    data = owner_api.get(f"/api/properties/{flat.pk}/price-analysis/").json()
    assert data["estimated_value"] and "comparable_sales" not in data and data["sentence"]


def test_stats_are_public_and_never_count_the_table(release: DVFImport, anonymous_api: APIClient) -> None:
    DVFImport.objects.filter(pk=release.pk).update(total_sales=4_800_123)
    with CaptureQueriesContext(connection) as asked:
        data = anonymous_api.get("/api/properties/dvf-stats/").json()
    assert data["total_records"] == 4_800_123 and data["release"] == "essai"
    assert data["formatted_count"].replace("\u202f", " ").replace("\xa0", " ") == "4 800 123"
    assert not any("dvf_sales" in query["sql"] for query in asked)


def test_addresses_are_found_while_being_typed(release: DVFImport, owner_api: APIClient) -> None:
    answer = owner_api.get("/api/properties/search-addresses/?q=12 rue des essai&postal_code=83000")
    assert answer.status_code == 200, answer.content
    assert answer.json()["results"][0]["city"] is not None
    assert owner_api.get("/api/properties/search-addresses/").status_code == 400


def test_the_chart_leaves_out_what_is_excluded(
    release: DVFImport, owner_api: APIClient, flat: Property
) -> None:
    dear = DVFSaleFactory(
        release=release, adresse_numero="12", prix_m2=Decimal(9000), date_mutation=datetime.date(2023, 1, 5)
    )
    market(release)
    full(owner_api, flat)
    owner_api.post(
        f"/api/properties/{flat.pk}/price-analysis/exclude-sales/",
        {"excluded_sale_ids": [str(dear.fingerprint)]},
    )
    data = owner_api.get(f"/api/properties/{flat.pk}/market-trend/").json()
    assert sum(year["count"] for year in data["yearly"]) == 90 == sum(q["count"] for q in data["quarterly"])
    assert max(year["third_quartile"] for year in data["yearly"]) < 3200
    assert data["index"][0]["index"] == 100 and data["index_place"] == "83000"
