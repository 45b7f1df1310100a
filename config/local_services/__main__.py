"""The command line of the local services; see the package's docstring."""

import argparse
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from config.env import read_file
from config.local_services import __doc__ as description
from config.local_services.errors import ServiceError
from config.local_services.group import DEFAULT_DIRECTORY, LocalServices, say
from config.local_services.processes import die_with_parent, end_with_parent


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m config.local_services",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("up", "start what is not running"),
        ("down", "stop all"),
        ("status", "say what runs (exit code 3 when something is stopped)"),
        ("env", "print `export NAME=value` lines"),
        ("run", "run a command with the services up"),
    ):
        sub = commands.add_parser(name, help=text)
        sub.add_argument("--state", type=Path, default=DEFAULT_DIRECTORY, help="state directory (.local)")
        if name in ("up", "run"):
            sub.add_argument("--fast", action="store_true", help="throw-away data: no fsync")
        if name == "run":
            sub.add_argument("--temporary", action="store_true", help="fresh services, removed afterwards")
            sub.add_argument("arguments", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    options = parser.parse_args(arguments)
    try:
        if not getattr(options, "temporary", False):
            # Never for tests: it may name real data.
            read_file(DEFAULT_DIRECTORY.parent / ".env")
        if options.command == "run":
            command = options.arguments[1:] if options.arguments[:1] == ["--"] else options.arguments
            if not command:
                parser.error("run: no command given")
            return run(command, options.state, temporary=options.temporary, fast=options.fast)
        services = LocalServices(options.state, fast=getattr(options, "fast", False))
        if options.command == "up":
            services.up()
        if options.command == "down":
            services.down()
        if options.command == "env":
            for name, value in services.variables().items():
                sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
            return 0
        for name, text in services.status().items():
            say(f"{name:10} {text}")
        return 3 if options.command == "status" and services.stopped() else 0
    except ServiceError as error:
        say(f"Error: {error}")
        return 1


def run(command: list[str], directory: Path, *, temporary: bool, fast: bool) -> int:
    """Run ``command`` with the services up; stop the services that were started for it. Its exit code."""
    if temporary:
        directory = Path(tempfile.mkdtemp(prefix="appart-"))
    services = LocalServices(directory, fast=fast or temporary, keep_running=False)
    child: subprocess.Popen[bytes] | None = None

    def interrupted(number: int, frame: object) -> None:
        # A Ctrl-C reaches the command by itself, being in our process group; other signals may be ours alone.
        if child is None:
            raise SystemExit(128 + number)
        if number != signal.SIGINT:
            child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    started: list[str] = []
    end_with_parent()
    try:
        started = services.up()
        child = subprocess.Popen(
            command,
            env=os.environ | services.variables(),
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509
        )
        code = child.wait()
        return code if code >= 0 else 128 - code
    finally:
        if temporary:
            services.remove()
        else:
            services.down(only=started)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
