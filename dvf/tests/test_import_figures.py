"""Figures of real files, as ``manage.py import_dvf`` puts them on a real PostgreSQL."""

from __future__ import annotations

import json
from decimal import Decimal
from statistics import median

import pytest
from django.db.models import Count, Sum

from config.tests.shared import SHARED, needs_shared, shared
from dvf.models import DVFImport, DVFPrice, DVFSale, DVFSaleLot, DVFStreet
from dvf.tests.dvf_files import line, write
from dvf.tests.served import import_dvf, served

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("work_dir")]

EXPECTED = json.loads(shared("data/dvf/EXPECTED.json").read_text()) if SHARED else {}


def figures() -> dict[str, object]:
    """What EXPECTED.json states, from the tables."""
    sales = DVFSale.objects.all()
    run = DVFImport.objects.get(status="served")
    comparable = list(sales.comparable().values_list("type_principal", "prix", "surface_bati"))

    def median_of(kind: str) -> float | None:
        values = [float(price or 0) / (surface or 1) for type_, price, surface in comparable if type_ == kind]
        return round(median(values), 2) if values else None

    def flagged(reason: str) -> int:
        return sales.filter(exclusion_reasons__contains=[reason]).count()

    sums = sales.aggregate(
        Sum("n_appartements"), Sum("n_maisons"), Sum("n_commerces"), Sum("surface_bati"), Sum("prix")
    )
    return {
        "rows": run.rows,
        "mutations": run.mutations,
        "sales_with_a_dwelling": sales.count(),
        "left_out_no_dwelling": run.left_out["no_dwelling"],
        "by_nature": dict(
            sales.values_list("nature_mutation").annotate(n=Count("id")).order_by("nature_mutation")
        ),
        "flats": sums["n_appartements__sum"],
        "houses": sums["n_maisons__sum"],
        "commercial_premises": sums["n_commerces__sum"],
        "dwelling_surface_m2": sums["surface_bati__sum"],
        "sum_of_prices": float(sums["prix__sum"]),
        "several_dispositions": flagged("several_dispositions"),
        "several_dwellings": flagged("several_dwellings"),
        "mixed_with_commerce": flagged("mixed"),
        "no_price_or_symbolic": flagged("symbolic_price"),
        "single_dwelling_market_sales": len(comparable),
        "of_which_flats": sum(type_ == "Appartement" for type_, _price, _surface in comparable),
        "median_price_m2_flats": median_of("Appartement"),
        "median_price_m2_houses": median_of("Maison"),
    }


@needs_shared
@pytest.mark.parametrize("name", EXPECTED or ["absent"])
def test_each_file_gives_the_expected_figures(name):
    import_dvf(shared("data/dvf") / name)
    found = figures()
    assert found == {key: EXPECTED[name][key] for key in found}
    lots = DVFSaleLot.objects.values_list("lot_type").annotate(n=Count("id"), surface=Sum("surface_bati"))
    by_type = {kind: (count, surface) for kind, count, surface in lots}
    assert by_type.get("Appartement", (0, 0))[0] == found["flats"]
    assert by_type.get("Maison", (0, 0))[0] == found["houses"]


@needs_shared
def test_a_file_and_its_spreadsheet_copy_give_what_one_gives():
    geo, copy = shared("data/dvf/geo/83137_2024.csv.gz"), shared("data/dvf/excel/83137_2024_excel.csv.gz")
    import_dvf(geo)
    alone = served()
    import_dvf(geo, copy)
    assert served() == alone
    assert DVFImport.objects.served().get().rows == 2 * EXPECTED["geo/83137_2024.csv.gz"]["rows"]
    import_dvf(copy)
    assert served() == alone


@needs_shared
@pytest.mark.parametrize(
    "name", ["2025-S1_01_1000lignes", "echantillon_dgfip_bouchonne", "france_2024_10000lignes"]
)
def test_raw_files_of_the_tax_office_are_read(name):
    report = import_dvf(shared("data/dvf/brut") / f"{name}.txt.gz")
    assert "DGFiP" in report
    assert "lignes rejetées : aucune" in report
    assert DVFSale.objects.exclude(code_commune__regex=r"^\d[0-9AB]\d{3}$").count() == 0
    assert DVFSale.objects.exclude(id_parcelle__regex=r"^.{14}$").count() == 0


@needs_shared
def test_flats_of_department_94_agree_with_an_independent_source():
    """Another publisher's figure for the first quarter of 2024: 4,741 €/m² on 1,783 sales."""
    import_dvf(shared("data/dvf/geo/94_2024_jan-mai.csv.gz"))
    price = DVFPrice.objects.get(
        place_kind="code_departement", place_code="94", type_principal="Appartement", year=2024, quarter=1
    )
    assert abs(float(price.median) - 4741) < 0.01 * 4741
    assert abs(price.sales_count - 1783) < 0.05 * 1783


def test_prices_and_streets_are_kept_ready(tmp_path):
    lines = [
        line(id_mutation=f"2024-{n}", valeur_fonciere=price, date_mutation=day, adresse_nom_voie=street)
        for n, (price, day, street) in enumerate(
            [
                (100000, "2024-01-10", "AV DU GAL DE GAULLE"),
                (150000, "2024-02-10", "AV DU GAL DE GAULLE"),
                (200000, "2024-08-10", "RUE ST HONORE"),
                (1, "2024-02-01", "RUE ST HONORE"),
            ],
            start=1,
        )
    ]
    import_dvf(write(tmp_path / "a.csv", lines))
    year = DVFPrice.objects.get(place_kind="code_postal", quarter=None)
    assert year.sales_count == 3
    found = [year.mean, year.median, year.minimum, year.maximum, year.first_quartile, year.third_quartile]
    assert found == [Decimal(n) for n in (3000, 3000, 2000, 4000, 2500, 3500)]
    quarters = DVFPrice.objects.filter(place_kind="code_commune", quarter__isnull=False).order_by("quarter")
    assert list(quarters.values_list("quarter", "sales_count", "median")) == [
        (1, 2, Decimal(2500)),
        (3, 1, Decimal(4000)),
    ]
    streets = DVFStreet.objects.order_by("nom_voie").values_list("street_key", "sales_count")
    assert list(streets) == [("AVENUE GENERAL GAULLE", 2), ("RUE SAINT HONORE", 2)]
