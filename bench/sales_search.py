"""p95 of what reads the sales, on 4.8 million of them: `python -m bench sales_search`.

Makes the database `<name>_bench` beside the configured one the first time (about five minutes) and keeps it;
`BENCH_SALES=200000` makes a smaller one. Every line shows the limit it is held to; the first, what this
machine takes for a trivial statement at the same moment.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROUNDS = 120


def prepare() -> None:
    """Turn Django to the database of the bench, made and filled when it is not there."""
    from django.core.management import call_command
    from django.db import connection
    from rest_framework.views import APIView

    from bench._sales_data import SALES, fill
    from dvf.models import DVFSale

    name = f"{connection.settings_dict['NAME']}_bench"
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(name)}")
    connection.close()
    connection.settings_dict["NAME"] = name
    call_command("migrate", verbosity=0)
    if not DVFSale.objects.exists():
        fill(int(os.environ.get("BENCH_SALES", SALES)))
    APIView.throttle_classes = ()


def processor_ms() -> float:
    """Processor time so far of this process and of its PostgreSQL backend (0 for one on another machine)."""
    from django.db import connection

    connection.ensure_connection()
    stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    ticks = sum(map(int, stat.read_text().rpartition(")")[2].split()[11:13])) if stat.exists() else 0
    return (time.process_time() + ticks / os.sysconf("SC_CLK_TCK")) * 1000


def measure(label: str, limit_ms: float, run: Callable[[Any], object], cases: Sequence[Any]) -> None:
    """Print p50, p95 and the longest of the cases, after a few to warm up.

    `cpu` is the mean processor time, ours and PostgreSQL's: what it would take on a machine with nothing else
    to do, where p50 and p95 also count the waiting for others.
    """
    for case in cases[: len(cases) // 10]:
        run(case)
    taken = []
    before = processor_ms()
    for case in cases:
        started = time.perf_counter()
        run(case)
        taken.append((time.perf_counter() - started) * 1000)
    p95 = statistics.quantiles(taken, n=20)[-1]
    verdict = "ok " if p95 <= limit_ms else "OVER"
    cpu = (processor_ms() - before) / len(cases)
    figures = f"cpu {cpu:6.1f}  p50 {statistics.median(taken):7.1f}  p95 {p95:7.1f}  max {max(taken):7.1f} ms"
    sys.stdout.write(f"{verdict:4} {label:46} {figures}  (at most {limit_ms:g})\n")
    sys.stdout.flush()


def fitted(departments: set[str]) -> None:
    """Fit the flats of these départements where it is not done."""
    from dvf import fitting

    for department in departments:
        if fitting.is_stale(department, "Appartement"):
            fitting.fit_department(department, "Appartement")


def main() -> None:
    prepare()
    from django.conf import settings
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client
    from rest_framework.test import APIClient

    from accounts.models import User
    from dvf.geometry import metres_per_degree
    from dvf.keyset import BY_DATE, BY_DISTANCE, Cursor
    from dvf.models import DVFImport, DVFSale, DVFStreet
    from dvf.streets import search_addresses
    from properties.views import PropertyViewSet

    settings.ALLOWED_HOSTS = ["*"]
    settings.LOGGING_CONFIG = None
    import logging

    logging.disable(logging.WARNING)
    rng = random.Random(7)  # noqa: S311
    user, _created = User.objects.get_or_create(email="bench@example.org", is_staff=True, is_superuser=True)
    api, browser = APIClient(), Client()
    api.force_authenticate(user)
    browser.force_login(user)
    release = DVFImport.objects.served().values_list("pk", flat=True).first() or 0
    total = DVFImport.objects.values_list("total_sales", flat=True).get(pk=release)
    streets = list(DVFStreet.objects.filter(pk__in=rng.sample(range(1, 400_000), ROUNDS)))
    # A place is asked for as often as it is sold in.
    sales = list(
        DVFSale.objects.filter(pk__in=rng.sample(range(1, total), ROUNDS), longitude__isnull=False).only(
            "pk", "code_postal", "code_commune", "code_departement", "longitude", "latitude", "date_mutation"
        )
    )
    sys.stdout.write(f"{total:,} sales; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")

    def trivial(_case: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    def page(url: str) -> Callable[[dict[str, Any]], None]:
        def get(query: dict[str, Any]) -> None:
            response = api.get(f"{url}?{urlencode(query)}")
            assert response.status_code == 200, response.content

        return get

    def listed(query: dict[str, Any]) -> None:
        response = browser.get(f"/{settings.ADMIN_PATH}dvf/dvfsale/?{urlencode(query)}")
        assert response.status_code == 200, response.status_code

    def deep(sale: DVFSale) -> str:
        return Cursor(BY_DATE.name, False, release, sale.date_mutation, sale.pk).encode()

    def typo(name: str) -> str:
        place = rng.randrange(4, max(5, len(name) - 1))
        return name[:place] + name[place + 1 :]

    def near(case: tuple[DVFSale, dict[str, Any]]) -> None:
        sale, filters = case
        point = float(sale.longitude or 0), float(sale.latitude or 0)
        DVFSale.objects.comparable().filter(**filters).first_near("Appartement", *point, 2000, 50)

    def bare(sale: DVFSale) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT * FROM dvf_sales WHERE code_postal = %s"
                " ORDER BY date_mutation DESC, id DESC LIMIT 21",
                [sale.code_postal],
            )
            cursor.fetchall()

    def empty(_case: object) -> None:
        assert api.get("/api/dvf/quality/?code_departement=99").status_code == 200

    measure("(this machine) SELECT 1", 5, trivial, range(ROUNDS))
    measure("(this machine) 21 sales of a postal code, bare", 5, bare, sales)
    measure("(this machine) an answer of the API without sales", 20, empty, range(ROUNDS))
    number = rng.randint
    search = [(f"{number(1, 99)} {s.nom_voie}", s.code_postal) for s in streets]
    measure("address, with its postal code", 20, lambda c: search_addresses(*c), search)
    search = [(f"{number(1, 99)} {s.nom_voie}, {s.code_postal} {s.nom_commune}", "") for s in streets]
    measure("address, whole", 20, lambda c: search_addresses(*c), search)
    search = [(f"{number(1, 99)} {s.nom_voie} {s.nom_commune}", "") for s in streets]
    measure("address, street and city", 20, lambda c: search_addresses(*c), search)
    search = [(s.nom_voie, "") for s in streets]
    measure("address, the street alone", 20, lambda c: search_addresses(*c), search)
    search = [(s.nom_voie[: number(7, 12)], s.code_postal) for s in streets]
    measure("address, half typed, with its postal code", 20, lambda c: search_addresses(*c), search)
    search = [(s.nom_voie[: number(7, 12)], "") for s in streets]
    measure("address, half typed", 20, lambda c: search_addresses(*c), search)
    search = [(typo(s.nom_voie), s.code_postal) for s in streets]
    measure("address, misspelt, with its postal code", 20, lambda c: search_addresses(*c), search)
    search = [(typo(s.nom_voie), "") for s in streets]
    measure("address, misspelt, no place", 20, lambda c: search_addresses(*c), search)

    filters = {"surface_bati__range": (40, 80), "annee__gte": 2022}
    measure("nearest 50, filtered", 10, near, [(sale, filters) for sale in sales])

    get = page("/api/dvf/sales/")
    measure("API, postal code, first page", 50, get, [{"code_postal": s.code_postal} for s in sales])
    places: list[dict[str, Any]] = [{"code_postal": s.code_postal, "cursor": deep(s)} for s in sales]
    measure("API, postal code, at any depth", 50, get, places)
    places = [{"code_departement": s.code_departement, "cursor": deep(s), "limit": 100} for s in sales]
    measure("API, département, 100 rows, at any depth", 50, get, places)
    bounds = {"type_principal": "Maison", "prix_min": 100_000, "surface_max": 120, "comparable": "true"}
    measure("API, département, filtered, any depth", 50, get, [{**p, **bounds, "limit": 20} for p in places])
    around = [{"near": f"{s.longitude:.6f},{s.latitude:.6f}", "radius": 1000} for s in sales]
    measure("API, nearest first", 50, get, around)
    asked: list[dict[str, Any]] = []
    for sale in sales:
        x, y, half = sale.longitude or 0, sale.latitude or 0, rng.choice((0.002, 0.01, 0.05, 0.3, 2.0))
        asked.append({"bbox": f"{x - half:.5f},{y - half:.5f},{x + half:.5f},{y + half:.5f}"})
    measure("API, boxes of 300 m to 300 km", 50, get, asked)
    lost = {"near": around[0]["near"], "radius": 10_000, "type_principal": "Maison", "prix_m2_min": 50_000}
    measure("API, around a point, what is nowhere there", 50, get, [{**lost, **a} for a in around])
    far = []
    for sale in sales:
        metres = rng.uniform(100, 9_000)
        place = Cursor(BY_DISTANCE.name, False, release, metres / metres_per_degree(sale.latitude or 0), 1)
        near_it = f"{sale.longitude:.6f},{sale.latitude:.6f}"
        far.append({"near": near_it, "radius": 10_000, "cursor": place.encode()})
    measure("API, nearest first, up to 9 km away", 50, get, far)
    deeper = [{**box, "cursor": deep(s)} for box, s in zip(asked, sales, strict=True)]
    measure("API, the same boxes, at any depth", 50, get, deeper)
    measure("API, prices", 50, page("/api/dvf/prices/"), [{"code_commune": s.code_commune} for s in sales])

    some = sales[:100]
    measure("admin list, at any depth", 200, listed, [{"c": deep(s)} for s in some])
    measure("admin list, at a date", 200, listed, [{"jour": s.date_mutation} for s in some])
    measure(
        "admin list, a commune", 200, listed, [{"code_commune": s.code_commune, "c": deep(s)} for s in some]
    )
    measure(
        "admin list, an address", 200, listed, [{"q": f"{t.nom_voie} {t.code_postal}"} for t in streets[:100]]
    )

    departments = {sale.code_departement for sale in sales[:2]}
    fitted(departments)
    sold = DVFSale.objects.filter(pk__in=rng.sample(range(1, total), 8000), longitude__isnull=False)
    dwellings = [
        {"postal_code": s.code_postal, "address": s.adresse_complete, "surface": number(25, 90)}
        for s in sold.filter(code_departement__in=departments)[:ROUNDS]
    ]
    sizes: list[int] = []

    def valued(query: dict[str, Any]) -> None:
        response = api.get(f"/api/dvf/estimate/?{urlencode(query)}")
        assert response.status_code == 200 and response.json()["comparables"], response.content
        sizes.append(len(response.content))

    measure("an address valued, with its explanation", 50, valued, dwellings)
    sys.stdout.write(f"     its answer: {max(sizes) / 1000:.0f} kB at most (at most 100)\n")

    stats = PropertyViewSet.as_view({"get": "dvf_stats"}) if hasattr(PropertyViewSet, "dvf_stats") else None
    if stats is not None:

        def fresh(_case: object) -> None:
            cache.clear()
            assert api.get("/api/properties/dvf-stats/").status_code == 200

        measure("dvf-stats, not in the cache", 50, fresh, range(50))


if __name__ == "__main__":
    main()
