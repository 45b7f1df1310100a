"""The reading rules, case by case: lines in, sales and lots out. The first cases are those that must not
count.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dvf.importing.columns import RAW_COLUMNS, HeaderError, read_header
from dvf.importing.normalise import Bucket, MixedReleases, Normaliser
from dvf.importing.reading import UnreadableFile
from dvf.tests.dvf_files import FLAT, HOUSE, LAND, OUTBUILDING, SHOP, Line, land, line, normalise, read, write

VEFA = "Vente en l'état futur d'achèvement"


def sales_of(tmp_path: Path, *lines: Line) -> list[dict[str, Any]]:
    return normalise(tmp_path, write(tmp_path / "lines.csv", lines))[0]


@pytest.mark.parametrize(
    "lines",
    [
        [line(LAND, **land("T", 1200))],
        [line(OUTBUILDING)],
        [line(SHOP)],
        [line(LAND, nature_mutation=VEFA, lot1_numero="12", nombre_lots="1")],
    ],
    ids=["land", "outbuilding", "shop", "off-plan without type"],
)
def test_a_mutation_without_a_dwelling_is_no_sale(tmp_path, lines):
    assert sales_of(tmp_path, *lines) == []


CASES: dict[str, tuple[list[Line], dict[str, Any]]] = {
    "a flat": (
        [line(lot1_numero=7, lot1_surface_carrez="48.5", nombre_lots=1)],
        {"type_principal": "Appartement", "n_appartements": 1, "surface_bati": 50, "surface_carrez": 48.5,
         "numeros_lots": "7", "nombre_lots": 1, "nombre_pieces": 2, "prix": Decimal("200000.00"),
         "prix_m2": Decimal("4000.00"), "is_comparable": True, "exclusion_reasons": "{}", "annee": 2024,
         "date_mutation": datetime.date(2024, 3, 15), "adresse_complete": "12 RUE DES ESSAIS",
         "code_departement": "83", "longitude": 5.93, "latitude": 43.12},
    ),
    "a house on two natures of cultivation is one house": (
        [line(HOUSE, **land("S", 300)), line(HOUSE, **land("J", 200))],
        {"n_maisons": 1, "surface_bati": 100, "nombre_pieces": 4, "surface_terrain": 500,
         "n_parcelles_terrain": 1,
         "prix_m2": Decimal("2000.00"), "is_comparable": True},
    ),
    "and so with its garage, all combinations listed": (
        [line(what, **land(code, 300)) for what in (HOUSE, OUTBUILDING) for code in ("S", "J", "AG")],
        {"n_maisons": 1, "n_dependances": 1, "surface_bati": 100, "surface_terrain": 900},
    ),
    "two identical flats in the same lots are two": (
        [line(lot1_numero=7), line(lot1_numero=7)],
        {"n_appartements": 2, "surface_bati": 100, "exclusion_reasons": "{several_dwellings}",
         "prix_m2": None,
         "surface_carrez": None},
    ),
    "two identical houses on two natures are two, not four": (
        [line(HOUSE, **land(code, 300)) for code in ("S", "J") for _ in range(2)],
        {"n_maisons": 2, "surface_bati": 200, "surface_terrain": 600},
    ),
    "uneven groups: the smallest counts": (
        [line(HOUSE, **land("S", 300)), line(HOUSE, **land("S", 300)), line(HOUSE, **land("J", 50))],
        {"n_maisons": 1, "surface_bati": 100},
    ),
    "the price stands on every line": (
        [line(), line(OUTBUILDING), line(OUTBUILDING, lot1_numero=3)],
        {"prix": Decimal("200000.00"), "n_dependances": 2, "is_comparable": True},
    ),
    "each disposition has its price": (
        [line(), line(OUTBUILDING), line(OUTBUILDING, numero_disposition="000002",
         valeur_fonciere="15000.50")],
        {"prix": Decimal("215000.50"), "n_dispositions": 2, "exclusion_reasons": "{several_dispositions}"},
    ),
    "a garage listed first gives neither address nor place": (
        [line(OUTBUILDING, adresse_numero=9001, adresse_nom_voie="RUE DU GARAGE", code_postal="83200",
              id_parcelle="83137000AA0001", longitude="5.90"), line(adresse_suffixe="B")],
        {"adresse_numero": "12", "adresse_suffixe": "B", "adresse_nom_voie": "RUE DES ESSAIS",
         "adresse_complete": "12 B RUE DES ESSAIS", "code_postal": "83000", "longitude": 5.93,
         "id_parcelle": "83137000AB0001"},
    ),
    "a flat and a house: the flat leads": (
        [line(HOUSE, adresse_numero=1), line()],
        {"type_principal": "Appartement", "adresse_numero": "12", "surface_bati": 150},
    ),
    "with a shop": ([line(), line(SHOP)], {"exclusion_reasons": "{mixed}", "n_commerces": 1,
        "surface_bati": 50}),
    "off plan": ([line(nature_mutation=VEFA)], {"exclusion_reasons": "{off_plan}", "nature_mutation": VEFA}),
    "auction": ([line(nature_mutation="Adjudication")], {"exclusion_reasons": "{nature}"}),
    "one euro": ([line(valeur_fonciere="1")], {"exclusion_reasons": "{symbolic_price}",
        "prix": Decimal("1.00")}),
    "no price": ([line(valeur_fonciere="")], {"exclusion_reasons": "{symbolic_price}", "prix": None}),
    "no surface": ([line(surface_reelle_bati="")], {"exclusion_reasons": "{no_surface}",
        "surface_bati": None}),
    "no surface, written zero": ([line(surface_reelle_bati="0")], {"exclusion_reasons": "{no_surface}"}),
    "several reasons": (
        [line(nature_mutation="Echange", valeur_fonciere="0"), line(SHOP, valeur_fonciere="0",
         nature_mutation="Echange")],
        {"exclusion_reasons": "{nature,mixed,symbolic_price}"},
    ),
    "no coordinates": ([line(longitude="", latitude="")], {"longitude": None, "latitude": None,
        "is_comparable": True}),
    "Corsica": ([line(code_commune="2A004", code_postal="20000")], {"code_departement": "2A"}),
    "overseas": ([line(code_commune="97411", code_postal="97400")], {"code_departement": "974"}),
    "lost zeros": (
        [line(code_commune="1283", code_postal="1100.0", code_departement="1", id_parcelle="1283000AB0001",
              numero_disposition="1", adresse_code_voie="23", adresse_numero="12.0")],
        {"code_commune": "01283", "code_postal": "01100", "code_departement": "01",
         "id_parcelle": "01283000AB0001",
         "code_voie": "0023", "adresse_complete": "12 RUE DES ESSAIS"},
    ),
    "a lost commune stands in the parcel": (
        [line(code_commune="", id_parcelle="2B167000ZD0022")], {"code_commune": "2B167",
         "code_departement": "2B"},
    ),
    "decimal commas and French dates": (
        [line(valeur_fonciere="1 234 567,89", date_mutation="05/04/2024", surface_reelle_bati="50,0",
         longitude="5,93")],
        {"prix": Decimal("1234567.89"), "date_mutation": datetime.date(2024, 4, 5), "longitude": 5.93},
    ),
    "the type by its code alone": ([line(type_local="")], {"type_principal": "Appartement"}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_sale_is_read_as_the_notice_says(tmp_path, name):
    lines, expected = CASES[name]
    (sale,) = sales_of(tmp_path, *lines)
    assert {key: sale[key] for key in expected} == expected


def test_lots_hold_each_local_and_each_land_once(tmp_path):
    lines = [line(HOUSE, **land(code, size)) for code, size in (("S", 300), ("J", 200))]
    lines += [line(OUTBUILDING, **land(code, size)) for code, size in (("S", 300), ("J", 200))]
    (sale,), lots = normalise(tmp_path, write(tmp_path / "a.csv", lines))
    assert [(lot["lot_type"], lot["nature_culture"]) for lot in lots] == [
        ("Dépendance", ""), ("Maison", ""), ("Terrain", "jardins"), ("Terrain", "sols"),
    ]  # fmt: skip
    assert sum(lot["surface_terrain"] or 0 for lot in lots) == sale["surface_terrain"] == 500
    assert sum(lot["surface_bati"] or 0 for lot in lots) == sale["surface_bati"] == 100


def test_several_files_are_one_release(tmp_path):
    """A line in two files is one line, a repetition within a file counts, a mutation across files is one."""
    twins = [line(lot1_numero=7), line(lot1_numero=7)]
    first = write(tmp_path / "a.csv", [*twins, line(id_mutation="2024-2")])
    copy = write(
        tmp_path / "b.csv",
        [
            one | {"date_mutation": "15/03/2024", "numero_disposition": "1", "longitude": "5,93"}
            for one in twins
        ],
        delimiter=";",
    )
    rest = write(tmp_path / "c.csv", [line(OUTBUILDING, id_mutation="2024-2", id_parcelle="83137000AC0002")])
    sales, _lots = normalise(tmp_path, first, copy, rest)
    assert [(sale["id_mutation"], sale["n_appartements"], sale["n_dependances"]) for sale in sales] == [
        ("2024-1", 2, 0), ("2024-2", 1, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "other", [{"date_mutation": "2024-04-02"}, {"nature_mutation": "Echange"}, {"valeur_fonciere": "1000"}]
)
def test_an_id_with_two_contents_in_two_files_is_refused(tmp_path, other):
    with pytest.raises(MixedReleases, match=r"^2024-1 : a\.csv, b\.csv$"):
        normalise(tmp_path, write(tmp_path / "a.csv", [line()]), write(tmp_path / "b.csv", [line() | other]))


def test_the_fingerprint_follows_the_content(tmp_path):
    def of(*lines: Line) -> str:
        return sales_of(tmp_path, *lines)[0]["fingerprint"]

    plain = of(line(lot1_numero=7), line(OUTBUILDING, lot1_numero=8))
    assert of(line(OUTBUILDING, lot1_numero="08"), line(lot1_numero=7)) == plain, "order and lost zeros"
    assert (
        of(
            line(id_mutation="2024-99", lot1_numero=7),
            line(OUTBUILDING, id_mutation="2024-99", lot1_numero=8),
        )
        == plain
    )
    for other in (
        {"valeur_fonciere": "200001"},
        {"date_mutation": "2024-03-16"},
        {"nature_mutation": "Echange"},
    ):
        assert of(line(FLAT, lot1_numero=7, **other), line(OUTBUILDING, lot1_numero=8, **other)) != plain
    assert of(line(lot1_numero=7)) != plain
    assert of(line(lot1_numero=7, surface_reelle_bati=51), line(OUTBUILDING, lot1_numero=8)) != plain


def test_rejected_lines_are_counted_with_their_reason_and_number(tmp_path):
    lines = [
        line(),
        line(id_mutation=""),
        line(date_mutation="31/02/2024"),
        line(date_mutation="2999-01-01"),
        line(valeur_fonciere="cher"),
        line(code_commune="Toulon"),
        line(type_local="Château", code_type_local=""),
        line(surface_reelle_bati="grand"),
        line(latitude="143.2"),
        line(id_mutation="2024-2"),
    ]
    reading = read(tmp_path, write(tmp_path / "a.csv", lines))
    assert reading.lines == 10
    assert reading.rejected == {
        "no_id": 1, "bad_date": 1, "future_date": 1, "bad_price": 1, "bad_commune": 1, "bad_type": 1,
        "bad_number": 2,
    }  # fmt: skip
    assert [(number, reason) for number, reason, _text in reading.rejected_lines] == [
        (3, "no_id"), (4, "bad_date"), (5, "future_date"), (6, "bad_price"), (7, "bad_commune"), (8,
        "bad_type"),
        (9, "bad_number"), (10, "bad_number"),
    ]  # fmt: skip
    assert "cher" in reading.rejected_lines[3][2]


RAW_HEADER = (
    "Identifiant de document|Reference document|1 Articles CGI|2 Articles CGI|3 Articles CGI|4 Articles CGI|"
    "5 Articles CGI|No disposition|Date mutation|Nature mutation|Valeur fonciere|No voie|B/T/Q|Type de voie|"
    "Code voie|Voie|Code postal|Commune|Code departement|Code commune|Prefixe de section|Section|No plan|"
    "No Volume|1er lot|Surface Carrez du 1er lot|2eme lot|Surface Carrez du 2eme lot|3eme lot|"
    "Surface Carrez du 3eme lot|4eme lot|Surface Carrez du 4eme lot|5eme lot|Surface Carrez du 5eme lot|"
    "Nombre de lots|Code type local|Type local|Identifiant local|Surface reelle bati|"
    "Nombre pieces principales|Nature culture|Nature culture speciale|Surface terrain"
)


def raw(**values: str) -> str:
    names = [RAW_COLUMNS[key] for key in [_raw_key(name) for name in RAW_HEADER.split("|")]]
    ordinary = {
        "numero_disposition": "000001", "date_mutation": "07/01/2025", "nature_mutation": "Vente",
        "valeur_fonciere": "468000,00", "adresse_numero": "454", "raw_type_de_voie": "RUE",
        "adresse_code_voie": "0090",
        "raw_voie": "DE LA REPUBLIQUE", "code_postal": "1550", "nom_commune": "FARGES",
        "code_departement": "01",
        "raw_code_commune": "58", "raw_section": "B", "raw_plan": "910", "nombre_lots": "0",
        "code_type_local": "1",
        "type_local": "Maison", "surface_reelle_bati": "111", "nombre_pieces_principales": "5",
        "code_nature_culture": "S", "surface_terrain": "133",
    }  # fmt: skip
    return "|".join((ordinary | values).get(name, "") for name in names)


def _raw_key(name: str) -> str:
    return name.lower().replace("/", "_").replace(" ", "_")


@pytest.mark.parametrize("first", ["Identifiant de document", "Code service CH"])
def test_raw_files_are_numbered_by_contiguous_date_and_price(tmp_path, first):
    garage = {"code_type_local": "3", "type_local": "Dépendance", "surface_reelle_bati": "0"}
    lines = [raw(), raw(**garage), raw(valeur_fonciere="100000,00"), raw()]
    path = tmp_path / "ValeursFoncieres-2025.txt"
    path.write_text("\n".join([RAW_HEADER.replace("Identifiant de document", first), *lines]) + "\n")
    sales, lots = normalise(tmp_path, path)
    assert sorted((sale["prix"], sale["n_maisons"], sale["n_dependances"]) for sale in sales) == [
        (Decimal("100000.00"), 1, 0), (Decimal("468000.00"), 1, 0), (Decimal("468000.00"), 1, 1),
    ]  # fmt: skip
    assert {(sale["code_commune"], sale["code_postal"], sale["id_parcelle"]) for sale in sales} == {
        ("01058", "01550", "010580000B0910")
    }
    assert sales[0]["adresse_complete"] == "454 RUE DE LA REPUBLIQUE"
    assert sales[0]["longitude"] is None
    assert {lot["nature_culture"] for lot in lots if lot["lot_type"] == "Terrain"} == {"sols"}
    twice, _lots = normalise(tmp_path, path, path)
    assert twice == sales, "the numbers come from the content"


def test_overseas_communes_of_raw_files_take_two_digits(tmp_path):
    path = tmp_path / "raw.txt"
    path.write_text(
        "\n".join([RAW_HEADER, raw(code_departement="971", raw_code_commune="5", code_postal="97110")]) + "\n"
    )
    (sale,), _lots = normalise(tmp_path, path)
    assert (sale["code_commune"], sale["code_departement"]) == ("97105", "971")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "not_dvf"),
        ("a,b,c", "not_dvf"),
        ("id_mutation,date_mutation,nature_mutation,valeur_fonciere,code_postal", "missing_column"),
        (RAW_HEADER.replace("|Surface reelle bati", ""), "missing_column"),
        (RAW_HEADER + "|Nouveau", "unknown_column"),
        (RAW_HEADER + "|Voie", "repeated_column"),
    ],
)
def test_headers_that_are_refused(header, code):
    with pytest.raises(HeaderError) as refused:
        read_header(header)
    assert refused.value.code == code


def test_columns_are_found_by_name(tmp_path):
    lines = [line(lot1_numero=7, adresse_suffixe="T")]
    columns = sorted(name for name in lines[0] if name != "code_departement")
    full = [
        *columns,
        *(f"lot{n}_numero" for n in range(2, 6)),
        *(f"lot{n}_surface_carrez" for n in range(1, 6)),
    ]
    path = write(tmp_path / "shuffled.csv", lines, [*full, "code_nature_culture", "surface_terrain"])
    (sale,), _lots = normalise(tmp_path, path)
    (same,), _lots = normalise(tmp_path, write(tmp_path / "official.csv", lines))
    assert sale == same


def test_a_line_of_another_width_condemns_the_file(tmp_path):
    path = write(tmp_path / "a.csv", [line(), line()])
    path.write_text(path.read_text() + "2024-1,2024-01-01,1\n")
    with pytest.raises(UnreadableFile, match="ligne 4") as refused:
        normalise(tmp_path, path)
    assert refused.value.code == "field_count"


def test_a_byte_order_mark_and_crlf_are_no_matter(tmp_path):
    path = write(tmp_path / "a.csv", [line(FLAT)])
    other = tmp_path / "b.csv"
    other.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert normalise(tmp_path, path) == normalise(tmp_path, other)


def test_a_bucket_too_large_for_the_memory_is_halved(tmp_path, monkeypatch):
    """The engine refuses ranges of more than 20 lines: the sales and their ids are those of one bucket."""
    file = write(tmp_path / "a.csv", [line(id_mutation=f"2024-{n}", lot1_numero=n) for n in range(1, 100)])
    whole, _lots = normalise(tmp_path, file)
    able = Normaliser.work_out

    def unable(self: Normaliser, db: duckdb.DuckDBPyConnection, low: int, high: int) -> Bucket:
        count = db.execute(f"SELECT count(*) FROM line WHERE m BETWEEN {low} AND {high}").fetchone()
        if count and count[0] > 20:
            raise duckdb.OutOfMemoryException("too much")
        return able(self, db, low, high)

    monkeypatch.setattr(Normaliser, "work_out", unable)
    monkeypatch.setattr("dvf.importing.normalise.SMALLEST_BUCKET", 10)
    assert normalise(tmp_path, file)[0] == whole
    monkeypatch.setattr("dvf.importing.normalise.SMALLEST_BUCKET", 1000)
    with pytest.raises(duckdb.OutOfMemoryException):
        normalise(tmp_path, file)
