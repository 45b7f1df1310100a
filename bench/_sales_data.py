"""A database of 4.8 million invented sales in the shape of the national ones, for measurements.

34,000 communes of very unequal size, about half a million streets with the tax office's abbreviations, sales
in buildings that share a point. Deterministic; made by SQL in a database of its own in a few minutes.
"""

from __future__ import annotations

import datetime
import random
import sys
import time
from collections.abc import Iterator

from django.apps import apps
from django.db import connection
from django.utils import timezone

from dvf.models import DVFImport, DVFPrice, DVFSale, DVFStreet
from dvf.street_names import street_key

COMMUNES = 34_000
SALES = 4_800_000
_FIRST, _SYLLABLES = (
    words.split()
    for words in (
        "JEAN PIERRE PAUL JACQUES MARIE LOUIS HENRI GEORGES VICTOR EMILE JULES CHARLES LEON ALBERT MARCEL "
        "RENE ANDRE FRANCOIS MAURICE GABRIEL ANATOLE ARISTIDE EDOUARD GASTON ROGER SIMONE JEANNE CLAUDE",
        "BER LAN MON TIE ROU DEL CHA VI GRE FOR MAR TIN DU BOI SAN GUE RI NEL POU LET CAR VAL DES BRI",
    )
)
_COMMON = [
    *("DE LA REPUBLIQUE", "VICTOR HUGO", "DE L EGLISE", "DU GAL DE GAULLE", "JEAN JAURES", "DES ECOLES"),
    *("DE LA GARE", "DU MOULIN", "DE PARIS", "PASTEUR", "DU 8 MAI 1945", "DU MAL FOCH", "DE LA LIBERATION"),
    *("DES LILAS", "GAMBETTA", "DU CHATEAU", "DES JARDINS", "DU STADE", "ST MARTIN", "DU 11 NOVEMBRE 1918"),
    *("DES VIGNES", "DE LA FONTAINE", "LEON BLUM", "DU FBG ST ANTOINE", "N D DES CHAMPS"),
]
_TYPES = [
    ("RUE", 60),
    ("AV", 10),
    ("CHE", 8),
    ("IMP", 6),
    ("BD", 4),
    ("ALL", 4),
    ("PL", 3),
    ("RTE", 3),
    ("QUAI", 1),
]


def _streets(rng: random.Random) -> Iterator[tuple[object, ...]]:
    surnames = sorted({"".join(rng.choices(_SYLLABLES, k=rng.choice((2, 3)))) for _ in range(6000)})
    types, weights = zip(*_TYPES, strict=True)
    keys: dict[str, str] = {}
    number = 0
    departments = [f"{n:02d}" for n in range(1, 96) if n not in (20, 57, 67, 68)]
    for rank in range(1, COMMUNES + 1):
        department = departments[rank % len(departments)]
        commune = f"{department}{rank // len(departments) + 1:03d}"
        postal = f"{department}{(rank // len(departments)) % 190 * 5:03d}"
        name = "".join(rng.choices(_SYLLABLES, k=3)).title()
        longitude, latitude = rng.uniform(-1.5, 7), rng.uniform(43.3, 49.5)
        spread = 0.03 / rank**0.15
        chosen: set[str] = set()
        for code in range(max(4, int(3000 / rank**0.6))):
            if rng.random() < 0.25:
                rest = rng.choice(_COMMON)
            else:
                rest = (
                    f"{rng.choice(_FIRST)} {rng.choice(surnames)}"
                    if rng.random() < 0.5
                    else rng.choice(surnames)
                )
            street = f"{rng.choices(types, weights)[0]} {rest}"
            if street in chosen:
                continue
            chosen.add(street)
            if street not in keys:
                keys[street] = street_key(street)
            number += 1
            x, y = rng.gauss(longitude, spread), rng.gauss(latitude, spread / 1.4)
            count = min(2000, max(1, int(rng.paretovariate(1.05) * 2)))
            yield number, postal, commune, name, department, f"{code:04d}", street, keys[street], count, x, y


_SALES = """
INSERT INTO dvf_sales (release_id, id_mutation, fingerprint, date_mutation, annee, nature_mutation, prix,
    prix_m2, n_dispositions, adresse_numero, adresse_suffixe, adresse_nom_voie, adresse_complete, code_voie,
    code_postal, code_commune, nom_commune, code_departement, id_parcelle, numeros_lots, longitude, latitude,
    type_principal, surface_bati, nombre_pieces, nombre_lots, n_appartements, n_maisons, n_dependances,
    n_commerces, n_parcelles_terrain, is_comparable, exclusion_reasons)
SELECT %(release)s, '2024-' || row_number() OVER (), gen_random_uuid(), day, extract(year FROM day), 'Vente',
    round(surface * price), CASE WHEN good THEN round(surface * price) / surface END, 1, house::text, suffix,
    nom_voie, concat_ws(' ', house, nullif(suffix, ''), nom_voie), code_voie, code_postal, code_commune,
    nom_commune, code_departement, code_commune || code_voie || lpad(house::text, 5, '0'), '',
    CASE WHEN placed THEN longitude + (house %% 40) * 0.0001 END,
    CASE WHEN placed THEN latitude + (house / 40) * 0.0001 END, kind, surface, 1 + surface / 25, 1,
    (kind = 'Appartement')::int, (kind = 'Maison')::int, 0, 0, 0, good,
    CASE WHEN good THEN ARRAY[]::varchar[] ELSE ARRAY['off_plan'] END
FROM (
    SELECT *, CASE WHEN house %% 23 = 0 THEN 'B' ELSE '' END AS suffix,
        -- Dearer in some communes, streets and buildings, by 2 %% a year and for small flats; then chance.
        ((1300 + 5500 * power(pg_temp.uniform(code_commune), 3)) * exp(
            0.25 * pg_temp.uniform(code_commune || code_voie)
            + 0.25 * (pg_temp.uniform(code_commune || code_voie || house) - 1)
            + 0.02 * (day - date '2020-01-01') / 365.25 - 0.08 * ln(surface / 60.0)
            + 0.15 * (random() + random() + random() + random() - 2)))::numeric AS price
    FROM (
        SELECT s.*, date '2020-01-01' + (random() * 2000)::int AS day, (1 + random() * 120)::int AS house,
            12 + (random() * random() * 180)::int AS surface, random() > 0.12 AS good,
            random() > 0.015 AS placed, CASE WHEN random() < 0.55 THEN 'Appartement' ELSE 'Maison' END AS kind
        FROM dvf_streets s, generate_series(1, s.sales_count)
    ) drawn
) priced
-- As an import leaves them: files of a year, in each the communes one after the other.
ORDER BY extract(year FROM day), code_commune, day
"""
_UNIFORM = """
CREATE OR REPLACE FUNCTION pg_temp.uniform(name text) RETURNS double precision LANGUAGE sql IMMUTABLE
RETURN (hashtext(name) & 1048575) / 1048576.0
"""
_PRICES = """
INSERT INTO dvf_prices (place_kind, place_code, type_principal, year, quarter, sales_count, mean, median,
    first_quartile, third_quartile, minimum, maximum)
SELECT '{place}', {place}, type_principal, annee, extract(quarter FROM date_mutation), count(*), avg(prix_m2),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY prix_m2),
    percentile_cont(0.25) WITHIN GROUP (ORDER BY prix_m2),
    percentile_cont(0.75) WITHIN GROUP (ORDER BY prix_m2), min(prix_m2), max(prix_m2)
FROM dvf_sales WHERE is_comparable GROUP BY GROUPING SETS (
    ({place}, type_principal, annee), ({place}, type_principal, annee, extract(quarter FROM date_mutation)))
"""


def fill(sales: int = SALES) -> None:
    """Fill the empty tables of the current database; prints what takes time."""
    rng = random.Random(20241001)  # noqa: S311
    started = time.monotonic()

    def say(text: str) -> None:
        sys.stderr.write(f"{time.monotonic() - started:6.0f} s  {text}\n")

    release = DVFImport.objects.create(status="served", release_label="bench", is_synthetic=True)
    say("streets")
    rows = list(_streets(rng))
    scale = sales / sum(int(str(row[8])) for row in rows)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute("SET work_mem = '512MB'")
        names = (
            "id, code_postal, code_commune, nom_commune, code_departement, code_voie, nom_voie, street_key, "
        )
        with cursor.copy(
            f"COPY dvf_streets ({names}sales_count, is_main, longitude, latitude) FROM STDIN"
        ) as copy:
            for row in rows:
                copy.write_row([*row[:8], max(1, round(int(str(row[8])) * scale)), False, *row[9:]])
        model = apps.get_model("dvf", "DVFSale")
        with connection.schema_editor() as editor:
            for index in model._meta.indexes:
                editor.remove_index(model, index)
        say(f"{len(rows):,} streets; sales")
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(_UNIFORM)
        cursor.execute(_SALES, {"release": release.pk})
        made = cursor.rowcount
        say(f"{made:,} sales; indexes")
        with connection.schema_editor() as editor:
            for index in model._meta.indexes:
                editor.add_index(model, index)
        first, last = datetime.date(2020, 1, 1), datetime.date(2025, 6, 23)
        DVFImport.objects.update(
            sales=made, total_sales=made, first_date=first, last_date=last, finished_at=timezone.now()
        )
        say("prices")
        for place in ("code_postal", "code_commune", "code_departement"):
            cursor.execute(_PRICES.format(place=place))
        cursor.execute(
            "UPDATE dvf_streets SET is_main = true WHERE id IN (SELECT DISTINCT ON (street_key) id"
            " FROM dvf_streets ORDER BY street_key, sales_count DESC, id)"
        )
        for table in (DVFSale, DVFStreet, DVFPrice):
            cursor.execute(f"VACUUM ANALYZE {table._meta.db_table}")
    say("ready")
