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
import secrets
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
from tqdm import tqdm

from load.files import photo, text_pdf
from load.site import Site

CASES = 10_000
ROUNDS = 8
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


def owned(client: httpx.Client) -> dict[str, dict[str, list[Any]]]:
    """What the client holds, some of it made now: {beginning of a path: {parameter: values}}, the longest
    beginning first. Numbers drawn at random would only meet 404.
    """

    def listed(path: str, name: str = "id") -> list[Any]:
        return [one[name] for one in client.get(path).raise_for_status().json()["results"]]

    def made(path: str, **body: Any) -> Any:
        return client.post(path, **body).raise_for_status().json()

    new = {"address": "3 rue des Essais", "postal_code": "83000", "city": "Toulon", "asking_price": "200000"}
    made("/api/properties/", json=new)
    properties = listed("/api/properties/")
    of = {"property_id": properties[0]}
    pdf = {"file": ("essai.pdf", text_pdf(f"Essai {secrets.token_hex(8)}"), "application/pdf")}
    batch = made("/api/documents/upload/", data=of, files=pdf)
    documents = listed("/api/documents/")
    shown = [client.get(f"/api/documents/{one}/").json()["analysis_result"] or {} for one in documents]
    findings = [finding["id"] for one in shown for finding in one.get("findings", [])]
    jpeg = {"file": ("essai.jpg", photo(), "image/jpeg")}
    picture = made("/api/photos/upload/", data=of, files=jpeg)["id"]
    redesign = made(f"/api/photos/{picture}/redesign/", json={"style_preset": style(client)})
    report = made(f"/api/properties/{properties[0]}/report/", json={})
    reference = made("/api/photos/references/", files={"file": ("modele.jpg", photo(), "image/jpeg")})
    return {
        "/api/documents/bulk-status/": {"workflow_id": [batch["workflow_id"]]},
        "/api/documents/synthesis/": {"property_id": properties},
        "/api/documents/": {
            **{"id": documents, "ids": [documents[:1]], "finding_id": findings[:20], "number": [1, 2]},
            **{"property_id": properties, "property": properties},
        },
        "/api/photos/redesigns/": {"redesign_uuid": [redesign["redesign_uuid"]]},
        "/api/photos/references/": {"id": [reference["id"]]},
        "/api/photos/": {
            **{"id": [picture], "redesign_id": [redesign["id"]], "thread_id": [redesign["thread"]["id"]]},
            **{"property_id": properties, "property": properties},
        },
        "/api/properties/": {"id": properties, "property_id": properties[:1], "report_id": [report["id"]]},
    }


def style(client: httpx.Client) -> Any:
    return client.get("/api/photos/presets/").raise_for_status().json()["presets"][0]["code"]


def put_in(case: Any, values: dict[str, Any]) -> None:
    """What the client holds in the place of what was drawn; None leaves that."""
    for part in (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            part.update({name: value for name, value in values.items() if name in part and value is not None})


def ask_cases(
    operation: Any,
    number: int,
    start: int,
    headers: dict[str, str],
    known: dict[str, list[Any]],
    counted: Counter[int],
) -> None:
    """Ask ``number`` cases of an operation, many of them about what is ``known``; counts statuses. Raises
    what the first that fails, made small, says.
    """
    held = st.fixed_dictionaries({name: st.sampled_from([*values, None]) for name, values in known.items()})
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
    @given(case=operation.as_strategy(), values=held)
    def ask(case: Any, values: dict[str, Any]) -> None:
        put_in(case, values)
        response = case.call(headers=headers)
        counted[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    ask()


def main(arguments: argparse.Namespace) -> int:
    start = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(10**9)
    wanted = PROFILES[arguments.profile]
    say(f"seed {start}, profile {arguments.profile}: {wanted:,} cases at least")
    counted: Counter[int] = Counter()
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
            began, rounds = time.monotonic(), 0
            end = began + 60 * arguments.minutes
            while (left := wanted - counted.total()) > 0 and rounds < ROUNDS:  # some have few possible cases
                with httpx.Client(base_url=site.url, headers=signed_in(site, account), timeout=60) as client:
                    known = owned(client)  # the round before deleted some
                for operation in tqdm(operations, desc=f"round {rounds + 1}", disable=None):
                    if time.monotonic() > end:
                        rounds = ROUNDS
                        break
                    mine = next((held for path, held in known.items() if operation.path.startswith(path)), {})
                    each = -(-left // len(operations))
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
                            if site.told_to_stop:  # hypothesis takes that for a finding as well
                                raise SystemExit(143) from error
                            found = error.exceptions if isinstance(error, BaseExceptionGroup) else [error]
                            reasons = "; ".join(f"{type(one).__name__} {one}" for one in found)
                            failures.append(f"{operation.label} as {actor}: {reasons}")
                            say(f"FAILED {failures[-1]}\n")
                rounds += 1
    total = counted.total()
    answers = ", ".join(f"{count:,} × {status}" for status, count in sorted(counted.items()))
    say(f"{total:,} cases of {len(operations)} operations in {time.monotonic() - began:.0f} s: {answers}")
    say(f"{len(failures)} failures (seed {start})")
    return 1 if failures or total < wanted else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m load.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--profile", choices=PROFILES, default=os.environ.get("FUZZ_PROFILE", "full"))
    parser.add_argument("--minutes", type=float, default=120, help="ends with 1 where cases are left then")
    parser.add_argument("--only", default="", help="operations whose name contains this")
    sys.exit(main(parser.parse_args()))
