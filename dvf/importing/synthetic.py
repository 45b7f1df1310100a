"""Invented sales in the official format: for the demonstration, for tests without real data, and for
measurements.

Towns, streets and prices are made up; formats and oddities are those of the real files: a dwelling repeated
per nature of cultivation, outbuildings on another parcel with another address, true twins, several
dispositions, off-plan sales with and without a type, mixed sales, one-euro sales, bis and ter, missing
coordinates, land alone. Every commune's name ends in MARK, by which an import knows the sales as invented
and says so wherever they show.

Pure (no Django): one query of the engine that also reads the files, so that twenty million lines take a
minute or two and no memory to speak of. The same seed gives the same file.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from pathlib import Path

import duckdb

from dvf.importing.columns import MARK

# name, department, postal code, longitude, latitude, €/m² at the centre
TOWNS = [
    ("Port-Alban", "33", "33981", -0.5712, 44.8385, 4700),
    ("Bellerive-sur-Ondine", "69", "69981", 4.8402, 45.7543, 5100),
    ("Saint-Orvan", "44", "44981", -1.5598, 47.2174, 4000),
    ("Castelroc", "83", "83981", 5.9321, 43.1251, 3400),
    ("Montclair-les-Bois", "94", "94981", 2.4512, 48.7903, 5600),
]  # fmt: skip

STREET_TYPES = ["RUE", "RUE", "RUE", "AV", "BD", "ALL", "CHE", "IMP", "PL", "QUAI"]
STREET_NAMES = [
    "DES TILLEULS", "DU MOULIN", "DE LA FONTAINE", "DU GAL ORVAL", "DU MAL VERNET", "DU DR LAMBEL",
    "DES ACACIAS", "DE L EGLISE", "DU PDT MARSAN", "ST AUBIERGE", "DES LAVANDIERES", "DU PORT",
    "DE LA REPUBLIQUE", "VICTOR AUBREY", "DES VIGNES", "DU CHATEAU", "DE LA GARE", "JEANNE DELORMEL",
    "DU CDT RIVOIRE", "DES ECOLES", "DU STADE", "DE L ABBE COURTIN", "STE COLOMBINE", "DES QUATRE VENTS",
    "DU LAVOIR", "PIERRE MASSENET", "DES JARDINS", "DU BELVEDERE", "DE LA LIBERTE", "DES PECHEURS",
    "DU PROF GARANDEL", "DES REMPARTS",
]  # fmt: skip

# How often, nature of the mutation, price factor, then its lines:
# type (A flat, M house, D outbuilding, C commerce, "" land), unit (lines of one unit share surface and
# lots), parcel (0 the building's, 1 another), cultivation, disposition.
KINDS: list[tuple[float, str, float, str]] = [
    (11.0, "Vente", 1.0, "A0:0::1"),
    (12.0, "Vente", 1.0, "D1:0::1 A0:0::1"),
    (7.0, "Vente", 1.0, "A0:0::1 D1:0::1 D2:1::1"),
    (2.0, "Vente", 1.0, "D1:0::1 D2:0::1 A0:0::1 D3:1::1 D4:1::1"),
    (8.0, "Vente", 1.0, "M0:0:S:1"),
    (11.0, "Vente", 1.0, "M0:0:S:1 M0:0:J:1"),
    (6.0, "Vente", 1.0, "M0:0:S:1 D1:0:S:1"),
    (7.0, "Vente", 1.0, "M0:0:S:1 M0:0:AG:1 D1:0:S:1 D1:0:AG:1 L:1:T:1"),
    (4.5, "Vente", 1.0,
     "M0:0:S:1 M0:0:J:1 M0:0:L:1 D1:0:S:1 D1:0:J:1 D1:0:L:1 D2:0:S:1 D2:0:J:1 D2:0:L:1 L:1:P:1"),
    (0.6, "Vente", 1.9, "A0:0::1 A0:0::1"),
    (0.8, "Vente", 3.2, "A0:0::1 A1:0::1 A2:0::1 A3:0::1 D4:0::1"),
    (0.4, "Vente", 1.7, "M0:0:S:1 M1:0:S:1"),
    (1.0, "Vente", 1.4, "A0:0::1 C1:0::1"),
    (0.3, "Vente", 1.0, "A0:0::1 D1:1::2"),
    (0.4, "Vente", 0.0, "A0:0::1"),
    (0.4, "Adjudication", 0.7, "A0:0::1"),
    (0.2, "Echange", 1.0, "M0:0:S:1"),
    (2.5, "Vente en l'état futur d'achèvement", 1.2, "V0:0::1"),
    (0.4, "Vente en l'état futur d'achèvement", 1.2, "A0:0::1 D1:0::1"),
    (10.0, "Vente", 0.02, "L:0:T:1"),
    (10.0, "Vente", 0.03, "L:0:T:1 L:1:P:1 L:1:BT:1 L:0:VI:1"),
    (3.0, "Vente terrain à bâtir", 0.5, "L:0:AB:1"),
    (6.0, "Vente", 0.08, "D1:0::1"),
    (2.0, "Vente", 1.0, "C0:0::1"),
]  # fmt: skip
CULTURES = {
    "S": "sols", "J": "jardins", "AG": "terrains d'agrément", "T": "terres", "P": "prés", "L": "landes",
    "BT": "taillis simples", "VI": "vignes", "AB": "terrains a bâtir",
}  # fmt: skip

_WEIGHT = sum(weight for weight, *_ in KINDS)
LINES_PER_MUTATION = sum(weight * len(lines.split()) for weight, _, _, lines in KINDS) / _WEIGHT
SALES_PER_MUTATION = sum(weight for weight, _, _, lines in KINDS if "A0" in lines or "M0" in lines) / _WEIGHT


def last_release_end(today: datetime.date) -> datetime.date:
    """The last day covered by the official release out at that time: April brings December, October
    brings June.
    """
    if today.month >= 10:
        return datetime.date(today.year, 6, 30)
    if today.month >= 4:
        return datetime.date(today.year - 1, 12, 31)
    return datetime.date(today.year - 1, 6, 30)


def write_sales(
    path: Path,
    mutations: int,
    *,
    seed: int = 1,
    communes: int = len(TOWNS),
    years: int = 5,
    until: datetime.date = datetime.date(2025, 12, 31),
    lines: int | None = None,
    memory_mb: int = 600,
) -> None:
    """Write about ``mutations`` invented mutations as a geo-DVF file (gzip if the name says so).

    ``communes`` beyond the named towns are spread over ninety departments; ``lines`` cuts the file at that
    length. Ordered by year, then department, as the official files are.
    """
    with duckdb.connect() as engine:
        engine.execute(f"SET memory_limit = '{memory_mb}MB'; SET enable_progress_bar = false")
        engine.execute(_macros(seed))
        limit = f" LIMIT {lines}" if lines else ""
        query = _query(mutations, communes, years, until) + limit
        engine.execute(f"COPY ({query}) TO '{path}' (FORMAT csv, HEADER, DELIMITER ',')")


def _macros(seed: int) -> str:
    return f"""
        CREATE MACRO u(i, k) AS ((hash(i, k, {seed}) >> 11)::DOUBLE / 9007199254740992.0);
        CREATE MACRO bell(i, k) AS (u(i, k) + u(i, k + 1) + u(i, k + 2) + u(i, k + 3) - 2.0) * 1.7;
        CREATE MACRO pick(list, x) AS list[1 + floor(x * len(list))::INTEGER];
        CREATE MACRO padded(x, n) AS lpad(x::VARCHAR, n, '0');
    """


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'" if isinstance(value, str) else str(value)


def _list(values: Iterable[object]) -> str:
    return "[" + ", ".join(_text(value) for value in values) + "]"


def _query(mutations: int, communes: int, years: int, until: datetime.date) -> str:
    reached, steps = 0.0, []
    for weight, *_ in KINDS:
        reached += weight / _WEIGHT
        steps.append(round(reached, 6))
    _weights, natures, factors, specs = zip(*KINDS, strict=True)
    names, departments, postals, xs, ys, levels = zip(*TOWNS, strict=True)
    named, per_department = len(TOWNS), max(1, communes // 90)
    cultures = ", ".join(f"{_text(code)}: {_text(name)}" for code, name in CULTURES.items())
    return f"""
    WITH mutation AS (
        SELECT i, {until.year} - {years - 1} + floor(i * {years} / {mutations})::INTEGER AS year,
            (i * {years}.0 / {mutations}) % 1.0 AS along, -- through the departments, within a year
            1 + len(list_filter({_list(steps)}, lambda step: step <= u(i, 3))) AS k
        FROM range({mutations}) AS r(i)
    ),
    placed AS (
        SELECT *,
            -- A town, and beyond those named a commune of one of ninety departments, the first larger.
            CASE WHEN {communes} <= {named} THEN floor(along * {communes})::INTEGER
                ELSE {named} + floor(along * 90)::INTEGER * {per_department}
                    + floor(u(i, 1) * u(i, 2) * {per_department})::INTEGER END AS c,
            {_list(natures)}[k] AS nature, {_list(factors)}[k] AS factor,
            {_list("M" in spec.split()[0] for spec in specs)}[k] AS house,
            {_list(spec[0] in "ML" for spec in specs)}[k] AS detached
        FROM mutation
    ),
    building AS (
        SELECT *, ((c - {named}) // {per_department})::INTEGER AS d,
            (c - {named}) % {per_department} AS in_department,
            floor(u(i, 8) * if(house, 40, 25))::INTEGER AS s,
            floor(pow(u(i, 9), 2) * if(house, 60, 12))::INTEGER AS b
        FROM placed
    ),
    town AS (
        SELECT *,
            if(c < {named}, {_list(names)}[c + 1], 'Fictiville-' || c) || ' {MARK}' AS town,
            -- 1 to 95, less 20 (Corsica), 57, 67 and 68 (not covered).
            if(c < {named}, {_list(departments)}[c + 1], padded(
                1 + d + (d >= 19)::INTEGER + (d >= 55)::INTEGER + 2 * (d >= 64)::INTEGER, 2)) AS department,
            if(c < {named}, {_list(postals)}[c + 1], NULL) AS named_postal,
            if(c < {named}, {_list(xs)}[c + 1], -1.3 + 0.85 * (d % 10) + 0.8 * u(c, 5)) AS town_x,
            if(c < {named}, {_list(ys)}[c + 1], 43.6 + 0.62 * (d // 10) + 0.6 * u(c, 6)) AS town_y,
            if(c < {named}, {_list(levels)}[c + 1], 1200 + 5200 * pow(u(c, 7), 3)) AS level,
            hash(c, s, b, detached) % 1000003 AS bld
        FROM building
    ),
    unit AS (
        SELECT *,
            department || if(c < {named}, 900 + c, 300 + in_department)::VARCHAR AS commune,
            coalesce(named_postal, department || padded(800 + in_department // 5, 3)) AS postal,
            greatest(9, round(if(house, 98, 58) * exp(0.42 * bell(i, 10))))::INTEGER AS surface,
            make_date(year, 1, 1)
                + floor(u(i, 20) * if(year = {until.year}, {until.timetuple().tm_yday}, 365))::INTEGER AS day,
            round(town_x + 0.012 * cos(s * 2.4) * sqrt(s + 1) / 2 + 0.0003 * b, 6) AS x,
            round(town_y + 0.008 * sin(s * 2.4) * sqrt(s + 1) / 2 + 0.00012 * (bld % 7 - 3.0), 6) AS y,
            pick({_list(STREET_TYPES)}, u(c, 100 + s)) || ' ' || pick({_list(STREET_NAMES)}, u(c, 200 + s))
                AS street,
            CASE WHEN bld % 23 = 0 THEN pick(['B', 'T', 'A', 'B'], u(bld, 4)) END AS suffix,
            u(i, 50) < 0.015 AS lost, u(i, 62) < 0.3 AS two_lots, u(i, 60) < 0.8 AS measured,
            0.985 + 0.03 * u(i, 61) AS carrez_ratio, bld % 60 + i % 60 AS door
        FROM town
    ),
    priced AS (
        SELECT *,
            -- Dearer towards the centre and in some buildings, 2 % a year, small flats dearer per m².
            level * exp(-18 * sqrt(pow(x - town_x, 2) + pow(y - town_y, 2)) + 0.09 * bell(bld, 30)
                    + 0.02 * (epoch(day::TIMESTAMP) / 31557600.0 - 50) + 0.11 * bell(i, 40))
                * pow(surface / 60.0, -0.08) * if(house, 0.85, 1.0) * surface * factor AS price
        FROM unit
    ),
    line AS (
        SELECT *, unnest({_list_of_lists(specs)}[k]) AS spec FROM priced
    ),
    parsed AS (
        SELECT *, spec[1] AS what, coalesce(try_cast(spec[2] AS INTEGER), 0) AS n,
            string_split(spec, ':')[2]::INTEGER AS parcel, string_split(spec, ':')[3] AS culture,
            string_split(spec, ':')[4] AS disposition
        FROM line
    )
    SELECT year || '-' || (1000 + i) AS id_mutation, day::DATE AS date_mutation,
        '00000' || disposition AS numero_disposition, nature AS nature_mutation,
        if(factor = 0, 1, greatest(500, round(price * if(disposition = '2', 0.1, 1) / 500) * 500)::BIGINT)
            AS valeur_fonciere,
        CASE WHEN what <> 'L' THEN 1 + 2 * b + s % 2 + parcel END AS adresse_numero,
        CASE WHEN what <> 'L' AND parcel = 0 THEN suffix END AS adresse_suffixe,
        street AS adresse_nom_voie, padded(100 + s * 35, 4) AS adresse_code_voie,
        postal AS code_postal, commune AS code_commune, town AS nom_commune, department AS code_departement,
        NULL AS ancien_code_commune, NULL AS ancien_nom_commune,
        commune || '000' || chr(65 + s % 26) || chr(65 + (s // 2) % 26)
            || padded(1 + b * 2 + if(detached, 500, 0) + parcel, 4) AS id_parcelle,
        NULL AS ancien_id_parcelle, NULL AS numero_volume,
        CASE WHEN what IN ('A', 'V') THEN 1 + n + door
            WHEN what IN ('D', 'C') AND NOT detached THEN 141 + n + door END AS lot1_numero,
        CASE WHEN what = 'A' AND measured THEN round((surface + 3 * n) * carrez_ratio, 2) END
            AS lot1_surface_carrez,
        CASE WHEN what = 'A' AND two_lots THEN 301 + n + door END AS lot2_numero,
        NULL AS lot2_surface_carrez, NULL AS lot3_numero, NULL AS lot3_surface_carrez, NULL AS lot4_numero,
        NULL AS lot4_surface_carrez, NULL AS lot5_numero, NULL AS lot5_surface_carrez,
        CASE WHEN what = 'A' AND two_lots THEN 2 WHEN what IN ('A', 'V') THEN 1
            WHEN what IN ('D', 'C') AND NOT detached THEN 1 ELSE 0 END AS nombre_lots,
        CASE what WHEN 'M' THEN 1 WHEN 'A' THEN 2 WHEN 'D' THEN 3 WHEN 'C' THEN 4 END AS code_type_local,
        CASE what WHEN 'M' THEN 'Maison' WHEN 'A' THEN 'Appartement' WHEN 'D' THEN 'Dépendance'
            WHEN 'C' THEN 'Local industriel. commercial ou assimilé' END AS type_local,
        CASE WHEN what IN ('A', 'M') THEN surface + 3 * n WHEN what = 'C' THEN 30 + bld % 90 END
            AS surface_reelle_bati,
        CASE WHEN what IN ('A', 'M') THEN greatest(1, round((surface + 3 * n) / 22.0))::INTEGER
            WHEN what IN ('D', 'C') THEN 0 END AS nombre_pieces_principales,
        nullif(culture, '') AS code_nature_culture, MAP {{{cultures}}}[culture] AS nature_culture,
        NULL AS code_nature_culture_speciale, NULL AS nature_culture_speciale,
        CASE WHEN culture <> '' THEN 60 + hash(bld, parcel, culture) % if(what = 'L', 4000, 700) END
            AS surface_terrain,
        CASE WHEN NOT lost THEN round(x + 0.0004 * parcel, 6) END AS longitude,
        CASE WHEN NOT lost THEN y END AS latitude
    FROM parsed
    """


def _list_of_lists(specs: Iterable[str]) -> str:
    return "[" + ", ".join(_list(spec.split()) for spec in specs) + "]"
