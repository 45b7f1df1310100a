"""`make fuzz`: thousands of generated requests against a running server, from its published schema alone.

    make fuzz                                   about 10,000 cases, some minutes
    make fuzz ARGS="--profile quick"            a few of each operation
    make fuzz ARGS="--seed 123 --only dvf"      those of a former run again; operations whose name has "dvf"

Every operation of the schema is asked by a signed-in client and by nobody, with good values and with bad
ones. A failure is an answer of 500 or more, or one that the schema does not describe (status, type, shape,
header), printed with the request that shows it. Ends with 1 where there is one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from load.files import photo, text_pdf
from load.site import Site

CASES = 10_000
ROUNDS = 5
PROFILES = {"quick": 500, "full": CASES, "long": 10 * CASES}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def signed_in(site: Site, account: dict[str, str]) -> dict[str, str]:
    """Headers with a new token of the account."""
    asked = {"email": account["email"], "password": account["password"], "name": "fuzz"}
    answer = httpx.post(f"{site.url}/api/auth/token/", json=asked, timeout=30)
    return {"Authorization": f"Bearer {answer.raise_for_status().json()['token']}"}


def owned(client: httpx.Client) -> dict[str, list[int]]:
    """What the client holds, by the beginning of its paths: numbers drawn at random would only meet 404."""
    properties = [one["id"] for one in client.get("/api/properties/").json()["results"]]
    pdf = {"file": ("essai.pdf", text_pdf("Essai"), "application/pdf")}
    document = client.post("/api/documents/upload/", data={"property_id": properties[0]}, files=pdf).json()
    jpeg = {"file": ("essai.jpg", photo(), "image/jpeg")}
    client.post("/api/photos/upload/", data={"property_id": properties[0]}, files=jpeg)
    photos = [one["id"] for one in client.get("/api/photos/").json()["results"]]
    return {
        "/api/documents/synthesis/": properties,
        "/api/properties/": properties,
        "/api/documents/": [document["document"]["id"]],
        "/api/photos/": photos,
    }


def ask_cases(
    operation: Any, number: int, start: int, headers: dict[str, str], known: list[int], counted: Counter[str]
) -> None:
    """Ask ``number`` cases of an operation, many of them about one of ``known``. Raises what the first that
    fails, made small, says.
    """
    limits = settings(
        max_examples=number,
        deadline=None,
        database=None,
        verbosity=Verbosity.quiet,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )

    @limits
    @seed(start)
    @given(case=operation.as_strategy(), one=st.sampled_from([*known, None]))
    def ask(case: Any, one: int | None) -> None:
        for name in ("id", "property_id"):
            if one is not None and name in (case.path_parameters or {}):
                case.path_parameters[name] = one
        response = case.call(headers=headers)
        counted[f"{response.status_code // 100}xx"] += 1
        case.validate_response(response, checks=CHECKS)

    ask()


def main(arguments: argparse.Namespace) -> int:
    start = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(10**9)
    wanted = PROFILES[arguments.profile]
    say(f"seed {start}, profile {arguments.profile}: {wanted:,} cases at least")
    counted: Counter[str] = Counter()
    failures = []
    with tempfile.TemporaryDirectory(prefix="appart-fuzz-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL may run as another user
        with Site(folder / "state", fast=True, settings="bench._api_settings") as site:
            site.python("manage.py", "migrate", "--verbosity", "0")
            site.python("manage.py", "demo", "--run-file", str(folder / "run.json"), "--url", site.url)
            site.start("web")
            site.start("worker")
            account = json.loads((folder / "run.json").read_text(encoding="utf-8"))["clients"][0]
            schema: Any = schemathesis.openapi.from_url(f"{site.url}/api/schema/?format=json")
            operations = [result.ok() for result in schema.get_all_operations()]
            # What ends things last, that the others may meet them.
            operations.sort(key=lambda one: one.label.startswith("DELETE") or "delete" in one.label)
            operations = [one for one in operations if arguments.only in one.label]
            with httpx.Client(base_url=site.url, headers=signed_in(site, account), timeout=30) as client:
                known = owned(client)
            each = -(-wanted // len(operations))
            began, rounds = time.monotonic(), 0
            while sum(counted.values()) < wanted and rounds < ROUNDS:  # some have few possible cases
                for operation in operations:
                    mine = next((ids for path, ids in known.items() if operation.path.startswith(path)), [])
                    # One in six is asked by nobody, whose answer is nearly always 401. The client signs in
                    # each time: some operations end sessions and tokens.
                    actors: list[tuple[str, dict[str, str], int]] = [
                        ("client", signed_in(site, account), each - each // 6),
                        ("nobody", {}, max(1, each // 6)),
                    ]
                    for actor, headers, number in actors:
                        try:
                            ask_cases(operation, number, start + rounds, headers, mine, counted)
                        except (Exception, BaseExceptionGroup) as error:  # every kind is a finding
                            found = error.exceptions if isinstance(error, BaseExceptionGroup) else [error]
                            reasons = "; ".join(str(one) for one in found)
                            failures.append(f"{operation.label} as {actor}: {reasons}")
                            say(f"FAILED {failures[-1]}\n")
                rounds += 1
    total = sum(counted.values())
    answers = ", ".join(f"{count:,} {kind}" for kind, count in sorted(counted.items()))
    say(f"{total:,} cases of {len(operations)} operations in {time.monotonic() - began:.0f} s: {answers}")
    say(f"{len(failures)} failures (seed {start})")
    return 1 if failures or total < wanted else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m load.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--profile", choices=PROFILES, default=os.environ.get("FUZZ_PROFILE", "full"))
    parser.add_argument("--only", default="", help="operations whose name contains this")
    sys.exit(main(parser.parse_args()))
