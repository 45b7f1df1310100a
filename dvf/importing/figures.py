"""What is kept ready beside the sales: their streets and the statistics of prices, worked out by the engine.

The engine keeps of each sale what they need (table ``sold``), as it makes the sales or, when files are
added to a release, as they are read back from the new table. It sorts out half a million small groups
several times faster than the database.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import duckdb

from dvf.addresses import street_key

SOLD = (
    "code_postal", "code_commune", "code_departement", "nom_commune", "code_voie", "adresse_nom_voie",
        "longitude",
    "latitude", "type_principal", "annee", "date_mutation", "prix_m2",
)  # fmt: skip
"""Columns of a sale that the figures need; ``prix_m2`` is null where it is not comparable."""

PRICE_COLUMNS = (
    "place_kind", "place_code", "type_principal", "year", "quarter", "sales_count", "mean", "median",
        "first_quartile",
    "third_quartile", "minimum", "maximum",
)  # fmt: skip

STREET_COLUMNS = (
    "code_postal", "code_commune", "nom_commune", "code_departement", "code_voie", "nom_voie", "street_key",
    "sales_count", "is_main", "longitude", "latitude",
)  # fmt: skip

SALES_PER_SLICE = 400_000

TABLE = """
CREATE OR REPLACE TABLE sold (
    code_postal VARCHAR, code_commune VARCHAR, code_departement VARCHAR, nom_commune VARCHAR,
        code_voie VARCHAR,
    adresse_nom_voie VARCHAR, longitude DOUBLE, latitude DOUBLE, type_principal VARCHAR, annee SMALLINT,
    date_mutation DATE, prix_m2 DECIMAL(15, 2)
)
"""

PRICES = """
SELECT '{place}', {place}, type_principal, annee, quarter, n, mean, quartile[2], quartile[1], quartile[3],
    low, high
FROM (
    SELECT {place}, type_principal, annee, quarter(date_mutation) AS quarter, count(*) AS n,
        round(avg(prix_m2), 2)::DECIMAL(15, 2) AS mean, min(prix_m2) AS low, max(prix_m2) AS high,
        list_transform(quantile_cont(prix_m2::DOUBLE, [0.25, 0.5, 0.75]),
            lambda x: round(x, 2)::DECIMAL(15, 2)) AS quartile
    FROM sold WHERE prix_m2 IS NOT NULL AND {place} <> '' AND {place} BETWEEN '{first}' AND '{last}'
    GROUP BY GROUPING SETS
        (({place}, type_principal, annee), ({place}, type_principal, annee, quarter(date_mutation)))
)
ORDER BY {place}, type_principal, annee, quarter
"""

SLICES = """
SELECT min(place), max(place)
FROM (
    SELECT {place} AS place, sum(count(*)) OVER (ORDER BY {place}) // {size} AS slice
    FROM sold WHERE prix_m2 IS NOT NULL AND {place} <> '' GROUP BY {place}
)
GROUP BY slice ORDER BY slice
"""

# The main one of the streets that share a key is that with the most sales.
STREETS = """
SELECT * EXCLUDE (longitude, latitude),
    row_number() OVER (PARTITION BY street_key ORDER BY sales_count DESC, code_commune, code_postal,
        nom_voie) = 1,
    longitude, latitude
FROM (
    SELECT code_postal, code_commune, max(nom_commune), max(code_departement), max(code_voie),
        adresse_nom_voie AS nom_voie, any_value(street_key) AS street_key, count(*) AS sales_count,
        avg(longitude) AS longitude, avg(latitude) AS latitude
    FROM sold JOIN street_name USING (adresse_nom_voie)
    GROUP BY code_postal, code_commune, adresse_nom_voie
)
"""


def reload_sold(engine: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Take the sales from a CSV file of the columns SOLD instead of those made by the engine."""
    types = dict(
        engine.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'sold'"
        ).fetchall()
    )
    columns = ", ".join(f"'{name}': '{types[name]}'" for name in SOLD)
    engine.execute(TABLE)
    engine.execute(
        f"INSERT INTO sold SELECT * FROM read_csv('{file}', auto_detect = false, header = false,"
        f" columns = {{{columns}}},"
        f" force_not_null = {[name for name in SOLD if types[name] == 'VARCHAR']})"
    )


def write_prices(engine: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Write the statistics of prices as a CSV file of PRICE_COLUMNS, in the order of their unique index: the
    database builds it four times faster so.
    """
    part = file.with_suffix(".part.csv")
    with file.open("wb") as whole:
        for place in ("code_commune", "code_departement", "code_postal"):
            # The values of all the groups being worked out are in memory: by slices there are never many.
            slices = engine.execute(SLICES.format(place=place, size=SALES_PER_SLICE)).fetchall()
            for first, last in slices:
                query = PRICES.format(place=place, first=first, last=last)
                engine.execute(f"COPY ({query}) TO '{part}' (FORMAT csv, HEADER false)")
                with part.open("rb") as lines:
                    shutil.copyfileobj(lines, whole)
    part.unlink(missing_ok=True)


def write_streets(engine: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Write the streets as a CSV file of STREET_COLUMNS. Each spelling is normalised once, by
    ``dvf.addresses``.
    """
    names = engine.execute(
        "SELECT DISTINCT adresse_nom_voie FROM sold WHERE adresse_nom_voie <> ''"
    ).fetchall()
    keys = file.with_suffix(".keys.csv")
    with keys.open("w", newline="") as out:
        csv.writer(out).writerows((name, street_key(name)[:150]) for (name,) in names)
    engine.execute(
        f"CREATE OR REPLACE TABLE street_name AS SELECT * FROM read_csv('{keys}', auto_detect = false,"
        " header = false,"
        " columns = {'adresse_nom_voie': 'VARCHAR', 'street_key': 'VARCHAR'}, quote = '\"', escape = '\"',"
        " force_not_null = ['adresse_nom_voie', 'street_key'])"
    )
    keys.unlink()
    engine.execute(f"COPY ({STREETS}) TO '{file}' (FORMAT csv, HEADER false)")
