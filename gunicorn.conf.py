"""The web server's options, which gunicorn reads by itself from the folder it starts in: the same in
containers, with `make run` and by hand. What stands on its command line wins.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

# The figures of all processes, which any one of them shows at /metrics: files in memory, anew at each start.
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    _shared = Path("/dev/shm")  # noqa: S108
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(
        prefix="appart-metrics-", dir=_shared if os.access(_shared, os.W_OK) else None
    )

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
os.environ.setdefault("APPART_PROCESS", "web")

from django.conf import settings

from config.slow_bodies import Hurried

logconfig_dict = settings.LOGGING
preload_app = True  # the code is loaded once, and shared
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
timeout = 60
graceful_timeout = 25
# Longer than a person's pause and than a proxy keeps its side open: a connection closed here while a request
# is on its way is an error there. It holds no thread.
keepalive = 75
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
control_socket_disable = True


def pre_request(worker: Any, request: Any) -> None:
    """Nobody holds a thread by a body that does not come."""
    request.unreader.sock = Hurried(request.unreader.sock)


def post_request(worker: Any, request: Any, environ: Any, response: Any) -> None:
    request.unreader.sock = request.unreader.sock.inner


def child_exit(server: Any, worker: Any) -> None:
    """A process that ended takes its share of the gauges with it; its counts stay."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Leave nothing behind in memory."""
    import shutil

    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    if folder.name.startswith("appart-metrics-"):
        shutil.rmtree(folder, ignore_errors=True)
