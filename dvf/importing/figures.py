"""What is kept ready beside the sales, worked out on the new tables: their streets and the statistics of
prices.
"""

from __future__ import annotations

from dvf.addresses import street_key
from dvf.importing.swap import NEXT, Connection, create

# One reading and one sort of the sales give the years and the quarters of a kind of place.
PRICES = f"""
INSERT INTO {NEXT}.dvf_prices (place_kind, place_code, type_principal, year, quarter, sales_count,
    mean, median, first_quartile, third_quartile, minimum, maximum)
SELECT '{{place}}', {{place}}, type_principal, annee, quarter, n,
    mean, quartile[2], quartile[1], quartile[3], low, high
FROM (
    SELECT {{place}}, type_principal, annee, quarter, count(*) AS n, avg(prix_m2) AS mean,
        percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY prix_m2::float8) AS quartile,
        min(prix_m2) AS low, max(prix_m2) AS high
    FROM (
        SELECT {{place}}, type_principal, annee, prix_m2,
            extract(quarter FROM date_mutation)::smallint AS quarter
        FROM {NEXT}.dvf_sales WHERE is_comparable AND {{place}} <> ''
    ) AS comparable
    GROUP BY GROUPING SETS
        (({{place}}, type_principal, annee), ({{place}}, type_principal, annee, quarter))
) AS figures
"""

STREETS = f"""
INSERT INTO {NEXT}.dvf_streets (code_postal, code_commune, nom_commune, code_departement, code_voie, nom_voie,
    street_key, sales_count, is_main, longitude, latitude)
SELECT code_postal, code_commune, max(nom_commune), max(code_departement), max(code_voie), adresse_nom_voie,
    max(street_key), count(*),
    row_number() OVER (PARTITION BY max(street_key)
        ORDER BY count(*) DESC, code_commune, code_postal, adresse_nom_voie) = 1,
    avg(longitude), avg(latitude)
FROM {NEXT}.dvf_sales JOIN {NEXT}.street_name USING (adresse_nom_voie)
GROUP BY code_postal, code_commune, adresse_nom_voie
"""


def make_streets(own: Connection) -> None:
    """Fill the new ``dvf_streets``: each spelling of a street is normalised once, by ``dvf.addresses``."""
    create(own, "dvf_streets")
    names = own.execute(
        f"SELECT DISTINCT adresse_nom_voie FROM {NEXT}.dvf_sales WHERE adresse_nom_voie <> ''"
    ).fetchall()
    own.execute(f"CREATE UNLOGGED TABLE {NEXT}.street_name (adresse_nom_voie text, street_key text)")
    with own.cursor() as cursor, cursor.copy(f"COPY {NEXT}.street_name FROM STDIN") as copy:
        for (name,) in names:
            copy.write_row((name, street_key(name)[:150]))
    own.execute(f"ANALYZE {NEXT}.street_name")
    own.execute(STREETS)
    own.execute(f"DROP TABLE {NEXT}.street_name")
    own.execute(f"ANALYZE {NEXT}.dvf_streets")


def make_prices(own: Connection) -> None:
    """Fill the new ``dvf_prices`` from the comparable sales."""
    create(own, "dvf_prices")
    for place in ("code_postal", "code_commune", "code_departement"):
        own.execute(PRICES.format(place=place))
    own.execute(f"ANALYZE {NEXT}.dvf_prices")
