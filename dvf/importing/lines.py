"""One file's lines to typed lines: what formats and spreadsheets did to values undone, the unreadable told.

SQL for the engine (DuckDB), which ``normalise.py`` runs. Nothing here knows of mutations but their number.
"""

from __future__ import annotations

from dvf.importing.columns import LOTS, Layout

HOUSE, FLAT, OUTBUILDING, COMMERCE = 1, 2, 3, 4  # the official code_type_local; 0 is land
TYPES = {
    HOUSE: "Maison",
    FLAT: "Appartement",
    OUTBUILDING: "Dépendance",
    COMMERCE: "Local industriel. commercial ou assimilé",
}

REASONS = ("", "no_id", "bad_date", "future_date", "bad_price", "bad_commune", "bad_type", "bad_number")
"""Why a line is rejected, by the number stored on it; 0 is kept."""

MENDED = {1: "zeros", 2: "decimal_comma", 4: "french_date", 8: "commune_from_parcel", 16: "parcel_lost"}
"""What was restored on a line (the last: could not be), as bits; raw files are so by format, and not
counted.
"""

MACROS = f"""
CREATE OR REPLACE MACRO clean(x) AS -- trim() costs more than all the rest: only where there is what to trim
    nullif(CASE WHEN prefix(x, ' ') OR suffix(x, ' ') THEN trim(x) ELSE x END, '');
CREATE OR REPLACE MACRO code(x) AS -- "75017.0"
    CASE WHEN suffix(x, '.0') THEN nullif(trim(left(x, -2)), '') ELSE clean(x) END;
CREATE OR REPLACE MACRO plain(x) AS -- "1 234,56"
    replace(regexp_replace(x, '[ \u00a0\u202f]', '', 'g'), ',', '.');
-- Within CASE the engine works out only what a line needs, and elsewhere what stands twice for all lines.
CREATE OR REPLACE MACRO to_real(x) AS
    coalesce(try_cast(x AS DOUBLE), CASE WHEN x IS NOT NULL THEN try_cast(plain(x) AS DOUBLE) END);
CREATE OR REPLACE MACRO to_money(x) AS
    coalesce(try_cast(x AS DECIMAL(15, 2)), CASE WHEN x IS NOT NULL THEN
        coalesce(try_cast(plain(x) AS DECIMAL(15, 2)), try_cast(to_real(x) AS DECIMAL(15, 2))) END);
CREATE OR REPLACE MACRO to_whole(x) AS
    coalesce(try_cast(x AS INTEGER), CASE WHEN x IS NOT NULL THEN try_cast(plain(x) AS INTEGER) END);
CREATE OR REPLACE MACRO to_day(x) AS
    coalesce(try_cast(x AS DATE), try_strptime(x, ['%d/%m/%Y', '%d/%m/%y'])::DATE);
CREATE OR REPLACE MACRO zeros(x, n) AS CASE WHEN length(x) >= n THEN x ELSE lpad(x, n, '0') END;
CREATE OR REPLACE MACRO lot(x) AS CASE WHEN x[1] = '0' THEN ltrim(code(x), '0') ELSE code(x) END;
CREATE OR REPLACE MACRO kind_of(type, code_type) AS CASE
    WHEN type IS NULL AND code_type IS NULL THEN 0
    WHEN type = '{TYPES[HOUSE]}' THEN {HOUSE} WHEN type = '{TYPES[FLAT]}' THEN {FLAT}
    WHEN type = '{TYPES[OUTBUILDING]}' THEN {OUTBUILDING} WHEN starts_with(type,
        'Local industriel') THEN {COMMERCE}
    WHEN code_type IN ('1', '2', '3', '4') THEN code_type::UTINYINT END;
"""

LINE_TABLE = """
CREATE OR REPLACE TABLE line (
    file USMALLINT, -- which of the files given
    reason UTINYINT, -- why rejected, see REASONS; 0 is kept
    mended UTINYINT, -- see MENDED
    m BIGINT, -- number of the mutation, one to one with its id
    thing UBIGINT, -- hash of what describes one local: disposition, parcel, lots, type, surface, rooms
    ground UBIGINT, -- hash of what describes one piece of land, parcel aside: nature, special nature, surface
    id VARCHAR, -- of the mutation, null where m says it (official ones)
    day DATE, disposition INTEGER, nature VARCHAR, price DECIMAL(15, 2),
    parcel VARCHAR, volume VARCHAR, lots VARCHAR, carrez DOUBLE, n_lots INTEGER,
    kind UTINYINT, surface DOUBLE, rooms INTEGER,
    culture VARCHAR, land DOUBLE, longitude DOUBLE, latitude DOUBLE,
    dwelling VARCHAR -- what stands for a sale of its dwellings, see below
)
"""

DWELLING_PARTS = (
    "flat_or_house", "disposition", "parcel", "lots", "number", "suffix", "street", "street_code",
    "postal_code", "commune", "commune_name", "longitude", "latitude",
)  # fmt: skip
"""Parts of ``line.dwelling``, between unit separators: in such order that the least is the one to take."""

RAW_LINES = "(SELECT raw.*, run.id FROM raw JOIN run USING (run))"
"""The lines of a raw file once NUMBER_MUTATIONS has been run."""

# Raw files give mutations no number. Contiguous lines of one date and one price are one mutation, as Etalab
# reads them; its number comes from its content, so that it is the same in a second copy of the file or in a
# part of it.
NUMBER_MUTATIONS = """
SET preserve_insertion_order = true;
CREATE OR REPLACE TABLE raw AS
    SELECT *, count(*) FILTER (starts) OVER (ROWS UNBOUNDED PRECEDING) AS run
    FROM (
        SELECT *, row_number() OVER () AS number,
            concat_ws('|', date_mutation, valeur_fonciere) IS DISTINCT FROM
                lag(concat_ws('|', date_mutation, valeur_fonciere)) OVER () AS starts
        FROM {lines}
    );
SET preserve_insertion_order = false;
CREATE OR REPLACE TABLE run AS
    SELECT run, 'DGFIP-' || content || if(nth > 1, '-' || nth, '') AS id
    FROM (
        SELECT run, content, row_number() OVER (PARTITION BY content ORDER BY run) AS nth
        FROM (
            SELECT run, left(md5(string_agg(text, chr(10) ORDER BY text)), 20) AS content
            FROM (SELECT run, concat_ws('|', {columns}) AS text FROM raw) GROUP BY run
        )
    )
"""

_NUMBERS = [
    "numero_disposition", "nombre_lots", "surface_reelle_bati", "nombre_pieces_principales",
        "surface_terrain",
    "longitude", "latitude", *(f"lot{n}_surface_carrez" for n in LOTS),
]  # fmt: skip

_OFFICIAL = "regexp_full_match(id, '[12]\\d{3}-[1-9]\\d{0,8}')"


def _reason(layout: Layout) -> str:
    # In the conditions of CASE the engine looks only at the lines that those before did not decide.
    unreadable = " OR ".join(
        f"(real_{name} IS NULL AND clean({name}) IS NOT NULL)" for name in _numbers(layout)
    )
    return f"""CASE
        WHEN id IS NULL THEN 1
        WHEN date_ IS NULL OR date_ < DATE '1950-01-01' THEN 2
        WHEN date_ > current_date THEN 3
        WHEN (price IS NULL AND clean(valeur_fonciere) IS NOT NULL) OR price < 0 THEN 4
        WHEN commune IS NULL OR NOT regexp_full_match(commune, '\\d[0-9AB]\\d{{3}}') THEN 5
        WHEN kind = 9 THEN 6
        WHEN {unreadable} OR abs(real_latitude) > 85 OR abs(real_longitude) > 180 THEN 7
        ELSE 0 END"""


def csv_lines(layout: Layout, file: str) -> str:
    """The lines of a file without header, every field as text."""
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in _names(layout))
    return (
        f"read_csv('{file}', auto_detect = false, header = false, delim = '{layout.delimiter}', quote = '\"',"
        f" escape = '\"', strict_mode = true, max_line_size = 65536, columns = {{{columns}}})"
    )


def number_mutations(layout: Layout, lines: str) -> str:
    columns = ", ".join(f"coalesce({name}, '')" for name in layout.columns if name)
    return NUMBER_MUTATIONS.format(lines=lines, columns=columns)


def typed_lines(layout: Layout, lines: str, file: int) -> str:
    """The rows of LINE_TABLE, those rejected included."""
    return f"""
        WITH typed AS ({_typed(layout, lines)}),
        valued AS (
            SELECT *, {_reason(layout)} AS reason, {_OFFICIAL} AS official,
                coalesce(to_whole(numero_disposition), 1) AS disposition,
                nullif(real_surface_reelle_bati, 0) AS surface, to_whole(nombre_pieces_principales) AS rooms
            FROM typed
        )
        SELECT {file}, reason, {_mended(layout)},
            -- Official numbers keep the order of the file: buckets of them stand together in it.
            CASE WHEN official THEN left(id, 4)::BIGINT * 1_000_000_000 + id[6:]::BIGINT
                ELSE -(hash(id) >> 1)::BIGINT - 1 END,
            hash(disposition, parcel, lots, kind, surface, rooms),
            hash(culture, special, real_surface_terrain),
            CASE WHEN NOT official THEN id END, date_, disposition, clean(nature_mutation), price, parcel,
            volume, lots, nullif(carrez, 0), to_whole(nombre_lots), kind, surface, rooms, culture,
            real_surface_terrain, real_longitude, real_latitude,
            CASE WHEN kind IN ({HOUSE}, {FLAT}) THEN concat_ws(chr(31),
                {HOUSE} + {FLAT} - kind, lpad(disposition::VARCHAR, 6, '0'), coalesce(parcel, ''), lots,
                coalesce(code(adresse_numero), ''), coalesce(upper(clean(adresse_suffixe)), ''), street,
                CASE WHEN code_voie IS NULL THEN '' ELSE zeros(code_voie, 4) END,
                coalesce(zeros(code(code_postal), 5), ''), commune, coalesce(clean(nom_commune), ''),
                coalesce(real_longitude::VARCHAR, ''), coalesce(real_latitude::VARCHAR, '')) END
        FROM valued
    """


def rejected_lines(layout: Layout, lines: str, limit: int) -> str:
    """The first rejected lines in order: their ``number`` (from 1), reason and text. ``lines`` has a
    ``number``.
    """
    columns = ", ".join(f"coalesce({name}, '')" for name in _names(layout))
    return f"""
        WITH typed AS ({_typed(layout, lines)}),
        judged AS (
            SELECT number, {_reason(layout)} AS reason, left(concat_ws('{layout.delimiter}', {columns}), 300)
                FROM typed
        )
        SELECT * FROM judged WHERE reason > 0 ORDER BY number LIMIT {limit}
    """


def _names(layout: Layout) -> list[str]:
    return [name or f"_{n}" for n, name in enumerate(layout.columns)]


def _numbers(layout: Layout) -> list[str]:
    return [name for name in _NUMBERS if name in layout.columns]


def _typed(layout: Layout, lines: str) -> str:
    has = set(layout.columns)

    def field(name: str, function: str = "code") -> str:
        return f"{function}({name})" if name in has else "NULL"

    if layout.kind == "raw":
        department = "zeros(code(code_departement), 2)"
        width = f"CASE WHEN length({department}) = 3 THEN 2 ELSE 3 END"
        commune = f"{department} || lpad(code(raw_code_commune), {width}, '0')"
        parcel = (
            f"{commune} || zeros(coalesce(code(raw_prefixe), ''), 3)"
            " || zeros(coalesce(code(raw_section), ''), 2) || zeros(coalesce(code(raw_plan), ''), 4)"
        )
        street = "concat_ws(' ', clean(raw_type_de_voie), clean(raw_voie))"
        identity = "id"
    else:
        # A commune lost by the file stands again in the number of its parcel. Section E turns a parcel into a
        # number for a spreadsheet ("332430000E0123" is 3.3243E+131): that cannot be undone.
        commune = "coalesce(zeros(code(code_commune), 5), left(zeros(code(id_parcelle), 14), 5))"
        parcel = "CASE WHEN contains(id_parcelle, '+') THEN NULL ELSE zeros(code(id_parcelle), 14) END"
        street = "coalesce(clean(adresse_nom_voie), '')"
        identity = "clean(id_mutation)"
    lots = ", ".join(f"lot(lot{n}_numero)" for n in LOTS)
    carrez = " + ".join(f"coalesce(real_lot{n}_surface_carrez, 0)" for n in LOTS)
    numbers = ", ".join(f"to_real({name}) AS real_{name}" for name in _numbers(layout))
    place = "" if layout.kind == "geo" else ", NULL::DOUBLE AS real_longitude, NULL::DOUBLE AS real_latitude"
    return f"""
        SELECT *, coalesce(kind_of({field("type_local", "clean")}, {field("code_type_local")}), 9) AS kind,
            {identity} AS id, to_day(clean(date_mutation)) AS date_, to_money(clean(valeur_fonciere))
                AS price,
            {commune} AS commune, {parcel} AS parcel, {street} AS street,
            concat_ws(',', {lots}) AS lots, {carrez} AS carrez, {field("numero_volume")} AS volume,
            {field("code_nature_culture")} AS culture, {field("code_nature_culture_speciale")} AS special,
            {field("adresse_code_voie")} AS code_voie
        FROM (SELECT *, {numbers}{place} FROM {lines})
    """


def _mended(layout: Layout) -> str:
    if layout.kind == "raw":
        return "0"
    return (
        "if(length(code(code_commune)) < 5 OR length(code(code_postal)) < 5, 1, 0)"
        " + if(contains(valeur_fonciere, ',') OR contains(longitude, ','), 2, 0)"
        " + if(contains(date_mutation, '/'), 4, 0) + if(clean(code_commune) IS NULL, 8, 0)"
        " + if(contains(id_parcelle, '+'), 16, 0)"
    )
