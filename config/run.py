"""`make run`: services, migrations, demo, then web server, worker and beat until Ctrl-C.

    PORT=8000   the web port (another free one when that is taken and PORT is not set)
    DVF=path    real sales to import first (a file, a folder, or several separated by spaces)

Ctrl-C, SIGTERM or the closing of the terminal stop everything; a second one does not wait. Services that
`make up` had started stay. What is printed is also in .local/logs.
"""

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from threading import Event
from types import FrameType

from config.env import read_file
from config.local_services import LocalServices, ServiceError
from config.local_services.group import DEFAULT_DIRECTORY
from config.local_services.processes import die_with_parent, end_with_parent, identity
from config.local_services.state import free_ports, port_is_free
from config.supervisor import Child, ChildFailedError, stop, write

ROOT = Path(__file__).resolve().parents[1]
FIRST_PORT = 8000
SERVICE_CHECK_SECONDS = 2.0
WEB_READY_SECONDS = 180.0

stopping = Event()
hurry = Event()


class Stopped(BaseException):
    """A signal asked us to stop."""


class Failed(Exception):
    """The application cannot start; the message is for the person at the terminal."""


def main(directory: Path) -> int:
    end_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop_signal)
    read_file(ROOT / ".env")
    directory = directory.absolute()
    run_file = directory / "run.json"
    services = LocalServices(directory, keep_running=False)
    children: list[Child] = []
    mine = False
    code = 0
    try:
        began = time.monotonic()
        port = _claim(services)
        mine = True
        write("run", "== Services (PostgreSQL, Valkey, object store)")
        services.up()
        url = f"http://127.0.0.1:{port}"
        environment = _environment(services, url)
        _prepare(environment, url, run_file)
        children += _children(environment, port, directory)
        _serve(services, children, url, run_file, began)
    except Stopped:
        write("run", "\nStopping…")
    except (ServiceError, ChildFailedError, Failed) as error:
        write("run", f"\nError: {error}")
        code = 1
    finally:
        stopping.set()
        stop(children, hurry)
        if mine:
            services.down_unless_kept()
            _release(services)
    if code == 0:
        write("run", f"Stopped. The data stay in {directory}.")
    return code


def _stop_signal(number: int, frame: FrameType | None) -> None:
    if stopping.is_set():
        hurry.set()
    else:
        stopping.set()
        raise Stopped


def _claim(services: LocalServices) -> int:
    """Choose the web port and note that this directory is being run. Raises Failed when it already is."""
    with services.state.locked():
        other = services.state.data.get("run", {})
        if other and identity(other["pid"]) == other["identity"]:
            raise Failed(f"already running at {other['url']} (pid {other['pid']}).")
        port = _web_port()
        services.state.data["run"] = {
            "pid": os.getpid(),
            "identity": identity(os.getpid()),
            "url": f"http://127.0.0.1:{port}",
        }
        services.state.save()
    return port


def _release(services: LocalServices) -> None:
    with services.state.locked():
        services.state.data.pop("run", None)
        services.state.save()


def _web_port() -> int:
    given = os.environ.get("PORT")
    if given:
        if not given.isdecimal() or not 0 < int(given) < 65536:
            raise Failed(f"PORT={given} is not a port number.")
        if not port_is_free(int(given)):
            raise Failed(f"port {given} is taken: choose another, or leave PORT out.")
        return int(given)
    return free_ports([FIRST_PORT], 1)[0]


def _environment(services: LocalServices, url: str) -> dict[str, str]:
    return (
        {"DJANGO_SETTINGS_MODULE": "config.settings.dev", "PUBLIC_URL": url}
        | os.environ
        | services.variables()
        | {"PYTHONUNBUFFERED": "1"}
    )


def _prepare(environment: Mapping[str, str], url: str, run_file: Path) -> None:
    """The commands before the servers, on our own terminal so that their progress bars show."""
    write("run", "== Database, demo")
    commands = [["migrate", "--no-input"]]
    if given := os.environ.get("DVF"):
        commands.append(["import_dvf", *([given] if Path(given).exists() else shlex.split(given))])
    commands += [["demo", "--run-file", str(run_file), "--url", url], ["demo_documents"], ["demo_photos"]]
    # One process: loading Django takes longer than most of the commands.
    code = "import json, sys; from config.run import manage; manage(json.loads(sys.argv[1]))"
    result = subprocess.run(
        [sys.executable, "-c", code, json.dumps(commands)],
        env=environment,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        check=False,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    if result.returncode != 0:
        raise Failed("the database or the demo could not be made ready; the lines above say why.")


def manage(commands: list[list[str]]) -> None:
    """Run management commands one after the other in this process; the first that fails ends it."""
    import django
    from django.core.management import CommandError, call_command

    django.setup()
    for name, *arguments in commands:
        try:
            call_command(name, *arguments)
        except CommandError as error:
            sys.exit(f"{name}: {error}")


def web_command(port: int) -> list[str]:
    """What serves the application here, as `gunicorn.conf.py` says."""
    return [
        *(sys.executable, "-m", "gunicorn", "config.wsgi"),
        *("--bind", f"127.0.0.1:{port}", "--graceful-timeout", "5"),
    ]


def celery_command(*arguments: str) -> list[str]:
    # Root is usual in a container, and this is one person's machine: no eight lines of warning.
    quiet = ("-W", "ignore:You're running the worker with superuser")
    return [sys.executable, *quiet, "-m", "celery", "--quiet", "-A", "config", *arguments]


def _children(environment: dict[str, str], port: int, directory: Path) -> list[Child]:
    logs = directory / "logs"
    logs.mkdir(mode=0o700, exist_ok=True)
    web = environment | {"APPART_PROCESS": "web"}
    worker = environment | {"APPART_PROCESS": "worker", "OMP_THREAD_LIMIT": "1"}
    jobs = celery_command("worker", "--concurrency=2", "--loglevel=INFO", "--without-mingle")
    beat = celery_command("beat", "--pidfile=", "-s", str(directory / "celerybeat-schedule"))
    return [
        Child("web", web_command(port), web, logs, ROOT),
        Child("worker", jobs, worker, logs, ROOT),
        Child("beat", beat, worker, logs, ROOT),
    ]


def _serve(services: LocalServices, children: list[Child], url: str, run_file: Path, began: float) -> None:
    """Keep all of it running until a signal. Raises ChildFailedError, ServiceError when it cannot be kept."""
    announced = False
    opened = time.monotonic()
    next_check = time.monotonic() + SERVICE_CHECK_SECONDS
    while True:
        # The web server first: the others load as much code, and somebody waits for its address.
        for child in children if announced else children[:1]:
            child.tend()
        if not announced:
            announced = _answers(url)
            if announced:
                _announce(url, run_file, time.monotonic() - began)
            elif time.monotonic() - opened > WEB_READY_SECONDS:
                raise Failed(f"the web server does not answer at {url}; see {children[0].log}.")
        if time.monotonic() > next_check:
            if dead := services.stopped():
                write("run", f"{', '.join(dead)} ended; starting again")
                services.up()
            next_check = time.monotonic() + SERVICE_CHECK_SECONDS
        time.sleep(0.2)


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/health/live/", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _announce(url: str, run_file: Path, seconds: float) -> None:
    accounts = json.loads(run_file.read_text(encoding="utf-8"))
    staff = accounts["staff"]
    lines = [
        "",
        f"AppArt Agent runs at {url}   (ready in {seconds:.0f} s; Ctrl-C stops it)",
        f"  back-office  {url}/admin/   {staff['email']}   {staff['password']}",
        f"  API          {url}/api/docs/",
        *(f"  client       {c['email']}   {c['password']}   token {c['token']}" for c in accounts["clients"]),
        f"These accounts are for this machine only; they are in {run_file} too.",
        "",
    ]
    write("run", "\n".join(lines))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m config.run", description=__doc__)
    parser.add_argument("--state", type=Path, default=DEFAULT_DIRECTORY, help="state directory (.local)")
    sys.exit(main(parser.parse_args().state))
