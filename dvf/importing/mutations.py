"""The lines of a bucket of mutations to its sales and lots: the reading rules of the notice as SQL.

For the engine (DuckDB), which ``normalise.py`` runs. Source: notice of the DGFiP (one line per local and per
nature of cultivation of its parcel; the price is that of the disposition and stands on every line).
"""

from __future__ import annotations

from dvf.importing.columns import NATURES_CULTURE
from dvf.importing.lines import COMMERCE, FLAT, HOUSE, OUTBUILDING, TYPES

IS_DWELLING = f"kind IN ({HOUSE}, {FLAT})"

KEPT = "SELECT *, 1 AS times FROM line WHERE m BETWEEN {low} AND {high} AND reason = 0"

# A line standing in several files is one line; within one file every repetition counts. Where files are years
# or departments no mutation, or few, stand in several.
SEVERAL_FILES = f"""
CREATE OR REPLACE TEMP TABLE shared AS
    SELECT m FROM line WHERE m BETWEEN {{low}} AND {{high}} AND reason = 0
    GROUP BY m HAVING min(file) < max(file);

CREATE OR REPLACE TEMP TABLE copied AS
    SELECT * EXCLUDE (file, times), max(times) AS times
    FROM (
        SELECT * EXCLUDE (reason, mended, times), count(*) AS times FROM ({KEPT}) SEMI JOIN shared USING (m)
        GROUP BY ALL
    )
    GROUP BY ALL
"""

KEPT_OF_SEVERAL_FILES = f"SELECT * FROM ({KEPT}) ANTI JOIN shared USING (m) UNION ALL BY NAME FROM copied"

ID = "coalesce({id}, m // 1_000_000_000 || '-' || m % 1_000_000_000)"
"""The id of a mutation, which its number says where it is official."""

BUCKET = f"""
CREATE OR REPLACE TEMP VIEW kept AS {{kept}};

-- One local has a line for each nature of cultivation of its parcel: the smallest group is their number.
CREATE OR REPLACE TEMP TABLE local AS
    SELECT m, thing, min(times)::INTEGER AS n, any_value(parcel) AS parcel, any_value(lots) AS lots,
        any_value(kind) AS kind, any_value(surface) AS surface, any_value(rooms) AS rooms,
        max(carrez) AS carrez, min(longitude) AS longitude, min(latitude) AS latitude
    FROM (
        SELECT m, thing, sum(times) AS times, any_value(parcel) AS parcel, any_value(lots) AS lots,
            any_value(kind) AS kind, any_value(surface) AS surface, any_value(rooms) AS rooms,
            max(carrez) AS carrez, min(longitude) AS longitude, min(latitude) AS latitude
        FROM kept WHERE kind > 0 GROUP BY m, thing, ground
    )
    GROUP BY m, thing;

CREATE OR REPLACE TEMP TABLE plot AS
    SELECT m, parcel, ground, any_value(culture) AS culture, any_value(land) AS land,
        min(longitude) AS longitude, min(latitude) AS latitude
    FROM kept WHERE land IS NOT NULL OR culture IS NOT NULL GROUP BY m, parcel, ground;

CREATE OR REPLACE TEMP TABLE sale AS
    WITH lead AS (SELECT m, min(dwelling) AS dwelling FROM kept WHERE {IS_DWELLING} GROUP BY m),
    paid AS (
        SELECT m, any_value(id) AS id, min(day) AS day, min(nature) AS nature, max(other) AS other_nature,
            count(*) AS n_dispositions, sum(price) AS price
        FROM (
            SELECT m, disposition, any_value(id) AS id, min(day) AS day, min(nature) AS nature,
                max(nature) AS other, max(price) AS price
            FROM kept SEMI JOIN lead USING (m) GROUP BY m, disposition
        )
        GROUP BY m
    ),
    inside AS (
        SELECT m,
            sum(if(kind = {FLAT}, n, 0)) AS n_flats, sum(if(kind = {HOUSE}, n, 0)) AS n_houses,
            sum(if(kind = {OUTBUILDING}, n, 0)) AS n_outbuildings,
            sum(if(kind = {COMMERCE}, n, 0)) AS n_commerces,
            sum(if({IS_DWELLING}, n * surface, NULL)) AS surface,
            sum(if({IS_DWELLING}, n * rooms, NULL)) AS rooms, sum(if({IS_DWELLING}, carrez, NULL)) AS carrez
        FROM local GROUP BY m
    ),
    outside AS (SELECT m, sum(land) AS land, count(DISTINCT parcel) AS n_parcels FROM plot GROUP BY m),
    -- XOR makes the order of the lines indifferent.
    described AS (
        SELECT m, bit_xor(content) AS content, sum(n_lots) AS n_lots
        FROM (
            SELECT m, parcel, lots, max(n_lots) AS n_lots, bit_xor(md5_number(
                concat_ws('|', coalesce(parcel, ''), lots, kind, coalesce(surface, 0)))) AS content
            FROM (
                SELECT m, parcel, lots, kind, surface, max(n_lots) AS n_lots
                FROM kept SEMI JOIN lead USING (m) GROUP BY m, parcel, lots, kind, surface
            )
            GROUP BY m, parcel, lots
        )
        GROUP BY m
    ),
    -- The wide text is joined last: it is copied once.
    joined AS (
        SELECT * REPLACE (if(nature = other_nature, nature, nature || ' / ' || other_nature) AS nature),
            n_flats + n_houses AS n_dwellings, string_split(dwelling, chr(31)) AS part
        FROM lead JOIN inside USING (m) JOIN paid USING (m) JOIN described USING (m)
            LEFT JOIN outside USING (m)
    ),
    judged AS (
        SELECT *, part[10] AS commune, if(part[10][:2] IN ('97', '98'), part[10][:3], part[10][:2])
                AS department,
            concat_ws(',',
                CASE WHEN nature LIKE 'Vente en l%tat futur%' THEN 'off_plan' END,
                CASE WHEN coalesce(nature <> 'Vente' AND nature NOT LIKE 'Vente en l%tat futur%', true)
                    THEN 'nature' END,
                CASE WHEN n_dwellings > 1 THEN 'several_dwellings' END,
                CASE WHEN n_commerces > 0 THEN 'mixed' END,
                CASE WHEN n_dispositions > 1 THEN 'several_dispositions' END,
                CASE WHEN coalesce(price, 0) <= 1 THEN 'symbolic_price' END,
                CASE WHEN coalesce(surface, 0) <= 0 THEN 'no_surface' END) AS reasons
        FROM joined
    )
    SELECT m, {ID.format(id="id")} AS id_mutation,
        -- The engine writes a number of 128 bits as text a hundred times slower than two of 64.
        md5(concat_ws('|', day, nature, price, (content >> 64)::UBIGINT,
            (content & 18446744073709551615::UHUGEINT)::UBIGINT)) AS fingerprint,
        day AS date_mutation, year(day)::SMALLINT AS annee, left(coalesce(nature, ''), 60) AS nature_mutation,
        price AS prix, if(reasons = '', round(price::DOUBLE / surface, 2)::DECIMAL(15, 2), NULL) AS prix_m2,
        n_dispositions, left(part[5], 10) AS adresse_numero, left(part[6], 10) AS adresse_suffixe,
        left(part[7], 100) AS adresse_nom_voie,
        left(concat_ws(' ', nullif(part[5], ''), nullif(part[6], ''), nullif(part[7], '')), 130)
            AS adresse_complete,
        left(part[8], 10) AS code_voie, left(part[9], 5) AS code_postal, commune AS code_commune,
        left(part[11], 100) AS nom_commune, department AS code_departement,
        left(part[3], 14) AS id_parcelle, left(part[4], 120) AS numeros_lots,
        nullif(part[12], '')::DOUBLE AS longitude, nullif(part[13], '')::DOUBLE AS latitude,
        if(n_flats > 0, '{TYPES[FLAT]}', '{TYPES[HOUSE]}') AS type_principal, surface AS surface_bati,
        if(n_dwellings = 1, carrez, NULL) AS surface_carrez, rooms AS nombre_pieces, land AS surface_terrain,
        coalesce(n_lots, 0) AS nombre_lots, n_flats AS n_appartements, n_houses AS n_maisons,
        n_outbuildings AS n_dependances, n_commerces, coalesce(n_parcels, 0) AS n_parcelles_terrain,
        reasons = '' AS is_comparable, '{{{{' || reasons || '}}}}' AS exclusion_reasons
    FROM judged WHERE {{where}}
"""

MIXED = f"""
SELECT {ID.format(id="min(id)")}, list(DISTINCT file ORDER BY file)
FROM (
    SELECT m, disposition, file, min(id) AS id, min(day) AS day, min(nature) AS nature, min(price) AS price
    FROM line SEMI JOIN shared USING (m) WHERE reason = 0 GROUP BY m, disposition, file
)
GROUP BY m, disposition
HAVING count(*) > 1 AND (min(day) <> max(day) OR min(nature) <> max(nature) OR min(price) <> max(price))
LIMIT 5
"""

COUNTS = """
SELECT count(*), count(DISTINCT m), (SELECT count(*) FROM sale),
    coalesce((SELECT sum(n) FROM local SEMI JOIN sale USING (m)), 0)
        + (SELECT count(*) FROM plot SEMI JOIN sale USING (m)),
    (SELECT min(date_mutation) FROM sale), (SELECT max(date_mutation) FROM sale),
    (SELECT map_from_entries(list((reason, times))) FROM
        (SELECT reason, count(*) AS times
            FROM (SELECT unnest(string_split(exclusion_reasons[2:-2], ',')) AS reason
                FROM sale WHERE NOT is_comparable)
            GROUP BY reason)),
    coalesce((SELECT bool_or(suffix(nom_commune, '{mark}')) FROM sale), false)
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

SALES = """
SELECT {first_id} - 1 + place AS id, {release_id} AS release_id, * EXCLUDE (m, place)
FROM sale JOIN (SELECT m, row_number() OVER (ORDER BY m) AS place FROM sale) USING (m)
ORDER BY code_commune, date_mutation, m
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
SELECT id_mutation, CASE kind {_TYPE_NAMES} END, '', surface, CASE WHEN {IS_DWELLING} THEN carrez END,
    rooms, NULL, left(lots, 120), left(coalesce(parcel, ''), 14), longitude, latitude
FROM (SELECT id_mutation, local.*, unnest(range(local.n::BIGINT)) FROM local JOIN sale USING (m))
UNION ALL
SELECT id_mutation, 'Terrain', left(coalesce(MAP {{{_CULTURES}}}[culture], culture, ''), 60), NULL, NULL,
    NULL, plot.land, '', left(coalesce(parcel, ''), 14), plot.longitude, plot.latitude
FROM plot JOIN sale USING (m)
"""
