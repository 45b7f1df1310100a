"""What ``manage.py import_dvf`` refuses, and what survives when it is killed."""

from __future__ import annotations

import gzip
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import django.db
import duckdb
import psycopg
import pytest
from django.core.management import CommandError
from django.db import connection
from django.utils import translation

from dvf.importing import copying, swap, synthetic
from dvf.importing.refusals import refusal
from dvf.importing.swap import SwapTimeout
from dvf.models import DVFImport, DVFSale
from dvf.tests.dvf_files import FLAT, HOUSE, land, line, write
from dvf.tests.served import catalogue, import_dvf, served

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("work_dir")]

ROOT = Path(__file__).resolve().parents[2]


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


def environment(tmp_path: Path) -> dict[str, str]:
    ours = {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    return os.environ | ours | {"TMPDIR": str(tmp_path)}


@pytest.mark.parametrize("room", [20_000, 2_000_000], ids=["at once", "midway"])
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path, release, room):
    """No file of the import may grow beyond ``room`` bytes: what writing to a full disk says."""
    path = tmp_path / "new.csv.gz"
    synthetic.write_sales(path, 10_000)
    start = (
        "import resource, sys; from django.core.management import execute_from_command_line as run;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2);"
        "run(['manage.py', *sys.argv[2:]])"
    )
    before, tables = served(), catalogue()
    done = subprocess.run(
        [sys.executable, "-c", start, str(room), "import_dvf", str(path)],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 1
    [message] = done.stderr.splitlines()
    assert "[work_folder]" in message
    assert (served(), catalogue()) == (before, tables)
    assert not list(tmp_path.glob("dvf-import-*"))
    failed = DVFImport.objects.get(status="failed")
    assert failed.error_code == "work_folder"
    assert failed.error_message[:40] in message


def test_a_work_folder_that_is_not_there_is_said(tmp_path, release, settings):
    settings.DVF_WORK_DIR = str(tmp_path / "absent")
    with pytest.raises(CommandError, match=r"DVF_WORK_DIR.*\[work_folder\]"):
        import_dvf("--force", release)


def test_an_interrupted_import_says_so(tmp_path, release):
    path = tmp_path / "new.csv.gz"
    synthetic.write_sales(path, 60_000)
    before = served()
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "import_dvf", str(path)],
        env=environment(tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    while not list(tmp_path.glob("dvf-import-*/*")):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _out, said = process.communicate()
    assert said.splitlines() == ["CommandError: Interrompu avant la fin. [interrupted]"]
    assert served() == before
    assert not list(tmp_path.glob("dvf-import-*"))
    failed = DVFImport.objects.get(status="failed")
    assert (failed.error_code, failed.error_message) == ("interrupted", "Interrompu avant la fin.")


def test_why_an_import_failed_is_told_in_the_reader_s_language(tmp_path, release):
    """The code, the sentence and its parameters are kept apart; what was kept before, as it is."""
    path = write(tmp_path / "a.csv", [line(), line()])
    path.write_text(path.read_text() + "2024-1,2024-01-01,1\n")
    with pytest.raises(CommandError, match=r"^a\.csv, ligne 4 : 3 champs au lieu de 40.*\[field_count\]$"):
        import_dvf(path)
    failed = DVFImport.objects.get(status="failed")
    assert failed.error_code == "field_count"
    assert failed.error_parameters == {"file": "a.csv", "line": 4, "found": 3, "wanted": 40}
    assert failed.error_message == "a.csv, ligne 4 : 3 champs au lieu de 40 : fichier abîmé."
    with translation.override("en"):
        assert failed.error_message == "a.csv, line 4: 3 fields instead of 40: damaged file."
    assert DVFImport(error="rempli à 100 % par le passé").error_message == "rempli à 100 % par le passé"
    assert DVFImport().error_message == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (psycopg.errors.DiskFull("could not extend file"), "database_full"),
        (psycopg.errors.AdminShutdown("terminating connection"), "database_unavailable"),
        (django.db.OperationalError("connection refused"), "database_unavailable"),
        (duckdb.OutOfMemoryException("could not allocate"), "memory"),
        (SwapTimeout(), "tables_held"),
        (ValueError("ours"), None),
        (psycopg.errors.UniqueViolation("ours"), None),
    ],
)
def test_what_the_machine_fails_at_has_a_code(error, code):
    found = refusal(error)
    assert (found.code if found else None) == code
    assert found is None or str(found)


def test_killed_at_any_moment_it_leaves_the_old_release(tmp_path, release):
    """SIGKILL after random waits: readers still have the old release whole, and the next run needs no
    help.
    """
    path = tmp_path / "new.csv.gz"
    synthetic.write_sales(path, 20_000)
    command = [sys.executable, str(ROOT / "manage.py"), "import_dvf", str(path)]
    before, killed = served(), 0
    begun = time.monotonic()
    subprocess.run(
        [*command, "--dry-run"], env=environment(tmp_path), check=True, capture_output=True, cwd=ROOT
    )
    longest = time.monotonic() - begun
    for _ in range(2):  # twenty by `make test-faults`
        process = subprocess.Popen(
            command, env=environment(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT
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


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(60)
def test_a_commit_that_fails_after_the_last_file_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    create = swap.create

    def failing_at_its_end(own: swap.Connection, like: str, name: str = "") -> None:
        create(own, like, name)
        own.execute(
            "CREATE FUNCTION dvf_next.no() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'full'; END$$"
        )
        own.execute(
            f"CREATE CONSTRAINT TRIGGER no AFTER INSERT ON dvf_next.{name} DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION dvf_next.no()"
        )
        own.execute(
            f"INSERT INTO dvf_next.{name} (id_mutation, lot_type, nature_culture, numeros_lots, id_parcelle)"
            " VALUES ('2024-1', '', '', '', '')"
        )

    monkeypatch.setattr(swap, "create", failing_at_its_end)
    with swap.connect() as own:
        swap.prepare(own)
        try:
            with (
                pytest.raises(psycopg.errors.RaiseException, match="full"),
                copying._Writer("dvf_sale_lots", "new_", ("id_mutation",)),
            ):
                pass
        finally:
            swap.clear(own)
