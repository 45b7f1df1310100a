"""One process of `make fuzz`: a client that asks cases of one operation after the other (`load.fuzz`)."""

from __future__ import annotations

import secrets
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from load.files import photo, text_pdf

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
TOO_LONG = 414
"""The web server's own answer to a path of more than 4,094 bytes, before the application."""
Held = dict[str, list[Any]]


@dataclass(frozen=True)
class Task:
    """``number`` cases of an operation. manner: "allowed" and "refused" by the schema, as a client, or
    "nobody"; end: on the monotonic clock, after which nothing more is asked."""

    label: str
    manner: str
    number: int
    seed: int
    round: int
    end: float


@dataclass
class Done:
    """statuses: of every case that was answered; failure: of the first that failed, made small, or empty."""

    task: Task
    statuses: Counter[int] = field(default_factory=Counter)
    failure: str = ""


class Client:
    """Its account and what it holds; a program's connection, with a token and without cookies, and a
    browser's, with a session.
    """

    def __init__(self, url: str, account: dict[str, str]) -> None:
        self.url, self.account = url, account
        schema: Any = schemathesis.openapi.from_url(f"{url}/api/schema/?format=json")
        self.operations = {one.label: one for one in (found.ok() for found in schema.get_all_operations())}
        self.session = requests.Session()
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.browser = requests.Session()
        self.headers: dict[str, str] = {}
        self.round = -1
        self.asked = 0
        self.held: dict[str, Held] = {}

    def prepare(self, number: int) -> None:
        """Sign in again where some operation ended the token; hold something new in each round."""
        with httpx.Client(base_url=self.url, headers=self.headers, timeout=60) as http:
            if not self.headers or http.get("/api/users/me/").status_code == 401:
                asked = {"email": self.account["email"], "password": self.account["password"], "name": "fuzz"}
                answer = http.post("/api/auth/token/", json=asked).raise_for_status()
                self.headers = {"Authorization": f"Bearer {answer.json()['token']}"}
                http.headers.update(self.headers)
            if self.browser.get(f"{self.url}/api/auth/session/", timeout=60).status_code != 200:
                self.browser.cookies.clear()
                self.browser.get(f"{self.url}/api/auth/config/", timeout=60)
                asked = {name: self.account[name] for name in ("email", "password")}
                self.browser.post(
                    f"{self.url}/api/auth/sign-in/",
                    json=asked,
                    headers=self.form() | self.elsewhere(),
                    timeout=60,
                ).raise_for_status()
            if number != self.round:
                self.held = {**self._access(http), **owned(http)}  # the round before deleted some
                self.round = number

    def elsewhere(self) -> dict[str, str]:
        """Another address for each case, as a proxy tells it: no limit of an address hides the rest."""
        self.asked += 1
        high, low = divmod(self.asked, 250)
        return {"X-Forwarded-For": f"10.{secrets.randbelow(250)}.{high % 250}.{low}"}

    def form(self) -> dict[str, str]:
        """What a browser's page sends with the session; it changes with each sign-in."""
        return {"X-CSRFToken": self.browser.cookies.get("csrftoken") or ""}

    def _access(self, http: httpx.Client) -> dict[str, Held]:
        sessions = self.browser.get(f"{self.url}/api/auth/sessions/", timeout=60).json()
        tokens = http.get("/api/auth/tokens/").json()["results"]
        return {
            "/api/auth/reauthenticate/": {"password": [self.account["password"]]},
            "/api/auth/sessions/": {"id": [one["id"] for one in sessions]},
            "/api/auth/tokens/": {"token_key": [one["token_key"] for one in tokens]},
        }

    def of(self, path: str) -> Held:
        return next((held for beginning, held in self.held.items() if path.startswith(beginning)), {})


me: list[Client] = []
"""Who this process is."""


def begin(url: str, accounts: Any) -> None:
    """In each process of the pool, once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started us, who ends us
    me.append(Client(url, accounts.get()))


def perform(task: Task) -> Done:
    done = Done(task)
    if time.monotonic() > task.end:
        return done
    try:
        me[0].prepare(task.round)
        ask(me[0], task, done.statuses)
    except Unsatisfiable:
        pass  # nothing that the schema refuses can be said to an operation that takes nothing
    except (Exception, BaseExceptionGroup) as error:  # every kind is a finding
        done.failure = f"{task.label}, {task.manner}: {type(error).__name__} {error}"
    return done


def ask(client: Client, task: Task, counted: Counter[int]) -> None:
    """Ask the cases, many of them about what the client holds; count the answers. Raises what the first that
    fails, made small, says.
    """
    operation = client.operations[task.label]
    refused = task.manner == "refused"
    mode = GenerationMode.NEGATIVE if refused else GenerationMode.POSITIVE
    # Only a browser changes how one signs in; all else is asked as programs do.
    in_browser = task.manner != "nobody" and operation.path.startswith("/api/auth/")
    session = client.browser if in_browser else client.session
    held = client.of(operation.path)
    values = st.fixed_dictionaries({name: st.sampled_from([*some, None]) for name, some in held.items()})
    limits = settings(
        max_examples=task.number,
        deadline=None,
        database=None,
        verbosity=Verbosity.quiet,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )

    @limits
    @seed(task.seed)
    @given(case=operation.as_strategy(generation_mode=mode), drawn=values)
    def asked(case: Any, drawn: dict[str, Any]) -> None:
        put_in(case, drawn, path_only=refused)
        headers = client.form() if in_browser else {} if task.manner == "nobody" else client.headers
        response = case.call(session=session, headers=headers | client.elsewhere())
        counted[response.status_code] += 1
        if response.status_code == TOO_LONG:
            return
        case.validate_response(response, checks=CHECKS)

    asked()


def put_in(case: Any, values: dict[str, Any], *, path_only: bool) -> None:
    """What the client holds in the place of what was drawn; None leaves that."""
    for part in (case.path_parameters,) if path_only else (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            part.update({name: value for name, value in values.items() if name in part and value is not None})


def owned(http: httpx.Client) -> dict[str, Held]:
    """What the client holds, some of it made now: {beginning of a path: {parameter: values}}, the longest
    beginning first. Numbers drawn at random would only meet 404.
    """

    def listed(path: str, name: str = "id") -> list[Any]:
        return [one[name] for one in http.get(path).raise_for_status().json()["results"]]

    def made(path: str, **body: Any) -> Any:
        return http.post(path, **body).raise_for_status().json()

    new = {"address": "3 rue des Essais", "postal_code": "83000", "city": "Toulon", "asking_price": "200000"}
    made("/api/properties/", json=new)
    properties = listed("/api/properties/")
    of = {"property_id": properties[0]}
    pdf = {"file": ("essai.pdf", text_pdf(f"Essai {secrets.token_hex(8)}"), "application/pdf")}
    batch = made("/api/documents/upload/", data=of, files=pdf)
    sales = http.get("/api/dvf/sales/", params={"code_departement": "83", "limit": 5}).json()["results"]
    documents = listed("/api/documents/")
    shown = [http.get(f"/api/documents/{one}/").json()["analysis_result"] or {} for one in documents]
    findings = [finding["id"] for one in shown for finding in one.get("findings", [])]
    jpeg = {"file": ("essai.jpg", photo(), "image/jpeg")}
    picture = made("/api/photos/upload/", data=of, files=jpeg)["id"]
    redesign = made(f"/api/photos/{picture}/redesign/", json={"style_preset": style(http)})
    report = made(f"/api/properties/{properties[0]}/report/", json={})
    reference = made("/api/photos/references/", files={"file": ("modele.jpg", photo(), "image/jpeg")})
    return {
        "/api/documents/bulk-status/": {"workflow_id": [batch["workflow_id"]]},
        "/api/documents/synthesis/": {"property_id": properties},
        "/api/documents/": {
            **{"id": documents, "ids": [documents[:1]], "finding_id": findings[:20], "number": [1, 2]},
            **{"property_id": properties, "property": properties, "file": [text_pdf("Essai")]},
        },
        "/api/dvf/": {"id_mutation": [sale["id_mutation"] for sale in sales]},
        "/api/photos/redesigns/": {"redesign_uuid": [redesign["redesign_uuid"]]},
        "/api/photos/references/": {"id": [reference["id"]], "file": [photo()]},
        "/api/photos/": {
            **{"id": [picture], "redesign_id": [redesign["id"]], "thread_id": [redesign["thread"]["id"]]},
            **{"property_id": properties, "property": properties, "file": [photo()]},
        },
        "/api/properties/": {"id": properties, "property_id": properties[:1], "report_id": [report["id"]]},
    }


def style(http: httpx.Client) -> Any:
    return http.get("/api/photos/presets/").raise_for_status().json()["presets"][0]["code"]
