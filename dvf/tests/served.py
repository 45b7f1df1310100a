"""Importing in tests, and what is served afterwards."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.models import Count, Sum

from dvf.models import DVFPrice, DVFSale, DVFSaleLot, DVFStreet


def import_dvf(*arguments: str | Path) -> str:
    out = StringIO()
    call_command("import_dvf", *map(str, arguments), stdout=out, stderr=StringIO())
    return out.getvalue()


def served() -> list[object]:
    """All that readers see, row ids included."""
    sales = DVFSale.objects.order_by("id").values_list(
        "id", "id_mutation", "fingerprint", "prix", "surface_bati"
    )
    lots = (
        DVFSaleLot.objects.values_list("sale_id")
        .annotate(n=Count("id"), s=Sum("surface_bati"))
        .order_by("sale_id")
    )
    return [*sales, *lots, DVFStreet.objects.count(), DVFPrice.objects.count()]


def catalogue() -> list[tuple[str, ...]]:
    """Tables, indexes and constraints of this app as the database knows them, wherever they stand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname, tablename, indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'dvf%%'"
            " UNION ALL SELECT connamespace::regnamespace::text, conrelid::regclass::text, conname,"
            " pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid::regclass::text LIKE '%%dvf%%'"
            " UNION ALL SELECT table_schema, table_name, column_name, data_type"
            " FROM information_schema.columns WHERE table_name LIKE 'dvf%%' ORDER BY 1, 2, 3, 4"
        )
        return cursor.fetchall()
