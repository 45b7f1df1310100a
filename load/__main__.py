"""`make load`: 50 people for two minutes on the whole application, while 50 documents are being read.

    make load ARGS="--sales 4800000 --users 50 --seconds 120 --documents 50"

The services are its own, in .local/load; the sales are made there the first time (minutes for 4.8 million)
and kept. Prints P50, P95, P99 and errors by route and overall; ends with 1 where there is an error or where
P95 > 300 ms or P99 > 1 s. Listens on 127.0.0.1 only.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import typst

from config.local_services.group import DEFAULT_DIRECTORY
from config.run import ROOT
from load.site import Site

P95_MS, P99_MS = 300, 1000
EXTRA_SECONDS = 60
PAGES = 6
DATABASE = "appart_load"
PAGE = """
#set page(numbering: "1")
= Procès-verbal de l'assemblée générale ordinaire du 14 juin 2024, immeuble n° {n}
Résolution n° {page} : devis de l'entreprise Exemple approuvé pour un montant de 12 345,{page:02d} € TTC.
#lorem(260)
Pour : 6 120 tantièmes. Contre : 1 200 tantièmes. Abstention : 300 tantièmes. La résolution est adoptée.
"""


def report_of(number: int) -> bytes:
    """The minutes of an assembly, as a PDF with text."""
    pages = "#pagebreak()\n".join(PAGE.format(n=number, page=page) for page in range(1, PAGES + 1))
    return typst.compile(pages.encode(), format="pdf")


def copy_database(site: Site) -> None:
    """A throw-away copy of the sales: what the load writes is gone with it."""
    url = site.environment["DATABASE_URL"]
    name = urlsplit(url).path.lstrip("/")
    with psycopg.connect(urlsplit(url)._replace(path="/postgres").geturl(), autocommit=True) as own:
        own.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        own.execute(f'CREATE DATABASE {DATABASE} TEMPLATE "{name}" STRATEGY file_copy')
    site.environment["DATABASE_URL"] = urlsplit(url)._replace(path=f"/{DATABASE}").geturl()


def drop_copy(site: Site) -> None:
    url = urlsplit(site.environment["DATABASE_URL"])._replace(path="/postgres").geturl()
    with psycopg.connect(url, autocommit=True) as own:
        own.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def submit(site: Site, account: dict[str, Any], documents: list[bytes]) -> None:
    files = [("files", (f"pv-{n}.pdf", content, "application/pdf")) for n, content in enumerate(documents)]
    answer = httpx.post(
        f"{site.url}/api/documents/bulk-upload/",
        data={"property_id": str(account["properties"][0])},
        files=files,
        headers={"Authorization": f"Bearer {account['token']}"},
        timeout=60,
    )
    if answer.status_code != 202:
        raise SystemExit(f"The documents were not received: {answer.status_code} {answer.text[:500]}")


def locust(site: Site, accounts: Path, users: int, seconds: int, folder: Path) -> list[dict[str, str]]:
    """What Locust counted, one row a route, the last one overall."""
    command = [
        *(sys.executable, "-m", "locust", "-f", "load/users.py", "--headless", "--host", site.url),
        *("-u", str(users), "-r", str(max(1, users // 20)), "-t", f"{seconds}s", "--stop-timeout", "10"),
        *(
            "--csv",
            str(folder / "load"),
            "--only-summary",
            "--loglevel",
            "ERROR",
            "--exit-code-on-error",
            "0",
        ),
    ]
    environment = os.environ | {"LOAD_ACCOUNTS": str(accounts)}
    subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=seconds + EXTRA_SECONDS,
        check=False,
    )
    with (folder / "load_failures.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            say(f"  error: {row['Method']} {row['Name']}: {row['Error']} × {row['Occurrences']}")
    with (folder / "load_stats.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def print_table(rows: list[dict[str, str]]) -> bool:
    """Whether all limits hold."""
    say(f"{'':52}{'requests':>9}{'errors':>8}{'P50':>7}{'P95':>7}{'P99':>7}  ms")
    for row in rows:
        label = f"{row['Type']:6}{row['Name'].removeprefix(row['Type']).strip()}"
        figures = [row["50%"], row["95%"], row["99%"]]
        say(
            f"{label[:51]:52}{row['Request Count']:>9}{row['Failure Count']:>8}"
            + "".join(f"{value:>7}" for value in figures)
        )
    overall = rows[-1]
    p95, p99, errors = float(overall["95%"]), float(overall["99%"]), int(overall["Failure Count"])
    good = not errors and p95 <= P95_MS and p99 <= P99_MS and int(overall["Request Count"]) > 0
    say(
        f"{'ok  ' if good else 'OVER'} {overall['Request Count']} requests,"
        f" {float(overall['Requests/s']):.1f}/s, {errors} errors (0),"
        f" P95 {p95:.0f} ms ({P95_MS}), P99 {p99:.0f} ms ({P99_MS})"
    )
    return good


def main(arguments: argparse.Namespace) -> int:
    folder = DEFAULT_DIRECTORY / "load" if arguments.state is None else arguments.state
    folder.mkdir(parents=True, exist_ok=True)
    with Site(folder) as site, tempfile.TemporaryDirectory(prefix="appart-load-") as name:
        accounts = Path(name) / "accounts.json"
        began = time.monotonic()
        site.python("-m", "load.base", "sales", str(arguments.sales))
        copy_database(site)
        try:
            site.python("-m", "load.base", "accounts", str(arguments.users + 1), str(accounts))
            site.start("web")
            site.start("worker")
            documents = [report_of(number) for number in range(arguments.documents)]
            known = json.loads(accounts.read_text(encoding="utf-8"))
            accounts.write_text(json.dumps(known[1:]), encoding="utf-8")
            time.sleep(5)  # the worker's own start is no part of it
            say(f"ready in {time.monotonic() - began:.0f} s, on {os.cpu_count()} processors")
            if documents:
                submit(site, known[0], documents)
            rows = locust(site, accounts, arguments.users, arguments.seconds, Path(name))
            state = json.loads(site.python("-m", "load.base", "state", capture=True))
            say(f"documents at the end: {state['statuses']}")
            return 0 if print_table(rows) else 1
        finally:
            for process in list(site.processes):
                site.kill(process)
            drop_copy(site)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m load", description=__doc__)
    parser.add_argument("--sales", type=int, default=4_800_000)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--documents", type=int, default=50)
    parser.add_argument("--state", type=Path, help="folder of the services (.local/load)")
    sys.exit(main(parser.parse_args()))
