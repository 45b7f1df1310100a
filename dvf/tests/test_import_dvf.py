"""``manage.py import_dvf`` on a real PostgreSQL: what it serves, what it refuses, and what survives when
it is killed.
"""

from __future__ import annotations

import datetime
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from pathlib import Path
from statistics import median
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, Sum

from config.tests.shared import SHARED, needs_shared, shared
from dvf.importing import swap, synthetic
from dvf.importing.load import Options, import_files, load_synthetic
from dvf.models import DVFImport, DVFPrice, DVFSale, DVFSaleLot, DVFStreet
from dvf.tests.dvf_files import FLAT, HOUSE, OUTBUILDING, land, line, write

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = json.loads(shared("data/dvf/EXPECTED.json").read_text()) if SHARED else {}


@pytest.fixture(autouse=True)
def _work_dir(settings, tmp_path):
    settings.DVF_WORK_DIR = str(tmp_path)


def import_dvf(*arguments: str | Path) -> str:
    out = StringIO()
    call_command("import_dvf", *map(str, arguments), stdout=out, stderr=StringIO())
    return out.getvalue()


def served() -> list[object]:
    """All that readers see, row ids included."""
    sales = DVFSale.objects.order_by("id").values_list(
        "id", "id_mutation", "fingerprint", "prix", "surface_bati"
    )
    lots = (
        DVFSaleLot.objects.values_list("sale_id")
        .annotate(n=Count("id"), s=Sum("surface_bati"))
        .order_by("sale_id")
    )
    return [*sales, *lots, DVFStreet.objects.count(), DVFPrice.objects.count()]


def catalogue() -> list[tuple[str, ...]]:
    """Tables, indexes and constraints of this app as the database knows them, wherever they stand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname, tablename, indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'dvf%%'"
            " UNION ALL SELECT connamespace::regnamespace::text, conrelid::regclass::text, conname,"
            " pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid::regclass::text LIKE '%%dvf%%'"
            " UNION ALL SELECT table_schema, table_name, column_name, data_type"
            " FROM information_schema.columns WHERE table_name LIKE 'dvf%%' ORDER BY 1, 2, 3, 4"
        )
        return cursor.fetchall()


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


@pytest.fixture
def release(tmp_path) -> Path:
    """A served release: a flat, a house on two natures, a sale of two flats."""
    path = write(
        tmp_path / "release.csv",
        [
            line(lot1_numero=7),
            line(OUTBUILDING, lot1_numero=8),
            line(HOUSE | land("S", 300), id_mutation="2024-2", code_commune="13201", code_postal="13001"),
            line(HOUSE | land("J", 200), id_mutation="2024-2", code_commune="13201", code_postal="13001"),
            *(line(FLAT, id_mutation="2024-3", lot1_numero=n) for n in (1, 2)),
        ],
    )
    import_dvf(path, "--release", "essai 1")
    return path


def test_the_tables_are_those_of_the_migrations_after_an_import(tmp_path, release):
    after_one = catalogue()
    call_command("makemigrations", "dvf", check=True, dry_run=True, verbosity=0)
    import_dvf(write(tmp_path / "b.csv", [line(id_mutation="2024-9")]))
    assert catalogue() == after_one
    assert {row[0] for row in after_one} == {"public"}
    names = {row[2] for row in after_one}
    assert names >= {
        "idx_dvf_sales_address_gin", "idx_dvf_sales_composite", "idx_dvf_sales_composite_date",
        "idx_dvf_sales_prix_m2", "idx_dvf_sales_id_mutation", "idx_dvf_sale_lots_id_mutation",
        "uq_dvf_id_mutation",
    }  # fmt: skip
    created = DVFImport.objects.create(release_label="x")
    sale = DVFSale.objects.get()
    sale.pk, sale.id_mutation, sale.release = None, "2024-10", created
    sale.save()
    assert sale.pk > 1, "ids go on from where the import left them"


def test_a_release_replaces_the_former(tmp_path, release):
    """The sale of lot 7 has another price and another number: altered. The others are gone, one is new."""
    first = DVFImport.objects.served().get()
    assert (first.sales, first.mutations, first.rows, first.release_label) == (3, 3, 6, "essai 1")
    lines = [
        line(id_mutation="2024-9", lot1_numero=7, valeur_fonciere="210000"),
        line(OUTBUILDING, id_mutation="2024-9", lot1_numero=8, valeur_fonciere="210000"),
        line(id_mutation="2024-10", code_commune="94068", code_postal="94100", id_parcelle="940680000D0067"),
    ]
    report = import_dvf(write(tmp_path / "b.csv", lines))
    assert list(DVFSale.objects.values_list("id_mutation", flat=True).order_by("id")) == ["2024-9", "2024-10"]
    assert "Servi : 2 ventes" in report
    first.refresh_from_db()
    assert first.status == "superseded"
    second = DVFImport.objects.served().get()
    assert second.changes == {
        "13": {"added": 0, "removed": 1, "altered": 0},
        "83": {"added": 0, "removed": 1, "altered": 1},
        "94": {"added": 1, "removed": 0, "altered": 0},
    }
    out = StringIO()
    call_command("dvf_releases", stdout=out)
    assert "essai 1 : 3 ventes" in out.getvalue()
    assert "1 ajoutées, 2 retirées, 1 modifiées" in out.getvalue()
    call_command("dvf_releases", first.pk, second.pk, stdout=out)
    assert [row.split() for row in out.getvalue().splitlines()[-3:]] == [
        ["13", "0", "1", "0"], ["83", "0", "1", "1"], ["94", "1", "0", "0"],
    ]  # fmt: skip
    with pytest.raises(CommandError, match="inconnu"):
        call_command("dvf_releases", 99999999, stdout=out)


def test_the_same_files_change_nothing_and_say_so(release):
    before, runs = served(), DVFImport.objects.count()
    assert "déjà servis" in import_dvf(release)
    assert "déjà servis" in import_dvf("--add", release)
    assert (served(), DVFImport.objects.count()) == (before, runs)
    import_dvf("--force", release)
    assert served() == before


def test_add_joins_and_does_not_double(tmp_path, release):
    other = write(
        tmp_path / "b.csv",
        [
            line(id_mutation="2024-4", date_mutation="2024-05-01"),
            line(lot1_numero=7),
            line(OUTBUILDING, lot1_numero=8),
        ],
    )
    ids = dict(DVFSale.objects.values_list("id_mutation", "id"))
    report = import_dvf("--add", other)
    assert "1 ventes étaient déjà servies" in report
    assert sorted(DVFSale.objects.values_list("id_mutation", flat=True)) == [
        "2024-1",
        "2024-2",
        "2024-3",
        "2024-4",
    ]
    assert ids.items() <= dict(DVFSale.objects.values_list("id_mutation", "id")).items()
    assert DVFSaleLot.objects.filter(sale__id_mutation="2024-1").count() == 2
    assert DVFImport.objects.served().count() == 2
    assert DVFSale.objects.get(id_mutation="2024-4").release == DVFImport.objects.served().first()


def test_add_refuses_an_id_with_another_content(tmp_path, release):
    before = served()
    other = write(tmp_path / "b.csv", [line(valeur_fonciere="999999")])
    with pytest.raises(CommandError, match=r"2024-1.*deux millésimes"):
        import_dvf("--add", other)
    assert served() == before


def test_add_knows_a_sale_under_another_number(tmp_path, release):
    import_dvf("--add", write(tmp_path / "b.csv", [line(id_mutation="2024-77", valeur_fonciere="1234")]))
    again = [
        line(id_mutation="2024-88", lot1_numero=7),
        line(OUTBUILDING, id_mutation="2024-88", lot1_numero=8),
    ]
    assert "1 ventes étaient déjà servies" in import_dvf("--add", write(tmp_path / "c.csv", again))
    assert not DVFSale.objects.filter(id_mutation="2024-88").exists()


def test_a_dry_run_counts_and_changes_nothing(tmp_path, release):
    before, runs = served(), DVFImport.objects.count()
    report = import_dvf("--dry-run", write(tmp_path / "b.csv", [line(id_mutation="2024-9")]))
    assert "1 ventes de logements" in report
    assert "rien n'a été changé" in report
    assert (served(), DVFImport.objects.count()) == (before, runs)


def test_departments_and_dates_are_kept_apart(tmp_path, release):
    import_dvf("--department", "13", release)
    assert list(DVFSale.objects.values_list("code_departement", flat=True)) == ["13"]
    late = write(tmp_path / "b.csv", [line(), line(id_mutation="2024-2", date_mutation="2024-09-01")])
    import_dvf("--since", "2024-06-01", late)
    assert list(DVFSale.objects.values_list("date_mutation", flat=True)) == [datetime.date(2024, 9, 1)]
    with pytest.raises(CommandError, match="Département inconnu"):
        import_dvf("--department", "Toulon", late)
    with pytest.raises(CommandError, match="pas un jour"):
        import_dvf("--since", "hier", late)


def test_folders_are_read_whole(tmp_path):
    folder = tmp_path / "dvf" / "2024"
    folder.mkdir(parents=True)
    write(folder / "13.csv.gz", [line(code_commune="13201", code_postal="13001")])
    write(folder / "83.csv", [line(id_mutation="2024-2")])
    (folder / "LISEZMOI.md").write_text("rien")
    import_dvf(tmp_path / "dvf")
    assert DVFSale.objects.count() == 2
    assert [file["name"] for file in DVFImport.objects.get().files] == ["13.csv.gz", "83.csv"]


def test_rejected_lines_are_kept_for_staff(tmp_path):
    path = write(tmp_path / "a.csv", [line(), line(valeur_fonciere="cher"), line(id_mutation="2024-2")])
    assert "a.csv ligne 3 : prix illisible [bad_price]" in import_dvf(path)
    run = DVFImport.objects.get()
    assert run.rejected == {"bad_price": 1}
    assert run.rejected_lines[0]["line"] == 3
    assert "cher" in run.rejected_lines[0]["text"]


def _missing_column(path: Path) -> None:
    write(path, [line()], [name for name in line(FLAT) if name != "valeur_fonciere"])


def _latin_1(path: Path) -> None:
    write(path, [line(nom_commune="Prévessin-Moëns"), line()])
    path.write_bytes(path.read_text().encode("latin-1"))


def _truncated(path: Path) -> None:
    rows = [line(id_mutation=f"2024-{n}", valeur_fonciere=n * 7919) for n in range(1, 3000)]
    whole = gzip.compress(write(path, rows).read_bytes())
    path.write_bytes(whole[: len(whole) // 2])


def _edited(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.write_bytes(change(write(path, [line(), line(HOUSE, id_mutation="2024-2")]).read_bytes()))

    return make


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing column": (_missing_column, "missing_column"),
    "wrong encoding": (_latin_1, "encoding"),
    "truncated gzip": (_truncated, "gzip"),
    "NUL in a field": (
        _edited(lambda data: data.replace(b"RUE DES ESSAIS", b"RUE\0DES ESSAIS")),
        "control_character",
    ),
    "tab in a field": (
        _edited(lambda data: data.replace(b"RUE DES ESSAIS", b"RUE\tDES ESSAIS")),
        "control_character",
    ),
    "ten columns too many on a line": (
        _edited(lambda data: data.rstrip() + b"," * 10 + b"\r\n"),
        "field_count",
    ),
    "ten columns too many": (
        _edited(
            lambda data: data.replace(
                b"latitude", b"latitude" + b"".join(b",autre%d" % n for n in range(10)), 1
            )
        ),
        "unknown_column",
    ),
    "cut in the middle of a line": (_edited(lambda data: data[:-60]), "field_count"),
    "empty file": (lambda path: path.write_bytes(b""), "empty_file"),
    "header alone": (lambda path: write(path, []), "empty_file"),
    "a PDF": (lambda path: path.write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"), "not_csv"),
    "a workbook": (lambda path: path.write_bytes(b"PK\x03\x04" + bytes(200)), "not_csv"),
    "prose": (lambda path: path.write_text("Bonjour,\nvoici les ventes.\n"), "not_dvf"),
    "no file": (lambda path: None, "no_file"),
    "an empty folder": (lambda path: path.mkdir(), "empty_folder"),
    "land only": (lambda path: write(path, [line(land("T", 100))]), "no_sale"),
    "nothing readable": (lambda path: write(path, [line(date_mutation="hier")]), "rejected"),
}


def test_bad_input_is_refused_and_what_was_served_stays(tmp_path, release):
    before, tables = served(), catalogue()
    for name, (make, code) in BAD.items():
        folder = tmp_path / name
        folder.mkdir()
        make(folder / "bad.csv")
        with pytest.raises(CommandError) as refused:
            import_dvf(folder / "bad.csv")
        message = str(refused.value)
        assert f"[{code}]" in message, name
        assert "bad.csv" in message or code == "no_sale", name
        assert served() == before, name
    assert catalogue() == tables
    assert not list(tmp_path.glob("dvf-import-*")), "no debris"
    assert DVFImport.objects.exclude(status__in=["served", "failed"]).count() == 0


def test_a_second_import_at_the_same_time_is_refused(tmp_path, release):
    other = write(tmp_path / "b.csv", [line(id_mutation="2024-9")])
    with swap.only_import() as alone:
        assert alone
        with pytest.raises(CommandError, match="busy"):
            import_dvf(other)
    import_dvf(other)
    assert DVFSale.objects.get().id_mutation == "2024-9"


def database_url() -> str:
    values = connection.settings_dict
    return (
        f"postgresql://{quote(values['USER'])}:{quote(values['PASSWORD'])}"
        f"@{values['HOST']}:{values['PORT']}/{quote(values['NAME'])}"
    )


def test_killed_at_any_moment_it_leaves_the_old_release(tmp_path, release):
    """SIGKILL after random waits: readers still have the old release whole, and the next run needs no
    help.
    """
    path = tmp_path / "new.csv.gz"
    synthetic.write_sales(path, 20_000)
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
    }
    environment["TMPDIR"] = str(tmp_path)
    command = [sys.executable, str(ROOT / "manage.py"), "import_dvf", str(path)]
    before, killed = served(), 0
    begun = time.monotonic()
    subprocess.run([*command, "--dry-run"], env=environment, check=True, capture_output=True, cwd=ROOT)
    longest = time.monotonic() - begun
    for _ in range(4):
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT
        )
        time.sleep(longest * random.uniform(0.3, 1.1))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if DVFImport.objects.filter(status="served", rows=6).exists():
            killed += 1
            assert served() == before
        else:  # it had time to end
            DVFImport.objects.update(status="superseded")
            import_dvf("--force", release)
    import_dvf("--force", path)
    assert DVFSale.objects.count() > 10_000
    assert not DVFImport.objects.filter(status="running").exists()
    assert {row[0] for row in catalogue()} == {"public"}
    assert not list(tmp_path.glob("dvf-import-*"))
    assert DVFImport.objects.filter(status="failed").count() <= killed


def test_keep_previous_leaves_the_former_tables_aside(tmp_path, release):
    import_dvf("--keep-previous", write(tmp_path / "b.csv", [line(id_mutation="2024-9")]))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM dvf_previous.dvf_sales")
        assert cursor.fetchone() == (3,)
    import_dvf(release)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname IN ('dvf_previous', 'dvf_next')")
        assert cursor.fetchone() == (0,)


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


def test_invented_sales_say_so(release):
    with pytest.raises(CommandError, match="mêlées"):
        _add_synthetic(release.parent)
    outcome = load_synthetic(sales=600)
    run = DVFImport.objects.served().get()
    assert run == outcome.run
    assert run.is_synthetic
    assert run.release_label.startswith("synthetic")
    assert 500 < DVFSale.objects.count() < 700
    assert set(run.flagged) >= {"off_plan", "mixed", "several_dwellings", "symbolic_price", "nature"}
    assert DVFSale.objects.filter(longitude=None).exists()
    assert DVFSale.objects.exclude(adresse_suffixe="").exists()
    assert not DVFSale.objects.exclude(nom_commune__endswith="(fictif)").exists()


def _add_synthetic(folder: Path) -> None:
    path = folder / "invented.csv"
    synthetic.write_sales(path, 50)
    import_dvf("--add", path)


def test_readers_see_one_release_or_the_other(tmp_path, release):
    """A transaction open since before the swap goes on reading; it does not wait and it does not mix."""
    with swap.connect() as reader:
        seen = reader.execute("SELECT count(*), count(DISTINCT release_id) FROM dvf_sales").fetchone()
        assert seen == (3, 1)
        import_files([write(tmp_path / "b.csv", [line(id_mutation="2024-9")])], Options())
        assert reader.execute("SELECT count(*), count(DISTINCT release_id) FROM dvf_sales").fetchone() == (
            1,
            1,
        )


REFERENCE_QUERIES = [
    "SELECT * FROM dvf_sales WHERE dvf_sales.code_postal = '83000'"
    " AND similarity(dvf_sales.adresse_complete, '12 rue des essais') > 0.3"
    " ORDER BY similarity(dvf_sales.adresse_complete, '12 rue des essais') DESC LIMIT 100",
    "SELECT count(dvf_sales.id) AS count, avg(dvf_sales.prix_m2) AS avg_price,"
    " min(dvf_sales.prix_m2) AS min_price, max(dvf_sales.prix_m2) AS max_price"
    " FROM dvf_sales WHERE dvf_sales.code_postal = '83000' AND dvf_sales.annee = 2024 LIMIT 1",
    "SELECT relname as table_name, pg_size_pretty(pg_total_relation_size(relid)) as total_size"
    " FROM pg_catalog.pg_statio_user_tables WHERE relname = 'dvf_sales'"
    " ORDER BY pg_total_relation_size(relid) DESC",
    "SELECT indexrelname as index_name, idx_scan as times_used FROM pg_stat_user_indexes"
    " WHERE indexrelname = 'idx_dvf_sales_composite_date' ORDER BY idx_scan DESC",
]


def test_the_queries_of_the_reference_run_as_written(release):
    with connection.cursor() as cursor:
        for query in REFERENCE_QUERIES:
            cursor.execute(query)
            assert cursor.fetchall(), query
