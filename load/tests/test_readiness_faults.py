"""/health/ready/ while each service is stopped, and while it hangs: named in time, well again by itself."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx
import pytest

from config.tests.workers import wait_for
from load.site import Site

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

PARTS = {"postgres": {"database", "migrations"}, "valkey": {"cache", "broker"}, "objects": {"storage"}}
PRODUCTION = {
    "SECRET_KEY": "only for tests, and as long as the checks want a key to be",
    "ALLOWED_HOSTS": "127.0.0.1",
    "EMAIL_URL": "console://",
}
LONGEST_SECONDS = 20.0  # a hang reaches it, a busy machine does not: a part is given up after 5
PROBES = 12  # more than the web server has threads


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    folder.parent.chmod(0o755)
    with Site(folder, fast=True, settings="config.settings.base") as made:
        made.environment |= PRODUCTION
        made.start("web")
        yield made


def failing(site: Site) -> set[str]:
    """The parts that ready names; its status agrees, and live answers meanwhile."""
    answer = httpx.get(f"{site.url}/health/ready/", timeout=LONGEST_SECONDS)
    found = {name for name, part in answer.json()["parts"].items() if not part["ok"]}
    assert answer.status_code == (503 if found else 200), answer.text
    assert httpx.get(f"{site.url}/health/live/", timeout=LONGEST_SECONDS).status_code == 200
    return found


def family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(member for child in children for member in family(int(child)))]


def names(site: Site, parts: set[str]) -> bool:
    return failing(site) == parts


def well(site: Site) -> bool:
    """Both processes of the web server are asked; each finds its way back by itself."""
    return not any(failing(site) for _ in range(4))


def test_each_service_stopped_and_hanging(site: Site) -> None:
    server = site.processes["web"]
    wait_for(partial(names, site, {"migrations"}), 30, "an empty database is named")
    site.python("manage.py", "migrate", "--verbosity", "0")
    wait_for(partial(well, site), 30, "ready once migrated")
    for service, parts in PARTS.items():
        assert site.services.down(only=[service]) == [service]
        wait_for(partial(names, site, parts), 30, f"{service} away is named")
        site.services.up()
        wait_for(partial(well, site), 60, f"ready after {service} came back")
    for service, parts in PARTS.items():
        frozen = family(site.services.state.service(service)["pid"])
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        try:
            with ThreadPoolExecutor(PROBES) as probes:
                found = list(probes.map(failing, [site] * PROBES))
            assert all(parts <= named for named in found), found
            wait_for(partial(names, site, parts), 30, f"{service} hanging is named")
        finally:
            for pid in frozen:
                os.kill(pid, signal.SIGCONT)
        wait_for(partial(well, site), 60, f"ready after {service} went on")
    assert server.poll() is None, "the same server all along"
