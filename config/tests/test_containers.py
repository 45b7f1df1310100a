"""The container files, without an engine: what they name exists, and what they promise is written in them."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands
from gunicorn.config import Config  # type: ignore[import-untyped]

from config import healthcheck
from config.celery import app
from config.env import VARIABLES

ROOT = Path(__file__).resolve().parents[2]


def load(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


COMPOSE: dict[str, Any] = load("docker-compose.yml")
EXAMPLE: dict[str, Any] = load("docker-compose.override.example.yml")
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "appart-agent" in service["image"]}
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_services_are_those_of_the_documentation() -> None:
    assert set(SERVICES) == {
        "web", "worker-documents", "worker-images", "beat", "migrate", "manage", "db", "valkey", "s3",
    }  # fmt: skip
    assert SERVICES["db"]["environment"]["POSTGRES_DB"] == "appart_agent"
    assert SERVICES["db"]["environment"]["POSTGRES_USER"] == "appart"
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web"]
    for name, service in SERVICES.items():
        limits = service["deploy"]["resources"]["limits"]
        assert limits["memory"] and limits["cpus"], name
        assert not service.get("privileged"), name
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert all(SERVICES[name]["networks"] == ["inside"] for name in ("db", "valkey", "s3"))


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_variable_of_ours_is_known_and_none_that_is_needed_is_missing(name: str) -> None:
    given = set(OURS[name]["environment"])
    values = {variable.removesuffix("_FILE") for variable in given} - {"APPART_PROCESS", "TMPDIR"}
    assert values <= set(VARIABLES)
    assert {v.name for v in VARIABLES.values() if v.default is None} <= values
    # Secrets come from files only, of the secrets this service has.
    for variable in values:
        if VARIABLES[variable].secret:
            path = OURS[name]["environment"].get(f"{variable}_FILE")
            assert path and path.removeprefix("/run/secrets/") in OURS[name]["secrets"], variable
            assert variable not in given


def test_every_command_is_one_that_exists() -> None:
    tasks = {queue.name for queue in app.conf.task_queues}
    consumed: set[str] = set()
    for service in OURS.values():
        command = service.get("command")
        if command and command[0] == "celery":
            assert command[1:4] == ["--quiet", "-A", "config"]  # its banner is no JSON
            parser = app_command(command[4])
            options = [part.split("=")[0] for part in command[5:] if part.startswith("-")]
            assert set(options) <= parser, command
            if "-Q" in command:
                consumed |= set(command[command.index("-Q") + 1].split(","))
        elif command and command[0] == "python":
            assert command[1] == "manage.py" and command[2] in get_commands()
    assert consumed == tasks  # no queue without a worker
    serving = re.findall(r"^CMD (\[.*?\])$", DOCKERFILE.replace("\\\n", ""), re.M)[-1]
    Config().parser().parse_args(json.loads(serving)[1:])
    checked = re.search(r'HEALTHCHECK .* CMD \["python", "-m", "([\w.]+)"\]', DOCKERFILE)
    assert checked and importlib.util.find_spec(checked[1])


@pytest.mark.parametrize("name", ["web", "worker-documents", "worker-images", "beat"])
def test_the_units_start_what_the_containers_start(name: str) -> None:
    unit = (ROOT / "deploy" / "systemd" / f"appart-{name}.service").read_text(encoding="utf-8")
    line = re.search(r"^ExecStart=/srv/appart/.venv/bin/(.+)$", unit, re.M)
    assert line
    command = re.sub(r"-n \S+@%%h ", "", line[1]).split()
    service = SERVICES[name]
    serving = json.loads(re.findall(r"^CMD (\[.*?\])$", DOCKERFILE.replace("\\\n", ""), re.M)[-1])
    given = service.get("command") or serving[: serving.index("--bind")]  # the port is the socket's
    assert command == given
    memory = re.search(r"^MemoryMax=(\w+)$", unit, re.M)
    assert memory and memory[1] == service["deploy"]["resources"]["limits"]["memory"]
    # A worker is given the time to finish a job, the web server its requests.
    grace = {"30s": "30", "2m": "120"}[service.get("stop_grace_period", "30s")]
    assert f"TimeoutStopSec={grace}\n" in unit


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    for program in ("gunicorn", "celery"):
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
    units = []
    for path in (ROOT / "deploy" / "systemd").iterdir():
        text = path.read_text(encoding="utf-8").replace("/srv/appart/.venv/bin", str(tmp_path))
        (tmp_path / path.name).write_text(text, encoding="utf-8")
        units.append(str(tmp_path / path.name))
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def app_command(name: str) -> set[str]:
    """The options of one of Celery's own commands."""
    from celery.bin.celery import celery

    return {option for parameter in celery.commands[name].params for option in parameter.opts}


def test_jobs_go_to_the_queue_of_their_kind() -> None:
    router = app.amqp.router
    for task, queue in {
        "documents.tasks.analyse_document": "documents",
        "documents.tasks.requeue_lost_documents": "documents",
        "photos.tasks.generate_redesign": "images",
        "accounts.tasks.sweep": "celery",
    }.items():
        assert task in app.tasks or app.loader.import_default_modules() or task in app.tasks
        route = router.route({}, task)
        assert route["queue"].name == route["queue"].routing_key == queue
    # A worker told nothing (that of `make run`, those of tests) takes from all three.
    assert set(app.amqp.queues.consume_from) == {"celery", "documents", "images", "models"}


def test_everything_referred_to_is_declared() -> None:
    for name, service in SERVICES.items():
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"]), name
        assert set(service.get("depends_on", {})) <= set(SERVICES), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or source[0] in "./$", volume
        for needed, condition in service.get("depends_on", {}).items():
            if condition["condition"] == "service_healthy":
                assert "test" in SERVICES[needed]["healthcheck"], (name, needed)
    added = set(EXAMPLE["services"]) - set(SERVICES)
    assert all("image" in EXAMPLE["services"][name] for name in added)
    assert (ROOT / "deploy" / "Caddyfile").is_file()


def test_the_secrets_script_makes_each_secret_once(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"

    def make() -> dict[str, str]:
        subprocess.run([ROOT / "deploy" / "secrets.sh", folder], check=True, capture_output=True)
        return {path.name: path.read_text() for path in folder.iterdir()}

    made = make()
    assert {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()} <= set(made)
    assert folder.stat().st_mode & 0o77 == 0
    assert len(made["secret_key"]) >= 50
    assert made["database_password"] in made["database_url"]
    assert made["database_url"].endswith("@db:5432/appart_agent")
    assert VARIABLES["REDIS_URL"].parse(made["redis_url"])
    keys = json.loads(made["s3_config"])["identities"][0]["credentials"]
    assert keys == [{"accessKey": made["s3_access_key_id"], "secretKey": made["s3_secret_access_key"]}]
    assert make() == made  # never another password for data that exist
    other = tmp_path / "other"
    subprocess.run([ROOT / "deploy" / "secrets.sh", other], check=True, capture_output=True)
    assert (other / "secret_key").read_text() != made["secret_key"]


def test_the_image_has_no_compiler_and_no_root() -> None:
    stages = re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, re.M)
    assert stages == ["build", "run"]
    final = DOCKERFILE.split(" AS run", 1)[1]
    assert not re.search(r"gcc|build-essential|pip install|-dev\b", final)
    assert re.search(r"^USER appart$", final, re.M)
    assert "--require-hashes" in DOCKERFILE
    # The client that makes backups is of the server's major version.
    server = re.match(r"postgres:(\d+)", SERVICES["db"]["image"])
    assert server and f"postgresql-client-{server[1]}" in final
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".env", "secrets", ".git", ".local"} <= set(ignored)


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (None, 1)])
def test_the_healthcheck_asks_by_a_served_name(
    status: int | None, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, str]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Host"]))
            self.send_response(status or 0)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        monkeypatch.setenv("PORT", str(server.server_port))
        monkeypatch.setenv("ALLOWED_HOSTS", ".example.org,other.example.org")
        if status is None:
            server.server_close()
        else:
            threading.Thread(target=server.handle_request, daemon=True).start()
        assert healthcheck.main() == code
    assert asked == ([("/health/live/", "example.org")] if status else [])


def test_compose_itself_accepts_the_files(tmp_path: Path) -> None:
    """Where its client is installed; no engine is needed for that."""
    command = ["docker", "compose", "-f", "docker-compose.yml", "config", "--quiet"]
    given = os.environ | {
        "ALLOWED_HOSTS": "example.org",
        "PUBLIC_URL": "https://example.org",
        "S3_PUBLIC_URL": "https://files.example.org",
    }
    try:
        if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
            pytest.skip("docker has no compose here")
    except FileNotFoundError:
        pytest.skip("no docker client here")
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_both_files_are_valid_by_the_compose_specification() -> None:
    files = ["docker-compose.yml", "docker-compose.override.example.yml"]
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, *files], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfile_keeps_to_the_rules() -> None:
    """What a linter of Dockerfiles would say, where it matters here."""
    text = DOCKERFILE.replace("\\\n", " ")
    for image in re.findall(r"^FROM (\S+)", text, re.M):
        name = image.replace("${PYTHON}", re.findall(r"^ARG PYTHON=(\S+)", text, re.M)[0])
        assert re.search(r":\d+\.\d+", name), f"{image}: no version"
    assert not re.search(r"^(ADD|MAINTAINER)|\bsudo\b|chmod 777|curl .*\|", text, re.M)
    for run in re.findall(r"^RUN (.*)$", text, re.M):
        if "apt-get install" in run:
            assert {"--yes", "--no-install-recommends"} <= set(run.split())
            assert "apt-get update" in run and "rm -rf /var/lib/apt/lists" in run
        if "pip install" in run:
            assert "--only-binary=:all:" in run and "PIP_NO_CACHE_DIR=1" in text
    for name, value in re.findall(r"\b([A-Z_]*(?:KEY|SECRET|PASSWORD|TOKEN)[A-Z_]*)=(\S+)", text):
        assert value == "build", f"{name}: a secret in an image's layers"
    for directive in ("CMD", "ENTRYPOINT"):
        assert not re.search(rf"^{directive} [^\[]", text, re.M), (
            "a shell would keep signals from the program"
        )
    assert re.findall(r"^(USER|CMD)\b", text, re.M) == ["USER", "CMD"]


def test_nobody_reads_the_bucket_without_a_key() -> None:
    """The store's own configuration: one identity, with keys; none that is anonymous."""
    script = (ROOT / "deploy" / "secrets.sh").read_text()
    assert script.count('\\"name\\"') == 1 and "anonymous" not in script
    assert "-s3.config=/run/secrets/s3_config" in SERVICES["s3"]["command"]
    assert COMPOSE["networks"]["inside"]["internal"] and SERVICES["s3"]["networks"] == ["inside"]
    addresses = [port.rpartition(":")[0] for port in SERVICES["web"]["ports"]]
    assert addresses == ["${WEB_BIND:-127.0.0.1:8000}"], "published to this machine alone"


def test_once_migrated_once_periodic() -> None:
    assert SERVICES["migrate"]["restart"] == "no"
    for name in ("web", "worker-documents", "worker-images", "beat"):
        migrated = SERVICES[name]["depends_on"]["migrate"]["condition"]
        assert migrated == "service_completed_successfully", name
    assert [name for name, s in OURS.items() if "beat" in s.get("command", [])] == ["beat"]
    assert "scale" not in SERVICES["beat"] and "replicas" not in SERVICES["beat"]["deploy"]
    for name, service in OURS.items():
        assert service["read_only"] and service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
