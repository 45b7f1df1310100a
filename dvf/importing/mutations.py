"""The lines of a bucket of mutations to its sales and lots: the reading rules of the notice as SQL.

For the engine (DuckDB), which ``normalise.py`` runs. Source: notice of the DGFiP (one line per local and per
nature of cultivation of its parcel; the price is that of the disposition and stands on every line).
"""

from __future__ import annotations

from dvf.importing.columns import NATURES_CULTURE
from dvf.importing.lines import COMMERCE, FLAT, HOUSE, OUTBUILDING, TYPES

IS_DWELLING = f"kind IN ({HOUSE}, {FLAT})"

KEPT = "VIEW kept AS SELECT *, 1 AS times FROM line WHERE m BETWEEN {low} AND {high} AND reason = 0"

# A line standing in several files is one line; within one file every repetition counts.
KEPT_OF_ALL_FILES = """TABLE kept AS
    SELECT * EXCLUDE (file, times), max(times) AS times
    FROM (
        SELECT * EXCLUDE (reason, mended), count(*) AS times
        FROM line WHERE m BETWEEN {low} AND {high} AND reason = 0 GROUP BY ALL
    )
    GROUP BY ALL
"""

BUCKET = f"""
CREATE OR REPLACE TEMP {{kept}};

-- One local has a line for each nature of cultivation of its parcel: the smallest group is their number.
CREATE OR REPLACE TEMP TABLE local AS
    SELECT m, thing, min(times) AS n, any_value(parcel) AS parcel, any_value(lots) AS lots,
        any_value(kind) AS kind, any_value(surface) AS surface, any_value(rooms) AS rooms,
        max(carrez) AS carrez, min(dwelling) AS dwelling, min(longitude) AS longitude,
        min(latitude) AS latitude
    FROM (
        SELECT m, thing, sum(times) AS times, any_value(parcel) AS parcel, any_value(lots) AS lots,
            any_value(kind) AS kind, any_value(surface) AS surface, any_value(rooms) AS rooms,
            max(carrez) AS carrez, min(dwelling) AS dwelling, min(longitude) AS longitude,
            min(latitude) AS latitude
        FROM kept WHERE kind > 0 GROUP BY m, thing, ground
    )
    GROUP BY m, thing;

CREATE OR REPLACE TEMP TABLE plot AS
    SELECT m, parcel, ground, any_value(culture) AS culture, any_value(land) AS land,
        min(longitude) AS longitude, min(latitude) AS latitude
    FROM kept WHERE land IS NOT NULL OR culture IS NOT NULL GROUP BY m, parcel, ground;

CREATE OR REPLACE TEMP TABLE sale AS
    WITH head AS (
        SELECT m, any_value(id) AS id, min(day) AS day, min(nature) AS nature, max(nature) AS other_nature
        FROM kept GROUP BY m
    ),
    paid AS (
        SELECT m, count(*) AS n_dispositions, sum(price) AS price
        FROM (SELECT m, disposition, max(price) AS price FROM kept GROUP BY m, disposition) GROUP BY m
    ),
    inside AS (
        SELECT m,
            sum(n) FILTER (kind = {FLAT}) AS n_flats, sum(n) FILTER (kind = {HOUSE}) AS n_houses,
            sum(n) FILTER (kind = {OUTBUILDING}) AS n_outbuildings,
            sum(n) FILTER (kind = {COMMERCE}) AS n_commerces,
            sum(n * surface) FILTER ({IS_DWELLING}) AS surface,
            sum(n * rooms) FILTER ({IS_DWELLING}) AS rooms, sum(carrez) FILTER ({IS_DWELLING}) AS carrez,
            string_split(min(dwelling), chr(31)) AS part
        FROM local GROUP BY m HAVING min(dwelling) IS NOT NULL
    ),
    outside AS (SELECT m, sum(land) AS land, count(DISTINCT parcel) AS n_parcels FROM plot GROUP BY m),
    numbered AS (
        SELECT m, sum(n_lots) AS n_lots
        FROM (SELECT m, parcel, lots, max(n_lots) AS n_lots FROM kept GROUP BY ALL) GROUP BY m
    ),
    content AS (
        SELECT m, bit_xor(md5_number(
            concat_ws('|', coalesce(parcel, ''), lots, kind, coalesce(surface, 0)))) AS content
        FROM (SELECT DISTINCT m, parcel, lots, kind, surface FROM kept) GROUP BY m
    ),
    joined AS (
        SELECT * REPLACE (
                coalesce(n_flats, 0) AS n_flats, coalesce(n_houses, 0) AS n_houses,
                coalesce(n_outbuildings, 0) AS n_outbuildings, coalesce(n_commerces, 0) AS n_commerces,
                if(nature = other_nature, nature, nature || ' / ' || other_nature) AS nature
            ), coalesce(n_flats, 0) + coalesce(n_houses, 0) AS n_dwellings, part[10] AS commune,
            CASE WHEN part[10][:2] IN ('97', '98') THEN part[10][:3] ELSE part[10][:2] END AS department
        FROM head JOIN paid USING (m) JOIN inside USING (m) JOIN content USING (m)
            LEFT JOIN outside USING (m) LEFT JOIN numbered USING (m)
    )
    -- The engine writes a number of 128 bits as text a hundred times slower than two of 64.
    SELECT * EXCLUDE (content), (content >> 64)::UBIGINT AS content_high,
        (content & 18446744073709551615::UHUGEINT)::UBIGINT AS content_low, list_filter([
            CASE WHEN nature LIKE 'Vente en l%tat futur%' THEN 'off_plan' END,
            CASE WHEN coalesce(nature <> 'Vente' AND nature NOT LIKE 'Vente en l%tat futur%', true)
                THEN 'nature' END,
            CASE WHEN n_dwellings > 1 THEN 'several_dwellings' END,
            CASE WHEN n_commerces > 0 THEN 'mixed' END,
            CASE WHEN n_dispositions > 1 THEN 'several_dispositions' END,
            CASE WHEN coalesce(price, 0) <= 1 THEN 'symbolic_price' END,
            CASE WHEN coalesce(surface, 0) <= 0 THEN 'no_surface' END
        ], lambda reason: reason IS NOT NULL) AS reasons
    FROM joined WHERE {{where}}
"""

MIXED = """
SELECT min(id)
FROM (
    SELECT m, disposition, file, min(id) AS id, min(day) AS day, min(nature) AS nature, min(price) AS price
    FROM line WHERE m BETWEEN {low} AND {high} AND reason = 0 GROUP BY m, disposition, file
)
GROUP BY m, disposition
HAVING count(*) > 1 AND (min(day) <> max(day) OR min(nature) <> max(nature) OR min(price) <> max(price))
LIMIT 5
"""

COUNTS = """
SELECT count(*), count(DISTINCT m), (SELECT count(*) FROM sale),
    coalesce((SELECT sum(n) FROM local SEMI JOIN sale USING (m)), 0)
        + (SELECT count(*) FROM plot SEMI JOIN sale USING (m)),
    (SELECT min(day) FROM sale), (SELECT max(day) FROM sale),
    (SELECT map_from_entries(list((reason, times))) FROM
        (SELECT reason, count(*) AS times FROM (SELECT unnest(reasons) AS reason FROM sale) GROUP BY reason)),
    coalesce((SELECT bool_or(suffix(part[11], '{mark}')) FROM sale), false)
FROM line WHERE m BETWEEN {low} AND {high} AND reason = 0
"""

SALE_COLUMNS = (
    "id", "release_id", "id_mutation", "fingerprint", "date_mutation", "annee", "nature_mutation", "prix",
        "prix_m2",
    "n_dispositions", "adresse_numero", "adresse_suffixe", "adresse_nom_voie", "adresse_complete",
        "code_voie",
    "code_postal", "code_commune", "nom_commune", "code_departement", "id_parcelle", "numeros_lots",
        "longitude",
    "latitude", "type_principal", "surface_bati", "surface_carrez", "nombre_pieces", "surface_terrain",
        "nombre_lots",
    "n_appartements", "n_maisons", "n_dependances", "n_commerces", "n_parcelles_terrain", "is_comparable",
    "exclusion_reasons",
)  # fmt: skip

SALES = f"""
SELECT {{first_id}} - 1 + row_number() OVER (ORDER BY m), {{release_id}}, id,
    -- XOR makes the order of the lines indifferent. The rest of the identity stands in plain words.
    md5(concat_ws('|', day, nature, price, content_high, content_low)),
    day, year(day), left(coalesce(nature, ''), 60), price,
    CASE WHEN len(reasons) = 0 THEN round(price::DOUBLE / surface, 2)::DECIMAL(15, 2) END, n_dispositions,
    left(part[5], 10), left(part[6], 10), left(part[7], 100),
    left(concat_ws(' ', nullif(part[5], ''), nullif(part[6], ''), nullif(part[7], '')), 130),
    left(part[8], 10), left(part[9], 5), commune, left(part[11], 100), department,
    left(part[3], 14), left(part[4], 120), nullif(part[12], '')::DOUBLE, nullif(part[13], '')::DOUBLE,
    CASE WHEN n_flats > 0 THEN '{TYPES[FLAT]}' ELSE '{TYPES[HOUSE]}' END,
    surface, CASE WHEN n_dwellings = 1 THEN carrez END, rooms, land, coalesce(n_lots, 0),
    n_flats, n_houses, n_outbuildings, n_commerces, coalesce(n_parcels, 0),
    len(reasons) = 0, '{{{{' || array_to_string(reasons, ',') || '}}}}'
FROM sale ORDER BY commune, day, m
"""

NOTE_SOLD = f"""
INSERT INTO sold
SELECT left(part[9], 5), commune, department, left(part[11], 100), left(part[8], 10), left(part[7], 100),
    nullif(part[12], '')::DOUBLE, nullif(part[13], '')::DOUBLE,
    CASE WHEN n_flats > 0 THEN '{TYPES[FLAT]}' ELSE '{TYPES[HOUSE]}' END, year(day), day,
    CASE WHEN len(reasons) = 0 THEN round(price::DOUBLE / surface, 2)::DECIMAL(15, 2) END
FROM sale
"""

LOT_COLUMNS = (
    "id_mutation", "lot_type", "nature_culture", "surface_bati", "surface_carrez", "nombre_pieces",
        "surface_terrain",
    "numeros_lots", "id_parcelle", "longitude", "latitude",
)  # fmt: skip

_TYPE_NAMES = " ".join(f"WHEN {kind} THEN '{name}'" for kind, name in TYPES.items())
_CULTURES = ", ".join(
    f"'{code}': '{name.replace(chr(39), chr(39) * 2)}'" for code, name in NATURES_CULTURE.items()
)

LOTS_OF_SALES = f"""
SELECT id, CASE kind {_TYPE_NAMES} END, '', surface, CASE WHEN {IS_DWELLING} THEN carrez END, rooms, NULL,
    left(lots, 120), left(coalesce(parcel, ''), 14),
    longitude, latitude
FROM (SELECT sale.id, local.*, unnest(range(local.n::BIGINT)) FROM local JOIN sale USING (m))
UNION ALL
SELECT id, 'Terrain', left(coalesce(MAP {{{_CULTURES}}}[culture], culture, ''), 60), NULL, NULL, NULL,
    plot.land, '',
    left(coalesce(parcel, ''), 14), plot.longitude, plot.latitude
FROM plot JOIN sale USING (m)
"""
