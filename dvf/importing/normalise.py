# ruff: noqa: E501
"""Lines of DVF files to sales and lots: the reading rules of the notice, in SQL, on an engine beside the database.

Pure: files in, relations out, no Django. The rules need every line of a mutation together while files are larger than
memory and need not keep a mutation's lines adjacent: DuckDB reads, sorts out and groups them within a fixed memory limit,
spilling to ``folder``.

Sources: notice of the DGFiP (one line per local and per nature of cultivation of its parcel; the price is that of the
disposition and stands on every line), and the documentation of geo-DVF (Etalab).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dvf.importing.columns import LOTS, MARK, NATURES_CULTURE
from dvf.importing.reading import Pipe, Source, UnreadableFile

LINES_PER_BUCKET = 400_000
"""Mutations are worked out by buckets of about so many lines, which fit in memory."""

HOUSE, FLAT, OUTBUILDING, COMMERCE = 1, 2, 3, 4  # the official code_type_local; 0 is land
TYPES = {
    HOUSE: "Maison",
    FLAT: "Appartement",
    OUTBUILDING: "Dépendance",
    COMMERCE: "Local industriel. commercial ou assimilé",
}

REASONS = ("", "no_id", "bad_date", "future_date", "bad_price", "bad_commune", "bad_type", "bad_number")
"""Why a line is rejected, by the number stored on it; 0 is kept."""

# What spreadsheets do to values, undone: "75017.0", "1 234,56", "08/01/2024", lost zeros.
MACROS = f"""
CREATE OR REPLACE MACRO clean(x) AS nullif(trim(x), '');
CREATE OR REPLACE MACRO code(x) AS
    CASE WHEN suffix(trim(x), '.0') THEN nullif(left(trim(x), -2), '') ELSE nullif(trim(x), '') END;
CREATE OR REPLACE MACRO plain(x) AS replace(regexp_replace(x, '[ \u00a0\u202f]', '', 'g'), ',', '.');
CREATE OR REPLACE MACRO to_real(x) AS coalesce(try_cast(x AS DOUBLE), try_cast(plain(x) AS DOUBLE));
CREATE OR REPLACE MACRO to_money(x) AS
    coalesce(try_cast(x AS DECIMAL(15, 2)), try_cast(plain(x) AS DECIMAL(15, 2)), try_cast(to_real(x) AS DECIMAL(15, 2)));
CREATE OR REPLACE MACRO to_whole(x) AS coalesce(try_cast(x AS INTEGER), try_cast(plain(x) AS INTEGER));
CREATE OR REPLACE MACRO to_day(x) AS coalesce(try_cast(x AS DATE), try_strptime(x, ['%d/%m/%Y', '%d/%m/%y'])::DATE);
CREATE OR REPLACE MACRO zeros(x, n) AS CASE WHEN length(x) >= n THEN x ELSE lpad(x, n, '0') END;
CREATE OR REPLACE MACRO lot(x) AS CASE WHEN x[1] = '0' THEN ltrim(code(x), '0') ELSE code(x) END;
CREATE OR REPLACE MACRO kind_of(type, code_type) AS CASE
    WHEN type IS NULL AND code_type IS NULL THEN 0
    WHEN type = 'Maison' THEN {HOUSE} WHEN type = 'Appartement' THEN {FLAT}
    WHEN type = 'Dépendance' THEN {OUTBUILDING} WHEN starts_with(type, 'Local industriel') THEN {COMMERCE}
    WHEN code_type IN ('1', '2', '3', '4') THEN code_type::UTINYINT END;
"""

LINE_TABLE = """
CREATE OR REPLACE TABLE line (
    file USMALLINT, -- which of the files given
    reason UTINYINT, -- why rejected, see REASONS; 0 is kept
    m BIGINT, -- number of the mutation, one to one with id
    thing UBIGINT, -- hash of what describes one local: disposition, parcel, lots, type, surface, rooms
    ground UBIGINT, -- hash of what describes one piece of land, parcel aside: nature, special nature, surface
    id VARCHAR, day DATE, disposition INTEGER, nature VARCHAR, price DECIMAL(15, 2),
    parcel VARCHAR, volume VARCHAR, lots VARCHAR, carrez DOUBLE, n_lots INTEGER,
    kind UTINYINT, surface DOUBLE, rooms INTEGER,
    culture VARCHAR, special VARCHAR, land DOUBLE, longitude DOUBLE, latitude DOUBLE,
    dwelling VARCHAR -- what stands for a sale of its dwellings, so written that the least is the one to take:
        -- flat or house, disposition, parcel, lots, number, suffix, street, its code, postal code, commune, its
        -- name, longitude, latitude, between unit separators
)
"""


class MixedReleases(ValueError):
    """One ``id_mutation`` stands for different sales: files of two releases were given together."""


@dataclass(frozen=True)
class Reading:
    """What was read of one file."""

    lines: int
    rejected: dict[str, int]
    rejected_lines: list[tuple[int, str, str]]  # line number, reason, beginning of the line
    restored: dict[str, int]


@dataclass(frozen=True)
class Bucket:
    """Counts of the mutations worked out together."""

    lines: int
    mutations: int
    sales: int
    lots: int
    first_date: datetime.date | None
    last_date: datetime.date | None
    flagged: dict[str, int]
    invented: bool  # some of it bears the mark of synthetic.py


class Normaliser:
    """Reads files one after the other, then yields their sales and lots bucket by bucket.

    ``folder``: an empty folder of ours on a disk with room for about the size of the unpacked files.
    """

    def __init__(self, folder: Path, memory_mb: int = 400, threads: int = 2, where: str = "true") -> None:
        self.folder = folder
        self.db = duckdb.connect(str(folder / "lines.duckdb"))
        self.db.execute(
            f"SET memory_limit = '{memory_mb}MB'; SET threads = {threads}; SET temp_directory = '{folder}';"
            "SET preserve_insertion_order = false; SET enable_progress_bar = false"
        )
        self.db.execute(MACROS)
        self.db.execute(LINE_TABLE)
        self.files = 0
        self.where = where

    def close(self) -> None:
        self.db.close()

    # Reading -------------------------------------------------------------------------------------------------
    def read(self, source: Source, progress=lambda n: None, keep_rejected: int = 1000) -> Reading:  # type: ignore[no-untyped-def]
        """Add the lines of a file. Raises UnreadableFile where its structure is broken: nothing of it can be trusted."""
        self.files += 1
        raw = source.layout.kind == "raw"
        with Pipe(self.folder, source, progress) as pipe:
            if raw:
                self._number_mutations(self._csv(source, pipe), source)
            lines = RAW_LINES if raw else self._csv(source, pipe)
            self._run(f"INSERT INTO line {self._select(source, lines)}", source)
        counts = self.db.execute(
            "SELECT reason, count(*) FROM line WHERE file = ? AND reason > 0 GROUP BY reason ORDER BY reason",
            [self.files],
        ).fetchall()
        rejected = {REASONS[reason]: count for reason, count in counts}
        first: list[tuple[int, str, str]] = []
        if rejected:
            # Rare: numbering the lines takes the reading to one core, so it is done only where there is something to tell.
            self.db.execute("SET preserve_insertion_order = true")
            with Pipe(self.folder, source) as pipe:
                lines = (
                    RAW_LINES
                    if raw
                    else f"(SELECT row_number() OVER () AS number, * FROM {self._csv(source, pipe)})"
                )
                rows = self._run(self._rejected(source, lines, keep_rejected), source).fetchall()
            self.db.execute("SET preserve_insertion_order = false")
            first = [(number + 1, REASONS[reason], text) for number, reason, text in rows]
        self.db.execute("DROP TABLE IF EXISTS raw; DROP TABLE IF EXISTS run")
        return Reading(source.lines, rejected, first, {})

    def _run(self, query: str, source: Source) -> duckdb.DuckDBPyConnection:
        try:
            return self.db.execute(query)
        except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
            text = str(error)
            found = re.search(r"Line: (\d+)", text)
            where = f" ligne {int(found[1]) + 1}" if found else ""
            if "nicode" in text or "utf-8" in text.lower():
                raise UnreadableFile(
                    "encoding", source.path, f"texte qui n'est pas en UTF-8{where}."
                ) from error
            if "Expected Number of Columns" in text or "column" in text.lower():
                raise UnreadableFile(
                    "field_count",
                    source.path,
                    f"nombre de champs différent de l'en-tête{where} : fichier abîmé.",
                ) from error
            raise UnreadableFile(
                "not_csv", source.path, f"ligne illisible{where} : {text.splitlines()[0]}"
            ) from error

    def _csv(self, source: Source, pipe: Path) -> str:
        names = ", ".join(f"'{name or f'_{i}'}': 'VARCHAR'" for i, name in enumerate(source.layout.columns))
        return (
            f"read_csv('{pipe}', auto_detect = false, header = false, delim = '{source.layout.delimiter}', "
            f"quote = '\"', escape = '\"', strict_mode = true, max_line_size = 65536, columns = {{{names}}})"
        )

    def _typed(self, source: Source, lines: str) -> str:
        has = set(source.layout.columns)

        def field(name: str, function: str = "code") -> str:
            return f"{function}({name})" if name in has else "NULL"

        if source.layout.kind == "raw":
            department = "zeros(code(code_departement), 2)"
            width = f"CASE WHEN length({department}) = 3 THEN 2 ELSE 3 END"
            commune = f"{department} || lpad(code(raw_code_commune), {width}, '0')"
            parcel = (
                f"{commune} || zeros(coalesce(code(raw_prefixe), ''), 3) || zeros(coalesce(code(raw_section), ''), 2)"
                " || zeros(coalesce(code(raw_plan), ''), 4)"
            )
            street = "concat_ws(' ', clean(raw_type_de_voie), clean(raw_voie))"
            identity = "id"
        else:
            # A commune lost by the file stands again in the number of its parcel.
            commune = "coalesce(zeros(code(code_commune), 5), left(zeros(code(id_parcelle), 14), 5))"
            parcel = "CASE WHEN contains(id_parcelle, '+') THEN NULL ELSE zeros(code(id_parcelle), 14) END"
            street = "coalesce(clean(adresse_nom_voie), '')"
            identity = "clean(id_mutation)"
        lots = ", ".join(f"lot(lot{n}_numero)" for n in LOTS)
        carrez = " + ".join(f"coalesce(to_real(lot{n}_surface_carrez), 0)" for n in LOTS)
        numbers = [
            "numero_disposition", "nombre_lots", "surface_reelle_bati", "nombre_pieces_principales", "surface_terrain",
            "longitude", "latitude",
        ]  # fmt: skip
        numbers += [f"lot{n}_surface_carrez" for n in LOTS]
        unreadable = " OR ".join(
            f"(clean({x}) IS NOT NULL AND to_real({x}) IS NULL)" for x in numbers if x in has
        )
        return f"""
            SELECT *, coalesce(kind_of({field("type_local", "clean")}, {field("code_type_local")}), 9) AS kind,
                {identity} AS id, to_day(clean(date_mutation)) AS date_, to_money(clean(valeur_fonciere)) AS price,
                {commune} AS commune, {parcel} AS parcel, {street} AS street,
                concat_ws(',', {lots}) AS lots, {carrez} AS carrez, {field("numero_volume")} AS volume,
                {field("code_nature_culture")} AS culture, {field("code_nature_culture_speciale")} AS special,
                {field("adresse_code_voie")} AS code_voie, {field("longitude", "to_real")} AS lon,
                {field("latitude", "to_real")} AS lat, coalesce({unreadable}, false) AS unreadable
            FROM {lines}
        """

    REASON = """CASE
        WHEN id IS NULL THEN 1
        WHEN date_ IS NULL OR date_ < DATE '1950-01-01' THEN 2
        WHEN date_ > current_date THEN 3
        WHEN (price IS NULL AND clean(valeur_fonciere) IS NOT NULL) OR price < 0 THEN 4
        WHEN commune IS NULL OR NOT regexp_full_match(commune, '\\d[0-9AB]\\d{3}') THEN 5
        WHEN kind = 9 THEN 6
        WHEN unreadable OR abs(lat) > 85 OR abs(lon) > 180 THEN 7
        ELSE 0 END"""

    def _select(self, source: Source, lines: str) -> str:
        number = "regexp_full_match(id, '[12]\\d{3}-[1-9]\\d{0,8}')"
        return f"""
            WITH typed AS ({self._typed(source, lines)}),
            valued AS (
                SELECT *, {self.REASON} AS reason, coalesce(to_whole(numero_disposition), 1) AS disposition,
                    nullif(to_real(surface_reelle_bati), 0) AS surface, to_whole(nombre_pieces_principales) AS rooms,
                    to_real(surface_terrain) AS land
                FROM typed
            )
            SELECT {self.files}, reason,
                CASE WHEN {number} THEN left(id, 4)::BIGINT * 1_000_000_000 + id[6:]::BIGINT
                    ELSE -(hash(id) >> 1)::BIGINT - 1 END,
                hash(disposition, parcel, lots, kind, surface, rooms), hash(culture, special, land),
                id, date_, disposition, clean(nature_mutation), price, parcel, volume, lots, nullif(carrez, 0),
                to_whole(nombre_lots), kind, surface, rooms, culture, special, land, lon, lat,
                CASE WHEN kind IN ({HOUSE}, {FLAT}) THEN concat_ws(chr(31),
                    {HOUSE} + {FLAT} - kind, lpad(disposition::VARCHAR, 6, '0'), coalesce(parcel, ''), lots,
                    coalesce(code(adresse_numero), ''), coalesce(upper(clean(adresse_suffixe)), ''), street,
                    CASE WHEN code_voie IS NULL THEN '' ELSE zeros(code_voie, 4) END,
                    coalesce(zeros(code(code_postal), 5), ''), commune, coalesce(clean(nom_commune), ''),
                    coalesce(lon::VARCHAR, ''), coalesce(lat::VARCHAR, '')) END
            FROM valued
        """

    def _rejected(self, source: Source, lines: str, limit: int) -> str:
        columns = ", ".join(
            f"coalesce({name or f'_{i}'}, '')" for i, name in enumerate(source.layout.columns)
        )
        return f"""
            WITH typed AS ({self._typed(source, lines)}),
            judged AS (
                SELECT number, {self.REASON} AS reason,
                    left(array_to_string([{columns}], '{source.layout.delimiter}'), 300) FROM typed
            )
            SELECT * FROM judged WHERE reason > 0 ORDER BY number LIMIT {limit}
        """

    def _number_mutations(self, lines: str, source: Source) -> None:
        """Make the tables of RAW_LINES from a raw file, which gives mutations no number.

        Contiguous lines of one date and one price are one mutation, as Etalab reads them. Its number comes from its
        content, so that it is the same in a second copy of the file or in a part of it.
        """
        columns = ", ".join(f"coalesce({name}, '')" for name in source.layout.columns if name)
        self._run(
            f"""
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
            """,
            source,
        )

    # Working out ---------------------------------------------------------------------------------------------
    def buckets(self) -> Iterator[tuple[int, int]]:
        """Ranges of mutation numbers, ascending, of about LINES_PER_BUCKET lines each."""
        (count,) = self._one("SELECT count(*) FROM line WHERE reason = 0")
        if not count:
            return
        steps = [i * LINES_PER_BUCKET / count for i in range(1, -(-count // LINES_PER_BUCKET))]
        cuts: list[int] = []
        if steps:
            (cuts,) = self._one(f"SELECT approx_quantile(m, {steps}::FLOAT[]) FROM line WHERE reason = 0")
        low = -(2**63)
        for cut in sorted({*cuts, 2**63 - 1}):
            yield low, cut
            low = cut + 1

    def work_out(self, low: int, high: int) -> Bucket:
        """Make the sales and lots of the mutations numbered ``low`` to ``high``.

        Raises MixedReleases where one ``id_mutation`` has two dates, natures or prices in two files.
        """
        kept = (KEPT if self.files == 1 else KEPT_OF_ALL_FILES).format(low=low, high=high)
        self.db.execute(BUCKET.format(kept=kept, where=self.where))
        if self.files > 1:
            mixed = self.db.execute(MIXED.format(low=low, high=high)).fetchall()
            if mixed:
                raise MixedReleases(", ".join(row[0] for row in mixed))
        return Bucket(*self._one(COUNTS.format(low=low, high=high, mark=MARK)))

    def write(self, folder: Path, first_id: int, release_id: int) -> tuple[Path, Path]:
        """Write the sales and lots last worked out as CSV files of SALE_COLUMNS and LOT_COLUMNS, ids from ``first_id``."""
        sales, lots = folder / "sales.csv", folder / "lots.csv"
        options = "(FORMAT csv, HEADER false)"
        self.db.execute(
            f"COPY ({SALES.format(first_id=first_id, release_id=release_id)}) TO '{sales}' {options}"
        )
        self.db.execute(f"COPY ({LOTS_OF_SALES}) TO '{lots}' {options}")
        return sales, lots

    def sales(self, first_id: int, release_id: int) -> list[dict[str, Any]]:
        """The sales last worked out, as ``write`` would write them; for few of them."""
        rows = self.db.execute(SALES.format(first_id=first_id, release_id=release_id)).fetchall()
        return [dict(zip(SALE_COLUMNS, row, strict=True)) for row in rows]

    def lots(self) -> list[dict[str, Any]]:
        """The lots of the sales last worked out, likewise."""
        return [dict(zip(LOT_COLUMNS, row, strict=True)) for row in self.db.execute(LOTS_OF_SALES).fetchall()]

    def _one(self, query: str) -> tuple[Any, ...]:
        row = self.db.execute(query).fetchone()
        assert row is not None
        return row


RAW_LINES = "(SELECT raw.*, run.id FROM raw JOIN run USING (run))"

IS_DWELLING = f"kind IN ({HOUSE}, {FLAT})"

KEPT = "VIEW kept AS SELECT *, 1 AS times FROM line WHERE m BETWEEN {low} AND {high} AND reason = 0"

# A line standing in several files is one line; within one file every repetition counts.
KEPT_OF_ALL_FILES = """TABLE kept AS
    SELECT * EXCLUDE (file, times), max(times) AS times
    FROM (
        SELECT *, count(*) AS times FROM line WHERE m BETWEEN {low} AND {high} AND reason = 0 GROUP BY ALL
    )
    GROUP BY ALL
"""

BUCKET = f"""
CREATE OR REPLACE TEMP {{kept}};

-- One local has a line for each nature of cultivation of its parcel: the smallest group is their number.
CREATE OR REPLACE TEMP TABLE local AS
    SELECT m, thing, min(times) AS n, any_value(parcel) AS parcel, any_value(lots) AS lots, any_value(kind) AS kind,
        any_value(surface) AS surface, any_value(rooms) AS rooms, max(carrez) AS carrez, min(dwelling) AS dwelling,
        min(longitude) AS longitude, min(latitude) AS latitude
    FROM (
        SELECT m, thing, sum(times) AS times, any_value(parcel) AS parcel, any_value(lots) AS lots,
            any_value(kind) AS kind, any_value(surface) AS surface, any_value(rooms) AS rooms,
            max(carrez) AS carrez, min(dwelling) AS dwelling, min(longitude) AS longitude, min(latitude) AS latitude
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
            sum(n) FILTER (kind = {OUTBUILDING}) AS n_outbuildings, sum(n) FILTER (kind = {COMMERCE}) AS n_commerces,
            sum(n * surface) FILTER ({IS_DWELLING}) AS surface, sum(n * rooms) FILTER ({IS_DWELLING}) AS rooms,
            sum(carrez) FILTER ({IS_DWELLING}) AS carrez, string_split(min(dwelling), chr(31)) AS part
        FROM local GROUP BY m HAVING min(dwelling) IS NOT NULL
    ),
    outside AS (SELECT m, sum(land) AS land, count(DISTINCT parcel) AS n_parcels FROM plot GROUP BY m),
    numbered AS (
        SELECT m, sum(n_lots) AS n_lots
        FROM (SELECT m, parcel, lots, max(n_lots) AS n_lots FROM kept GROUP BY ALL) GROUP BY m
    ),
    content AS (
        SELECT m, bit_xor(md5_number(concat_ws('|', coalesce(parcel, ''), lots, kind, coalesce(surface, 0)))) AS content
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
            CASE WHEN nature IS DISTINCT FROM 'Vente' AND NOT coalesce(nature LIKE 'Vente en l%tat futur%', false)
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
    "id", "release_id", "id_mutation", "fingerprint", "date_mutation", "annee", "nature_mutation", "prix", "prix_m2",
    "n_dispositions", "adresse_numero", "adresse_suffixe", "adresse_nom_voie", "adresse_complete", "code_voie",
    "code_postal", "code_commune", "nom_commune", "code_departement", "id_parcelle", "numeros_lots", "longitude",
    "latitude", "type_principal", "surface_bati", "surface_carrez", "nombre_pieces", "surface_terrain", "nombre_lots",
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

LOT_COLUMNS = (
    "id_mutation", "lot_type", "nature_culture", "surface_bati", "surface_carrez", "nombre_pieces", "surface_terrain",
    "numeros_lots", "id_parcelle", "longitude", "latitude",
)  # fmt: skip

_TYPE_NAMES = " ".join(f"WHEN {kind} THEN '{name}'" for kind, name in TYPES.items())
_CULTURES = ", ".join(
    f"'{code}': '{name.replace(chr(39), chr(39) * 2)}'" for code, name in NATURES_CULTURE.items()
)

LOTS_OF_SALES = f"""
SELECT id, CASE kind {_TYPE_NAMES} END, '', surface, CASE WHEN {IS_DWELLING} THEN carrez END, rooms, NULL, left(lots, 120), left(coalesce(parcel, ''), 14),
    longitude, latitude
FROM (SELECT sale.id, local.*, unnest(range(local.n::BIGINT)) FROM local JOIN sale USING (m))
UNION ALL
SELECT id, 'Terrain', left(coalesce(MAP {{{_CULTURES}}}[culture], culture, ''), 60), NULL, NULL, NULL, plot.land, '',
    left(coalesce(parcel, ''), 14), plot.longitude, plot.latitude
FROM plot JOIN sale USING (m)
"""
