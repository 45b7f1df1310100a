"""``manage.py import_dvf`` on a real PostgreSQL: releases replaced, joined, kept apart."""

from __future__ import annotations

import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from dvf.importing import swap, synthetic
from dvf.importing.load import Options, import_files, load_synthetic
from dvf.models import DVFImport, DVFSale, DVFSaleLot
from dvf.tests.dvf_files import HOUSE, OUTBUILDING, line, write
from dvf.tests.served import catalogue, import_dvf, served

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("work_dir")]


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


def test_a_sale_is_followed_through_another_address(tmp_path):
    """Its street and its commune renamed: the same sale, neither come nor gone nor altered."""
    import_dvf(write(tmp_path / "a.csv", [line(), line(HOUSE, id_mutation="2024-2")]))
    before = dict(DVFSale.objects.values_list("fingerprint", "adresse_nom_voie"))
    renamed: dict[str, Any] = {
        "adresse_nom_voie": "RUE SIMONE VEIL",
        "adresse_code_voie": "0456",
        "nom_commune": "Toulon-Est",
    }
    import_dvf(write(tmp_path / "b.csv", [line(**renamed), line(HOUSE, id_mutation="2024-9", **renamed)]))
    after = dict(DVFSale.objects.values_list("fingerprint", "adresse_nom_voie"))
    assert after.keys() == before.keys()
    assert {*before.values(), *after.values()} == {"RUE DES ESSAIS", "RUE SIMONE VEIL"}
    assert DVFImport.objects.served().get().changes == {}


def test_a_comparison_that_fails_leaves_the_release_served(tmp_path, release, monkeypatch):
    monkeypatch.setattr("dvf.importing.releases.CHANGES", "SELECT 1 / 0")
    assert "Servi : 1 ventes" in import_dvf(write(tmp_path / "b.csv", [line(id_mutation="2024-9")]))
    run = DVFImport.objects.served().get()
    out = StringIO()
    call_command("dvf_releases", run.pk, stdout=out)
    assert "non comparé" in out.getvalue()
    assert {row[0] for row in catalogue()} == {"public"}


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
    dvf = tmp_path / "dvf"
    for year in ("2023", "2024"):
        (dvf / year).mkdir(parents=True)
        write(dvf / year / "83.csv.gz", [line(id_mutation=f"{year}-2"), line(date_mutation="hier")])
    write(dvf / "2024/13.csv", [line(code_commune="13201", code_postal="13001")])
    for other in ("2022.txt.zip", "2024/83.csv.gz.part", "2024/83.csv.gz.json"):
        (dvf / other).write_text("rien")
    names = ["2023/83.csv.gz", "2024/13.csv", "2024/83.csv.gz"]
    report = import_dvf(dvf)
    assert report.splitlines()[0] == "non lus : 2022.txt.zip, 2024/83.csv.gz.part"
    assert [row.partition(" ")[0] for row in report.splitlines()[1:4]] == names
    assert "2024/83.csv.gz ligne 3 :" in report
    assert DVFSale.objects.count() == 3
    assert [file["name"] for file in DVFImport.objects.get().files] == names
    (dvf / "2024/83.csv.gz").write_bytes(b"")
    with pytest.raises(CommandError, match=r"^2024/83\.csv\.gz : "):
        import_dvf(dvf)


def test_keep_previous_leaves_the_former_tables_aside(tmp_path, release):
    import_dvf("--keep-previous", write(tmp_path / "b.csv", [line(id_mutation="2024-9")]))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM dvf_previous.dvf_sales")
        assert cursor.fetchone() == (3,)
    import_dvf(release)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname IN ('dvf_previous', 'dvf_next')")
        assert cursor.fetchone() == (0,)


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
