"""`make fuzz`: thousands of generated requests against a running server, from its published schema alone.

    make fuzz                                   10,000 cases and more, some minutes on two cores
    make fuzz ARGS="--profile quick"            a few of each operation
    make fuzz ARGS="--seed 123 --only dvf"      those of a former run again; operations whose name has "dvf"

Every operation of the schema is asked by a signed-in client with values that the schema allows and with
values that it does not, and by nobody. A failure is an answer of 500 or more, or one that the schema does not
describe (status, type, shape, header), printed with the request that shows it. A case is one request that was
sent and answered. Ends with 1 where one failed, or where fewer were sent than the profile says.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from tqdm import tqdm

from config.local_services.group import DEFAULT_DIRECTORY
from load.asking import Done, Task, begin, perform
from load.site import Site

CASES = 10_000
ROUNDS = 12
PROFILES = {"quick": 500, "full": CASES, "long": 10 * CASES}
LOG = DEFAULT_DIRECTORY / "fuzz-web.log"
PROCESSES = 2
"""Each is a client of its own. The server has as many processes: more would only wait for each other."""
SHARES = {"allowed": 1 / 2, "refused": 1 / 3, "nobody": 1 / 6}
"""How cases are dealt out. What nobody asks is nearly always answered 401."""


def say(text: str) -> None:
    tqdm.write(text, file=sys.stdout)
    sys.stdout.flush()


def operations_of(site: Site, only: str) -> list[str]:
    schema: Any = schemathesis.openapi.from_url(f"{site.url}/api/schema/?format=json")
    labels = [result.ok().label for result in schema.get_all_operations()]
    # What ends things last, that the others may meet them, and a part before the whole.
    labels.sort(key=lambda label: (label.startswith("DELETE") or "delete" in label, -label.count("/")))
    return [label for label in labels if only in label]


def tasks_of(labels: list[str], left: int, seed: int, number: int, end: float) -> list[Task]:
    """About ``left`` cases of these operations, in round ``number``."""
    each = -(-left // len(labels))
    return [
        Task(label, manner, max(1, round(each * share)), seed + number, number, end)
        for label in labels
        for manner, share in SHARES.items()
    ]


def rounds(
    site: Site, accounts: list[dict[str, str]], labels: list[str], wanted: int, start: int, end: float
) -> list[Done]:
    """Ask until ``wanted`` cases were answered, or time or possible cases run out."""
    found: list[Done] = []
    spawn = multiprocessing.get_context("spawn")
    queue = spawn.Queue()
    for account in accounts[:PROCESSES]:
        queue.put(account)
    with spawn.Pool(PROCESSES, begin, (site.url, queue)) as pool, tqdm(total=wanted, disable=None) as bar:
        for number in range(ROUNDS):
            left = wanted - sum(done.statuses.total() for done in found)
            if left <= 0 or not labels or time.monotonic() > end:
                break
            answered: Counter[str] = Counter()
            for done in pool.imap_unordered(perform, tasks_of(labels, left, start, number, end)):
                found.append(done)
                answered[done.task.label] += done.statuses.total()
                bar.update(done.statuses.total())
                if done.failure:
                    say(f"FAILED {done.failure}\n")
            # Neither what has few possible cases nor what failed is asked again.
            failed = {done.task.label for done in found if done.failure}
            enough = 0.6 * left / len(labels)
            labels = [label for label in labels if answered[label] >= enough and label not in failed]
    return found


def keep_log(site: Site, found: list[Done]) -> None:
    """Why the server failed stands in its log, which ends with the site."""
    if any(status >= 500 for done in found for status in done.statuses):
        LOG.parent.mkdir(exist_ok=True)
        shutil.copy(site.folder / "web.log", LOG)
        say(f"What the server said: {LOG}")


def main(arguments: argparse.Namespace) -> int:
    start = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(10**9)
    wanted = PROFILES[arguments.profile]
    say(f"seed {start}, profile {arguments.profile}: {wanted:,} cases at least")
    with tempfile.TemporaryDirectory(prefix="appart-fuzz-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL may run as another user
        with Site(folder / "state", fast=True, settings="bench._api_settings") as site:
            site.python("manage.py", "migrate", "--verbosity", "0")
            site.python("manage.py", "demo", "--run-file", str(folder / "run.json"), "--url", site.url)
            site.start("web")
            site.start("worker")
            site.python("manage.py", "demo_documents")
            accounts = json.loads((folder / "run.json").read_text(encoding="utf-8"))["clients"]
            labels = operations_of(site, arguments.only)
            began = time.monotonic()
            found = rounds(site, accounts, labels, wanted, start, began + 60 * arguments.minutes)
            seconds = time.monotonic() - began
            keep_log(site, found)
    statuses: Counter[int] = Counter()
    manners: Counter[str] = Counter()
    for done in found:
        statuses.update(done.statuses)
        manners[done.task.manner] += done.statuses.total()
    total = statuses.total()
    failures = sum(bool(done.failure) for done in found)
    dealt = ", ".join(f"{manners[manner]:,} {manner}" for manner in SHARES)
    answers = ", ".join(f"{count:,} × {status}" for status, count in sorted(statuses.items()))
    say(f"{total:,} cases ({dealt}) of {len(labels)} operations in {seconds:.0f} s: {answers}")
    say(f"{failures} failures (seed {start})")
    return 1 if failures or total < wanted else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m load.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--profile", choices=PROFILES, default=os.environ.get("FUZZ_PROFILE", "full"))
    parser.add_argument("--minutes", type=float, default=120, help="ends with 1 where cases are left then")
    parser.add_argument("--only", default="", help="operations whose name contains this")
    sys.exit(main(parser.parse_args()))
