"""Every service stopped and started in turn under load: right answers at once, all of it comes back alone.

A site of its own: services, web server, worker. Run by `make test-faults`.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx
import pytest

from config.tests.workers import wait_for
from load.files import text_pdf
from load.site import Site

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

CLIENTS = 4
DOWN_SECONDS = 8.0
SLOWEST_SECONDS = 8.0  # an answer while a service is away: bounded by time limits, not by its return


class Load:
    """People reading, writing and uploading; every answer is kept."""

    def __init__(self, site: Site, account: dict[str, Any]) -> None:
        self.site, self.account = site, account
        self.answers: list[tuple[str, int, str, float]] = []
        self.accepted: set[int] = set()
        self.created: set[int] = set()
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=[number]) for number in range(CLIENTS)]

    def __enter__(self) -> Load:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def goes_on(self, before: int) -> bool:
        return len(self.accepted) > before + 3

    def is_calm(self, number: int) -> bool:
        """Whether the last ``number`` answers, some of each client's, are good."""
        return all(200 <= status < 300 for _path, status, _code, _seconds in self.answers[-number:])

    def _run(self, number: int) -> None:
        headers = {"Authorization": f"Bearer {self.account['token']}"}
        subject = self.account["properties"][0]
        count = 0
        with httpx.Client(base_url=self.site.url, headers=headers, timeout=30) as client:
            while not self.stop.is_set():
                count += 1
                pdf = {"file": (f"{number}-{count}.pdf", text_pdf(f"Charges {number} {count}"))}
                self._ask(client, "GET", "/api/properties/")
                self._ask(client, "GET", "/api/properties/dvf-stats/")
                made = self._ask(client, "POST", "/api/properties/", json=new_property(number, count))
                if made is not None:
                    self.created.add(made["id"])
                data = {"property_id": str(subject)}
                sent = self._ask(client, "POST", "/api/documents/upload/", data=data, files=pdf)
                if sent is not None:
                    self.accepted.add(sent["document"]["id"])
                time.sleep(0.3)

    def _ask(self, client: httpx.Client, method: str, path: str, **body: Any) -> dict[str, Any] | None:
        began = time.monotonic()
        try:
            answer = client.request(method, path, **body)
        except httpx.TransportError as error:  # the web server itself is away
            self.answers.append((path, 0, type(error).__name__, time.monotonic() - began))
            time.sleep(0.3)
            return None
        code = ""
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", answer.text[:300]
            code = answer.json()["code"]
            if answer.status_code == 503:
                assert int(answer.headers["retry-after"]) > 0
        self.answers.append((f"{method} {path}", answer.status_code, code, time.monotonic() - began))
        found: dict[str, Any] | None = answer.json() if answer.is_success else None
        return found


def new_property(number: int, count: int) -> dict[str, str]:
    return {"address": f"{count} rue de l'Essai {number}", "postal_code": "83000", "city": "Toulon"}


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    folder.parent.chmod(0o755)
    with Site(folder, fast=True, settings="bench._api_settings") as made:
        made.environment |= {"JOB_LEASE_SECONDS": "8"}
        made.python("manage.py", "migrate", "--verbosity", "0")
        made.python("-m", "load.base", "plain", str(folder / "accounts.json"))
        made.start("web")
        made.start("worker")
        yield made


def test_every_service_away_under_load(site: Site) -> None:
    account = json.loads((site.folder / "accounts.json").read_text(encoding="utf-8"))[0]
    with Load(site, account) as load:
        wait_for(lambda: len(load.accepted) > 3, 60, "the load runs")
        for service in ("objects", "valkey", "postgres", "worker", "web"):
            mark = len(load.answers)
            if service in site.processes:
                site.kill(service)
                time.sleep(DOWN_SECONDS)
                site.start(service)
            else:
                assert site.services.down(only=[service]) == [service]
                time.sleep(DOWN_SECONDS)
                site.services.up()
            met = load.answers[mark:]
            check(service, met)
            wait_for(partial(load.goes_on, len(load.accepted)), 60, f"uploads after {service}")
            calm = partial(load.is_calm, CLIENTS * 4)
            wait_for(calm, 60, f"right answers to all after {service}")  # each process finds back by itself
    state: dict[str, Any] = {}

    def all_read() -> bool:
        state.update(json.loads(site.python("-m", "load.base", "state", capture=True)))
        return set(state["statuses"]) == {"analyzed"}

    wait_for(all_read, 300, "all documents are read")
    assert load.accepted <= set(state["ids"]), "what was accepted is there"
    assert load.created <= set(state["properties"])
    assert state["read_twice"] == state["files_without_rows"] == state["rows_without_files"] == 0


def check(service: str, met: list[tuple[str, int, str, float]]) -> None:
    """The answers while ``service`` was away are the right ones, at once."""
    slow = [answer for answer in met if answer[3] > SLOWEST_SECONDS]
    assert not slow, (service, slow[:3])
    wrong = Counter((path, status, code) for path, status, code, _s in met if status >= 400)
    expected = {
        "objects": {("POST /api/documents/upload/", 503, "storage_unavailable")},
        "valkey": set(),  # limits pass, the cache is empty, the queue is caught up with by the beat
        "worker": set(),
        "web": set(),
    }
    if service == "postgres":
        assert {(status, code) for _path, status, code in wrong} == {(503, "database_unavailable")}, wrong
    else:
        assert set(wrong) <= expected[service], (service, wrong)
    away = [status for _path, status, _code, _s in met if status == 0]
    assert not away or service == "web", (service, len(away))
