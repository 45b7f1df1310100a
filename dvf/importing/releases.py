"""What changed between two releases, by department: sales are followed by their fingerprint, not by
their number.
"""

from __future__ import annotations

from dvf.importing.swap import PREVIOUS, Connection

# Sales of equal content are told apart by counting them. One that is gone while another of the same day,
# parcel and lots has come is the same sale, altered (price, surface or nature corrected).
CHANGES = f"""
WITH counted AS (
    SELECT sum(side) AS difference, min(side * id) AS gone, max(side * id) AS come
    FROM (
        SELECT 1 AS side, id, fingerprint FROM dvf_sales
        UNION ALL
        SELECT -1, id, fingerprint FROM {PREVIOUS}.dvf_sales
    ) AS sides
    GROUP BY fingerprint HAVING sum(side) <> 0
),
differing AS (
    SELECT code_departement, date_mutation, id_parcelle, numeros_lots, difference
    FROM counted JOIN dvf_sales AS sale ON difference > 0 AND sale.id = come
    UNION ALL
    SELECT code_departement, date_mutation, id_parcelle, numeros_lots, difference
    FROM counted JOIN {PREVIOUS}.dvf_sales AS sale ON difference < 0 AND sale.id = -gone
),
matched AS (
    SELECT code_departement, date_mutation, id_parcelle, numeros_lots,
        coalesce(sum(difference) FILTER (WHERE difference > 0), 0) AS come,
        coalesce(-sum(difference) FILTER (WHERE difference < 0), 0) AS gone
    FROM differing GROUP BY code_departement, date_mutation, id_parcelle, numeros_lots
)
SELECT code_departement, sum(come - least(come, gone)), sum(gone - least(come, gone)), sum(least(come, gone))
FROM matched GROUP BY code_departement ORDER BY code_departement
"""


def changes(own: Connection) -> dict[str, dict[str, int]]:
    """By department: sales ``added``, ``removed`` and ``altered`` from the release just replaced to the
    served one.
    """
    if not own.execute(f"SELECT 1 FROM {PREVIOUS}.dvf_sales LIMIT 1").fetchone():
        return {}
    own.execute("SET work_mem = '256MB'")
    # How many differ cannot be told before: a release that is new as a whole is not looked up row by row.
    own.execute("SET enable_nestloop = off")
    return {
        department: {"added": int(added), "removed": int(removed), "altered": int(altered)}
        for department, added, removed, altered in own.execute(CHANGES)
    }
